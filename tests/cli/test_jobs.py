"""An operator looks after jobs."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from models import Job, SecurityEvent
from service.accounts import traces
from service.audit import events
from service.cli.commands import app
from service.core.sql.leases import DEAD
from service.core.telemetry.metrics_server import metrics_served
from service.jobs.kinds import DAILY
from service.runtime import Runtime
from tests.cli.test_commands import Shell
from tests.servers import free_port
from tests.support.brought import KINDS
from tests.support.people import Person
from tests.support.process import LATCHKEY, ROOT, environment
from tests.support.stores import Stores
from tests.support.waiting import eventually


@pytest.fixture
def shell(stores: Stores) -> Shell:
    return Shell(stores)


@asynccontextmanager
async def worker(stores: Stores, **changes: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`latchkey worker`, told to stop at the end."""
    process = await asyncio.create_subprocess_exec(
        *LATCHKEY, "worker", env=environment(**stores.environment(**changes)), cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def stopped(process: asyncio.subprocess.Process) -> str:
    """Tell a worker to stop; return what it has said."""
    process.send_signal(signal.SIGTERM)
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, said
    return said.decode()


async def test_list_and_retry(shell: Shell, runtime: Runtime) -> None:
    """What waits, what is repeated, what failed for good and why, never what it knows; the dead are tried again."""
    await runtime.jobs.add("removal", account="somebody's id")
    await runtime.jobs.add("removal", account="another's")
    await runtime.jobs.schedule({"events.purge": DAILY.every})
    first = (await runtime.jobs.listed(None, "removal", 1))[0]
    await Job.filter(id=first.id).update(state=DEAD, attempts=20, last_error="ValueError")
    listed = await shell.ok("jobs", "list")
    assert [job["kind"] for job in listed] == ["removal", "removal", "events.purge"]
    assert (listed[0]["state"], listed[0]["last_error"], listed[2]["every_seconds"]) == ("dead", "ValueError", 86_400)
    assert "payload_sealed" not in listed[0]
    table = await shell.text("jobs", "list", "--state", "dead", "--kind", "removal")
    assert str(first.id) in table
    assert table.count("removal") == 1

    assert await shell.text("jobs", "retry", str(first.id)) == "1 job will be tried again.\n"
    assert await shell.fails("jobs", "retry", str(first.id), code=3) == "There is no such dead job."
    row = await Job.get(id=first.id)
    assert (row.state, row.attempts) == ("pending", 0)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ((), "Give either a job's id or --all-dead."),
        (("x", "--all-dead"), "Give either a job's id or --all-dead."),
        (("x",), "x is not an id."),
    ],
)
def test_retry_wants_to_know_what(arguments: tuple[str, ...], answer: str) -> None:
    """Exactly one of an id and `--all-dead`, and an id that is one: else exit code 2, before any store is asked."""
    result = CliRunner().invoke(app, ["jobs", "retry", *arguments])
    assert (result.exit_code, result.stderr.strip()) == (2, answer)


async def test_a_worker_without_cron(stores: Stores, runtime: Runtime, ada: Person) -> None:
    """`latchkey worker` alone deletes old events, does every repeated job, publishes its numbers, and ends with 0."""
    old = await SecurityEvent.create(
        id=uuid4(), type=events.LOGGED_OUT.name, created_at="2020-01-01T00:00:00+00:00", user_id=ada.id, detail={}
    )
    repeated = [kind.name for kind in KINDS if kind.schedule]

    async def all_done() -> bool:
        return await Job.filter(kind__in=repeated, done_at__isnull=False).count() == len(repeated)

    port = free_port()
    async with worker(stores, METRICS_PORT=str(port)) as process:
        await eventually(all_done, 40)
        page = (await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/metrics")).text
        health = await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/health")
        said = await stopped(process)
    assert 'latchkey_jobs_total{kind="events.purge",outcome="done"} 1.0' in page
    assert 'process_resident_memory_bytes{process="worker"}' in page
    assert 'latchkey_purged_rows_total{table="security_events"} 1.0' in page
    assert 'latchkey_worker_trouble{queue="jobs"} 0.0' in page
    assert (health.status_code, health.json()["status"], set(health.json()["queues"])) == (200, "ok", {"mail", "jobs"})
    assert "worker.started" in said
    assert not await SecurityEvent.exists(id=old.id)
    assert await SecurityEvent.exists(user_id=ada.id)


async def test_a_port_that_is_taken(stores: Stores, runtime: Runtime) -> None:
    """Where the service has METRICS_PORT already, a worker beside it says so and works without."""
    with metrics_served("127.0.0.1", 0, bytes) as port:
        async with worker(stores, METRICS_PORT=str(port)) as process:
            await eventually(Job.filter(done_at__isnull=False).exists, 40)
            said = await stopped(process)
    assert "worker.without_metrics" in said


async def test_a_deleted_account_is_a_job(ada: Person, runtime: Runtime) -> None:
    """It is written with the deletion, and taken back when nothing is left to do, which is before the answer mostly."""
    session = await ada.log_in()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(traces, "BATCHES_AT_ONCE", 0)
        assert (await session.call("DELETE", "/users/me")).status_code == 204
    (job,) = await Job.filter(kind=traces.REMOVAL).values()
    assert str(ada.id) not in str(job)
    assert await traces.finish(runtime, ada.id)
    assert not await Job.exists(kind=traces.REMOVAL)
