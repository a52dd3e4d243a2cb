"""Where a user's sessions are in Redis, and how long they live. All keys of a user are in one slot of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from service.settings import Settings

PIECE_BYTES: Final = 64
"""As much of a value as Redis packs closely together with the others of a small hash; one longer one, and none is."""

AGENT_FIELDS: Final = ("user_agent", *(f"user_agent_{number}" for number in range(2, 17)))
"""What a session keeps a User-Agent in, in pieces: 256 characters of up to four bytes."""

KEY_FIELDS: Final = ("key", *(f"key_{number}" for number in range(2, 11)))
"""What a session keeps the key in that it is bound to, in pieces: 64 bytes of P-256, or as much as RSA needs."""

_OWN: Final = b"}:session:"


def joined(pieces: Sequence[bytes | None]) -> bytes:
    """Return the text that the values of `AGENT_FIELDS` are.

    A longer first one is all of it: instances of before write no pieces, and leave those that are there.
    """
    first = pieces[0] or b""
    return first if len(first) > PIECE_BYTES else b"".join(piece or b"" for piece in pieces)


def number_of(key: bytes) -> int | None:
    """Return whose session's own key that is, by the number that its id is; None for any other key."""
    stem, _, sid = key.rpartition(_OWN)
    try:
        return int(sid.replace(b"-", b""), 16) if stem else None
    except ValueError:
        return None


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
        of_user = f"{self._prefix}user:{{{uid}}}:session"
        return [f"{of_user}:{sid}", f"{of_user}s"]

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
