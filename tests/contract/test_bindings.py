"""What every Redis must do with a session that is bound to a key: nothing of it is worth anything without that."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.errors.end_reasons import EndReason
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.bindings import MOST_KEY_BYTES, Bound, Held, Proven, tag_of
from service.stores.sessions.outcomes import Doubted, Ended, Grant, NotProven, Replayed, Rotated
from tests.contract.conftest import CLIENT, PASSWORD_ONLY, Subject
from tests.support.commands import commands

DAY = 24 * 3600
KEY = secrets.token_bytes(64)
OTHER = secrets.token_bytes(64)
THUMBPRINT = secrets.token_bytes(32)
HOLDER = replace(CLIENT, jkt=THUMBPRINT)


def token(grant: Grant) -> RefreshToken:
    return RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)


async def fields(subject: Subject, grant: Grant) -> dict[bytes, bytes]:
    redis: Any = commands(subject.redis)
    found: dict[bytes, bytes] = await redis.hgetall(subject.key(grant.sid))
    return found


async def held(subject: Subject, sid: UUID) -> tuple[bytes, int]:
    """What a bound session is bound to, and since when it was proven last; it began a moment ago."""
    found = await subject.store.bindings.held(subject.uid, sid)
    assert isinstance(found, Held)
    assert 0 <= found.age < 60_000
    return found.key, found.proven_at


async def test_a_session_is_bound_once(subject: Subject) -> None:
    """The same key again is an answer that got lost. Another never takes its place, and proves nothing."""
    grant = await subject.log_in()
    bindings = subject.store.bindings
    assert await bindings.held(subject.uid, grant.sid) is True
    assert await bindings.bind(subject.uid, grant.sid, KEY, 1000) is Bound.NOW
    assert await bindings.bind(subject.uid, grant.sid, KEY, 2000) is Bound.AGAIN
    assert await bindings.bind(subject.uid, grant.sid, OTHER, 3000) is Bound.BEFORE
    assert await held(subject, grant.sid) == (KEY, 1000)
    assert await bindings.prove(subject.uid, grant.sid, tag_of(OTHER), 9000) is None
    assert [listed.binding for listed in await subject.store.list_living(subject.uid)] == ["dbsc"]


@pytest.mark.parametrize("size", [64, 65, 294, 550, MOST_KEY_BYTES])
async def test_keys_of_any_kind(subject: Subject, size: int) -> None:
    """A point of P-256, or what RSA needs, whatever bytes it has."""
    for key in (secrets.token_bytes(size), b"\0" * size, b"\xff\r\n$-1" * (size // 6) + b"\0" * (size % 6)):
        grant = await subject.log_in()
        assert await subject.store.bindings.bind(subject.uid, grant.sid, key, 1) is Bound.NOW
        assert await held(subject, grant.sid) == (key, 1)


async def test_fifty_keys_at_once(subject: Subject) -> None:
    """One binds the session, whole; it holds no piece of another."""
    grant = await subject.log_in()
    keys = [secrets.token_bytes(64 if number % 2 else 550) for number in range(50)]
    outcomes = await asyncio.gather(*(subject.store.bindings.bind(subject.uid, grant.sid, key, 5) for key in keys))
    assert Counter(outcomes) == {Bound.NOW: 1, Bound.BEFORE: 49}
    assert await held(subject, grant.sid) == (keys[outcomes.index(Bound.NOW)], 5)


async def test_a_proof_counts_once(subject: Subject) -> None:
    """And none over a challenge that is older than one that has counted; of many at once over one, one."""
    grant = await subject.log_in()
    bindings, tag = subject.store.bindings, tag_of(KEY)
    await bindings.bind(subject.uid, grant.sid, KEY, 1000)
    assert await bindings.prove(subject.uid, grant.sid, tag, 1000) is Proven.STALE
    assert await bindings.prove(subject.uid, grant.sid, tag, 1001) is Proven.NEWEST
    assert await bindings.prove(subject.uid, grant.sid, tag, 999) is Proven.STALE
    outcomes = await asyncio.gather(*(bindings.prove(subject.uid, grant.sid, tag, 2000) for _ in range(50)))
    assert Counter(outcomes) == {Proven.NEWEST: 1, Proven.STALE: 49}
    assert await held(subject, grant.sid) == (KEY, 2000)


async def test_without_the_proof_nothing_rotates(subject: Subject) -> None:
    """And nothing ends, whatever token is shown: the newest, one that was spent, one that is ahead."""
    grant = await subject.log_in()
    await subject.store.bindings.bind(subject.uid, grant.sid, KEY, 1)
    spent = token(grant)
    first = await subject.store.rotate(spent, CLIENT, 0, tag=tag_of(KEY))
    assert isinstance(first, Rotated)
    subject.clock.advance(60)
    second = await subject.store.rotate(token(first.grant), CLIENT, 0, tag=tag_of(KEY))
    assert isinstance(second, Rotated)
    before = await fields(subject, grant)
    for shown in (spent, token(first.grant), token(second.grant), replace(spent, gen=99)):
        for tag in (b"", tag_of(OTHER), KEY):
            assert await subject.store.rotate(shown, HOLDER, 0, tag=tag) == NotProven("dbsc")
    assert await fields(subject, grant) == before
    subject.clock.advance(60)
    assert isinstance(await subject.store.rotate(token(second.grant), CLIENT, 0, tag=tag_of(KEY)), Rotated)
    assert isinstance(await subject.store.rotate(spent, CLIENT, 0, tag=tag_of(KEY)), Doubted)


async def test_it_is_over_like_any_other(subject: Subject) -> None:
    """By its age, by the cut-off, by its end: that comes before the question who has its key, and unbinds nobody."""
    bindings = subject.store.bindings
    grant = await subject.log_in()
    await bindings.bind(subject.uid, grant.sid, KEY, 1)
    assert await subject.store.rotate(token(grant), CLIENT, grant.auth_at + 1) == Ended("revoked", cut_off=True)
    await subject.store.end(subject.uid, grant.sid, EndReason.LOGGED_OUT)
    for _ in range(2):
        assert await bindings.held(subject.uid, grant.sid) is False
        assert await bindings.bind(subject.uid, grant.sid, KEY, 2) is None
        assert await bindings.prove(subject.uid, grant.sid, tag_of(KEY), 2) is None
        assert await fields(subject, grant) == {}
    assert await subject.store.rotate(token(grant), CLIENT, 0) == Ended("revoked", EndReason.LOGGED_OUT)
    old = await subject.log_in()
    await bindings.bind(subject.uid, old.sid, KEY, 1)
    subject.clock.advance(400 * DAY)
    assert await bindings.held(subject.uid, old.sid) is False
    assert await bindings.bind(subject.uid, old.sid, KEY, 2) is None
    assert isinstance(await subject.store.rotate(token(old), CLIENT, 0), Ended)


async def test_the_key_of_a_client(subject: Subject) -> None:
    """It is there from the log-in on, and every grant names it; the session has no room for a browser's."""
    grant = await subject.store.log_in(subject.uid, uuid4(), HOLDER, PASSWORD_ONLY, 0)
    assert grant.jkt == THUMBPRINT
    for client in (CLIENT, replace(CLIENT, jkt=secrets.token_bytes(32))):
        assert await subject.store.rotate(token(grant), client, 0, tag=tag_of(KEY)) == NotProven("dpop")
    found = await subject.store.rotate(token(grant), HOLDER, 0)
    assert isinstance(found, Rotated)
    assert found.grant.jkt == THUMBPRINT
    again = await subject.store.rotate(token(grant), HOLDER, 0)
    assert isinstance(again, Replayed)
    assert again.grant == found.grant
    assert await subject.store.bindings.bind(subject.uid, grant.sid, KEY, 1) is Bound.BEFORE
    live = await subject.store.check(subject.uid, grant.sid, 1)
    assert live is not None
    assert live.binding == "dpop"
    assert [listed.binding for listed in await subject.store.list_living(subject.uid)] == ["dpop"]


async def test_the_last_step_of_a_log_in_is_repeated_with_its_key(subject: Subject) -> None:
    """Another key, or none, gets nothing of what that one was given."""
    number, pending = uuid4(), subject.store.pending
    await pending.begin(subject.uid, number, proofs="pwd 1 0 0", network="n", standing="s", valid_after=0)

    async def finish(jkt: bytes) -> Grant | None:
        client = replace(CLIENT, jkt=jkt)
        return await pending.finish(subject.uid, number, client, methods="otp", assurance=PASSWORD_ONLY, valid_after=0)

    first = await finish(THUMBPRINT)
    assert first is not None
    assert first.jkt == THUMBPRINT
    assert await finish(b"") is None
    assert await finish(secrets.token_bytes(32)) is None
    assert await finish(THUMBPRINT) == first


async def test_the_last_step_of_a_log_in_is_not_repeated_once_it_is_bound(subject: Subject) -> None:
    """What a browser has signed to bind it is in the answer: that didn't get lost."""
    number, pending = uuid4(), subject.store.pending
    await pending.begin(subject.uid, number, proofs="pwd 1 0 0", network="n", standing="s", valid_after=0)

    async def finish() -> Grant | None:
        return await pending.finish(subject.uid, number, CLIENT, methods="otp", assurance=PASSWORD_ONLY, valid_after=0)

    first = await finish()
    assert first is not None
    assert await finish() == first
    assert await subject.store.bindings.bind(subject.uid, first.sid, KEY, 1) is Bound.NOW
    assert await finish() is None


async def test_what_isnt_bound_is_as_before(subject: Subject) -> None:
    """Not a field more, and proofs of others' keys are no matter."""
    grant = await subject.log_in()
    names = set(await fields(subject, grant))
    assert not names & {b"tag", b"key", b"jkt", b"proven_at"}
    found = await subject.store.rotate(token(grant), HOLDER, 0, tag=tag_of(KEY))
    assert isinstance(found, Rotated)
    assert found.grant.jkt == b""
    assert set(await fields(subject, grant)) == names
    assert [listed.binding for listed in await subject.store.list_living(subject.uid)] == [None]


async def test_what_a_bound_session_takes(subject: Subject, kind: str) -> None:
    """Not much more than it took before: Redis packs it as closely as the rest."""
    grant = await subject.log_in()
    redis: Any = commands(subject.redis)
    unbound = sum(len(name) + len(value) for name, value in (await fields(subject, grant)).items())
    await subject.store.bindings.bind(subject.uid, grant.sid, KEY, 1_795_425_007_000)
    bound = sum(len(name) + len(value) for name, value in (await fields(subject, grant)).items())
    assert bound - unbound <= 120
    if kind != "fake":
        assert await redis.object("encoding", subject.key(grant.sid)) in (
            b"listpack",
            b"ziplist",
            "listpack",
            "ziplist",
        )
