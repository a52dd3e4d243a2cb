"""The session store: every method is one script, one round trip, and returns an outcome.

    user:{<uid>}:session:<sid>    HASH, the only truth about a session
    user:{<uid>}:sessions         ZSET, sid by last use: a hint for listing
    user:{<uid>}:ended:<sid>      STRING, when and why it was ended: for the seconds in which others notice

Deleting a session's key ends it. All methods raise `Unavailable` when Redis is out of reach.
Times are milliseconds since the epoch, by Redis's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast
from uuid import UUID

from service.core.client import Client
from service.core.clock import Clock
from service.core.redis.client import RedisScripts, Reply
from service.errors.end_reasons import EndReason
from service.settings import Settings
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions import scripts
from service.stores.sessions.proofs import Proofs

LAST_USE_STALE_MS = 60_000
_REASONS = {reason.encode(): reason for reason in EndReason}  # a later version may have more of them
_REASONS = {reason.encode(): reason for reason in EndReason}  # a later version may have more of them
SURVEY_SIZE = 250  # sessions for one script: less than a millisecond of Redis's time


@dataclass(frozen=True, slots=True)
class Grant:
    """A living session at one generation: all that its tokens are derived from."""

    uid: UUID
    sid: UUID
    gen: int
    ends_at: int
    auth_at: int
    expires_at: int
    displaced: tuple[UUID, ...] = ()  # the sessions that were ended to make room for it


@dataclass(frozen=True, slots=True)
class Rotated:
    """The generation advanced.

    `unanswered` counts the generations since one was last known to be received: 1 after an ordinary refresh, more when
    a token is shown again because its answers got lost. `parted` is for whom the generation before was made, where the
    token shown is not that one but one that was handed out beside it.
    """

    grant: Grant
    unanswered: int = 1
    parted: Client | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A duplicate: nothing advanced, the same successor again. It was made for `client`."""

    grant: Grant
    client: Client


@dataclass(frozen=True, slots=True)
class Reused:
    """A token that was spent, or passed over: the session has been deleted. It had moved on at `rotated_at`."""

    rotated_at: int
    client: Client


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over; `cause` is why, if that was just now. With `cut_off` it is still to be deleted."""

    reason: Literal["expired", "revoked"]
    cause: EndReason | None = None
    cut_off: bool = False


Rotation = Rotated | Replayed | Reused | Ended


@dataclass(frozen=True, slots=True)
class LiveSession:
    """What a request needs to know of its session."""

    uid: UUID
    sid: UUID
    now: int
    valid_from: int
    auth_at: int


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session as its owner sees it; `expires_at` is when it ends if it isn't used again."""

    sid: UUID
    created_at: int
    last_used_at: int
    expires_at: int
    ip: str
    user_agent: str
    valid_from: int


@dataclass(frozen=True, slots=True)
class Survey:
    """Which sessions live at `now`: for each that was asked for, when it ends if it isn't used, None if it is over.

    `reasons` says why one is over, if its end has just left it behind; of one that lives, why it will be.
    """

    now: int
    ends_at: dict[UUID, int | None]
    reasons: dict[UUID, EndReason]


class SessionStore:
    """Sessions in Redis."""

    def __init__(self, redis: RedisScripts, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._prefix = settings.REDIS_KEY_PREFIX
        self._idle = _ms(timedelta(days=settings.REFRESH_TOKEN_EXPIRE_DAYS))
        self._max = _ms(timedelta(days=settings.SESSION_MAX_DAYS))
        self._grace = _ms(timedelta(seconds=settings.REFRESH_GRACE_SECONDS))
        self._cap = settings.MAX_SESSIONS_PER_USER
        self.proofs = Proofs(redis, clock, self._idle, self._keys)

    async def log_in(self, uid: UUID, sid: UUID, client: Client, amr: str, valid_after: int) -> Grant:
        """Create a session; past the cap, end the one used longest ago. `valid_after` is the user's cut-off, or 0."""
        reply = await self._redis.run(
            scripts.LOG_IN,
            self._keys(uid, sid),
            self._clock.shift_ms,
            str(sid),
            self._stem(uid),
            self._idle,
            self._max,
            self._cap,
            valid_after,
            client.ip,
            client.user_agent,
            amr,
        )
        moment, end, sids = cast("tuple[bytes, bytes, list[bytes]]", reply)
        now, expires_at = int(moment), int(end)
        displaced = tuple(UUID(other.decode()) for other in sids)
        return Grant(uid, sid, 1, min(now + self._idle, expires_at), now, expires_at, displaced)

    async def rotate(self, token: RefreshToken, client: Client, valid_after: int) -> Rotation:
        """Spend a refresh token (R27, R77). Duplicates get the same successor, a lost answer a new one.

        Two who hold one session's tokens are noticed when each has refreshed once more: then it ends.
        """
        reply = await self._redis.run(
            scripts.ROTATE,
            self._keys(token.uid, token.sid),
            self._clock.shift_ms,
            str(token.sid),
            token.gen,
            self._grace,
            self._idle,
            valid_after,
            token.ends_at,
            client.ip,
            client.user_agent,
        )
        match cast("list[bytes]", reply):
            case [b"reused", rotated_at, ip, agent]:
                return Reused(int(rotated_at), _client(ip, agent))
            case [b"cut_off"]:
                return Ended("revoked", cut_off=True)
            case [outcome, gen, ends_at, auth_at, expires_at, unanswered, ip, agent]:
                grant = Grant(token.uid, token.sid, int(gen), int(ends_at), int(auth_at), int(expires_at))
                if outcome == b"replayed":
                    return Replayed(grant, _client(ip, agent))
                return Rotated(grant, int(unanswered), _client(ip, agent) if outcome == b"parted" else None)
            case other:
                return Ended("expired" if other[0] == b"expired" else "revoked", _REASONS.get(other[1]))

    async def check(self, uid: UUID, sid: UUID, gen: int) -> LiveSession | None:
        """Return the session if it lives. Notes the use (once a minute) and that the client has received `gen`."""
        reply = await self._redis.run(
            scripts.CHECK,
            self._keys(uid, sid),
            self._clock.shift_ms,
            str(sid),
            gen,
            self._idle,
            LAST_USE_STALE_MS,
        )
        if reply is None:
            return None
        now, valid_from, auth_at = _numbers(reply)
        return LiveSession(uid, sid, now, valid_from, auth_at)

    async def keep(self, uid: UUID, sid: UUID, *, ahead: int = 1) -> int | None:
        """Move the session's `valid_from` past now (by `ahead`) and return that, the cut-off for others. None: over."""
        return await self._stamp(uid, sid, "valid_from", ahead)

    async def mark_fresh(self, uid: UUID, sid: UUID) -> bool:
        """Note that the password was given just now. False when the session is over."""
        return await self._stamp(uid, sid, "auth_at", 0) is not None

    async def end(self, uid: UUID, sid: UUID, reason: EndReason | None) -> bool:
        """Delete a session. Return whether there was one; if so, `reason` says why for a while. None: nobody had it."""
        reply = await self._redis.run(scripts.END, self._keys(uid, sid), self._clock.shift_ms, str(sid), reason or "")
        return reply == 1

    async def end_all(
        self, uid: UUID, reason: EndReason, *, keep: UUID | None = None, before: int | None = None
    ) -> int:
        """Delete the user's sessions, all but `keep`, or those from before a cut-off, for `reason`. Return how many.

        It follows the index, which is a hint: callers set `sessions_valid_after` first, which is certain.
        """
        arguments = (reason, str(keep or ""), "" if before is None else before)
        reply = await self._redis.run(
            scripts.END_ALL, [self._index(uid)], self._clock.shift_ms, self._stem(uid), *arguments
        )
        return cast(int, reply)

    async def list_living(self, uid: UUID) -> list[ListedSession]:
        """Return the user's living sessions, the one used last first."""
        reply = await self._redis.run(
            scripts.LIST, [self._index(uid)], self._clock.shift_ms, self._stem(uid), self._idle
        )
        return [
            ListedSession(
                UUID(sid.decode()),
                int(created_at),
                int(last_used_at),
                int(ends_at),
                ip.decode(errors="replace"),
                user_agent.decode(errors="replace"),
                int(valid_from),
            )
            for sid, created_at, last_used_at, ends_at, ip, user_agent, valid_from in cast("list[list[bytes]]", reply)
        ]

    async def survey(self, owners: Mapping[UUID, UUID]) -> Survey:
        """Look at many sessions at once, `owners` by session id, without using them.

        In a cluster all must be in one slot: `survey_batches` sees to that.
        """
        keys = [self._keys(uid, sid)[0] for sid, uid in owners.items()]
        reply = await self._redis.run(scripts.SURVEY, keys, self._clock.shift_ms, self._idle)
        now, *found = cast("list[bytes]", reply)
        ends_at = {sid: int(end) if end else None for sid, end in zip(owners, found[::2], strict=True)}
        reasons = {sid: why for sid, text in zip(owners, found[1::2], strict=True) if (why := _REASONS.get(text))}
        return Survey(int(now), ends_at, reasons)

    def survey_batches(self, owners: Mapping[UUID, UUID]) -> list[dict[UUID, UUID]]:
        """Split sessions into what one script may ask for: `SURVEY_SIZE`, in a cluster of one slot."""
        by_slot: dict[int, list[tuple[UUID, UUID]]] = {}
        for sid, uid in owners.items():
            by_slot.setdefault(self._redis.slot_of(self._index(uid)), []).append((sid, uid))
        return [
            dict(found[start : start + SURVEY_SIZE])
            for found in by_slot.values()
            for start in range(0, len(found), SURVEY_SIZE)
        ]

    async def now(self, uid: UUID) -> int:
        """Return the time by the clock of the user's Redis node."""
        return int(cast(bytes, await self._redis.run(scripts.TIME, [self._index(uid)], self._clock.shift_ms)))

    async def _stamp(self, uid: UUID, sid: UUID, field: Literal["valid_from", "auth_at"], add: int) -> int | None:
        reply = await self._redis.run(scripts.STAMP, self._keys(uid, sid)[:1], self._clock.shift_ms, field, add)
        return None if reply is None else int(cast(bytes, reply))

    def _keys(self, uid: UUID, sid: UUID) -> list[str]:
        return [f"{self._stem(uid)}{sid}", self._index(uid)]

    def _stem(self, uid: UUID) -> str:
        return f"{self._prefix}user:{{{uid}}}:session:"

    def _index(self, uid: UUID) -> str:
        return f"{self._prefix}user:{{{uid}}}:sessions"


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


def _client(ip: bytes, user_agent: bytes) -> Client:
    return Client(ip.decode(errors="replace"), user_agent.decode(errors="replace"))


def _numbers(reply: Reply) -> list[int]:
    return [int(number) for number in cast("list[bytes]", reply)]
