"""What every Redis must do with how a session was proven; sessions of the version before have none of it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.assurance import Assurance
from service.stores.sessions.outcomes import Rotated
from service.stores.sessions.permits import MOST_PERMITS
from tests.contract.conftest import CLIENT, PASSWORD_ONLY, Subject
from tests.support.commands import commands

# A session as the version before wrote it, after one refresh; its times are moved to today.
BEFORE = {
    "gen": "2", "ack": "1", "rotated_at": "1795425008122", "handed_at": "0", "created_at": "1795425007585",
    "valid_from": "1795425007585", "last_used_at": "1795425008122", "auth_at": "1795425007585",
    "expires_at": "1803201007585", "ip": "127.0.0.1", "user_agent": "curl/7.88.1", "amr": "pwd", "prev": "1",
    "spare": "0", "caught_up_at": "0",
}  # fmt: skip
TIMES = ("rotated_at", "created_at", "valid_from", "last_used_at", "auth_at", "expires_at")


async def test_a_session_of_the_version_before(subject: Subject) -> None:
    """It is looked at, listed, used, refreshed and stepped up as one that a password opened."""
    uid, sid = subject.uid, uuid4()
    redis: Any = commands(subject.redis)
    later = await subject.store.now(uid) - int(BEFORE["rotated_at"]) - 60_000  # a minute ago
    moved = {name: str(int(value) + later) if name in TIMES else value for name, value in BEFORE.items()}
    await redis.hset(subject.key(sid), mapping=moved)
    await redis.zadd(subject.index, {str(sid): 1})
    auth_at = int(moved["auth_at"])
    live = await subject.store.check(uid, sid, 2)
    assert live is not None
    assert (live.auth_at, live.factor_at, live.assurance) == (auth_at, 0, PASSWORD_ONLY)
    standing = await subject.store.permits.standing(uid, sid)
    assert standing is not None
    assert (standing.auth_at, standing.factor_at, standing.assurance) == (auth_at, 0, PASSWORD_ONLY)
    (listed,) = await subject.store.list_living(uid)
    assert listed.assurance == PASSWORD_ONLY
    rotated = await subject.store.rotate(RefreshToken(uid, sid, 2, int(moved["rotated_at"])), CLIENT, 0)
    assert isinstance(rotated, Rotated)
    assert (rotated.grant.gen, rotated.grant.assurance) == (3, PASSWORD_ONLY)
    assert await subject.store.mark_fresh(uid, sid, Assurance(("otp",), 2))
    live = await subject.store.check(uid, sid, 3)
    assert live is not None
    assert (live.assurance, live.factor_at) == (Assurance(("otp", "pwd"), 2), live.auth_at)


@pytest.mark.parametrize(
    "assurance",
    [
        PASSWORD_ONLY,
        Assurance(("mail",)),
        Assurance(("otp", "pwd"), 2),
        Assurance(("hwk", "user"), 2, phishing_resistant=True),
    ],
)
async def test_what_a_log_in_says_stays(subject: Subject, assurance: Assurance) -> None:
    """The check, the look, the list and the rotation tell what it was opened with."""
    grant = await subject.store.log_in(subject.uid, uuid4(), CLIENT, assurance, 0)
    factor_at = grant.auth_at if assurance.level == 2 else 0
    assert grant.assurance == assurance
    live = await subject.store.check(grant.uid, grant.sid, 1)
    standing = await subject.store.permits.standing(grant.uid, grant.sid)
    assert live is not None
    assert standing is not None
    assert (live.assurance, live.factor_at) == (standing.assurance, standing.factor_at) == (assurance, factor_at)
    (listed,) = await subject.store.list_living(subject.uid)
    assert listed.assurance == assurance
    rotated = await subject.store.rotate(RefreshToken(grant.uid, grant.sid, 1, grant.ends_at), CLIENT, 0)
    assert isinstance(rotated, Rotated)
    assert rotated.grant.assurance == assurance


async def test_stepping_up_adds(subject: Subject) -> None:
    """Methods are added, the level never falls, and a password moves the second factor's time nowhere."""
    grant = await subject.log_in()
    subject.clock.advance(100)
    await subject.store.mark_fresh(grant.uid, grant.sid, Assurance(("hwk", "user"), 2, phishing_resistant=True))
    first = await subject.store.check(grant.uid, grant.sid, 1)
    subject.clock.advance(100)
    await subject.store.mark_fresh(grant.uid, grant.sid, PASSWORD_ONLY)
    second = await subject.store.check(grant.uid, grant.sid, 1)
    assert first is not None
    assert second is not None
    assert first.assurance == second.assurance == Assurance(("hwk", "pwd", "user"), 2, phishing_resistant=True)
    assert first.factor_at == first.auth_at == second.factor_at
    assert 99_000 <= second.auth_at - first.auth_at <= 110_000


async def test_two_that_step_up_at_once(subject: Subject) -> None:
    """None of what either has shown is lost."""
    grant = await subject.log_in()
    methods = [f"m{number}" for number in range(20)]
    shown = [Assurance((method,)) for method in methods]
    await asyncio.gather(*(subject.store.mark_fresh(grant.uid, grant.sid, one) for one in shown))
    live = await subject.store.check(grant.uid, grant.sid, 1)
    assert live is not None
    assert live.assurance.methods == tuple(sorted(["pwd", *methods]))


async def test_permits_have_a_level(subject: Subject) -> None:
    """One of level 2 does for a call that asks for less, never the other way round. The least is used first."""
    permits, grant = subject.store.permits, await subject.log_in()

    async def permitted() -> int:
        standing = await permits.standing(grant.uid, grant.sid)
        assert standing is not None
        return standing.permitted

    await permits.add(grant.uid, grant.sid)
    assert await permitted() == 1
    assert not await permits.spend(grant.uid, grant.sid, 2)
    await permits.add(grant.uid, grant.sid, 2)
    assert await permitted() == 2
    assert await permits.spend(grant.uid, grant.sid)
    assert await permitted() == 2
    assert await permits.spend(grant.uid, grant.sid)
    assert await permitted() == 0
    assert not await permits.spend(grant.uid, grant.sid)
    for _ in range(MOST_PERMITS + 5):
        await permits.add(grant.uid, grant.sid, 2)
    assert sum([await permits.spend(grant.uid, grant.sid, 2) for _ in range(MOST_PERMITS + 5)]) == MOST_PERMITS
    await permits.add(grant.uid, grant.sid, 2)
    subject.clock.advance(121)
    assert await permitted() == 0
    assert not await permits.spend(grant.uid, grant.sid, 2)
