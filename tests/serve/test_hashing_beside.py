"""Log-ins at once, of a service that runs: a process helps it to hash, which may be killed and ends with it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from service.core.passwords.lanes import processes_beside
from tests.support.process import Service, lives, serving
from tests.support.stores import Stores
from tests.support.waiting import until

PASSWORD = "correct horse battery"
NEEDS_TWO_CORES = pytest.mark.skipif(os.cpu_count() == 1, reason="a machine with one core")
pytestmark = pytest.mark.usefixtures("runtime")  # which has made the tables


def helpers(service: Service) -> list[psutil.Process]:
    """The processes that hash for it."""
    below = psutil.Process(service.process.pid).children(recursive=True)
    return [one for one in below if any("hashing_process" in word for word in one.cmdline())]


async def log_in(client: httpx.AsyncClient, times: int) -> None:
    """Log in so often at once: with the right password, and each time with a wrong one, too."""
    right = {"email": "ada@example.com", "password": PASSWORD}
    wrong = right | {"email": "nobody@example.com"}
    answers = await asyncio.gather(*(client.post("/api/auth/login", json=body) for body in [right, wrong] * times))
    assert [answer.status_code for answer in answers] == [200, 400] * times


@NEEDS_TWO_CORES
async def test_log_ins_at_once(stores: Stores, tmp_path: Path) -> None:
    """No process for one after the other; for many, at most one for each core. They may be killed."""
    with serving(tmp_path / "log", **stores.environment()) as service:
        async with httpx.AsyncClient(base_url=service.url, timeout=60, trust_env=False) as client:
            await client.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD})
            for _ in range(3):
                await client.post("/api/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
            assert helpers(service) == []
            await log_in(client, 16)
            found = helpers(service)
            assert 1 <= len(found) <= processes_beside(1)
            for one in found:
                os.kill(one.pid, signal.SIGKILL)
            await log_in(client, 16)
            assert "passwords.process_lost" in service.said()
            assert PASSWORD not in service.said()


@NEEDS_TWO_CORES
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_nothing_is_left(stores: Stores, tmp_path: Path, how: signal.Signals) -> None:
    """When the service has ended, in whatever way."""
    with serving(tmp_path / "log", **stores.environment()) as service:
        async with httpx.AsyncClient(base_url=service.url, timeout=60, trust_env=False) as client:
            await client.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD})
            await log_in(client, 8)
        found = helpers(service)
        assert found
        service.process.send_signal(how)
        until(lambda: service.process.poll() is not None, 30)
        until(lambda: not any(lives(one.pid) for one in found))
