"""What this feature records and writes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from service.settings import Settings
from service.stores.event_kinds import Event, Words
from service.stores.letter_kinds import Letter, Link

PURPOSE: Final = "log_in"
GOOD_FOR: Final = timedelta(minutes=10)  # from when the letter is sent (R22)
LIFE: Final = timedelta(minutes=20)  # of the log-in, from when it is asked for: a mail server may be away for a while
_WORDS: Final = Path(__file__).parent / "words"

MAIL_LOGIN_ASKED: Final = Event(
    "login.mail_asked",
    "Log-in by mail asked for",
    Words(
        "A letter to log in with was asked for{where}.",
        "Eine Mail zum Anmelden wurde angefordert{where}.",
    ),
    "somebody asked for a letter to log in with; whether one went is the outbox's to say",
    with_change=True,
)

EVENTS: Final = (MAIL_LOGIN_ASKED,)


def _good_for(_: Settings) -> timedelta:
    return GOOD_FOR


# code and linked, either of them empty where there is none; link, expires; at, browser, ip of whoever asked
LOG_IN: Final = Letter(
    name="mail_login",
    words=_WORDS,
    waited_for=True,
    to_unconfirmed=True,
    asked_for=True,
    apart=timedelta(minutes=1),
    waits=False,  # it would take the place of one that its owner asks for next
    link=Link(PURPOSE, "login/link", _good_for, at_once=3),
    says=("at", "browser", "ip"),
    says_anybody=("code", "linked"),
)
# at, device, ip, link (to set a password)
EMPTIED: Final = Letter(name="mail_login_emptied", words=_WORDS, greets=True, an_hour=10)

LETTERS: Final = (LOG_IN, EMPTIED)
