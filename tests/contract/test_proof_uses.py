"""What every Redis must do with a proof of possession at a refresh: it counts once, and only where a session moves on.

In a cluster its note is in another slot than the session: it is used up by itself there, before the session is asked.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from service.core.redis.client import RedisScripts
from service.core.redis.scripts import Script
from service.errors.end_reasons import EndReason
from service.settings import Settings
from service.stores.dpop_proofs import DpopProofs, ProofUse, claim
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Ended, Grant, NotProven, ProofUsed, Replayed, Rotated, Rotation
from tests.contract.conftest import CLIENT, PASSWORD_ONLY, Subject
from tests.support.commands import commands

THUMBPRINT = secrets.token_bytes(32)
HOLDER = replace(CLIENT, jkt=THUMBPRINT)


@dataclass
class Proofs:
    """Proofs of one test's own."""

    store: DpopProofs
    subject: Subject

    def use(self, name: str, jkt: bytes = THUMBPRINT) -> ProofUse:
        """Return the use of a proof, as each attempt with it has one."""
        now, number = self.subject.clock.timestamp(), f"{name} of {self.subject.uid}"
        found = self.store.use_of(replace(HOLDER, jkt=jkt, proof_number=number, proven_at=now))
        assert found is not None
        return found

    async def spend(self, name: str) -> bool:
        """Use a proof up by itself."""
        return await claim(self.subject.redis, self.use(name))


@pytest.fixture
def proofs(subject: Subject, store_settings: Settings) -> Proofs:
    return Proofs(DpopProofs(subject.redis, store_settings, subject.clock), subject)


@pytest.fixture
async def grant(subject: Subject) -> Grant:
    """A session that is bound to a client's key."""
    return await subject.store.log_in(subject.uid, uuid4(), HOLDER, PASSWORD_ONLY, 0)


def token(grant: Grant) -> RefreshToken:
    return RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)


async def state(subject: Subject, grant: Grant) -> dict[bytes, bytes]:
    redis: Any = commands(subject.redis)
    found: dict[bytes, bytes] = await redis.hgetall(subject.key(grant.sid))
    return found


async def is_noted(subject: Subject, use: ProofUse) -> bool:
    redis: Any = commands(subject.redis)
    return bool(await redis.exists(use.key))


async def test_a_proof_counts_once(subject: Subject, proofs: Proofs, grant: Grant) -> None:
    """Shown again nothing moves, whatever token it comes with; a new one gets the answer that was lost."""
    rotate = subject.store.rotate
    first = await rotate(token(grant), HOLDER, 0, use=proofs.use("one"))
    assert isinstance(first, Rotated)
    before = await state(subject, grant)
    for shown in (token(grant), token(first.grant), replace(token(grant), gen=9)):
        assert isinstance(await rotate(shown, HOLDER, 0, use=proofs.use("one")), ProofUsed)
        assert await state(subject, grant) == before
    again = await rotate(token(grant), HOLDER, 0, use=proofs.use("two"))
    assert isinstance(again, Replayed)
    assert again.grant == first.grant


async def test_fifty_at_once_with_one(subject: Subject, proofs: Proofs, grant: Grant) -> None:
    """One moves the session on, once."""
    found: list[Rotation] = await asyncio.gather(
        *(subject.store.rotate(token(grant), HOLDER, 0, use=proofs.use("one")) for _ in range(50))
    )
    assert Counter(type(one) for one in found) == {Rotated: 1, ProofUsed: 49}
    assert (await state(subject, grant))[b"gen"] == b"2"


async def test_how_long_it_is_known(subject: Subject, proofs: Proofs, grant: Grant) -> None:
    """Until a minute after the time that it says, and ten seconds more."""
    use = proofs.use("one")
    await subject.store.rotate(token(grant), HOLDER, 0, use=use)
    redis: Any = commands(subject.redis)
    assert 40_000 < await redis.pttl(use.key) <= 70_000


async def test_what_is_refused_uses_none_up(subject: Subject, proofs: Proofs, grant: Grant, kind: str) -> None:
    """Of another key, by the cut-off, of a session that is over."""
    if kind == "cluster":
        pytest.skip("there it is used up first")
    rotate, other = subject.store.rotate, secrets.token_bytes(32)
    use, others = proofs.use("one"), proofs.use("one", other)
    assert await rotate(token(grant), replace(HOLDER, jkt=other), 0, use=others) == NotProven("dpop")
    assert await rotate(token(grant), HOLDER, grant.auth_at + 1, use=use) == Ended("revoked", cut_off=True)
    await subject.store.end(subject.uid, grant.sid, EndReason.LOGGED_OUT)
    assert await rotate(token(grant), HOLDER, 0, use=use) == Ended("revoked", EndReason.LOGGED_OUT)
    assert not await is_noted(subject, use)
    assert not await is_noted(subject, others)


async def test_of_a_session_that_isnt_bound(subject: Subject, proofs: Proofs) -> None:
    """It counts once all the same."""
    grant = await subject.log_in()
    assert isinstance(await subject.store.rotate(token(grant), HOLDER, 0, use=proofs.use("one")), Rotated)
    assert isinstance(await subject.store.rotate(token(grant), HOLDER, 0, use=proofs.use("one")), ProofUsed)


async def test_ending_a_users_sessions_makes_none_good(subject: Subject, proofs: Proofs, grant: Grant) -> None:
    """Deleting `user:{…}:*` by hand leaves what was used where it is."""
    await subject.store.rotate(token(grant), HOLDER, 0, use=proofs.use("one"))
    redis: Any = commands(subject.redis)
    for key in (subject.key(grant.sid), subject.index):
        await redis.unlink(key)
    assert not await proofs.spend("one")


async def test_where_it_is_noted_is_something_else(subject: Subject, proofs: Proofs, grant: Grant) -> None:
    """Somebody has written a hash there: it counts as used, and nothing breaks."""
    use = proofs.use("one")
    redis: Any = commands(subject.redis)
    await redis.hset(use.key, "a", "b")
    assert isinstance(await subject.store.rotate(token(grant), HOLDER, 0, use=use), ProofUsed)
    assert not await proofs.spend("one")
    assert (await state(subject, grant))[b"gen"] == b"1"


async def test_an_answer_of_redis_that_is_lost(
    subject: Subject, proofs: Proofs, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked once more on another line is no second use."""
    once = RedisScripts._evaluated

    async def twice(self: RedisScripts, script: Script, *asked: Any) -> Any:
        if script.name in ("rotate", "claim_dpop_proof"):
            await once(self, script, *asked)
        return await once(self, script, *asked)

    monkeypatch.setattr(RedisScripts, "_evaluated", twice)
    found = await subject.store.rotate(token(grant), HOLDER, 0, use=proofs.use("one"))
    assert isinstance(found, Replayed)
    assert found.grant.gen == 2
    assert await proofs.spend("two")
    assert not await proofs.spend("two")
