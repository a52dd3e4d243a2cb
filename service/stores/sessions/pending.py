"""Log-ins that still owe something: one part is proven, the session isn't there yet.

    user:{<uid>}:pending:<id>     HASH

The key is below the user's, so deleting those ends it. The session's id is drawn when it begins: a last step that is
repeated, because its answer got lost, finds the session that the first one made. Every method is one script.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast
from uuid import UUID, uuid4

from service.core.client import Client
from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.stores.sessions import scripts
from service.stores.sessions.agents import shortened
from service.stores.sessions.assurance import Assurance, read_assurance
from service.stores.sessions.layout import Layout, ms
from service.stores.sessions.outcomes import Grant

LIFE: Final = timedelta(minutes=10)
REPEATABLE: Final = timedelta(seconds=60)  # after the last step was done
MOST_ATTEMPTS: Final = 5  # that were wrong, in a row


@dataclass(frozen=True, slots=True)
class Begun:
    """A log-in under way. `proofs` are lines that begin with the methods; `network` and `standing` are fingerprints.

    `valid_from` is compared with the user's cut-off, as a session's; `sid` is the session that it leads to.
    """

    sid: UUID
    proofs: str
    valid_from: int
    ends_at: int
    network: str
    standing: str


class PendingLogIns:
    """The part of the session store that keeps them. Methods raise `Unavailable`; only `service.signin` calls them."""

    def __init__(self, redis: RedisScripts, clock: Clock, layout: Layout) -> None:
        self._redis = redis
        self._clock = clock
        self._layout = layout

    async def begin(
        self,
        uid: UUID,
        number: UUID,
        *,
        proofs: str,
        network: str,
        standing: str,
        valid_after: int,
        life: timedelta = LIFE,
    ) -> int:
        """Begin one, and return when it ends. `valid_after` is the user's cut-off, or 0. `proofs` may be none yet."""
        key, shift = self._key(uid, number), self._clock.shift_ms
        reply = await self._redis.run(
            scripts.BEGIN, key, shift, ms(life), str(uuid4()), proofs, network, standing, valid_after
        )
        return int(cast(bytes, reply))

    async def find(self, uid: UUID, number: UUID) -> Begun | None:
        """Return it while it can be gone on with, or its last step repeated."""
        reply = await self._redis.run(scripts.FIND, self._key(uid, number), self._clock.shift_ms, ms(REPEATABLE))
        if reply is None:
            return None
        sid, proofs, valid_from, ends_at, network, standing = cast("list[bytes]", reply)
        texts = network.decode(), standing.decode()
        return Begun(UUID(sid.decode()), proofs.decode(), int(valid_from), int(ends_at), *texts)

    async def add(self, uid: UUID, number: UUID, proof: str) -> int | None:
        """Note one more proof. Return when the log-in ends, None when it is over. It gives no more time."""
        reply = await self._redis.run(scripts.ADD, self._key(uid, number), self._clock.shift_ms, proof)
        return None if reply is None else int(cast(bytes, reply))

    async def fail(self, uid: UUID, number: UUID) -> int | None:
        """Note an attempt that was wrong. Return how many are left: with the last, the log-in is over. None: it was."""
        key, shift = self._key(uid, number), self._clock.shift_ms
        reply = await self._redis.run(scripts.FAIL, key, shift, ms(REPEATABLE), MOST_ATTEMPTS)
        return cast("int | None", reply)

    async def finish(
        self,
        uid: UUID,
        number: UUID,
        client: Client,
        *,
        methods: str,
        assurance: Assurance,
        valid_after: int,
        name: str | None = None,
    ) -> Grant | None:
        """Make the session, once; `methods` are those of the last step; `name` is what the user calls
        the device. None when the log-in is over, or was done.

        The same step again within `REPEATABLE` gives the same grant again, as long as the session has not moved on; but
        what had to make room for it is named once.
        """
        layout = self._layout
        reply = await self._redis.run(
            scripts.FINISH,
            [*self._key(uid, number), layout.index(uid)],
            self._clock.shift_ms,
            ms(REPEATABLE),
            methods,
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
        if reply is None:
            return None
        sid, auth_at, ends_at, expires_at, displaced, *shown, jkt = cast("tuple[bytes, ...]", reply)
        others = tuple(UUID(other.decode()) for other in cast("list[bytes]", displaced))
        ends = int(ends_at), int(auth_at), int(expires_at)
        return Grant(uid, UUID(sid.decode()), 1, *ends, read_assurance(*shown), others, jkt)

    def _key(self, uid: UUID, number: UUID) -> list[str]:
        return [self._layout.pending(uid, number)]
