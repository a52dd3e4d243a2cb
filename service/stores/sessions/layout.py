"""Where a user's sessions are in Redis, and how long they live. All keys of a user are in one slot of a cluster."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from service.settings import Settings


class Layout:
    """The names of keys, and what the settings say of sessions' lives, in ms."""

    def __init__(self, settings: Settings) -> None:
        self._prefix = settings.REDIS_KEY_PREFIX
        self.idle = ms(timedelta(days=settings.REFRESH_TOKEN_EXPIRE_DAYS))
        self.longest = ms(timedelta(days=settings.SESSION_MAX_DAYS))
        self.grace = ms(timedelta(seconds=settings.REFRESH_GRACE_SECONDS))
        self.cap = settings.MAX_SESSIONS_PER_USER

    def keys(self, uid: UUID, sid: UUID) -> list[str]:
        """Return the session's own key, and the index's."""
        return [f"{self.stem(uid)}{sid}", self.index(uid)]

    def stem(self, uid: UUID) -> str:
        """Return what the names of all of a user's sessions begin with."""
        return f"{self._prefix}user:{{{uid}}}:session:"

    def index(self, uid: UUID) -> str:
        """Return the index of a user's sessions."""
        return f"{self._prefix}user:{{{uid}}}:sessions"

    def pending(self, uid: UUID, number: UUID) -> str:
        """Return the key of a log-in that still owes something."""
        return f"{self._prefix}user:{{{uid}}}:pending:{number}"


def ms(duration: timedelta) -> int:
    """Return a duration in whole milliseconds."""
    return duration // timedelta(milliseconds=1)
