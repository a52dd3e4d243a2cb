"""R77: what a refresh chain promises, as properties. Hypothesis looks for a story that breaks them, on every store.

- Two holders of one chain are noticed at the latest when each has refreshed once more, whoever goes first, whatever the
  timing: by the session's end, or, where both are within the grace and so look like two tabs, by the two places.
- One honest client, whatever answers get lost, doubled or overtaken within the grace, is never logged out.
"""

from __future__ import annotations

import asyncio
import heapq
import os
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.core.client import Client
from service.core.clock import Clock
from service.core.redis.client import RedisScripts, connect
from service.settings import Settings
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Grant, Replayed, Reused, Rotated
from service.stores.sessions.store import SessionStore
from tests.contract.conftest import PASSWORD_ONLY

T = TypeVar("T")
EXAMPLES = int(os.environ.get("EXAMPLES", "250"))
SECOND = 1_000
GRACE = 10 * SECOND
HOME, ELSEWHERE = Client("192.0.2.1", "Owner/1.0"), Client("198.51.100.9", "Thief/1.0")
# Up to both sides of the grace, to a lunch break, and to a lid closed for three days.
WAITS = st.sampled_from([1, 3, 5, 7, 9, 11, 13, 21, 900, 3 * 86_400])


class World:
    """One session in the store, and a time that only stories move."""

    def __init__(self, runner: asyncio.Runner, redis: RedisScripts, config: Settings) -> None:
        self._runner = runner
        self._clock = Clock()
        self.store = SessionStore(redis, config, self._clock)
        self.now = 0
        self._uid = uuid4()
        self._began = runner.run(self.store.now(self._uid))
        self.first = self.run(self.store.log_in(self._uid, uuid4(), HOME, PASSWORD_ONLY, 0))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run one step at exactly the story's time: what really went by since the last one is taken back."""
        late = self._runner.run(self.store.now(self._uid)) - (self._began + self.now)
        self._clock.advance(-late / 1000)
        return self._runner.run(coroutine)

    def refresh(self, grant: Grant, client: Client) -> Rotated | Replayed | Reused:
        token = RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)
        outcome = self.run(self.store.rotate(token, client, 0))
        assert isinstance(outcome, Rotated | Replayed | Reused), outcome
        return outcome

    def call(self, grant: Grant) -> bool:
        return self.run(self.store.check(grant.uid, grant.sid, grant.gen)) is not None


@pytest.fixture(scope="module")
def opened(kind: str, store_settings: Settings) -> Iterator[tuple[asyncio.Runner, RedisScripts, Settings]]:
    config = store_settings.model_copy(update={"REDIS_KEY_PREFIX": "holders:"})
    with asyncio.Runner() as runner:
        redis = runner.run(_connect(config))
        yield runner, redis, config
        runner.run(redis.close())


@dataclass
class Party:
    """A holder of the chain's tokens: every one it was ever given, the latest last."""

    client: Client
    held: list[Grant]
    refreshed_at: int = -GRACE * 2


STEPS = st.lists(
    st.tuples(
        st.booleans(),  # the thief's turn
        WAITS,
        st.integers(0, 3),  # which token the thief shows: his latest, or an older one; the owner has one
        st.booleans(),  # the new access token is used for a call
        st.booleans(),  # the answer gets lost on its way to the owner
    ),
    min_size=4,
    max_size=14,
)
Step = tuple[bool, int, int, bool, bool]


def steal(world: World, story: list[Step], thief_is: Client, *, apart: bool) -> None:
    """Play a story of an owner and a thief with a copy. With `apart` they never refresh within each other's grace.

    When first the one and then the other has moved the chain on, both hold it. Each refreshes once more, and it must be
    over: at the latest when the turn is the second one's again.
    """
    owner, thief = Party(HOME, [world.first]), Party(thief_is, [world.first])
    turns: list[Party] = []
    for thiefs_turn, wait, older, uses, lost in story:
        world.now += wait * SECOND
        party, other = (thief, owner) if thiefs_turn else (owner, thief)
        if apart and world.now - other.refreshed_at <= GRACE:
            world.now = other.refreshed_at + GRACE + SECOND
        shown = party.held[max(0, len(party.held) - 1 - older)] if thiefs_turn else party.held[-1]
        outcome = world.refresh(shown, party.client)
        party.refreshed_at = world.now
        if isinstance(outcome, Reused) or _seen_elsewhere(outcome, party.client):
            return
        if lost and not thiefs_turn:
            continue
        party.held.append(outcome.grant)
        if isinstance(outcome, Rotated) and turns[-1:] != [party]:
            turns.append(party)
        assert len(turns) < 4, "each has refreshed once more, and nobody was noticed"
        if uses:
            assert world.call(outcome.grant)


def _seen_elsewhere(outcome: Rotated | Replayed, client: Client) -> bool:
    maker = outcome.client if isinstance(outcome, Replayed) else outcome.parted
    return maker is not None and maker.user_agent != client.user_agent


@pytest.mark.timeout(120 + EXAMPLES)
def test_a_thief_is_noticed_whatever_the_timing(opened: tuple[asyncio.Runner, RedisScripts, Settings]) -> None:
    """R77: in whatever rhythm the two refresh and call, with any of the thief's tokens, whatever answers get lost."""

    @_many
    @given(STEPS)
    def play(story: list[Step]) -> None:
        steal(World(*opened), story, ELSEWHERE, apart=False)

    play()


@pytest.mark.timeout(120 + EXAMPLES)
def test_a_thief_who_looks_like_the_owner_is_noticed(opened: tuple[asyncio.Runner, RedisScripts, Settings]) -> None:
    """R77: the same address and browser; where the two aren't within the grace of one another, the session ends."""

    @_many
    @given(STEPS)
    def play(story: list[Step]) -> None:
        steal(World(*opened), story, HOME, apart=True)

    play()


@dataclass(frozen=True)
class Flight:
    """A refresh: sent after a pause, by the store after `there`, back after `back`, unless it gets lost. In ms."""

    pause: int
    there: int
    back: int
    lost: bool
    uses: bool


# There and back again together are shorter than the grace. Bursts end, and begin again around the grace's end, or days
# later.
DELAYS = st.integers(0, 4_900)
PAUSES = st.one_of(
    st.integers(0, 400),
    st.integers(4_800, 10_300),
    st.sampled_from([60 * SECOND, 900 * SECOND, 3 * 86_400 * SECOND]),
)
FLIGHTS = st.lists(
    st.builds(Flight, PAUSES, DELAYS, DELAYS, st.integers(0, 3).map(lambda n: n == 0), st.booleans()),
    min_size=3,
    max_size=24,
)


def travel(world: World, flights: list[Flight]) -> None:
    """Play one client: a call shows the token that is stored when it is sent, and stores what comes, when it comes."""
    stored = world.first
    number = count()
    agenda: list[tuple[int, int, str, Flight, Grant | None]] = []
    moment = 0
    for flight in flights:
        moment += flight.pause
        heapq.heappush(agenda, (moment, next(number), "send", flight, None))
    while agenda:
        world.now, _, what, flight, grant = heapq.heappop(agenda)
        if what == "send":
            heapq.heappush(agenda, (world.now + flight.there, next(number), "arrive", flight, stored))
        elif what == "arrive":
            assert grant is not None
            outcome = world.refresh(grant, HOME)
            assert not isinstance(outcome, Reused), "an honest client was logged out"
            assert not _seen_elsewhere(outcome, HOME)
            if not flight.lost:
                heapq.heappush(agenda, (world.now + flight.back, next(number), "return", flight, outcome.grant))
        else:
            assert grant is not None
            stored = grant
            if flight.uses:
                assert world.call(grant)


@pytest.mark.timeout(120 + EXAMPLES)
def test_an_honest_client_is_never_logged_out(opened: tuple[asyncio.Runner, RedisScripts, Settings]) -> None:
    """Tabs, duplicates, lost answers, answers that overtake one another: each refresh gives something that works."""

    @_many
    @given(FLIGHTS)
    def play(flights: list[Flight]) -> None:
        travel(World(*opened), flights)

    play()


def _many(test: Any) -> Any:
    return settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))(test)


async def _connect(config: Settings) -> RedisScripts:
    return connect(config)
