"""Single values as other systems write them: nothing, yes and no, moments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

from pydantic_core import PydanticCustomError

NOTHING: Final = ("", "\\N", "NULL")
"""How a cell says that there is nothing: PostgreSQL's and most others', MySQL's, phpMyAdmin's."""

_BITS: Final = {"\x00": False, "\x01": True, "b'0'": False, "b'1'": True}  # MySQL's BIT(1)

_WRITTEN: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?(?:\[[\w/+-]+\])?",
    re.IGNORECASE | re.ASCII,
)
_GENERALIZED: Final = re.compile(r"(\d{14})(?:[.,]\d+)?Z", re.ASCII)  # LDAP
_RFC_2822: Final = re.compile(r"(?:[A-Za-z]{3},? )?\d{1,2} [A-Za-z]{3} \d{4} .{5,20}", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,17}(?:\.\d{1,9})?", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Numbers of so many digits. Between thousandths and millionths are those that look like 20230105123456.
_UNITS: Final = ((0.0, 1e11, 1.0), (1e11, 1e13, 1e3), (1e14, 1e16, 1e6))

NO_MOMENT: Final = (
    "is no time that is known here: write it as 2026-11-24T09:00:00Z, as PostgreSQL does, or as seconds since 1970"
)


def is_nothing(value: object) -> bool:
    """Return whether a value says that there is none."""
    return value is None or (isinstance(value, str) and value.strip() in NOTHING)


def read_flag(value: object) -> object:
    """Return yes or no where a database writes it otherwise than pydantic reads it; else the value."""
    return _BITS.get(value, value.strip()) if isinstance(value, str) else value


def read_moment(value: object) -> datetime | None:
    """Return a time. ISO 8601, PostgreSQL, MySQL, .NET, RFC 2822, LDAP, MongoDB; seconds, thousandths since 1970.

    Without a zone it is UTC. Raises `PydanticCustomError`.
    """
    if isinstance(value, Mapping) and len(value) == 1:  # {"$date": …}, {"$numberLong": …}
        (key,) = value
        return read_moment(value[key]) if key in ("$date", "$numberLong") else _no_moment()
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _since_1970(float(value))
        return _of_text(value.strip()) if isinstance(value, str) else _no_moment()
    except (ValueError, OverflowError, TypeError, IndexError):
        return _no_moment()


def _of_text(text: str) -> datetime | None:
    if text.startswith("0000-00-00"):  # MySQL's nothing
        return None
    if _NUMBER.fullmatch(text):
        return _since_1970(float(text))
    if found := _WRITTEN.fullmatch(text):
        day, minute, second, fraction, zone = found.groups()
        naive = datetime.fromisoformat(f"{day}T{minute or '00:00'}:{second or '00'}")
        return naive.replace(microsecond=int(f"{fraction or '0':0<6}"[:6]), tzinfo=_zone(zone))
    if found := _GENERALIZED.fullmatch(text):
        return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if _RFC_2822.fullmatch(text):
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _no_moment()


def _zone(written: str | None) -> timezone:
    if not written or written.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = f"{written[1:].replace(':', ''):0<6}"
    hours, minutes, seconds = (int(digits[start : start + 2]) for start in (0, 2, 4))
    if minutes > 59 or seconds > 59:
        _no_moment()
    away = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-away if written[0] == "-" else away)


def _since_1970(number: float) -> datetime:
    for least, most, unit in _UNITS:
        if least <= abs(number) < most:
            return _EPOCH + timedelta(seconds=number / unit)
    return _no_moment()


def _no_moment() -> datetime:
    raise PydanticCustomError("moment", NO_MOMENT)
