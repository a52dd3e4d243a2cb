"""Commands and servers as processes of their own, always reaped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import httpx

from service.core.process.workers import listen

ROOT = Path(__file__).parents[2]
LATCHKEY = (sys.executable, "-m", "service")


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment with the settings of the product replaced by `changes`."""
    from service.settings import Settings

    return {name: value for name, value in os.environ.items() if name not in Settings.model_fields} | changes


def latchkey(*args: str, given: str | None = None, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*LATCHKEY, *args], env=environment(**changes), cwd=ROOT, input=given, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def free_port() -> int:
    """Return a port that is free now."""
    sock = listen("127.0.0.1", 0)[0]
    port: int = sock.getsockname()[1]
    sock.close()
    return port


@contextmanager
def running(command: list[str], log: IO[str], cwd: Path = ROOT, /, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """Run a server in a process group of its own; end the whole group, whatever happens."""
    process = subprocess.Popen(
        command, env=environment(**changes), cwd=cwd, stdout=log, stderr=log, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[str], seconds: float = 20) -> None:
    """Wait until the service says that it is ready."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, f"ended with {process.returncode}"
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/api/health/ready").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("not ready in time")
