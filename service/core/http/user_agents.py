"""What a person calls a device."""

from __future__ import annotations

from functools import lru_cache

from ua_parser import parse

_SYSTEM_NAMES = {"Mac OS X": "macOS"}


@lru_cache(maxsize=512)
def device_name(user_agent: str) -> str:
    """Return what a person calls the device: "Chrome on macOS"."""
    parsed = parse(user_agent)
    browser = parsed.user_agent.family if parsed.user_agent else "Unknown browser"
    system = parsed.os.family if parsed.os else None
    return f"{browser} on {_SYSTEM_NAMES.get(system, system)}" if system else browser
