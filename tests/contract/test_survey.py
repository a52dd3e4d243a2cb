"""Looking at many sessions at once, on every Redis."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from service.core.redis.client import RedisScripts
from service.stores.sessions import store
from tests.contract.conftest import CLIENT, PASSWORD_ONLY, Subject
from tests.support.commands import commands


async def ends(subject: Subject, owners: dict[UUID, UUID]) -> dict[UUID, int | None]:
    found: dict[UUID, int | None] = {}
    for batch in subject.store.survey_batches(owners):
        found |= (await subject.store.survey(batch)).ends_at
    return found


async def test_survey(subject: Subject) -> None:
    """It tells the living, with their end, from the dead, whoever's they are, and uses none of them."""
    other = uuid4()
    mine, gone = await subject.log_in(), await subject.log_in()
    theirs = await subject.store.log_in(other, uuid4(), CLIENT, PASSWORD_ONLY, 0)
    await subject.store.end(subject.uid, gone.sid, None)
    never = uuid4()
    subject.clock.advance(120)
    owners = {mine.sid: subject.uid, theirs.sid: other, gone.sid: subject.uid, never: other}
    assert await ends(subject, owners) == {
        mine.sid: mine.ends_at,
        theirs.sid: theirs.ends_at,
        gone.sid: None,
        never: None,
    }
    (listed,) = await subject.store.list_living(subject.uid)
    assert listed.last_used_at == listed.created_at
    subject.clock.advance(8 * 86400)
    assert set((await ends(subject, owners)).values()) == {None}


async def test_survey_of_a_broken_session(subject: Subject) -> None:
    """A hash that lacks a field counts as deleted, here as everywhere."""
    grant = await subject.log_in()
    await commands(subject.redis).hdel(subject.key(grant.sid), "gen")
    assert await ends(subject, {grant.sid: subject.uid}) == {grant.sid: None}


async def test_batches(subject: Subject, redis: RedisScripts, monkeypatch: pytest.MonkeyPatch) -> None:
    """No script is asked for more than it can answer at once, nor for keys of two cluster slots; none is forgotten."""
    monkeypatch.setattr(store, "SURVEY_SIZE", 3)
    owners = {uuid4(): subject.uid for _ in range(7)} | {uuid4(): uuid4() for _ in range(5)}
    batches = subject.store.survey_batches(owners)
    assert {sid: uid for batch in batches for sid, uid in batch.items()} == owners
    assert max(len(batch) for batch in batches) == 3
    for batch in batches:
        assert len({redis.slot_of(f"user:{{{uid}}}:sessions") for uid in batch.values()}) == 1
