"""The service as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers.process import free_port
from tests.support.stores import SECRET

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 2.0
RECOVERY_SECONDS = 5.0
DATABASE_POOL = 4
REDIS_POOL = 6
CLIENTS = 8


def environment(database_url: str, redis_url: str, **changes: str) -> dict[str, str]:
    """Return the environment of a service with small pools, which show a leak sooner."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "COVERAGE_PROCESS_START") if name in os.environ}
    return {
        **kept,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET,
        "DATABASE_POOL_SIZE": str(DATABASE_POOL),
        "REDIS_POOL_SIZE": str(REDIS_POOL),
        "MAX_SESSIONS_PER_USER": "1000",
        "RATE_LIMITS_ENABLED": "false",
        "PYTHONPATH": str(ROOT),
        **changes,
    }


def latchkey(*arguments: str, env: dict[str, str], cwd: Path, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; what it prints is in one piece, `stdout`."""
    return subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        env=env,
        cwd=cwd,  # no .env file of a developer's
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )


@dataclass
class Service:
    """A running service."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def serving(env: dict[str, str], directory: Path) -> Iterator[Service]:
    """Start a service; kill it at the end if SIGTERM doesn't."""
    port = free_port()
    log = directory / f"service-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            env={**env, "PORT": str(port)},
            cwd=directory,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Service(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


async def up(service: Service, http: httpx.AsyncClient) -> None:
    """Wait until the service listens."""
    deadline = time.monotonic() + 15
    while True:
        assert service.process.poll() is None, service.said()
        with suppress(httpx.TransportError):
            if (await http.get("/api/health")).status_code == 200:
                return
        assert time.monotonic() < deadline, service.said()
        await asyncio.sleep(0.02)


async def eventually(condition: Any, seconds: float) -> None:
    """Wait until an asynchronous condition holds."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.02)
