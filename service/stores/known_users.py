"""Users by their ids, as every authenticated request wants one; kept as long as somebody would tell if they changed.

Two tell. The database does, of whatever was changed and by whomever, within half a second. And whoever changes a user
by this service writes a key of theirs in Redis before the answer: that is heard of at once, in every process, as the
end of a session is. Where either can't be heard of, the row is read each time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from models import User
from service.core.recall import Recall
from service.core.redis.client import RedisScripts
from service.core.redis.scripts import Script
from service.core.redis.watching import Watch
from service.core.sql.hearing import Hearing
from service.core.sql.lookup import Lookup
from service.errors import Unavailable
from service.settings import Settings
from service.stores.changes import Changes

CHANNEL: Final = "latchkey_users"

_KEPT: Final = "kept"  # an attribute of those that were copied, which is no field
_EVERYONE: Final = "everyone"
# KEYS of users who were changed. What is written is gone before anybody can see it, and is told of all the same.
_CHANGED: Final = Script(
    "users_changed",
    "for _, key in ipairs(KEYS) do redis.call('SET', key, ''); redis.call('UNLINK', key) end",
)
_read: Final = Lookup(User, "id")


@dataclass(slots=True)
class _Kept:
    user: User
    shown: bytes | None = None


class KnownUsers:
    """Rows of `users`. `watch` and `hearing` are None where nothing is kept."""

    def __init__(
        self,
        redis: RedisScripts,
        settings: Settings,
        watch: Watch | None,
        hearing: Hearing | None,
        changes: Changes | None = None,
    ) -> None:
        """Take what hears of changes, and `changes`, where others want to hear of those that this process makes."""
        self._redis = redis
        self._stem = f"{settings.REDIS_KEY_PREFIX}user:{{"
        self._watch = watch
        self._hearing = hearing
        self._kept = Recall[int, _Kept](settings.SESSION_CACHE_SIZE)  # by the numbers that ids are
        self._changes = changes
        self._told = watch is not None or (changes is not None and changes.are_told)
        self.hits = 0
        self.misses = 0
        if watch is not None and hearing is not None:
            watch.listeners.append(self._forget_key)
            hearing.listeners.append(self._forget_row)

    def recall(self, uid: UUID) -> User | None:
        """Return the user as `read` would; None where that has to be asked. Where there is one, the watch was heard.

        It is the caller's own copy. What is changed must be read again, and locked, like everything that was read.
        """
        if self._watch is None or self._hearing is None:
            return None
        # Both are asked, and first of all: either begins to listen when it is asked.
        certain = self._watch.hears() & self._hearing.hears()
        if certain and (kept := self._kept.get(uid.int)) is not None:
            self.hits += 1
            return _copy(kept)
        return None

    async def read(self, uid: UUID) -> User | None:
        """Return the user as the database has them, None when there is none. Raises `Unavailable`."""
        if self._watch is None or self._hearing is None:
            return await _read(uid)
        self.misses += 1
        if not (self._watch.listens and self._hearing.listens):
            return await _read(uid)
        note, kept = self._kept.begin(uid.int), None
        try:
            if (found := await _read(uid)) is not None:
                kept = _Kept(found)
        finally:
            self._kept.end(uid.int, note, kept)
        return _copy(kept) if kept is not None else None

    def shown(self, user: User, show: Callable[[User], bytes]) -> bytes:
        """Return what `show` makes of a user that was read or recalled, as it was then: once for each reading."""
        kept: _Kept | None = user.__dict__.get(_KEPT)
        if kept is None:
            return show(user)
        if kept.shown is None:
            kept.shown = show(kept.user)
        return kept.shown

    async def tell(self, users: frozenset[UUID] | None) -> None:
        """Tell all processes that these users' rows were changed, None for all users'. Never raises.

        Where Redis is away they hear of it from the database.
        """
        self._forget_rows(users)
        if self._changes is not None:
            self._changes.note(users)
        if not self._told:
            return
        names = [_EVERYONE] if users is None else map(str, users)
        with suppress(Unavailable):
            await self._redis.run(_CHANGED, [f"{self._stem}{name}}}:changed" for name in names])

    def _forget_rows(self, users: frozenset[UUID] | None) -> None:
        if users is None:
            self._kept.forget_all()
        else:
            for uid in users:
                self._kept.forget(uid.int)

    def _forget_key(self, key: bytes | None) -> None:
        if key is None:
            self._kept.forget_all()
        elif key.endswith(b"}:changed"):
            self._forget_row(key[len(self._stem) : -len("}:changed")].decode(errors="replace"))

    def _forget_row(self, says: str | None) -> None:
        try:
            self._kept.forget(UUID(says or "").int)
        except ValueError:  # everyone, or nobody we know
            self._kept.forget_all()


def _copy(kept: _Kept) -> User:
    """Return another object for the same row: whoever has one may change it."""
    found = User.__new__(User)
    found.__dict__.update(kept.user.__dict__, _await_when_save={}, **{_KEPT: kept})
    return found
