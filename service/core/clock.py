"""The service's clock: aware UTC. The only place that asks the system for the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from functools import lru_cache
from typing import Final

# With the time that the machine sleeps, where there is a clock for that: a lid that was closed for an hour.
_STEADY: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_seconds() -> float:
    """Return a time that only goes on, also while the machine sleeps and whatever the clock is set to."""
    return time.clock_gettime(_STEADY)


class Clock:
    """Tell the time. Tests move it by hand with `advance`; scripts in Redis get the same `shift_ms`."""

    def __init__(self) -> None:
        self._shift = timedelta()
        self.shift_ms = 0
        """How far this clock is ahead of the system's, in milliseconds: zero outside tests."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        return datetime.now(UTC) + self._shift

    def timestamp(self) -> float:
        """Return the time in seconds since the epoch."""
        return time.time() + self.shift_ms / 1000

    def advance(self, seconds: float) -> None:
        """Move the clock; negative goes back."""
        self._shift += timedelta(seconds=seconds)
        self.shift_ms = self._shift // timedelta(milliseconds=1)


def stamp() -> float:
    """Return the system's time in seconds since the epoch, for a line of the log: that is when it was written."""
    return time.time()


def http_date() -> str:
    """Return the system's time as a `Date` (RFC 9110 section 5.6.7: IMF-fixdate). Caches compare it with their own."""
    return _imf_fixdate(int(time.time()))


@lru_cache(maxsize=1)  # written out once a second
def _imf_fixdate(second: int) -> str:
    return formatdate(second, usegmt=True)


def from_ms(milliseconds: int) -> datetime:
    """Return the aware UTC time of `milliseconds` since the epoch."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC) + timedelta(milliseconds=milliseconds % 1000)


def to_ms(moment: datetime) -> int:
    """Return milliseconds since the epoch, rounded down."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
