"""Register, log in, refresh, log out, reauthenticate."""

from service.auth.routes import blueprint
from service.credentials import passwords
from service.feature import Background, Feature
from service.feature.ways import Way

FEATURE = Feature(
    name="auth",
    about="Registering, logging in, and what keeps a session or ends it.",
    blueprints=(blueprint,),
    background=(Background(300, passwords.look_for_imported),),
    ways=lambda _: (Way("password", registers="open"),),
)
