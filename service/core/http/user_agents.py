"""What a person calls a device."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

_SYSTEM_NAMES: Final = {"Mac OS X": "macOS"}
_UNKNOWN: Final = {"en": "Unknown browser", "de": "Unbekannter Browser"}
_ON: Final = {"en": "{browser} on {system}", "de": "{browser} auf {system}"}


class Parts(NamedTuple):
    """What is known of a device: names of products, which are the same in every language."""

    browser: str | None
    system: str | None


@lru_cache(maxsize=512)
def device_parts(user_agent: str) -> Parts:
    """Return the browser, or the program, and the system: whoever shows them to people puts them into words."""
    from ua_parser import parse  # what few requests want isn't waited for at the start

    parsed = parse(user_agent)
    system = parsed.os.family if parsed.os else None
    return Parts(parsed.user_agent.family if parsed.user_agent else None, system and _SYSTEM_NAMES.get(system, system))


def device_name(user_agent: str, language: str | None = None) -> str:
    """Return what a person calls the device: "Chrome on macOS". In English, where we don't speak the language."""
    primary = (language or "").partition("-")[0].lower()
    spoken = primary if primary in _ON else "en"
    browser, system = device_parts(user_agent)
    named = browser or _UNKNOWN[spoken]
    return _ON[spoken].format(browser=named, system=system) if system else named
