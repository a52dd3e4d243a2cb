"""Redis behind Sentinels: the master dies, freezes, steps down, the Sentinels go: 503 in time, and nothing lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.invariants import Pools, fault
from tests.faults.operators import ended_by_a_command, said_by
from tests.faults.traffic import Traffic, traffic
from tests.servers import Postgres, Redis, ServerFailed, Watched
from tests.servers.sentinel import MASTER
from tests.support.process import Service, latchkey, serving, starting
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only


@pytest.fixture(scope="module")
def started() -> Iterator[Watched]:
    with Watched.start() as found:
        yield found


@pytest.fixture
def watched(started: Watched) -> Watched:
    """All of it well: whoever was away in the test before is back, and follows."""
    started.wait()
    return started


@pytest.fixture(scope="module")
def here(env: dict[str, str], started: Watched) -> dict[str, str]:
    return {**env, "REDIS_URL": started.url}


@pytest.fixture(scope="module")
def sentinels_service(here: dict[str, str], directory: Path) -> Iterator[Service]:
    with serving(directory / "sentinel.log", **here) as found:
        yield found


@pytest.fixture
async def found(sentinels_service: Service, emails: list[str], watched: Watched) -> AsyncIterator[Traffic]:
    async with traffic(sentinels_service, emails[:4]) as calls:  # as many as it takes: they run for a minute
        yield calls


@pytest.fixture
def pools_here(postgres: Postgres, started: Watched) -> Pools:
    return Pools(postgres, started.nodes[0])


async def test_the_master_dies(found: Traffic, pools_here: Pools, watched: Watched) -> None:
    """503 until the Sentinels have named the replica; then all goes on, with the sessions that there were."""
    master = await asyncio.to_thread(watched.master)
    async with fault(found, pools_here, unready=False) as happening:
        await asyncio.to_thread(master.kill)
        happening.away = time.monotonic()
        await asyncio.to_thread(watched.wait_for_another, master)
        happening.ended = time.monotonic()
    await asyncio.to_thread(master.start_again)
    assert any(call.name == "ready" and call.status == 503 for call in found.calls)


async def test_the_master_freezes(found: Traffic, pools_here: Pools, watched: Watched) -> None:
    """It thinks that it is the master still, when it comes back: nobody asks it anything."""
    master = await asyncio.to_thread(watched.master)
    async with fault(found, pools_here, unready=False) as happening:
        await asyncio.to_thread(master.freeze)
        happening.away = time.monotonic()
        await asyncio.to_thread(watched.wait_for_another, master)
        happening.ended = time.monotonic()
    before = await written_by_clients(found, master)
    assert before == []


async def written_by_clients(found: Traffic, former: Redis) -> list[str]:
    """Thaw a former master and return the service's commands that it executed."""
    await asyncio.to_thread(former.thaw)
    await asyncio.to_thread(former.call, "CONFIG", "RESETSTAT")
    await found.steady(time.monotonic() + 30)
    said = await asyncio.to_thread(former.call, "INFO", "commandstats")
    return [line for line in said.splitlines() if line.startswith("cmdstat_eval")]


async def test_the_master_steps_down(found: Traffic, pools_here: Pools, watched: Watched) -> None:
    """The Sentinels are told to change, and nobody has to notice: what was cut off is asked of the new master."""
    async with fault(found, pools_here, refuses=False, unready=False) as happening:
        await asyncio.to_thread(watched.fail_over)
        happening.ended = time.monotonic()


async def test_what_operators_do(found: Traffic, here: dict[str, str], watched: Watched) -> None:
    """After a failover: a session ends by a command, its open stream says so, and the check-up names the master."""

    def failed_over() -> None:
        watched.fail_over()
        watched.wait()

    await ended_by_a_command(found, here, failed_over)
    findings = await said_by("doctor", "--json", **here)
    (told,) = [finding for finding in findings if finding["check"] == "redis_sentinels"]
    assert told["level"] == "ok", told
    assert f"127.0.0.1:{watched.master().port}" in told["says"]
    assert "3 of 3 Sentinels answer (quorum 2)" in told["says"]


async def test_sentinels_too_few(here: dict[str, str], watched: Watched) -> None:
    """The check-up says that nobody could name another master."""
    left, *others = watched.sentinels
    for sentinel in others:
        await asyncio.to_thread(sentinel.kill)

    def is_known() -> bool:
        with suppress(ServerFailed):
            return not left.call("SENTINEL", "CKQUORUM", MASTER)
        return True

    await eventually(lambda: asyncio.to_thread(is_known))
    (told,) = [
        finding for finding in await said_by("doctor", "--json", **here) if finding["check"] == "redis_sentinels"
    ]
    for sentinel in others:
        await asyncio.to_thread(sentinel.start_again)
    assert told["level"] == "warning"
    assert "1 of 3 Sentinels answer" in told["says"]
    assert "Too few of them" in told["says"]


async def test_a_start_without_the_master(
    here: dict[str, str], watched: Watched, directory: Path, emails: list[str]
) -> None:
    """No reason not to start: 503 until there is one."""
    master = await asyncio.to_thread(watched.master)
    await asyncio.to_thread(master.freeze)
    with starting(directory / "late.log", **here) as service:
        await service.ready(path="/api/health")
        await service.ready()
        assert "Traceback" not in service.said()
    await asyncio.to_thread(watched.wait_for_another, master)
    await asyncio.to_thread(master.thaw)


async def test_a_name_that_nobody_knows(here: dict[str, str], watched: Watched) -> None:
    """One line at the start, and an end with 2; the check-up says how to mend it."""
    wrong = {**here, "REDIS_URL": watched.url.replace("/latchkey", "/somebody")}
    done = await asyncio.to_thread(latchkey, "serve", **wrong)
    assert (done.returncode, done.stderr.count("REDIS_URL: ")) == (2, 1), done.stderr
    assert "'somebody'" in done.stderr
    done = await asyncio.to_thread(latchkey, "doctor", **wrong)
    assert done.returncode == 1
    assert "sentinel monitor" in done.stdout


async def test_sentinels_go(found: Traffic, pools_here: Pools, watched: Watched) -> None:
    """One frozen, then all gone: the master that is known is used, and nobody notices."""
    first, *others = watched.sentinels
    async with fault(found, pools_here, refuses=False, unready=False) as happening:
        await asyncio.to_thread(first.freeze)
        await asyncio.sleep(1.5)
        for sentinel in others:
            await asyncio.to_thread(sentinel.kill)
        happening.away = time.monotonic()
        await asyncio.sleep(2)
        assert {call.status for call in found.calls if call.at > happening.began} <= {200, 204}
        await asyncio.to_thread(first.thaw)
        for sentinel in others:
            await asyncio.to_thread(sentinel.start_again)
        happening.ended = time.monotonic()
