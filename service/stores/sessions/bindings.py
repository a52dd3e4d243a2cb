"""What a session is bound to: a key that its browser has, and can't give away (Device Bound Session Credentials).

It is in the session's hash: ending the session ends it, and there is no second truth. Deleting nothing of it unbinds a
session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import Final, cast
from uuid import UUID

from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.text import base64url
from service.stores.sessions import scripts
from service.stores.sessions.layout import KEY_FIELDS, PIECE_BYTES, Layout

TAG_BYTES: Final = 16
MOST_KEY_BYTES: Final = PIECE_BYTES * len(KEY_FIELDS)
_NAME: Final = b"name of a device-bound session"
_NAME_BYTES: Final = 16


class Bound(Enum):
    """What came of binding a session to a key."""

    NOW = 1
    AGAIN = 2  # to this very key, before: the answer to that got lost
    BEFORE = 0  # to another key


class Proven(Enum):
    """What came of a proof whose signature is right."""

    NEWEST = 1
    STALE = 0  # its challenge is no newer than that of a proof before


@dataclass(frozen=True, slots=True)
class Held:
    """The key of a living session: the point of P-256, x and y in 64 bytes, or the SubjectPublicKeyInfo of RSA in DER.

    `proven_at` is the time in the challenge of its newest proof, and `age` how long ago the session began, in ms.
    """

    key: bytes = field(repr=False)
    proven_at: int
    age: int

    @property
    def tag(self) -> bytes:
        """By which the key is known."""
        return tag_of(self.key)


def tag_of(key: bytes) -> bytes:
    """Return what a key is known by, where the key itself isn't needed: 16 bytes."""
    return sha256(key).digest()[:TAG_BYTES]


def name_of(sid: UUID, key: bytes) -> str:
    """Return what the browser is to call the session that it has bound to this key.

    It keeps that for as long as the session lives, so no secret of ours goes into it: those are changed. Only who knows
    the key can tell it, and no cookie has that.
    """
    return base64url.encode(sha256(_NAME + sid.bytes + key).digest()[:_NAME_BYTES])


class Bindings:
    """The part of the session store that keeps them. All methods raise `Unavailable` when Redis is away."""

    def __init__(self, redis: RedisScripts, clock: Clock, layout: Layout) -> None:
        self._redis = redis
        self._clock = clock
        self._layout = layout

    async def bind(self, uid: UUID, sid: UUID, key: bytes, challenged_at: int) -> Bound | None:
        """Bind a session to a key of at most `MOST_KEY_BYTES`, once and for good. None: it is over.

        `challenged_at`: the time in the challenge that the key has signed, in ms.
        """
        pieces = [key[start : start + PIECE_BYTES] for start in range(0, len(key), PIECE_BYTES)]
        reply = await self._redis.run(
            scripts.BIND,
            self._key(uid, sid),
            self._clock.shift_ms,
            self._layout.idle,
            tag_of(key),
            challenged_at,
            *pieces,
        )
        return None if reply is None else Bound(reply)

    async def held(self, uid: UUID, sid: UUID) -> Held | bool:
        """Return the key that a session is bound to; True of one that isn't, False of one that is over."""
        reply = await self._redis.run(scripts.HELD, self._key(uid, sid), self._clock.shift_ms, self._layout.idle)
        match cast("list[bytes] | None", reply):
            case None:
                return False
            case [_, proven_at, age, *pieces]:
                return Held(b"".join(pieces), int(proven_at), int(age))
            case _:
                return True

    async def prove(self, uid: UUID, sid: UUID, tag: bytes, challenged_at: int) -> Proven | None:
        """Note a proof by the key of this tag. None: the session is over, or not bound to it.

        Each challenge counts once, and none that is older than one that has counted.
        """
        reply = await self._redis.run(
            scripts.PROVE, self._key(uid, sid), self._clock.shift_ms, self._layout.idle, tag, challenged_at
        )
        return None if reply is None else Proven(reply)

    def _key(self, uid: UUID, sid: UUID) -> list[str]:
        return self._layout.keys(uid, sid)[:1]
