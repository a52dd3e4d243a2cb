"""Who may have how many of a process's streams: nobody's share is all of them (docs/decisions/040).

A session and a user have fixed shares. A network has one of what is still free: an address may hold three times as many
as are left, so one takes three quarters at most, ten together never the last; an office behind one address keeps most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from service.core.http.networks import networks_of
from service.errors import NoStream

Share = Literal["all", "session", "user", "network"]

FEW: Final = 10  # with fewer places than this there is nothing to share out between sessions
_SESSION_PART: Final = 50
_USER_PART: Final = 20
_OF_THE_FREE: Final = {48: 3, 64: 1, 32: 3}  # by prefix: 32 is an IPv4 address, a home or an office


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one session and one user may have, however many there are in all."""

    session: int
    user: int


class StreamShares:
    """Counts the streams of one process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[tuple[Share, UUID | str]] = Counter()
        self.count = 0

    @contextmanager
    def taken(self, sid: UUID, uid: UUID, address: str, limits: Limits) -> Iterator[None]:
        """Hold one place. Raises `NoStream` where there is none for this session, user or network."""
        networks = _networks_of(address)
        if share := self._used_up(sid, uid, networks, limits):
            raise NoStream(share)
        holders = self._holders(sid, uid, networks)
        self._held.update(holders)
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1
            for holder in holders:
                self._held[holder] -= 1
                if not self._held[holder]:
                    del self._held[holder]

    def _used_up(self, sid: UUID, uid: UUID, networks: dict[str, int], limits: Limits) -> Share | None:
        free = self._most - self.count
        if free <= 0:
            return "all"
        if self._held["session", sid] >= self._part(_SESSION_PART, limits.session):
            return "session"
        if self._held["user", uid] >= self._part(_USER_PART, limits.user):
            return "user"
        if any(self._held["network", network] >= free * _OF_THE_FREE[prefix] for network, prefix in networks.items()):
            return "network"
        return None

    @staticmethod
    def _holders(sid: UUID, uid: UUID, networks: dict[str, int]) -> list[tuple[Share, UUID | str]]:
        return [("session", sid), ("user", uid), *(("network", network) for network in networks)]

    def _part(self, part: int, most: int) -> int:
        # Where there are ten places for everybody, ten accounts with one each are nine too many: hence "at least one",
        # and no more.
        return most if self._most < FEW else min(most, max(1, self._most // part))


def _networks_of(address: str) -> dict[str, int]:
    """Return the networks that an address counts for, with their prefix: an IPv6 /64 is in a /48."""
    own, *around = networks_of(address)
    return {own: 64, **dict.fromkeys(around, 48)} if around else {own: 32}
