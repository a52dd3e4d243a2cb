"""A Hypothesis state machine drives the store against a small model of the rotation table."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from service.core.clock import Clock
from service.core.redis.client import RedisScripts, connect
from service.errors.end_reasons import EndReason
from service.settings import Settings
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Ended, Grant, Replayed, Reused, Rotated
from service.stores.sessions.store import SessionStore
from tests.contract.conftest import CLIENT, PASSWORD_ONLY
from tests.support.commands import commands

T = TypeVar("T")
SECOND, DAY = 1_000, 86_400_000
GRACE, IDLE, MAXIMUM = 10 * SECOND, 7 * DAY, 90 * DAY
# Real time passes while a step runs, however slow the machine: next to a boundary the model would be guessing.
SLACK = 2 * SECOND
WAITS = st.sampled_from([1, 5, 7, 13, 60, 3_600, 5 * 86_400, 6 * 86_400, 8 * 86_400])


@dataclass
class Model:
    """One session, as DESIGN.md's table sees it. Times are the test's own, in ms."""

    gen: int
    ack: int
    rotated_at: int
    expires_at: int
    valid_from: int
    prev: int = 0  # what the newest was made from
    spare: int = 0  # what was handed out a moment before the newest was made, and may be what the client kept
    handed_at: int = -IDLE  # when the newest was last handed out again
    caught_up_at: int = -IDLE  # when that last gave it to somebody who may not have had it
    alive: bool = True

    def ends_at(self) -> int:
        return min(self.rotated_at + IDLE, self.expires_at)


@dataclass(frozen=True)
class Held:
    """A refresh token somebody holds: the model's session, and the grant the store gave for it."""

    model: int
    grant: Grant
    made_at: int


class Rotation(RuleBasedStateMachine):
    """Log-ins, refreshes with any token ever given, requests, deletions, cut-offs, and time."""

    tokens = Bundle("tokens")
    runner: asyncio.Runner
    redis: RedisScripts
    config: Settings

    @initialize()
    def start(self) -> None:
        self.clock = Clock()
        self.store = SessionStore(self.redis, self.config, self.clock)
        self.uid = uuid4()
        self.now = 0
        self.cut_off = 0  # as the database holds it: by Redis's clock
        self.cut_off_at = -1  # the same in the test's time
        self.models: list[Model] = []
        self.sids: list[UUID] = []
        self.began = self.runner.run(self.store.now(self.uid))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run one step at exactly the test's time: what really went by since the last one is taken back."""
        late = self.runner.run(self.store.now(self.uid)) - (self.began + self.now)
        self.clock.advance(-late / 1000)
        return self.runner.run(coroutine)

    @rule(target=tokens)
    def log_in(self) -> Held:
        grant = self.run(self.store.log_in(self.uid, uuid4(), CLIENT, PASSWORD_ONLY, self.cut_off))
        self.models.append(Model(1, 0, self.now, self.now + MAXIMUM, self.now))
        self.sids.append(grant.sid)
        assert grant.gen == 1
        return Held(len(self.models) - 1, grant, self.now)

    @rule(held=tokens, target=tokens)
    def refresh(self, held: Held) -> Held:
        return self.spend(held)

    def spend(self, held: Held) -> Held:
        """Refresh, and hold that the store says what the table says."""
        model, grant = self.models[held.model], held.grant
        token = RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)
        if self.near(model, held):
            return held
        outcome = self.run(self.store.rotate(token, CLIENT, self.cut_off))
        own_end = min(held.made_at + IDLE, model.expires_at)
        if not model.alive or self.now >= model.ends_at():
            model.alive = False
            expired = self.now >= own_end or self.now >= model.expires_at
            # Once the key is gone only the token's own end is known.
            assert isinstance(outcome, Ended)
            assert (outcome.reason, outcome.cut_off) == ("expired" if expired else "revoked", False)
        elif model.valid_from < self.cut_off_at:
            model.alive = False
            assert outcome == Ended("revoked", cut_off=True)
            assert self.run(self.store.end(grant.uid, grant.sid, EndReason.REVOKED))
        elif model.gen > 1 and self.is_duplicate(model, grant.gen):
            model.handed_at = self.now
            if grant.gen == model.gen:
                model.ack = model.gen
            elif model.ack < model.gen:
                model.caught_up_at = self.now
            assert isinstance(outcome, Replayed)
            assert outcome.grant.gen == model.gen
            return Held(held.model, outcome.grant, model.rotated_at)
        elif grant.gen in (model.gen, model.ack, model.spare):
            assert isinstance(outcome, Rotated)
            assert (outcome.parted is None) == (grant.gen in (model.gen, model.ack))
            model.spare = model.gen if self.now - model.handed_at < GRACE else 0
            model.handed_at = model.caught_up_at = -IDLE
            model.ack = model.prev = grant.gen
            model.gen, model.rotated_at = model.gen + 1, self.now
            assert outcome.grant.gen == model.gen
            assert outcome.unanswered == model.gen - model.ack
            return Held(held.model, outcome.grant, self.now)
        else:
            model.alive = False
            assert isinstance(outcome, Reused)
        return held

    def is_duplicate(self, model: Model, gen: int) -> bool:
        """Say whether a token is shown so soon that it gets the newest again."""
        newborn, caught_up = self.now - model.rotated_at < GRACE, self.now - model.caught_up_at < GRACE
        if gen == model.gen:
            return newborn or caught_up
        return gen in (model.prev, model.spare) and (newborn or (caught_up and model.ack == model.gen))

    @rule(held=tokens)
    def request(self, held: Held) -> None:
        model, grant = self.models[held.model], held.grant
        if self.near(model, held):
            return
        live = self.run(self.store.check(grant.uid, grant.sid, grant.gen))
        expected = model.alive and self.now < model.ends_at()
        assert (live is not None) == expected
        if expected and grant.gen == model.gen:
            model.ack = model.gen

    @rule(held=tokens, target=tokens)
    def refresh_and_use(self, held: Held) -> Held:
        """What clients do: most of all states worth testing lie behind it."""
        after = self.spend(held)
        self.request(after)
        return after

    @rule(held=tokens, uses=st.booleans(), seconds=WAITS)
    def replay_later(self, held: Held, uses: bool, seconds: int) -> None:
        """A duplicate, some time after the answer was used, or got lost."""
        after = self.spend(held)
        if uses:
            self.request(after)
        self.wait(seconds)
        self.spend(held)

    @rule(held=tokens, uses=st.booleans(), seconds=WAITS)
    def part_at_the_end_of_the_grace(self, held: Held, uses: bool, seconds: int) -> None:
        """One call is handed the current token again, the next rotates it, and the first one's answer is kept."""
        current = self.spend(held)
        self.wait(7)
        kept = self.spend(current)
        self.wait(7)
        after = self.spend(current)
        if uses:
            self.request(after)
        self.wait(seconds)
        self.spend(kept)

    @rule(held=tokens, rarely=st.integers(0, 5))
    def delete_key(self, held: Held, rarely: int) -> None:
        """The operator's way."""
        if rarely:
            return
        self.run(self.unlink(held.grant.sid))
        self.models[held.model].alive = False

    @rule(held=tokens, rarely=st.integers(0, 5))
    def log_out(self, held: Held, rarely: int) -> None:
        if rarely:
            return
        self.run(self.store.end(held.grant.uid, held.grant.sid, None))
        self.models[held.model].alive = False

    @rule(held=tokens, rarely=st.integers(0, 2))
    def end_others(self, held: Held, rarely: int) -> None:
        if rarely:
            return
        self.wait(1)  # the others' log-ins are certainly earlier
        model = self.models[held.model]
        if self.near(model, held):
            return
        if not model.alive or self.now >= model.ends_at():
            return
        cut_off = self.run(self.store.keep(held.grant.uid, held.grant.sid))
        assert cut_off is not None
        self.cut_off, self.cut_off_at = cut_off, self.now
        model.valid_from = self.now

    @rule(seconds=WAITS)
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.now += seconds * SECOND

    @invariant()
    def only_living_sessions_are_listed(self) -> None:
        if not hasattr(self, "store"):
            return
        listed = {entry.sid for entry in self.run(self.store.list_living(self.uid))}
        certain = {
            sid
            for sid, model in zip(self.sids, self.models, strict=True)
            if model.alive and self.now < model.ends_at() - SLACK
        }
        dead = {sid for sid, model in zip(self.sids, self.models, strict=True) if not model.alive}
        assert certain <= listed
        assert not dead & listed

    def near(self, model: Model, held: Held) -> bool:
        """Say whether a boundary of the table is too near to call."""
        boundaries = (
            model.rotated_at + GRACE,
            model.handed_at + GRACE,
            model.caught_up_at + GRACE,
            model.ends_at(),
            model.expires_at,
            held.made_at + IDLE,
        )
        return any(abs(self.now - boundary) < SLACK for boundary in boundaries)

    async def unlink(self, sid: UUID) -> None:
        client: Any = commands(self.redis)
        await client.unlink(f"model:user:{{{self.uid}}}:session:{sid}")


@pytest.mark.timeout(180)
def test_rotation_model(kind: str, store_settings: Settings) -> None:
    """Whatever the order of events, the store says what the table says: on the fake, on Redis, on a cluster."""
    config = store_settings.model_copy(update={"REDIS_KEY_PREFIX": "model:", "MAX_SESSIONS_PER_USER": 1000})
    with asyncio.Runner() as runner:
        redis = runner.run(_connect(config))
        machine = type("Machine", (Rotation,), {"runner": runner, "redis": redis, "config": config})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=int(os.environ.get("EXAMPLES", "150")),
                    stateful_step_count=40,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(redis.close())


async def _connect(config: Settings) -> RedisScripts:
    return connect(config)
