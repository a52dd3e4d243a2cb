"""What every Redis must do for proofs: one is for one call, and belongs to its session."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.proofs import MOST_PROOFS
from service.stores.sessions.store import Rotated
from tests.contract.conftest import CLIENT, Subject, stand_at


async def test_standing(subject: Subject) -> None:
    """A look at a session says what its script knows, and is no use of it."""
    grant = await subject.log_in()
    subject.clock.advance(90)
    proofs = subject.store.proofs
    standing = await proofs.standing(grant.uid, grant.sid)
    assert standing is not None
    assert (standing.valid_from, standing.auth_at, standing.proven) == (grant.auth_at, grant.auth_at, False)
    assert 90_000 <= standing.now - grant.auth_at < 95_000
    (listed,) = await subject.store.list_living(grant.uid)
    assert listed.last_used_at == listed.created_at
    moment = await subject.store.keep(grant.uid, grant.sid, ahead=5000)
    moved = await proofs.standing(grant.uid, grant.sid)
    assert moved is not None
    assert moved.valid_from == moment
    assert moment >= standing.now + 5000


async def test_a_session_that_is_over_stands_nowhere(subject: Subject) -> None:
    """Ended, idle for long, or never there: nothing is known of it, and nothing brings it back."""
    proofs, grant = subject.store.proofs, await subject.log_in()
    idle = await subject.log_in()
    await subject.store.end(grant.uid, grant.sid)
    for sid in (grant.sid, uuid4()):
        assert await proofs.standing(subject.uid, sid) is None
        assert not await proofs.add(subject.uid, sid)
        assert not await proofs.spend(subject.uid, sid)
        assert await proofs.standing(subject.uid, sid) is None
    subject.clock.advance(8 * 86_400)
    assert await proofs.standing(idle.uid, idle.sid) is None


async def test_as_many_calls_as_proofs(subject: Subject) -> None:
    """Of a hundred at once, three get one."""
    proofs, grant = subject.store.proofs, await subject.log_in()
    await asyncio.gather(*(proofs.add(grant.uid, grant.sid) for _ in range(3)))
    spent = await asyncio.gather(*(proofs.spend(grant.uid, grant.sid) for _ in range(100)))
    assert sum(spent) == 3
    standing = await proofs.standing(grant.uid, grant.sid)
    assert standing is not None
    assert not standing.proven


async def test_proofs_end(subject: Subject) -> None:
    """Each two minutes after it was made; the one that ends first is used first; there are never many."""
    proofs, grant = subject.store.proofs, await subject.log_in()
    await proofs.add(grant.uid, grant.sid)
    subject.clock.advance(60)
    await proofs.add(grant.uid, grant.sid)
    subject.clock.advance(59)
    assert await proofs.spend(grant.uid, grant.sid)
    subject.clock.advance(2)
    assert await proofs.spend(grant.uid, grant.sid)
    assert not await proofs.spend(grant.uid, grant.sid)
    for _ in range(MOST_PROOFS + 5):
        await proofs.add(grant.uid, grant.sid)
    assert sum([await proofs.spend(grant.uid, grant.sid) for _ in range(MOST_PROOFS + 5)]) == MOST_PROOFS
    await proofs.add(grant.uid, grant.sid)
    subject.clock.advance(121)
    standing = await proofs.standing(grant.uid, grant.sid)
    assert standing is not None
    assert not standing.proven


@pytest.mark.parametrize(("age", "good"), [(119_999, True), (120_000, False)])
async def test_the_millisecond_at_which_a_proof_ends(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, age: int, good: bool
) -> None:
    """For two minutes, and not at their end."""
    proofs, grant = subject.store.proofs, await subject.log_in()
    stand_at(monkeypatch, grant.auth_at)
    await proofs.add(grant.uid, grant.sid)
    stand_at(monkeypatch, grant.auth_at + age)
    standing = await proofs.standing(grant.uid, grant.sid)
    assert standing is not None
    assert standing.proven == good
    assert await proofs.spend(grant.uid, grant.sid) == good


async def test_a_proof_stays_with_its_session(subject: Subject) -> None:
    """A rotation keeps it, no other session has it, and it is gone with its own."""
    proofs, grant, other = subject.store.proofs, await subject.log_in(), await subject.log_in()
    await proofs.add(grant.uid, grant.sid)
    token = RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)
    assert isinstance(await subject.store.rotate(token, CLIENT, 0), Rotated)
    assert not await proofs.spend(other.uid, other.sid)
    standing = await proofs.standing(grant.uid, grant.sid)
    assert standing is not None
    assert standing.proven
    await subject.store.end(grant.uid, grant.sid)
    assert not await proofs.spend(grant.uid, grant.sid)
