"""Whether one can log in by mail, and with what: said to whoever asks about this way, or about all of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from service.feature.ways import Way
from service.mail_login.settings import MailLoginSettings
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Offer:
    """What letters to log in with have, and whether they come to addresses without an account: for the log-in page."""

    code: bool
    link: bool
    registers: bool


def offer_of(settings: Settings) -> Offer:
    """Return in which ways one can log in by mail: in none, unless the settings say so."""
    said = settings.of(MailLoginSettings)
    return Offer(said.by_code, said.by_link, said.by_mail and said.REGISTER_BY_EMAIL)


def ways(settings: Settings) -> tuple[Way, ...]:
    """Return it as the way in that it is, if it is one."""
    found = offer_of(settings)
    if not (found.code or found.link):
        return ()
    return (Way("mail", asdict(found), registers="by_mail" if found.registers else "closed"),)
