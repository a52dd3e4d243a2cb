"""How the stores stand is looked at again and again: clocks that part, nodes that go, keys that change."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError

from service.core.clock import Clock
from service.core.redis import facts
from service.core.redis.client import RedisScripts
from service.core.redis.facts import RedisLoad
from service.core.sql.database import ServerFacts
from service.errors import Unavailable
from service.jwks import rotation
from service.ops import sampling_stores
from service.ops.sampling_stores import sample_stores
from service.runtime import Runtime
from tests.ops.test_metrics import here
from tests.support.stores import Stores


class Answers:
    """What the stores say; an exception is raised."""

    def __init__(self) -> None:
        self.database: ServerFacts | Exception = ServerFacts(100, 0.0)
        self.redis: tuple[RedisLoad, ...] | Exception = ()

    async def of_database(self, _: Clock) -> ServerFacts:
        if isinstance(self.database, Exception):
            raise self.database
        return self.database

    async def of_redis(self, _: RedisScripts, __: Clock) -> tuple[RedisLoad, ...]:
        if isinstance(self.redis, Exception):
            raise self.redis
        return self.redis


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    found = Answers()
    monkeypatch.setattr("service.ops.sampling_stores.database.server_facts", found.of_database)
    monkeypatch.setattr(sampling_stores, "redis_load", found.of_redis)
    for name in ("_off", "_nodes"):
        getattr(sampling_stores, name).clear()
    return found


@pytest.fixture
def watched(stores: Stores, runtime: Runtime) -> Runtime:
    """A runtime whose Redis is asked, whatever it is."""
    if not runtime.settings.REDIS_URL.startswith("memory:"):
        return runtime
    return replace(runtime, settings=runtime.settings.model_copy(update={"REDIS_URL": "redis://there"}))


def node(name: str, used: int | None, ahead: float | None = 0.0) -> RedisLoad:
    return RedisLoad(name, used, 1000, 0, 7, ahead)


async def test_clocks(watched: Runtime, answers: Answers, caplog: pytest.LogCaptureFixture) -> None:
    """Each store's clock beside ours, the worst node's; a line when it begins to differ, and one when it ends."""
    caplog.set_level(logging.INFO, "latchkey.events")
    answers.redis = (node("a", 10, 0.1), node("b", 10, -8.0))
    for _ in range(3):
        await sample_stores(watched)
    assert here()["latchkey_clock_offset_seconds{store=redis}"] == -8
    assert here()["latchkey_clock_offset_seconds{store=database}"] == 0
    answers.redis, answers.database = (node("a", 10), node("b", 10)), ServerFacts(100, 6.0)
    await sample_stores(watched)
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("clock.")]
    assert told == ["clock.off", "clock.off", "clock.right"]


async def test_nodes(watched: Runtime, answers: Answers) -> None:
    """What a node uses; after a fail-over the old one uses nothing; one that doesn't say is left out."""
    used = "latchkey_redis_memory_bytes{{node={},what=used}}"
    answers.redis = (node("old", 900),)
    await sample_stores(watched)
    assert here()[used.format("old")] == 900
    answers.redis = (node("new", 800), node("silent", None))
    await sample_stores(watched)
    page = here()
    assert (page[used.format("old")], page[used.format("new")]) == (0, 800)
    assert used.format("silent") not in page
    answers.redis = answers.database = Unavailable("redis")
    await sample_stores(watched)
    assert here()[used.format("new")] == 800


class Nodes:
    """A cluster of two nodes; those that are `away` don't answer, and one lets nobody ask how it is."""

    def __init__(self, *away: str) -> None:
        self.away = away

    async def servers(self) -> list[tuple[str, str]]:
        return [("open", "open"), ("shut", "shut")]

    async def execute(self, node: str, *command: str) -> object:
        if node in self.away:
            raise RedisConnectionError("network")
        if command == ("TIME",):
            return [2_000_000_000, 500_000]
        if node == "shut":
            raise NoPermissionError("NOPERM this user has no permissions to run the 'info' command")
        return {"used_memory": 10, "maxmemory": 100, "evicted_keys": 1, "db0": {"keys": 2}, "db1": {"keys": 3}}


async def test_what_nodes_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that are there; what one doesn't say isn't known; without any there is an outage."""
    clock, nodes = Clock(), Nodes()
    connection = cast("RedisScripts", nodes)
    monkeypatch.setattr(facts, "execute", nodes.execute)
    opened, shut = await facts.redis_load(connection, clock)
    assert (opened.used, opened.limit, opened.evicted, opened.keys) == (10, 100, 1, 5)
    assert (shut.used, shut.limit, shut.evicted, shut.keys) == (None, None, None, None)
    assert opened.ahead == pytest.approx(2_000_000_000.5 - clock.timestamp(), abs=30)
    nodes.away = ("open",)
    assert [one.node for one in await facts.redis_load(connection, clock)] == ["shut"]
    nodes.away = ("open", "shut")
    with pytest.raises(Unavailable):
        await facts.redis_load(connection, clock)


async def test_the_key(runtime: Runtime) -> None:
    """Since when the key signs that does, and when the next one takes over; looking makes none."""
    since, upcoming = "latchkey_signing_key_since_timestamp_seconds", "latchkey_signing_key_next_timestamp_seconds"
    await rotation.list_keys(runtime)  # makes one, if there is none
    runtime.clock.advance(1000)
    new = await rotation.rotate(runtime, at_once=False)
    await sample_stores(runtime)
    page, keys = here(), {key.state: key for key in await rotation.list_keys(runtime) if key.state != "accepted"}
    assert page[since] == keys["signing"].active_from.timestamp()
    assert (keys["waiting"].kid, page[upcoming]) == (new, keys["waiting"].active_from.timestamp())
    runtime.clock.advance(400)
    await sample_stores(runtime)
    assert (here()[upcoming], here()[since]) == (0, keys["waiting"].active_from.timestamp())
