"""A running instance of the sample app, and what can be asked about it from outside."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

from tests.support.process import MODULE, running
from tests.support.waiting import until

REQUEST = b"GET /pid HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Instance:
    """The sample app under the supervisor (or alone, with `--workers 0`), and what it printed."""

    def __init__(self, log: Path, *options: str, fresh: bool = True) -> None:
        self.log = log
        self.stack = ExitStack()
        # A fresh interpreter: what a signal meets there is looked at from its first moment on.
        command = [*MODULE, "tests.serve.sample_app", *options]
        self.process = self.stack.enter_context(running(command, log, fresh=fresh))
        self.said("port ")
        self.port = int(self.text.split("port ")[1].split()[0])
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def text(self) -> str:
        return self.log.read_text()

    def said(self, words: str) -> None:
        until(lambda: words in self.text and self.text.endswith("\n"), why=lambda: self.text)

    def send(self, request: bytes = REQUEST) -> socket.socket:
        """Return a new connection on which this was sent, and nothing read."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(request)
        return connection

    def asked(self, times: int = 1) -> None:
        """Wait until so many slow requests are under way."""
        until(lambda: self.text.count("asked") >= times, why=lambda: self.text)

    def connect(self) -> tuple[socket.socket, int]:
        """Return a kept-alive connection that has had one answer, and the process that gave it."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.sendall(REQUEST)
        head, _, pid = connection.recv(4096).partition(b"\r\n\r\n")
        assert b"200 OK" in head
        return connection, int(pid)

    def pids(self, tries: int = 12) -> set[int]:
        """Who answers: one new connection for each try, and each must be answered."""
        answers = [self.connect() for _ in range(tries)]
        for connection, _ in answers:
            connection.close()
        return {pid for _, pid in answers}

    def both_answer(self) -> set[int]:
        until(lambda: len(self.pids()) == 2)
        pids: set[int] = set()
        while len(pids) < 2:
            pids |= self.pids()
        return pids

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def exit_code(self, seconds: float = 8.0) -> int:
        """How it ended, soon after it was told: far from the seconds that a drain may take."""
        return self.process.wait(seconds)

    def reap(self) -> None:
        self.process.kill()
        self.stack.close()


def ended(process: psutil.Process) -> bool:
    """Whether it runs no more, reaped by its new parent or not."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return True


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


Run = Callable[..., Instance]
