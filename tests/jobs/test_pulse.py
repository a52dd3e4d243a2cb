"""A worker says whether it is alive: to probes of containers, at the port of its metrics."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from service.core.telemetry.metrics_server import metrics_served
from service.jobs import polling, pulse
from service.jobs.pulse import PULSE, Pulse
from service.ops.sampling_work import sample_jobs
from service.runtime import Runtime
from service.stores.mailer import SmtpTransport
from service.work import worker
from tests.mail.conftest import write
from tests.ops.test_metrics import here
from tests.support.waiting import eventually


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Pulse:
    """Nothing has been said yet."""
    for name in ("turned_at", "trouble"):
        monkeypatch.setattr(PULSE, name, {})
    monkeypatch.setattr(PULSE, "beat_at", None)
    return PULSE


@pytest.mark.embedded_only
def test_what_a_probe_gets(fresh: Pulse, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 before it begins, and when the loop or a queue stands still; 200 while it gets on, whatever is in the way."""
    moment = 1000.0
    monkeypatch.setattr(pulse, "monotonic", lambda: moment)
    with metrics_served("127.0.0.1", 0, bytes, fresh.report) as port:

        def probed() -> tuple[int, str]:
            answer = httpx.get(f"http://127.0.0.1:{port}/health")
            return answer.status_code, answer.headers["content-type"]

        well, ill = (200, "application/json"), (503, "application/problem+json")
        assert probed() == ill
        fresh.beat()
        fresh.turned("mail")
        fresh.met("mail", "mail.server_away")
        assert probed() == well
        said = httpx.get(f"http://127.0.0.1:{port}/health?x").json()
        assert said == {
            "status": "ok",
            "queues": {"mail": {"last_turn_seconds_ago": 0.0, "trouble": "mail.server_away"}},
        }
        moment += pulse.STILL_SECONDS + 1
        assert probed() == ill
        fresh.beat()
        assert probed() == well
        moment += pulse.STUCK_SECONDS
        fresh.beat()
        assert probed() == ill
        fresh.turned("mail")
        assert probed() == well
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 404
    with metrics_served("127.0.0.1", 0, bytes) as port:  # what serves has its health elsewhere
        assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 404


async def test_a_mail_server_that_is_away(runtime: Runtime, fresh: Pulse, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is trouble, seen as long as it lasts, and no reason to start the worker again."""
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(polling, "LONGEST_PAUSE_SECONDS", 0.02)
    await write(runtime)
    stop = asyncio.Event()
    away = replace(runtime, mailer=SmtpTransport("smtp://127.0.0.1:1"))
    task = asyncio.create_task(worker.run(away, stop))
    trouble = "latchkey_worker_trouble{queue=mail}"
    await eventually(lambda: fresh.trouble.get("mail") == "mail.server_away", 30)
    assert here()[trouble] == 1
    assert fresh.report()[0]
    await sample_jobs(runtime)
    assert here()["latchkey_letters{state=due}"] + here()["latchkey_letters{state=in_hand}"] == 1
    stop.set()
    await task

    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(runtime, stop))  # it is back
    await eventually(lambda: here()[trouble] == 0, 30)
    stop.set()
    await task
    assert fresh.turned_at.keys() == {"mail", "jobs"}
