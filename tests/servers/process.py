"""What every server under test can do: start, stop, die, hang, and come back on the same port."""

import atexit
import os
import secrets
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Self

import psutil  # type: ignore[import-untyped]  # ships no types

from .binaries import Account
from .reaper import Home, is_gone

START_SECONDS = 30.0
BUS_OFFSET = 10_000


class ServerFailed(Exception):
    """A server didn't start, or isn't in the state that was asked for; says what its log says."""


class _PortTaken(ServerFailed):
    """Somebody else bound the port between the choice and the start."""


class Server(ABC):
    """A server in a private directory, on 127.0.0.1 only; a context manager that stops it."""

    title: ClassVar[str]
    polite: ClassVar[signal.Signals]  # ends it in good order, data on disk
    hasty: ClassVar[signal.Signals]  # ends it at once, data of no interest

    def __init__(self, home: Home, account: Account | None = None, *, above: tuple[int, ...] = ()) -> None:
        """Take a home, and the user to run as; the ports so far `above` its own are to be free too."""
        self.port = 0
        self._home = home
        self._account = account
        self._above = above
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        atexit.register(self._stop_at_exit)

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the command that serves `self.port` in the foreground."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Say whether the server answers a request; called until it does."""

    @property
    def pid(self) -> int:
        """The server's process id. Raises ServerFailed when it doesn't run."""
        return self._running().pid

    @property
    def directory(self) -> Path:
        """Where the server keeps what it keeps, gone once it is stopped."""
        return self._home.directory

    @property
    def log(self) -> str:
        """What the server has written to its log, of all its starts."""
        path = self.directory / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def kill(self) -> None:
        """End the server and all its processes by SIGKILL; do nothing when it doesn't run."""
        if self._process is None or self._process.poll() is not None:
            return
        processes = self._hold()
        for process in reversed(processes):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        _wait_for(lambda: all(map(is_gone, processes)), 10, f"{self.title} survives SIGKILL")

    def freeze(self) -> None:
        """Suspend all the server's processes: connections open, and then nothing answers."""
        processes = self._hold()
        for process in processes[1:]:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        _wait_for(lambda: all(map(_is_held, processes)), 10, f"{self.title} survives SIGSTOP")

    def thaw(self) -> None:
        """Undo `freeze`; do nothing to a server that runs."""
        server = psutil.Process(self.pid)
        for process in [*server.children(recursive=True), server]:
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def start_again(self) -> None:
        """Start a server that was killed, on its port and its data; return once it answers."""
        if self._process is not None and self._process.poll() is None:
            raise ServerFailed(f"{self.title} on port {self.port} runs already")
        if not self.directory.exists():
            raise ServerFailed(f"{self.title} was stopped, and its data removed")
        self._launch()

    def restart(self) -> None:
        """Shut down in good order, then start on the same port and data; return once it answers."""
        process = self._running()
        self.thaw()
        process.send_signal(self.polite)
        process.wait(START_SECONDS)
        self._launch()

    def stop(self) -> None:
        """End the server and remove its data; do nothing when that is done."""
        atexit.unregister(self._stop_at_exit)
        process = self._process
        if process is not None and process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                self.thaw()
            process.send_signal(self.hasty)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        self._home.release()

    def __enter__(self) -> Self:
        """Return the server."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stop()

    def _stop_at_exit(self) -> None:
        if os.getpid() == self._owner:  # a forked child leaves by the same door
            self.stop()

    def _open(self) -> None:
        """Start on a free port; on another when somebody was faster."""
        for attempt in range(5):
            self.port = free_port(above=self._above)
            try:
                self._launch()
            except _PortTaken:
                if attempt == 4:
                    raise
            else:
                return

    def _launch(self) -> None:
        log = self.directory / "server.log"
        with log.open("ab") as out:
            before = out.tell()
            self._process = self._spawn(self._command(), out.fileno())
        process = self._process
        with suppress(psutil.NoSuchProcess):
            self._home.note(process.pid)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                said = log.read_bytes()[before:].decode(errors="replace")[-3000:]
                taken = "Address already in use" in said or "Failed listening" in said
                state = f"ended with status {process.returncode}" if ended else "doesn't answer"
                self.kill()
                raise (_PortTaken if taken else ServerFailed)(f"{self.title} {state}:\n{said}")
            time.sleep(0.002)

    def _spawn(self, command: list[str], out: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=self.directory,  # the reaper knows our processes by it
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C stops the tests, and these stop the server
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
            extra_groups=[] if self._account else None,
        )

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            raise ServerFailed(f"{self.title} on port {self.port} doesn't run")
        return self._process

    def _hold(self) -> list[psutil.Process]:
        """Suspend the server's first process; return it and its children, which are now all."""
        server = psutil.Process(self.pid)
        server.suspend()
        _wait_for(lambda: _is_held(server), 10, f"{self.title} survives SIGSTOP")
        return [server, *server.children(recursive=True)]


_given: set[int] = set()


def free_port(*, above: tuple[int, ...] = ()) -> int:
    """Return a port nobody listens on, nor on those so far `above` it.

    Below the range that systems take client ports from: there, a client that keeps trying to
    reach a stopped server can be given the server's own port, and so keep it from coming back.
    None is given twice: whoever asked may not listen there yet.
    """
    for _ in range(100):
        port = 12_000 + secrets.randbelow(BUS_OFFSET)
        wanted = {port + offset for offset in (0, *above)}
        if _given.isdisjoint(wanted) and all(map(_is_free, wanted)):
            _given.update(wanted)
            return port
    raise ServerFailed("no free port found between 12000 and 22000")


def wait_for(condition: Callable[[], bool], seconds: float, complaint: str, *, pause: float = 0.02) -> None:
    """Wait until a condition holds; one that raises ServerFailed doesn't. Raises ServerFailed with the complaint."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(ServerFailed):
            if condition():
                return
        if time.monotonic() > deadline:
            raise ServerFailed(complaint)
        time.sleep(pause)


def clean_environment() -> dict[str, str]:
    """Return an environment in which no PGxxx and no locale of the developer's has a say."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
    return {"LC_ALL": "C"} | {name: os.environ[name] for name in kept if name in os.environ}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do; else a connection's remains (TIME_WAIT) would count as a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_held(process: psutil.Process) -> bool:
    return is_gone(process) or process.status() == psutil.STATUS_STOPPED


def _wait_for(condition: Callable[[], bool], seconds: float, complaint: str) -> None:
    wait_for(condition, seconds, complaint, pause=0.001)
