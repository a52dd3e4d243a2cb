"""Logging in by mail: a code for the browser that asked, or a link that logs in where it is pressed, or both."""

from service.feature import Feature
from service.mail_login import catalogue
from service.mail_login.checks import check_up
from service.mail_login.offer import ways
from service.mail_login.routes import blueprint
from service.mail_login.settings import MailLoginSettings

FEATURE = Feature(
    name="mail_login",
    about="Logging in with a code or a link from a letter.",
    blueprints=(blueprint,),
    checks=(check_up,),
    events=catalogue.EVENTS,
    letters=catalogue.LETTERS,
    settings=MailLoginSettings,
    ways=ways,
)
