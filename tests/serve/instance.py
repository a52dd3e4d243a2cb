"""A running instance of the sample app, and what can be asked about it from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

ROOT = Path(__file__).parents[2]
REQUEST = b"GET /pid HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Instance:
    """The sample app under the supervisor (or alone, with `--workers 0`), and what it printed."""

    def __init__(self, log: Path, *options: str) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.serve.sample_app", *options],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.said("port ")
        self.port = int(self.text.split("port ")[1].split()[0])
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def text(self) -> str:
        return self.log.read_text()

    def said(self, words: str) -> None:
        until(lambda: words in self.text and self.text.endswith("\n"), seconds=10)

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
        until(lambda: len(self.pids()) == 2, seconds=10)
        pids: set[int] = set()
        while len(pids) < 2:
            pids |= self.pids()
        return pids

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def exit_code(self, seconds: float = 3.0) -> int:
        return self.process.wait(seconds)

    def reap(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def until(fact: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def ended(process: psutil.Process) -> bool:
    """Whether it runs no more, reaped by its new parent or not."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return True


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


Run = Callable[..., Instance]
