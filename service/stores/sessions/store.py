"""The session store: every method is one script, one round trip, and returns an outcome.

    user:{<uid>}:session:<sid>    HASH, the only truth about a session
    user:{<uid>}:sessions         ZSET, sid by last use: a hint for listing
    user:{<uid>}:ended:<sid>      STRING, when and why it was ended: for the seconds in which others notice
    user:{<uid>}:pending:<id>     HASH, a log-in that still owes something: see service/stores/sessions/pending.py

Deleting a session's key ends it. All methods raise `Unavailable` when Redis is out of reach.
Times are milliseconds since the epoch, by Redis's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast
from uuid import UUID

from service.core.client import Client
from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.redis.watching import Watch
from service.errors.end_reasons import EndReason
from service.settings import Settings
from service.stores.dpop_proofs import ProofUse, claim
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions import scripts
from service.stores.sessions.agents import shortened, whole
from service.stores.sessions.assurance import Assurance, read_assurance
from service.stores.sessions.bindings import Bindings
from service.stores.sessions.layout import Layout
from service.stores.sessions.memory import Reading, SessionMemory
from service.stores.sessions.outcomes import (
    Binding,
    Doubted,
    End,
    Ended,
    Grant,
    ListedSession,
    LiveSession,
    NotProven,
    ProofUsed,
    Replayed,
    Reused,
    Rotated,
    Rotation,
    Survey,
)
from service.stores.sessions.pending import PendingLogIns
from service.stores.sessions.permits import Permits

LAST_USE_STALE_MS = 60_000
_REASONS = {reason.encode(): reason for reason in EndReason}  # a later version may have more of them
_BINDINGS: Final[Mapping[bytes, Binding]] = {b"dbsc": "dbsc", b"dpop": "dpop"}
SURVEY_SIZE = 250  # sessions for one script: less than a millisecond of Redis's time


class SessionStore:
    """Sessions in Redis."""

    def __init__(self, redis: RedisScripts, settings: Settings, clock: Clock, watch: Watch | None = None) -> None:
        """Take what hears of changes to users' keys; None where nothing is to be kept."""
        self._redis = redis
        self.memory: SessionMemory | None = None
        if watch is not None:
            self.memory = SessionMemory(watch, clock, most=settings.SESSION_CACHE_SIZE, stale=LAST_USE_STALE_MS)
        self._clock = clock
        self._layout = layout = Layout(settings)
        self.permits = Permits(redis, clock, layout)
        self.pending = PendingLogIns(redis, clock, layout)
        self.bindings = Bindings(redis, clock, layout)

    async def log_in(
        self, uid: UUID, sid: UUID, client: Client, assurance: Assurance, valid_after: int, *, name: str | None = None
    ) -> Grant:
        """Create a session; past the cap, end the one used longest ago. `valid_after` is the user's cut-off, or 0.

        `name` is what the user calls the device. Only `service.signin` calls it: there is one door.
        """
        layout = self._layout
        reply = await self._redis.run(
            scripts.LOG_IN,
            layout.keys(uid, sid),
            self._clock.shift_ms,
            str(sid),
            layout.stem(uid),
            layout.idle,
            layout.longest,
            layout.cap,
            valid_after,
            client.ip,
            shortened(client.user_agent),
            *assurance.arguments,
            name or "",
            client.jkt,
        )
        moment, end, sids = cast("tuple[bytes, bytes, list[bytes]]", reply)
        now, expires_at = int(moment), int(end)
        displaced = tuple(UUID(other.decode()) for other in sids)
        return Grant(uid, sid, 1, min(now + layout.idle, expires_at), now, expires_at, assurance, displaced, client.jkt)

    async def rotate(
        self,
        token: RefreshToken,
        client: Client,
        valid_after: int,
        *,
        tag: bytes = b"",
        challenged_at: int = 0,
        use: ProofUse | None = None,
    ) -> Rotation:
        """Spend a refresh token (R27, R77). Duplicates get the same successor, a lost answer a new one.

        Two who hold one session's tokens are noticed when each has refreshed once more: then it ends, or goes on with
        who has the key of its browser that it is bound to. `tag` says which browser's key was proven of late, over a
        challenge of `challenged_at`; `client.jkt`, which client's, by a proof whose `use` counts with this, and only if
        it isn't refused anyway. In a cluster that is noted elsewhere: there it is used up first, by itself.
        """
        keys = self._layout.keys(token.uid, token.sid)
        if use is not None and not use.is_known:
            return ProofUsed()
        if use is not None and self._redis.slot_of(use.key) == self._redis.slot_of(keys[0]):
            keys.append(use.key)
        elif use is not None and not await claim(self._redis, use):
            return ProofUsed()
        reply = await self._redis.run(
            scripts.ROTATE,
            keys,
            self._clock.shift_ms,
            str(token.sid),
            token.gen,
            self._layout.grace,
            self._layout.idle,
            valid_after,
            token.ends_at,
            client.ip,
            shortened(client.user_agent),
            tag,
            challenged_at,
            client.jkt,
            *((use.life, use.mark) if use is not None else ()),
        )
        return _rotation(token, cast("list[bytes]", reply))

    async def check(self, uid: UUID, sid: UUID, gen: int, *, heard: bool = False) -> LiveSession | None:
        """Return the session if it lives, and tokens of `gen` are good.

        Notes the use (once a minute), and that the client has received `gen`.

        `heard`: the watch was just asked, and nothing was waited for since.
        """
        if self.memory is None:
            found = await self._look(uid, sid, gen)
        else:
            if known := self.memory.recall(uid, sid, gen, heard=heard):
                return known
            note, found = self.memory.begin(sid), None
            try:
                found = await self._look(uid, sid, gen)
            finally:
                self.memory.end(sid, note, found)
        return found.session if found else None

    async def _look(self, uid: UUID, sid: UUID, gen: int) -> Reading | None:
        keys = self._layout.keys(uid, sid)
        reply = await self._redis.run(
            scripts.CHECK, keys, self._clock.shift_ms, str(sid), gen, self._layout.idle, LAST_USE_STALE_MS
        )
        if reply is None:
            return None
        *numbers, amr, level, phr, bound = cast("list[bytes]", reply)
        now, valid_from, auth_at, factor_at, reached, ack, last_used_at, until, least = map(int, numbers)
        assurance = read_assurance(amr, level, phr)
        session = LiveSession(uid, sid, now, valid_from, auth_at, factor_at, assurance, _BINDINGS.get(bound))
        return Reading(session, reached, ack, last_used_at, until, least)

    async def keep(self, uid: UUID, sid: UUID, *, ahead: int = 1) -> int | None:
        """Move the session's `valid_from` past now (by `ahead`) and return that, the cut-off for others. None: over."""
        reply = await self._redis.run(scripts.KEEP, self._layout.keys(uid, sid)[:1], self._clock.shift_ms, ahead)
        return None if reply is None else int(cast(bytes, reply))

    async def mark_fresh(self, uid: UUID, sid: UUID, shown: Assurance) -> bool:
        """Note that the user has just proven again to be there, and how. False when the session is over.

        What was shown before stays shown: methods are added, and the level never falls. Level 2 says that a second
        factor was shown just now. Only `service.signin` calls it.
        """
        key = self._layout.keys(uid, sid)[:1]
        return await self._redis.run(scripts.STEP_UP, key, self._clock.shift_ms, *shown.arguments) == 1

    async def name(self, uid: UUID, sid: UUID, name: str | None) -> bool:
        """Note what the user calls the session's device; None: nothing any more. False when the session is over."""
        key = self._layout.keys(uid, sid)[:1]
        return await self._redis.run(scripts.NAME, key, self._clock.shift_ms, name or "") == 1

    async def end(self, uid: UUID, sid: UUID, reason: EndReason | None) -> End:
        """Delete a session. Return what came of it; `reason` says for a while why it is over. None: nobody had it."""
        reply = await self._redis.run(
            scripts.END, self._layout.keys(uid, sid), self._clock.shift_ms, str(sid), reason or ""
        )
        return End(reply)

    async def end_all(
        self, uid: UUID, reason: EndReason, *, keep: UUID | None = None, before: int | None = None
    ) -> int:
        """Delete the user's sessions, all but `keep`, or those from before a cut-off, for `reason`. Return how many.

        It follows the index, which is a hint: callers set `sessions_valid_after` first, which is certain.
        """
        arguments = (reason, str(keep or ""), "" if before is None else before)
        reply = await self._redis.run(
            scripts.END_ALL, [self._layout.index(uid)], self._clock.shift_ms, self._layout.stem(uid), *arguments
        )
        return cast(int, reply)

    async def list_living(self, uid: UUID) -> list[ListedSession]:
        """Return the user's living sessions, the one used last first."""
        reply = await self._redis.run(
            scripts.LIST, [self._layout.index(uid)], self._clock.shift_ms, self._layout.stem(uid), self._layout.idle
        )
        rows = cast("list[list[bytes]]", reply)
        return [
            ListedSession(
                UUID(sid.decode()),
                int(created_at),
                int(last_used_at),
                int(ends_at),
                ip.decode(errors="replace"),
                whole(user_agent.decode(errors="replace")),
                int(valid_from),
                read_assurance(*shown),
                name.decode(errors="replace") or None,
                _BINDINGS.get(bound),
            )
            for sid, created_at, last_used_at, ends_at, ip, user_agent, valid_from, name, bound, *shown in rows
        ]

    async def survey(self, owners: Mapping[UUID, UUID]) -> Survey:
        """Look at many sessions at once, `owners` by session id, without using them.

        In a cluster all must be in one slot: `survey_batches` sees to that.
        """
        keys = [self._layout.keys(uid, sid)[0] for sid, uid in owners.items()]
        reply = await self._redis.run(scripts.SURVEY, keys, self._clock.shift_ms, self._layout.idle)
        now, *found = cast("list[bytes]", reply)
        ends_at = {sid: int(end) if end else None for sid, end in zip(owners, found[::2], strict=True)}
        reasons = {sid: why for sid, text in zip(owners, found[1::2], strict=True) if (why := _REASONS.get(text))}
        return Survey(int(now), ends_at, reasons)

    def survey_batches(self, owners: Mapping[UUID, UUID]) -> list[dict[UUID, UUID]]:
        """Split sessions into what one script may ask for: `SURVEY_SIZE`, in a cluster of one slot."""
        by_slot: dict[int, list[tuple[UUID, UUID]]] = {}
        for sid, uid in owners.items():
            by_slot.setdefault(self._redis.slot_of(self._layout.index(uid)), []).append((sid, uid))
        return [
            dict(found[start : start + SURVEY_SIZE])
            for found in by_slot.values()
            for start in range(0, len(found), SURVEY_SIZE)
        ]

    async def now(self, uid: UUID) -> int:
        """Return the time by the clock of the user's Redis node."""
        return int(cast(bytes, await self._redis.run(scripts.TIME, [self._layout.index(uid)], self._clock.shift_ms)))


def _client(ip: bytes, user_agent: bytes) -> Client:
    return Client(ip.decode(errors="replace"), whole(user_agent.decode(errors="replace")))


def _rotation(token: RefreshToken, reply: list[bytes]) -> Rotation:
    match reply:
        case [b"reused" | b"doubted" as what, rotated_at, ip, agent]:
            return (Reused if what == b"reused" else Doubted)(int(rotated_at), _client(ip, agent))
        case [b"unproven", binding, since]:
            return NotProven("dbsc" if binding == b"dbsc" else "dpop", outdated=since == b"outdated")
        case [b"used"]:
            return ProofUsed()
        case [outcome, gen, ends_at, auth_at, expires_at, unanswered, ip, agent, amr, level, phr, jkt]:
            ends = int(ends_at), int(auth_at), int(expires_at)
            grant = Grant(token.uid, token.sid, int(gen), *ends, read_assurance(amr, level, phr), jkt=jkt)
            if outcome == b"replayed":
                return Replayed(grant, _client(ip, agent))
            return Rotated(grant, int(unanswered), _client(ip, agent) if outcome == b"parted" else None)
        case other:
            cause = _REASONS.get(other[-1])
            return Ended("expired" if other[0] == b"expired" else "revoked", cause, cut_off=other == [b"cut_off"])
