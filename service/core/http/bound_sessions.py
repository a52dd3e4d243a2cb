"""The headers of Device Bound Session Credentials, as browsers write and read them (W3C draft, section 9; RFC 9651).

Browsers that know them send them by themselves: no script of a page can, for each is one that makes a browser ask first
(a preflight), which is never allowed here.
"""

from __future__ import annotations

import re
from typing import Final

from sanic import Request

REGISTRATION: Final = "Secure-Session-Registration"
CHALLENGE: Final = "Secure-Session-Challenge"
RESPONSE: Final = "Secure-Session-Response"
SESSION_ID: Final = "Sec-Secure-Session-Id"
SKIPPED: Final = "Secure-Session-Skipped"

REASONS: Final = ("unreachable", "server_error", "quota_exceeded")
"""Why a browser says that it proves nothing at the moment (section 9.5)."""

LONGEST: Final = 4096  # a key of RSA's 4096 bits, and a signature by it, are 2200
_LONGEST_SKIPPED: Final = 1000
_MOST_SKIPPED: Final = 8

# A text in quotes, as the draft has it, or bare, as browsers have written it; what comes behind it counts for nothing.
_TEXT: Final = re.compile(r'"([A-Za-z0-9._~-]+)"(?:;.*)?|([A-Za-z0-9._~-]+)', re.ASCII | re.DOTALL)
_ITEM: Final = re.compile(rf'({"|".join(REASONS)});\s*session_identifier="?([A-Za-z0-9_-]{{1,100}})"?', re.ASCII)


def registration(path: str, challenge: str) -> str:
    """Return what has a browser make a key, and send it to `path` with this challenge signed."""
    return f'(ES256 RS256);path="{path}";challenge="{challenge}"'


def challenge_for(identifier: str, challenge: str) -> str:
    """Return what a browser is to sign the next time, or at once with a 403, for the session of this identifier."""
    return f'"{challenge}";id="{identifier}"'


def text_of(request: Request, name: str) -> str | None:
    """Return the text of a header: "" for one that is none, and for several; None where there is no such header."""
    given = request.headers.getall(name, [])
    if not given:
        return None
    found = _TEXT.fullmatch(given[0].strip(" \t")) if len(given) == 1 and len(given[0]) <= LONGEST else None
    return (found[1] or found[2]) if found else ""


def skipped(request: Request) -> tuple[tuple[str, str], ...]:
    """Return why the browser proves nothing: a reason of `REASONS`, and the identifier of the session it is about."""
    if SKIPPED not in request.headers:
        return ()
    given = ", ".join(request.headers.getall(SKIPPED))[:_LONGEST_SKIPPED]
    return tuple((found[1], found[2]) for found in _ITEM.finditer(given))[:_MOST_SKIPPED]
