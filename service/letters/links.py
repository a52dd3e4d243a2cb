"""Where links lead, those of letters above all: to the front end, never to where a request said it came from (R23).

Tokens stand in the fragment: browsers keep it from servers, logs and the Referer header. Where a mail gateway has cut
it off, the page asks for the code that the letter shows beside the link (typed.py).
"""

from __future__ import annotations

from typing import Final

from service.settings import Settings

_MARK: Final = "#token="


def undo(settings: Settings, token: str) -> str:
    """Return the page that takes a change of address back."""
    return page(settings, "undo-email-change", token)


def log_in(settings: Settings) -> str:
    """Return the log-in page."""
    return page(settings, "login")


def forgot(settings: Settings) -> str:
    """Return the page that asks for a new password."""
    return page(settings, "forgot-password")


def change_password(settings: Settings) -> str:
    """Return the page that changes the password of who is logged in."""
    return page(settings, "password")


def devices(settings: Settings) -> str:
    """Return the page that shows a user's devices."""
    return page(settings, "devices")


def security(settings: Settings) -> str:
    """Return the page that shows a user's second factors."""
    return page(settings, "security")


def token_of(link: str) -> str:
    """Return the token that a link carries, an empty text where it carries none."""
    return link.partition(_MARK)[2]


def page(settings: Settings, name: str, token: str | None = None) -> str:
    """Return a page of the front end, with a token for it if there is one."""
    fragment = f"{_MARK}{token}" if token else ""
    return f"{settings.frontend_url}/{name}{fragment}"
