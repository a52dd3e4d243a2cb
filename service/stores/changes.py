"""What changes of sessions and users, gathered as this process hears of it: for whoever tells others of it.

Redis tells of every change to a session's key, and of every user whom the service has changed; the database of every
user, whoever it was (docs/decisions/084, 085). That a key changed doesn't say how: who takes what was gathered looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.core.clock import steady_seconds
from service.core.redis.watching import Watch
from service.core.sql.hearing import Hearing
from service.settings import Settings

MOST_SESSIONS: Final = 20_000
MOST_USERS: Final = 500
"""What may wait to be taken. Where more changes at once, all may have."""

_UID: Final = 36  # characters
_SESSION: Final = b"}:session:"
_CHANGED: Final = b"}:changed"


@dataclass(frozen=True, slots=True)
class Heard:
    """What changed: users by session, users, or `everything`: then all of them may have. `since` is when the first did.

    `since` is None where nothing did.
    """

    sessions: dict[UUID, UUID]
    users: list[UUID]
    everything: bool
    since: float | None


class Gathering:
    """What has changed since somebody began to gather it. All that was before isn't known: it counts as everything."""

    def __init__(self, stem: int, news: Callable[[], None]) -> None:
        """Take how long the beginning of keys' names is, in bytes. `news` is called where something is the first."""
        self._stem = stem
        self._news = news
        self._sessions: dict[bytes, None] = {}  # keys, in the order in which they changed
        self._users: dict[UUID, None] = {}
        self._everything = True
        self._since: float | None = None

    def take(self) -> Heard:
        """Return what was gathered, and begin anew."""
        found = Heard(dict(self._named()), list(self._users), self._everything, self._since)
        self._sessions, self._users, self._everything, self._since = {}, {}, False, None
        return found

    def add_session(self, key: bytes) -> None:
        """Add a session by its key."""
        self._sessions[key] = None
        self._added(self._sessions, MOST_SESSIONS)

    def add_user(self, uid: UUID) -> None:
        """Add a user."""
        self._users[uid] = None
        self._added(self._users, MOST_USERS)

    def add_all(self) -> None:
        """Add everything."""
        self._sessions, self._users, self._everything = {}, {}, True
        self._added({}, 0)

    def _added(self, found: Sized, most: int) -> None:
        if len(found) > most:
            self.add_all()
        elif self._since is None:
            self._since = steady_seconds()
            self._news()

    def _named(self) -> Iterator[tuple[UUID, UUID]]:
        start, end = self._stem + _UID + len(_SESSION), self._stem + _UID
        for key in self._sessions:
            with suppress(ValueError):  # of somebody else's making
                yield UUID(key[start:].decode(errors="replace")), UUID(key[self._stem : end].decode(errors="replace"))


class Changes:
    """Hears of what changes, for whoever gathers it."""

    def __init__(self, settings: Settings, watch: Watch | None, hearing: Hearing | None) -> None:
        """Take what hears of changes. None where there is nothing to hear: embedded stores, Redis Cluster."""
        self._watch = watch
        self._hearing = hearing
        self._stem = len(f"{settings.REDIS_KEY_PREFIX}user:{{".encode())
        self._gatherings: list[Gathering] = []
        self.is_embedded: Final = settings.REDIS_URL.startswith("memory:")
        if watch is not None:
            watch.listeners.append(self._hear_key)
        if hearing is not None:
            hearing.listeners.append(self._hear_row)

    @property
    def are_told(self) -> bool:
        """Whether there is anybody who tells of changes to sessions: not embedded, nor in a cluster."""
        return self._watch is not None

    @property
    def can_be_heard(self) -> bool:
        """Whether all changes can be known: told of, or seen, where nobody else makes any."""
        return self.are_told or self.is_embedded

    @contextmanager
    def gathered(self, news: Callable[[], None]) -> Iterator[Gathering]:
        """Gather what changes. `news` is called when there is something to take, where there was nothing."""
        found = Gathering(self._stem, news)
        self._gatherings.append(found)
        try:
            yield found
        finally:
            self._gatherings.remove(found)

    def hears(self) -> bool:
        """Return whether all that has changed was heard of: what others did to rows of users, half a second ago.

        Never waits. Where a pooler stands before the database, that part is left out: it is never heard of.
        """
        if self._watch is None:
            return self.is_embedded
        heard = self._watch.hears()  # both are asked: either begins to listen when it is asked
        if self._hearing is not None and not self._hearing.hears():
            return heard and self._hearing.is_barred
        return heard

    def note(self, users: frozenset[UUID] | None) -> None:
        """Note users whom this process has changed; None: all may have been."""
        for gathering in self._gatherings:
            if users is None:
                gathering.add_all()
            for uid in users or ():
                gathering.add_user(uid)

    def _hear_key(self, key: bytes | None) -> None:
        if not self._gatherings:
            return
        if key is None:
            self.note(None)
        elif key.startswith(_SESSION, self._stem + _UID):
            for gathering in self._gatherings:
                gathering.add_session(key)
        elif key.endswith(_CHANGED):
            self._hear_row(key[self._stem : -len(_CHANGED)].decode(errors="replace"))

    def _hear_row(self, says: str | None) -> None:
        try:
            self.note(frozenset((UUID(says or ""),)))
        except ValueError:  # everyone, or nobody we know
            self.note(None)
