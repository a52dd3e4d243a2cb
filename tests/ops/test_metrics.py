"""The metrics: right over several workers, never public by themselves, and all that the dashboards ask for."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil  # type: ignore[import-untyped]  # ships no types
import pytest
import yaml  # type: ignore[import-untyped]  # ships no types
from prometheus_client.parser import text_string_to_metric_families
from sanic import Sanic

from models import Job, OutboxMail, SecurityEvent
from service.admin.statistics import flush_and_show
from service.app import create_app
from service.audit import events, late
from service.core.faults import too_slow
from service.core.sql import database
from service.core.sql.leases import DEAD
from service.core.telemetry import metrics
from service.core.telemetry.metrics_server import metrics_served
from service.core.telemetry.processes import ALONE
from service.errors import TooSlow
from service.jobs.kinds import DAILY
from service.jobs.pulse import PULSE
from service.ops.sampling import sample, sample_lag
from service.ops.sampling_stores import sample_stores
from service.ops.sampling_work import sample_jobs
from service.runtime import Runtime
from service.sessions.watch import SessionWatch
from service.stores.job_queue import named, note_run
from service.stores.letter_kinds import SESSIONS_ENDED
from service.work.letters import send_due
from tests.mail.conftest import write
from tests.oauth.support import a_service
from tests.servers import free_port
from tests.support.brought import KINDS
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.process import ROOT, serving
from tests.support.serving import served
from tests.support.stores import Stores
from tests.support.waiting import eventually, until

TOKEN = "a-token-for-the-tests-that-is-long-enough"
# They say how things are, not what happens.
CONSTANT = {
    "latchkey_ready", "latchkey_build_info", "latchkey_pool_size", "latchkey_signing_key_since_timestamp_seconds",
    "latchkey_jobs_every_seconds", "latchkey_redis_memory_bytes", "latchkey_redis_keys",
    "process_resident_memory_bytes", "process_cpu_seconds_total",
    "process_open_fds", "process_max_fds",
}  # fmt: skip
# They may as well be nothing, or less.
ANY = {"latchkey_clock_offset_seconds", "latchkey_redis_evicted_keys", "latchkey_worker_trouble",
       "latchkey_sessions_active"}  # fmt: skip
OF_SERVERS = ("latchkey_clock_", "latchkey_redis_")


def samples(page: str) -> Counter[str]:
    """Every sample of a page, by name with labels and, summed up, by name alone."""
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families(page):
        for one in family.samples:
            assert one.name.startswith(("latchkey_", "process_"))
            found[one.name] += one.value  # type: ignore[assignment]  # counts of floats
            labels = ",".join(f"{name}={value}" for name, value in sorted(one.labels.items()))
            found[f"{one.name}{{{labels}}}"] += one.value  # type: ignore[assignment]
    return found


def here() -> Counter[str]:
    return samples(metrics.page(metrics.REGISTRY).decode())


def used_names() -> set[str]:
    """Every metric that the dashboard and the alerts ask for."""
    dashboard = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yml").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert all(rule["annotations"]["action"] for group in rules["groups"] for rule in group["rules"])
    return {name for expression in asked for name in re.findall(r"\b(?:latchkey|process)_\w+", expression)}


async def something_to_be_stored_later(runtime: Runtime) -> None:
    row = SecurityEvent(id=uuid4(), type=events.LOGGED_OUT.name, created_at=runtime.clock.now(), detail={})
    await late.keep(runtime, events.LOGGED_OUT, row)
    await late.store_later(runtime)  # it is too young


async def test_everything_the_dashboards_ask_for_moves(
    stores: Stores, runtime: Runtime, client: httpx.AsyncClient, ada: Person, root: Person
) -> None:
    """Each metric of a panel or an alert is on the page, and changes when what it counts happens."""
    # Nothing is going on: whatever the last one met is over, and what listens for changes has begun to.
    await eventually(lambda: runtime.redis.in_use + database.in_use() == 0)
    metrics.call_this_process(ALONE)
    while await send_due(runtime):
        pass
    await sample(runtime)
    await sample_jobs(runtime)
    assert (await client.get("/api/health/ready")).status_code == 200
    await late.store(runtime)
    before = here()
    session, other, third = [await ada.log_in() for _ in range(3)]
    for token in (session.refresh_token, session.refresh_token):
        assert (await session.refresh(token)).status_code == 200
    assert (await client.post("/api/auth/login", data={"username": ada.email, "password": "wrong"})).status_code == 400
    assert (await other.call("POST", "/auth/logout")).status_code == 204
    assert (await other.refresh()).status_code == 400
    assert (await session.call("DELETE", "/sessions")).status_code == 204
    assert (await third.refresh("lkr_nothing")).status_code == 400
    assert (await (await a_service(client, runtime)).ask(session.access_token))["active"] is True
    metrics.throttled.labels("login").inc()  # tests/auth/test_throttle.py has a real one
    metrics.redis.done(time.perf_counter(), error=_outage())
    with pytest.raises(TooSlow):
        too_slow(TimeoutError())
    PULSE.met("mail", None)
    await write(runtime)
    assert await send_due(runtime)
    await write(runtime)
    await something_for_workers(runtime)
    await sample_jobs(runtime)
    await sample_stores(runtime)
    await sample_lag(runtime)
    await flush_and_show(replace(runtime, settings=stores.settings(METRICS_TOKEN=TOKEN)))
    await something_to_be_stored_later(runtime)
    script = asyncio.create_task(runtime.sessions.now(ada.id))
    hashing = asyncio.create_task(runtime.passwords.hash("x"))
    await asyncio.sleep(0)
    await sample(runtime)
    watch = SessionWatch(runtime)
    with watch.watching(ada.id, session.sid, "192.0.2.1"):
        after = here()
    await watch.close()
    await asyncio.gather(script, hashing)

    wanted = {name for name in used_names() if stores.postgres or not name.startswith(OF_SERVERS)}
    for name in wanted:
        assert name in after, name
        assert name in ANY or after[name] > (0 if name in CONSTANT else before[name]), name
    moved = {
        key: after[key] - before[key]
        for key in after
        if key.startswith(("latchkey_logins_total{", "latchkey_refreshes_total{", "latchkey_sessions_revoked_total{"))
        and after[key] != before[key]
    }
    assert moved == {
        "latchkey_logins_total{method=password,result=succeeded}": 3,
        "latchkey_logins_total{method=,result=password}": 1,
        "latchkey_refreshes_total{outcome=rotated}": 1,
        "latchkey_refreshes_total{outcome=replayed}": 1,
        "latchkey_refreshes_total{outcome=revoked}": 1,
        "latchkey_refreshes_total{outcome=invalid}": 1,
        "latchkey_sessions_revoked_total{way=logout}": 1,
        "latchkey_sessions_revoked_total{way=others}": 1,
    }


async def something_for_workers(runtime: Runtime) -> None:
    """A job that waits, and one that failed for good."""
    for once in ("waits", "failed"):
        await runtime.jobs.add("removal", once=once)
    await Job.filter(id=named("removal", "failed")).update(state=DEAD)
    await runtime.jobs.schedule({"jobs.purge": DAILY.every})
    await note_run("jobs.purge", runtime.clock.now())
    await Job.filter(kind="jobs.purge").update(due_at=runtime.clock.now() + DAILY.every)
    runtime.clock.advance(1)


async def test_what_waits_for_workers(runtime: Runtime) -> None:
    """By kind, letters among them: how much is due, for how long, how much is given up; nothing when it is done."""
    await runtime.outbox.post(SESSIONS_ENDED, to="ada@example.com", language="en", at="now", name="")
    await something_for_workers(runtime)
    await runtime.jobs.add("removal", after=timedelta(hours=1))
    runtime.clock.advance(60)
    await sample_jobs(runtime)
    page = here()
    # Of what a schedule repeats, when it was last done; 0 of what never was, and everything that a feature brings.
    assert runtime.clock.timestamp() - page["latchkey_jobs_last_done_timestamp_seconds{kind=jobs.purge}"] < 120
    for kind in (kind.name for kind in KINDS if kind.schedule and kind.name != "jobs.purge"):
        assert page[f"latchkey_jobs_last_done_timestamp_seconds{{kind={kind}}}"] == 0
    assert [page[f"latchkey_jobs_{name}{{kind=removal}}"] for name in ("waiting", "failed")] == [1, 1]
    assert [page[f"latchkey_jobs_{name}{{kind=letters}}"] for name in ("waiting", "failed")] == [1, 0]
    assert 61 <= page["latchkey_jobs_oldest_seconds{kind=removal}"] < 120
    await Job.all().delete()
    await OutboxMail.all().delete()
    await sample_jobs(runtime)
    page = here()
    for name in ("waiting", "failed", "oldest_seconds"):
        assert page[f"latchkey_jobs_{name}"] == 0


def _outage() -> Exception:
    from service.errors import Unavailable

    return Unavailable("redis")


@pytest.mark.embedded_only
async def test_labels_are_templates(client: httpx.AsyncClient, ada: Person) -> None:
    """Nothing that a client sends becomes a label: neither ids, nor unknown paths, nor methods that don't exist."""
    for path in (f"/api/users/{ada.id}", "/api/nothing/here", "/wp-admin.php?x=1"):
        await client.get(path)
    await client.request("NONSENSE", "/api/health")
    page = metrics.page(metrics.REGISTRY).decode()
    assert 'route="/api/users/{user_id}"' in page
    assert 'method="other"' in page
    for never in (str(ada.id), "nothing", "wp-admin", "NONSENSE"):
        assert never not in page


@pytest.mark.embedded_only
async def test_not_public(client: httpx.AsyncClient) -> None:
    """R67: without a token in the settings there is no such page on the public listener."""
    assert_problem(await client.get("/metrics"), 404, "not_found")


@pytest.mark.embedded_only
async def test_behind_a_token(stores: Stores, runtime: Runtime) -> None:
    """R67: with METRICS_TOKEN the page is for who has it, and in no document."""
    changed = replace(runtime, settings=stores.settings(METRICS_TOKEN=TOKEN))
    app: Sanic[Any, Any] = create_app(runtime=changed)
    async with served(app) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == metrics.CONTENT_TYPE
        assert samples(answer.text)["latchkey_build_info"] == 1
        assert_problem(await client.get("/metrics"), 401, "not_authenticated")
        wrong = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"})
        assert_problem(wrong, 401, "invalid_token")
        assert "/metrics" not in (await client.get("/api/openapi.json")).text


@pytest.mark.embedded_only
def test_a_port_of_its_own() -> None:
    """The page and nothing else, without a version in the headers; a port that is taken is named."""
    with metrics_served("127.0.0.1", 0, lambda: metrics.page(metrics.REGISTRY)) as port:
        url = f"http://127.0.0.1:{port}"
        answer = httpx.get(f"{url}/metrics?x")
        assert samples(answer.text)["latchkey_build_info"] == 1
        assert "python" not in answer.headers["server"].lower()
        assert httpx.get(url).status_code == 404
        with pytest.raises(OSError, match=rf"port {port} \(METRICS_PORT\)"), metrics_served("127.0.0.1", port, bytes):
            pass


class Instance:
    """Two workers, and their numbers."""

    def __init__(self, url: str, numbers: str, process: psutil.Process) -> None:
        self.url, self.numbers, self.process = url, numbers, process

    def page(self) -> Counter[str]:
        answer = httpx.get(f"{self.numbers}/metrics")
        assert answer.status_code == 200
        return samples(answer.text)

    def calls(self, count: int) -> None:
        """Each on a connection of its own, so on either worker."""
        for _ in range(count):
            assert httpx.get(f"{self.url}/.well-known/jwks.json", timeout=30).status_code == 200

    def workers(self) -> list[psutil.Process]:
        return [child for child in self.process.children() if child.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def instance(stores: Stores, runtime: Runtime, tmp_path: Path) -> Iterator[Instance]:
    numbers = free_port()
    environment = stores.environment(METRICS_PORT=str(numbers), WEB_CONCURRENCY="2", TMPDIR=str(tmp_path))
    with serving(tmp_path / "log", **environment) as service:
        found = Instance(service.url, f"http://127.0.0.1:{numbers}", psutil.Process(service.process.pid))
        until(lambda: service.said().count("started ") == 2, why=service.said)
        yield found
    assert not list(tmp_path.glob("latchkey-metrics-*")), "the directory goes with the supervisor"


@pytest.mark.real_only
def test_two_workers_and_a_killed_one(instance: Instance, ada: Person) -> None:
    """The sum over both workers is what was asked; SIGKILL neither loses nor doubles it, and takes gauges along."""
    asked = "latchkey_requests_total{method=GET,route=/.well-known/jwks.json,status=200}"
    assert instance.page()[asked] == 0
    instance.calls(40)
    for number in range(4):
        wrong = {"username": ada.email, "password": PASSWORD if number % 2 else "wrong"}
        httpx.post(f"{instance.url}/api/auth/login", data=wrong)
    page = instance.page()
    assert page[asked] == 40
    assert page["latchkey_request_seconds_count{route=/.well-known/jwks.json}"] == 40
    assert page["latchkey_logins_total{method=password,result=succeeded}"] == 2
    assert page["latchkey_logins_total{method=,result=password}"] == 2
    assert page["latchkey_build_info"] == 1
    files = _files(instance)
    pids = {worker.pid for worker in instance.workers()}
    assert {int(pid) for pid in re.findall(r"counter_(\d+)\.db", " ".join(files))} == pids | {instance.process.pid}

    # Of each process what it takes, the supervisor's among them; of the three there is one each.
    for name in ("resident_memory_bytes", "cpu_seconds_total", "open_fds", "start_time_seconds"):
        assert {key for key in page if key.startswith(f"process_{name}{{")} == {
            f"process_{name}{{process={process}}}" for process in ("0", "1", "supervisor")
        }
    assert page["process_resident_memory_bytes{process=1}"] > 20e6

    victim = instance.workers()[0]
    os.kill(victim.pid, signal.SIGKILL)
    until(lambda: len({worker.pid for worker in instance.workers()} - {victim.pid}) == 2)
    assert instance.page()[asked] == 40
    instance.calls(20)
    page = instance.page()
    assert page[asked] == 60
    assert page["latchkey_logins_total"] == 4
    assert page["latchkey_workers_ended_total"] == page["latchkey_workers_ended_total{how=died}"] == 1
    files = _files(instance)
    assert f"counter_{victim.pid}.db" in files
    assert f"gauge_livesum_{victim.pid}.db" not in files
    assert f"process_{victim.pid}" not in files
    until(lambda: {f"process_open_fds{{process={name}}}" for name in ("0", "1", "supervisor")} <= set(instance.page()))


def _files(instance: Instance) -> list[str]:
    directory = instance.workers()[0].environ()[metrics.DIRECTORY]
    return [path.name for path in Path(directory).iterdir()]
