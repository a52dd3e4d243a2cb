"""What we ship as a process of its own: a command to its end, or a service until its block's; always reaped.

`latchkey` runs a command, `serving` a service, `running` whatever there is to run. Commands of `python -m` are forks of
a process that has imported the service already (tests/support/fork_server.py); `fresh` starts an interpreter, where
starting is what is looked at or what is measured.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from typing import IO, Protocol

import httpx

from tests.servers import free_port
from tests.support.waiting import PATIENCE_SECONDS, eventually, until

ROOT = Path(__file__).parents[2]
MODULE = (sys.executable, "-m")
LATCHKEY = (*MODULE, "service")
COMMAND_SECONDS = READY_SECONDS = 60.0
EXIT_TRY_AGAIN = 75


class Process(Protocol):
    """What `subprocess.Popen` and a fork have in common."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment with the settings of the product replaced by `changes`."""
    from tests.support.brought import SETTINGS

    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS.model_fields}
    return kept | {"PYTHONPATH": str(ROOT)} | changes


def latchkey(*args: str, given: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; return its exit code, and what it wrote to standard output and error.

    Raises `subprocess.TimeoutExpired`, the command killed.
    """
    return latchkey_in(_nowhere(), args, environment(**settings), given=given)


def latchkey_in(
    directory: Path, args: Sequence[str], env: Mapping[str, str], *, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Do the same in a directory, where a package with features may lie."""
    command = (*LATCHKEY, *args)
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write((given or "").encode())
        stdin.seek(0)
        with _started(command, (stdin, stdout, stderr), env, directory) as process:
            code = process.wait(COMMAND_SECONDS)
        said = []
        for file in (stdout, stderr):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess(command, code, *said)


async def latchkey_beside(*args: str, given: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command on the stores of a service that runs in this process, which goes on meanwhile.

    Otherwise it could be in the middle of a transaction, and SQLite would be locked for as long as the command takes.
    Where this machine holds the service up for longer than a command waits, that one says 75: to be tried again.
    """
    return await latchkey_in_beside(_nowhere(), args, environment(**settings), given=given)


async def latchkey_in_beside(
    directory: Path, args: Sequence[str], env: Mapping[str, str], *, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Do the same in a directory, where a package with features may lie."""
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        done = await asyncio.to_thread(latchkey_in, directory, args, env, given=given)
        if done.returncode != EXIT_TRY_AGAIN or monotonic() > deadline:
            return done


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    directory: Path | None = None,
    fresh: bool = False,
) -> Iterator[Process]:
    """Run a command in a session of its own, what it says going to the end of `log`.

    SIGTERM ends it with the block, SIGKILL whatever is left of its group then. Its directory is one without a
    developer's .env file, unless it is named.
    """
    with log.open("ab") as out, Path(os.devnull).open("rb") as nothing:
        given = environment() if env is None else env
        with _started(command, (nothing, out, out), given, directory or _nowhere(), fresh=fresh) as process:
            yield process


def lives(pid: int) -> bool:
    """Whether there is such a process; one that has ended and that nobody has waited for isn't one (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass(frozen=True)
class Service:
    """A service that was started."""

    port: int
    process: Process
    log: Path

    @property
    def url(self) -> str:
        """Its address on this machine."""
        return f"http://127.0.0.1:{self.port}"

    def denied(self) -> float:
        """Return for how many seconds its main thread has waited for a processor so far (Linux; 0 elsewhere)."""
        with suppress(OSError):
            return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9
        return 0.0

    def said(self) -> str:
        """All that it has said so far."""
        return self.log.read_text(errors="replace")

    def is_ready(self) -> bool:
        """Whether it says that it is; an `AssertionError` if it runs no more."""
        assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.said()}"
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/api/health/ready", timeout=10).status_code == 200
        return False

    def wait(self, seconds: float = READY_SECONDS) -> None:
        """Wait until it is ready."""
        until(self.is_ready, seconds, why=self.said)

    async def ready(self, seconds: float = READY_SECONDS, *, path: str = "/api/health/ready") -> None:
        """Wait until it is ready, or answers well at this path, and let others work meanwhile."""

        async def is_ready() -> bool:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.said()}"
            with suppress(httpx.TransportError):
                return (await client.get(path)).status_code == 200
            return False

        async with httpx.AsyncClient(base_url=self.url, timeout=10, trust_env=False) as client:
            await eventually(is_ready, seconds, why=self.said)


@contextmanager
def serving(log: Path, *options: str, module: str = LATCHKEY[-1], **settings: str) -> Iterator[Service]:
    """Serve with these settings, on a free port if none is among them, and wait until it is ready."""
    with starting(log, *options, module=module, **settings) as service:
        service.wait()
        yield service


@contextmanager
def starting(log: Path, *options: str, module: str = LATCHKEY[-1], **settings: str) -> Iterator[Service]:
    """Do the same, and don't wait."""
    port = settings.get("PORT") or str(free_port())
    with running((*MODULE, module, "serve", *options), log, env=environment(**settings | {"PORT": port})) as process:
        yield Service(int(port), process, log)


@contextmanager
def _started(
    command: Sequence[str],
    standard: Sequence[IO[bytes]],
    env: Mapping[str, str],
    directory: Path,
    *,
    fresh: bool = False,
) -> Iterator[Process]:
    process: Process
    if fresh or tuple(command[:2]) != MODULE:
        stdin, stdout, stderr = standard
        process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, env=env, cwd=directory, start_new_session=True
        )
    else:
        process = _fork_server().fork(command[2], command[3:], standard, env, directory)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@cache
def _nowhere() -> Path:
    """A directory without a developer's .env file, this process's own."""
    directory = tempfile.TemporaryDirectory(prefix="latchkey-tests-")
    atexit.register(directory.cleanup)
    return Path(directory.name)


class Fork:
    """A child of the fork server's, in the words of `subprocess.Popen`."""

    def __init__(self, module: str, talk: socket.socket) -> None:
        """Take what `ForkServer.fork`, the way in, has begun."""
        self._module = module
        self._talk = talk
        self.pid = int(self._line(None) or 0)
        self.returncode: int | None = None
        assert self.pid, "the fork server is gone"

    def poll(self) -> int | None:
        """Return how it ended, or None."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended. Raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            line = self._line(timeout)
            self._talk.close()
            self.returncode = int(line) if line else -signal.SIGKILL  # with the fork server, which takes all along
        return self.returncode

    def send_signal(self, sig: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _line(self, timeout: float | None) -> bytes:
        """Return the next line, without its end; nothing at the end of all."""
        self._talk.settimeout(timeout)
        line = b""
        try:
            while (char := self._talk.recv(1)) not in (b"", b"\n"):
                line += char
        except (TimeoutError, BlockingIOError):
            raise subprocess.TimeoutExpired(self._module, timeout or 0) from None
        return line


class ForkServer:
    """The fork server, seen from here."""

    def __init__(self) -> None:
        """Start it; it ends with this process."""
        self._control, end = socket.socketpair()
        with end:
            self._process = subprocess.Popen(
                [*MODULE, "tests.support.fork_server", str(end.fileno())], pass_fds=(end.fileno(),),
                env=environment(AERICH_NO_TORTOISE_V1_WARNING="1"), cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def fork(
        self, module: str, args: Sequence[str], standard: Sequence[IO[bytes]], env: Mapping[str, str], directory: Path
    ) -> Fork:
        """Run a module as `python -m` does, in a fork."""
        talk, end = socket.socketpair()
        with end:
            socket.send_fds(self._control, [b"f"], [*(file.fileno() for file in standard), end.fileno()])
        told = {"module": module, "arguments": args, "environment": dict(env), "directory": str(directory)}
        talk.sendall(json.dumps(told).encode() + b"\n")
        return Fork(module, talk)

    def stop(self) -> None:
        """End it, and whatever it has forked."""
        self._control.close()
        self._process.wait(20)


_lock = threading.Lock()


def _fork_server() -> ForkServer:
    with _lock:
        return _only_fork_server()


@cache
def _only_fork_server() -> ForkServer:
    server = ForkServer()
    atexit.register(server.stop)
    return server
