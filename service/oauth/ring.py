"""The last minutes of what followers were told, so that whoever lost the connection is told what came meanwhile.

An id is a moment by Redis's clock, which all processes share, and a number. So whoever was told something by one
process goes on with another: with what that one has heard since `OVERLAP_MS` before, for neither hears at the very
moment of a change. Hearing of something twice does no harm.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import Final

KEPT_MS: Final = 300_000
MOST: Final = 100_000  # with 150 bytes each, 15 MB
OVERLAP_MS: Final = 2_000
CHUNK: Final = 1_000
"""Of what is told, so many are written at once."""

_ID: Final = re.compile(r"([0-9]{1,15})-[0-9]{1,15}")


def moment_of(last_id: str | None) -> int | None:
    """Return the moment of an id, in ms; None for none, and for what is no id of ours."""
    found = _ID.fullmatch(last_id or "")
    return int(found[1]) if found else None


class Ring:
    """What was told, the oldest first. A place in it is a number that only grows: `end` is the next one's."""

    def __init__(self, *, most: int = MOST, kept_ms: int = KEPT_MS) -> None:
        self._told: deque[tuple[int, bytes]] = deque()
        self._most = most
        self._kept_ms = kept_ms
        self._whole_since: int | None = None
        self.end = 0

    def begin(self, moment: int) -> None:
        """Forget all: everything is heard from `moment` on, and whoever has a place has missed something."""
        self._told.clear()
        self._whole_since = moment
        self.end += 1

    def add(self, moment: int, text: bytes) -> None:
        """Add what is told at `moment`, none before the one added last."""
        self._told.append((moment, text))
        self.end += 1
        while len(self._told) > self._most or self._told[0][0] < moment - self._kept_ms:
            self._whole_since = self._told.popleft()[0] + 1

    def place_of(self, moment: int, now: int) -> int | None:
        """Return where somebody goes on who knows all that was before `moment`; None where something is missing.

        A moment that is still to come is none of this Redis's clock.
        """
        first = moment - OVERLAP_MS
        if self._whole_since is None or first < self._whole_since or moment > now + OVERLAP_MS:
            return None
        behind = 0
        for told_at, _ in reversed(self._told):
            if told_at < first:
                break
            behind += 1
        return self.end - behind

    def after(self, place: int) -> tuple[int, list[bytes]] | None:
        """Return what comes after a place, and the place after that; None where some of it is gone."""
        behind = self.end - place
        if behind > len(self._told):
            return None
        first = len(self._told) - behind
        found = [text for _, text in islice(self._told, first, first + CHUNK)]
        return place + len(found), found
