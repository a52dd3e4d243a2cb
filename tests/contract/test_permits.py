"""What every Redis must do for permits: one is for one call, and belongs to its session."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Rotated
from service.stores.sessions.permits import MOST_PERMITS
from tests.contract.conftest import CLIENT, Subject, stand_at


async def test_standing(subject: Subject) -> None:
    """A look at a session says what its script knows, and is no use of it."""
    grant = await subject.log_in()
    subject.clock.advance(90)
    permits = subject.store.permits
    standing = await permits.standing(grant.uid, grant.sid)
    assert standing is not None
    assert (standing.valid_from, standing.auth_at, standing.permitted) == (grant.auth_at, grant.auth_at, 0)
    assert 90_000 <= standing.now - grant.auth_at < 95_000
    (listed,) = await subject.store.list_living(grant.uid)
    assert listed.last_used_at == listed.created_at
    moment = await subject.store.keep(grant.uid, grant.sid, ahead=5000)
    moved = await permits.standing(grant.uid, grant.sid)
    assert moved is not None
    assert moved.valid_from == moment
    assert moment >= standing.now + 5000


async def test_a_session_that_is_over_stands_nowhere(subject: Subject) -> None:
    """Ended, idle for long, or never there: nothing is known of it, and nothing brings it back."""
    permits, grant = subject.store.permits, await subject.log_in()
    idle = await subject.log_in()
    await subject.store.end(grant.uid, grant.sid, None)
    for sid in (grant.sid, uuid4()):
        assert await permits.standing(subject.uid, sid) is None
        assert not await permits.add(subject.uid, sid)
        assert not await permits.spend(subject.uid, sid)
        assert await permits.standing(subject.uid, sid) is None
    subject.clock.advance(8 * 86_400)
    assert await permits.standing(idle.uid, idle.sid) is None


async def test_as_many_calls_as_permits(subject: Subject) -> None:
    """Of a hundred at once, three get one."""
    permits, grant = subject.store.permits, await subject.log_in()
    await asyncio.gather(*(permits.add(grant.uid, grant.sid) for _ in range(3)))
    spent = await asyncio.gather(*(permits.spend(grant.uid, grant.sid) for _ in range(100)))
    assert sum(spent) == 3
    standing = await permits.standing(grant.uid, grant.sid)
    assert standing is not None
    assert not standing.permitted


async def test_permits_end(subject: Subject) -> None:
    """Each two minutes after it was made; the one that ends first is used first; there are never many."""
    permits, grant = subject.store.permits, await subject.log_in()
    await permits.add(grant.uid, grant.sid)
    subject.clock.advance(60)
    await permits.add(grant.uid, grant.sid)
    subject.clock.advance(59)
    assert await permits.spend(grant.uid, grant.sid)
    subject.clock.advance(2)
    assert await permits.spend(grant.uid, grant.sid)
    assert not await permits.spend(grant.uid, grant.sid)
    for _ in range(MOST_PERMITS + 5):
        await permits.add(grant.uid, grant.sid)
    assert sum([await permits.spend(grant.uid, grant.sid) for _ in range(MOST_PERMITS + 5)]) == MOST_PERMITS
    await permits.add(grant.uid, grant.sid)
    subject.clock.advance(121)
    standing = await permits.standing(grant.uid, grant.sid)
    assert standing is not None
    assert not standing.permitted


async def test_the_oldest_makes_room(subject: Subject) -> None:
    """Where there are as many as there may be, a new permit takes the place of the one that ends first."""
    permits, grant = subject.store.permits, await subject.log_in()
    assert await permits.add(grant.uid, grant.sid)
    subject.clock.advance(60)
    for _ in range(MOST_PERMITS):
        assert await permits.add(grant.uid, grant.sid)
    subject.clock.advance(61)
    assert sum([await permits.spend(grant.uid, grant.sid) for _ in range(MOST_PERMITS + 1)]) == MOST_PERMITS


@pytest.mark.parametrize(("age", "good"), [(119_999, True), (120_000, False)])
async def test_the_millisecond_at_which_a_permit_ends(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, age: int, good: bool
) -> None:
    """For two minutes, and not at their end."""
    permits, grant = subject.store.permits, await subject.log_in()
    stand_at(monkeypatch, grant.auth_at)
    await permits.add(grant.uid, grant.sid)
    stand_at(monkeypatch, grant.auth_at + age)
    standing = await permits.standing(grant.uid, grant.sid)
    assert standing is not None
    assert standing.permitted == good
    assert await permits.spend(grant.uid, grant.sid) == good


async def test_a_permit_stays_with_its_session(subject: Subject) -> None:
    """A rotation keeps it, no other session has it, and it is gone with its own."""
    permits, grant, other = subject.store.permits, await subject.log_in(), await subject.log_in()
    await permits.add(grant.uid, grant.sid)
    token = RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)
    assert isinstance(await subject.store.rotate(token, CLIENT, 0), Rotated)
    assert not await permits.spend(other.uid, other.sid)
    standing = await permits.standing(grant.uid, grant.sid)
    assert standing is not None
    assert standing.permitted
    await subject.store.end(grant.uid, grant.sid, None)
    assert not await permits.spend(grant.uid, grant.sid)
