"""Moments as an operator writes them: a time, a day, or how long ago. And as they are written out: RFC 3339, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

Moment = datetime | timedelta
"""A time; or how long ago, which is counted from whichever clock the question is about."""

HOW: Final = "write 2026-11-26T09:30Z, 2026-11-26 (UTC), or how long ago: 90m, 2h, 3d, 1w"

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO: Final = re.compile(r"([0-9]{1,6}) ?([smhdw])(?: ago)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.*", re.DOTALL)


def read_moment(text: str, *, ends: bool = False) -> Moment:
    """Return what is written. A day means its beginning, or, with `ends`, its end; a time without a zone is UTC.

    Raises ValueError that says how it is written.
    """
    text = text.strip()
    if _AGO.fullmatch(text.lower()):
        return read_age(text)
    try:
        if _DAY.fullmatch(text):
            day = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return day + timedelta(days=1, microseconds=-1) if ends else day
        if _TIME.fullmatch(text):
            found = datetime.fromisoformat(text.upper())
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the 30th of February; the year 1 in a zone
        pass
    raise ValueError(f"{text!a} is no time: {HOW}")


def read_age(text: str) -> timedelta:
    """Return how long ago is meant; raise ValueError that says how it is written."""
    ago = _AGO.fullmatch(text.strip().lower())
    if ago is None:
        raise ValueError(f"{text.strip()!a} is no age: write 90m, 2h, 3d or 1w")
    return timedelta(**{_UNITS[ago[2]]: int(ago[1])})


def milliseconds(moment: Moment, now: int) -> int:
    """Return a moment in ms since the epoch, by the clock that says `now`."""
    if isinstance(moment, timedelta):
        return now - moment // timedelta(milliseconds=1)
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def written(moment: datetime) -> str:
    """Return a time as it is written everywhere: `2026-11-26T09:30:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
