"""R77, R85: a bound session whose tokens two hold goes on with who has its browser's key. On every store."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.bindings import Bound, Proven, tag_of
from service.stores.sessions.outcomes import Doubted, Grant, NotProven, Replayed, Reused, Rotated, Rotation
from service.stores.sessions.store import SessionStore
from tests.contract.conftest import CLIENT, PASSWORD_ONLY, Subject
from tests.contract.test_two_holders import ELSEWHERE, HOME, World, opened
from tests.support.commands import commands

__all__ = ["opened"]  # the fixture

EXAMPLES = int(os.environ.get("EXAMPLES", "250"))
KEY = secrets.token_bytes(64)
TAG = tag_of(KEY)
OUTDATED = NotProven("dbsc", outdated=True)


@dataclass
class Browser:
    """Who has some tokens of a session, and the proof of a challenge at `proven_at`; a copy of it has no more."""

    subject: Subject
    grant: Grant
    proven_at: int
    held: list[Grant] = field(default_factory=list)

    async def rotate(self, grant: Grant | None = None) -> Rotation:
        shown = grant or self.grant
        token = RefreshToken(shown.uid, shown.sid, shown.gen, shown.ends_at)
        found = await self.subject.store.rotate(token, CLIENT, 0, tag=TAG, challenged_at=self.proven_at)
        if isinstance(found, Rotated | Replayed):
            self.held.append(self.grant)
            self.grant = found.grant
        return found

    async def prove(self) -> None:
        self.proven_at += 1000
        done = await self.subject.store.bindings.prove(self.grant.uid, self.grant.sid, TAG, self.proven_at)
        assert done is Proven.NEWEST

    async def calls(self, grant: Grant | None = None) -> bool:
        shown = grant or self.grant
        return await self.subject.store.check(shown.uid, shown.sid, shown.gen) is not None

    def copy(self) -> Browser:
        return Browser(self.subject, self.grant, self.proven_at, [*self.held])


async def bound(subject: Subject) -> Browser:
    grant = await subject.log_in()
    assert await subject.store.bindings.bind(subject.uid, grant.sid, KEY, 1000) is Bound.NOW
    return Browser(subject, grant, 1000)


async def doubted(subject: Subject) -> tuple[Browser, Browser]:
    """Return an owner and a thief who has gone on with a copy: it was just found out."""
    owner = await bound(subject)
    thief = owner.copy()
    assert isinstance(await thief.rotate(), Rotated)
    assert await thief.calls()
    subject.clock.advance(60)
    assert isinstance(await owner.rotate(), Doubted)
    return owner, thief


async def test_nothing_is_good_until_the_key_is_proven(subject: Subject) -> None:
    """No token of before, with whatever proof of before; and then only those of who has proven it."""
    owner, thief = await doubted(subject)
    for one in (owner, thief):
        for grant in (owner.grant, thief.grant):
            assert await one.rotate(grant) == OUTDATED
            assert not await one.calls(grant)
    before = [owner.grant, thief.grant]
    await owner.prove()
    assert not await owner.calls()
    found = await owner.rotate()
    assert isinstance(found, Rotated)
    assert (found.parted, found.unanswered, found.grant.gen) == (None, 1, thief.grant.gen + 1)
    assert await owner.calls()
    for grant in (*before, owner.grant):
        assert await thief.rotate(grant) == OUTDATED
        assert grant is owner.grant or not await thief.calls(grant)
    for _ in range(3):
        subject.clock.advance(60)
        assert isinstance(await owner.rotate(), Rotated)
        assert await owner.calls()


@pytest.mark.parametrize("which", [0, 1, 2, 3])
async def test_whichever_token_the_owner_has(subject: Subject, which: int) -> None:
    """The newest, or one of long ago, as a restored profile has: with the key, it goes on."""
    owner = await bound(subject)
    for _ in range(3):
        subject.clock.advance(60)
        assert isinstance(await owner.rotate(), Rotated)
        assert await owner.calls()
    thief = owner.copy()
    assert isinstance(await thief.rotate(owner.held[0]), Doubted)
    await owner.prove()
    shown = [*owner.held, owner.grant][which]
    newest = owner.grant.gen
    found = await owner.rotate(shown)
    assert isinstance(found, Rotated)
    assert (found.grant.gen, found.parted, found.unanswered) == (newest + 1, None, 1)
    subject.clock.advance(60)
    assert await owner.calls()
    assert isinstance(await owner.rotate(), Rotated)


async def test_fifty_at_once(subject: Subject) -> None:
    """One finds it out; and of fifty calls of the browser that has proven its key one rotates, beside fifty copies."""
    owner = await bound(subject)
    thief = owner.copy()
    await thief.rotate()
    await thief.calls()
    subject.clock.advance(60)
    outcomes = await asyncio.gather(*(owner.copy().rotate() for _ in range(50)))
    assert Counter(map(type, outcomes)) == {Doubted: 1, NotProven: 49}
    assert {one for one in outcomes if isinstance(one, NotProven)} == {OUTDATED}
    await owner.prove()
    both = [owner.copy() if number % 2 else thief.copy() for number in range(100)]
    outcomes = await asyncio.gather(*(one.rotate() for one in both))
    assert Counter(map(type, outcomes)) == {Rotated: 1, Replayed: 49, NotProven: 50}
    assert len({one.grant.gen for one in outcomes if isinstance(one, Rotated | Replayed)}) == 1


async def test_a_lost_answer(subject: Subject) -> None:
    """Exactly once: the same successor within the grace, a new one later, and nobody is doubted for it."""
    owner, _ = await doubted(subject)
    await owner.prove()
    again = owner.copy()
    first = await owner.rotate()
    assert isinstance(first, Rotated)
    repeated = await again.copy().rotate()
    assert isinstance(repeated, Replayed)
    assert repeated.grant == first.grant
    subject.clock.advance(60)
    later = await again.rotate()
    assert isinstance(later, Rotated)
    assert later.grant.gen == first.grant.gen + 1


async def test_a_second_copy_is_found_out_as_well(subject: Subject) -> None:
    """Each copy, by its own conflict, with its own proof; the first stays out all the while."""
    owner, first = await doubted(subject)
    await owner.prove()
    await owner.rotate()
    second = owner.copy()
    subject.clock.advance(60)
    assert isinstance(await owner.rotate(), Rotated)
    assert await owner.calls()
    subject.clock.advance(60)
    assert isinstance(await second.rotate(), Doubted)
    for one in (owner, first, second):
        assert await one.rotate() == OUTDATED
        assert not await one.calls()
    await owner.prove()
    assert isinstance(await owner.rotate(), Rotated)
    for one in (first, second):
        assert await one.rotate() == OUTDATED
    assert await owner.calls()


async def test_a_failover_that_lost_a_proof(subject: Subject) -> None:
    """Redis knows only an older proof than the one that is shown: that counts no more either, and a newer one does."""
    owner, thief = await doubted(subject)
    redis: Any = commands(subject.redis)
    await owner.prove()
    await owner.rotate()
    await owner.calls()
    await redis.hset(subject.key(owner.grant.sid), "proven_at", "1000")
    subject.clock.advance(60)
    assert isinstance(await owner.copy().rotate(owner.held[0]), Doubted)
    assert await owner.rotate() == OUTDATED
    await owner.prove()
    assert isinstance(await owner.rotate(), Rotated)
    assert await thief.rotate() == OUTDATED


async def test_it_is_kept_in_two_fields(subject: Subject) -> None:
    """And in none where it has never come to it."""
    owner = await bound(subject)
    redis: Any = commands(subject.redis)
    names = set(await redis.hkeys(subject.key(owner.grant.sid)))
    assert not names & {b"floor", b"least"}
    owner, _ = await doubted(subject)
    assert set(await redis.hkeys(subject.key(owner.grant.sid))) == names | {b"floor", b"least"}


async def test_who_isnt_bound_to_a_browser(subject: Subject) -> None:
    """An unbound session ends as ever, whatever proofs are shown; so does one that is bound to its client's key."""
    for jkt in (b"", secrets.token_bytes(32)):
        client = replace(CLIENT, jkt=jkt)
        grant = await subject.store.log_in(subject.uid, uuid4(), client, PASSWORD_ONLY, 0)
        spent = RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)
        found = await subject.store.rotate(spent, client, 0, tag=TAG, challenged_at=5)
        assert isinstance(found, Rotated)
        assert await subject.store.check(grant.uid, grant.sid, found.grant.gen) is not None
        subject.clock.advance(60)
        assert isinstance(await subject.store.rotate(spent, client, 0, tag=TAG, challenged_at=5), Reused)
        assert await subject.store.check(grant.uid, grant.sid, found.grant.gen) is None


STEPS = st.lists(
    st.tuples(
        st.booleans(),  # the thief's turn
        st.sampled_from([1, 5, 9, 11, 21, 900]),
        st.integers(0, 3),  # which token the thief shows
        st.booleans(),  # the new access token is used for a call
        st.booleans(),  # the answer gets lost on its way to the owner
    ),
    min_size=4,
    max_size=14,
)


@dataclass
class Party:
    held: list[Grant]
    proven_at: int


@pytest.mark.timeout(120 + EXAMPLES)
def test_an_owner_with_the_key_is_never_logged_out(opened: Any) -> None:
    """R77, R85: in whatever rhythm a thief with a good proof comes in between, the owner has a token that works.

    And when a conflict was found out, nothing works any more that the thief has.
    """

    def refresh(world: World, party: Party, shown: Grant, *, home: bool) -> Rotation:
        token = RefreshToken(shown.uid, shown.sid, shown.gen, shown.ends_at)
        client = HOME if home else ELSEWHERE
        found = world.run(world.store.rotate(token, client, 0, tag=TAG, challenged_at=party.proven_at))
        assert not isinstance(found, Reused)
        return found

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def play(story: list[tuple[bool, int, int, bool, bool]]) -> None:
        world = World(*opened)
        first, store = world.first, world.store
        assert isinstance(store, SessionStore)
        assert world.run(store.bindings.bind(first.uid, first.sid, KEY, 1000)) is Bound.NOW
        owner, thief = Party([first], 1000), Party([first], 1000)
        found_out = False
        for thiefs_turn, wait, older, uses, lost in story:
            world.now += wait * 1000
            party = thief if thiefs_turn else owner
            shown = party.held[max(0, len(party.held) - 1 - older)] if thiefs_turn else party.held[-1]
            outcome = refresh(world, party, shown, home=not thiefs_turn)
            if found_out and thiefs_turn:
                assert outcome == OUTDATED
                assert not any(world.call(grant) for grant in thief.held)
            found_out = found_out or isinstance(outcome, Doubted)
            if isinstance(outcome, Doubted | NotProven):
                if thiefs_turn:
                    continue
                owner.proven_at += 1000
                proven = world.run(store.bindings.prove(first.uid, first.sid, TAG, owner.proven_at))
                assert proven is Proven.NEWEST
                outcome = refresh(world, owner, shown, home=True)
            assert isinstance(outcome, Rotated | Replayed)
            if lost and not thiefs_turn:
                continue
            party.held.append(outcome.grant)
            if uses:
                assert world.call(outcome.grant)

    play()
