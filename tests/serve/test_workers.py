"""Serving with workers: each story shows one fault of Sanic's own runners gone.

The processes are real ones, in sessions of their own: a mistake here must not signal the test run.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from service.core import workers
from service.core.serving import inherited_socket
from service.core.workers import listen, restart_delay, supervise

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


Run = Callable[..., Instance]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Start instances; whatever is left of them dies with the test."""
    started: list[Instance] = []

    def start(*options: str) -> Instance:
        started.append(Instance(tmp_path / f"{len(started)}.log", *options))
        return started[-1]

    yield start
    for instance in started:
        instance.reap()


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """Threads for the requests that are under way while a test does something else."""
    with ThreadPoolExecutor(4) as threads:
        yield threads


def until(fact: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def told_after(run: Run, delay: float, *options: str) -> tuple[float, int, bool, bool]:
    instance = run(*options)
    instance.said("Starting 2 worker(s).")
    time.sleep(delay)
    instance.signal()
    return delay, instance.exit_code(), refused(instance.port), "Traceback" in instance.text


def test_sigterm_at_any_moment_of_the_start_ends_it(run: Run, aside: ThreadPoolExecutor) -> None:
    """Sanic's manager never exits when SIGTERM comes before its workers have reported."""
    ready = [aside.submit(told_after, run, delay) for delay in (0, 0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.2, 1.5)]
    waiting = [aside.submit(told_after, run, delay, "--boot", "30") for delay in (0.6, 0.8, 1.0, 1.5)]
    for end in ready + waiting:
        delay, code, port_is_free, traceback = end.result()
        assert (delay, code, port_is_free, traceback) == (delay, 0, True, False)


def test_sigterm_before_the_supervisor_has_its_handlers_ends_it_too(run: Run) -> None:
    """Between the first line and the handlers the default applies: an end either way, and no worker left."""
    instance = run()
    instance.signal()
    assert instance.exit_code() in (0, -signal.SIGTERM)
    assert refused(instance.port)


def test_sigterm_right_after_the_first_answer_is_not_lost(run: Run) -> None:
    """Sanic's single-process runner loses a SIGTERM in the first milliseconds after its first answer."""
    for count in ("0", "2", "0", "2", "0"):
        instance = run("--workers", count)
        connection, _ = instance.connect()
        instance.signal()
        assert instance.exit_code() == 0
        connection.close()


def test_sigterm_while_a_lone_process_waits_for_its_stores_ends_it_in_order(run: Run) -> None:
    """Sanic's single-process runner dies of the signal itself there, and runs no listener."""
    instance = run("--workers", "0", "--boot", "30")
    instance.said("waiting")
    instance.signal()
    assert instance.exit_code() == 0
    assert "stopped in order" in instance.text
    assert "Traceback" not in instance.text


def test_killed_worker_is_replaced(run: Run, aside: ThreadPoolExecutor) -> None:
    """Sanic's manager leaves a killed worker dead; here only the requests it was answering fail."""
    instance = run()
    victim, other = instance.both_answer()
    under_way = [aside.submit(httpx.get, instance.url + "/slow?s=2", timeout=10) for _ in range(4)]
    time.sleep(0.5)
    os.kill(victim, signal.SIGKILL)
    killed = time.monotonic()
    instance.pids(20)  # nobody is refused meanwhile: the socket outlives its worker
    after = instance.both_answer()
    assert time.monotonic() - killed < 5
    assert victim not in after
    assert other in after
    for request in under_way:
        with suppress(httpx.RemoteProtocolError, httpx.ReadError):
            assert request.result().text == str(other)
    instance.signal()
    assert instance.exit_code() == 0


def test_request_of_eleven_seconds_is_answered_after_sigterm(run: Run, aside: ThreadPoolExecutor) -> None:
    """Sanic's manager cuts every request after 10 s, and lets new connections hang meanwhile."""
    instance = run()
    instance.both_answer()
    request: Future[httpx.Response] = aside.submit(httpx.get, instance.url + "/slow?s=11", timeout=20)
    time.sleep(0.5)
    told = time.monotonic()
    instance.signal()
    until(lambda: refused(instance.port), seconds=1)
    assert request.result().status_code == 200
    assert time.monotonic() - told > 10
    assert instance.exit_code() == 0
    assert instance.text.count("stopped in order") == 2


@pytest.mark.parametrize(("count", "number"), [("0", signal.SIGTERM), ("2", signal.SIGTERM), ("2", signal.SIGINT)])
def test_second_signal_cuts_nothing(run: Run, aside: ThreadPoolExecutor, count: str, number: int) -> None:
    """A platform, like Ctrl-C, signals every process, and then the parent does: Sanic's runner dies of the second."""
    instance = run("--workers", count)
    instance.connect()[0].close()
    request = aside.submit(httpx.get, instance.url + "/slow?s=1.2", timeout=10)
    time.sleep(0.3)
    for _ in range(3):
        os.killpg(instance.process.pid, number)
        time.sleep(0.15)
    assert request.result().status_code == 200
    assert instance.exit_code() == 0
    assert "Traceback" not in instance.text


def test_ctrl_c_while_workers_are_starting_is_quiet(run: Run) -> None:
    """The terminal signals the workers too, and a Python that is still importing would print a traceback each."""
    for delay in (0.05, 0.3):
        instance = run()
        instance.said("Starting 2 worker(s).")
        time.sleep(delay)
        os.killpg(instance.process.pid, signal.SIGINT)
        assert instance.exit_code() == 0
        assert "Traceback" not in instance.text


@pytest.mark.parametrize("count", ["0", "2"])
def test_kept_connections_do_not_delay_the_exit(run: Run, count: str) -> None:
    """Sanic waits out its whole shutdown time-out for a connection that was busy when the signal came."""
    instance = run("--workers", count)
    idle = [instance.connect()[0] for _ in range(8)]
    busy, _ = instance.connect()
    busy.sendall(REQUEST.replace(b"/pid", b"/slow?s=1"))
    time.sleep(0.3)
    told = time.monotonic()
    instance.signal()
    assert b"connection: close" in busy.recv(4096)
    assert instance.exit_code() == 0
    assert time.monotonic() - told < 2.5
    assert all(connection.recv(1) == b"" for connection in idle)
    for connection in (*idle, busy):
        connection.close()


def test_request_that_outlasts_the_grace_is_cut_and_told(run: Run, aside: ThreadPoolExecutor) -> None:
    """The supervisor's patience ends where it was set, and its exit code says that something was cut."""
    instance = run("--grace", "0.5")
    instance.both_answer()
    request = aside.submit(httpx.get, instance.url + "/slow?s=8", timeout=10)
    time.sleep(0.3)
    instance.signal()
    assert instance.exit_code() == 1
    assert isinstance(request.exception(), httpx.TransportError)
    assert instance.text.count("is killed") == 1


def test_killed_parent_leaves_no_worker_and_no_port_behind(run: Run) -> None:
    """A worker without a parent is replaced by nobody: it must not go on serving for ever."""
    instance = run()
    processes = [psutil.Process(pid) for pid in instance.both_answer()]
    instance.signal(signal.SIGKILL)
    gone, alive = psutil.wait_procs(processes, timeout=2)
    assert (len(gone), alive) == (2, [])
    listen("127.0.0.1", instance.port)[0].close()


def test_idle_parent_costs_nothing(run: Run) -> None:
    """Sanic's manager polls, and spins at half a processor after an early SIGTERM."""
    instance = run()
    instance.both_answer()
    parent = psutil.Process(instance.process.pid)
    before = parent.cpu_times()
    time.sleep(1.5)
    after = parent.cpu_times()
    assert (after.user + after.system) - (before.user + before.system) <= 0.01
    assert not [name for name in ("sanic", "uvloop") if any(name in m.path for m in parent.memory_maps())]


def test_failing_start_is_told_once_a_try(run: Run) -> None:
    """Sanic kills its whole process group when a start raises; its runner prints every traceback twice."""
    instance = run("--workers", "0", "--fail")
    assert instance.exit_code() == 1
    assert instance.text.count("Traceback") == 1
    assert refused(instance.port)


@pytest.mark.parametrize(("code", "expected", "starts"), [(1, 1, workers.ATTEMPTS), (78, 78, 1), (2, 2, 1)])
def test_workers_that_cannot_start_end_the_supervisor(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    code: int,
    expected: int,
    starts: int,
) -> None:
    """A mistake that no restart mends ends with the worker's own code; others are tried again, but not for ever."""
    monkeypatch.setattr(workers, "restart_delay", lambda _failures: 0.0)
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)]
    log = tmp_path / "starts"
    command = [sys.executable, "-c", f"open({str(log)!r}, 'a').write('x'); raise SystemExit({code})"]
    with caplog.at_level(logging.ERROR, "latchkey.workers"):
        assert supervise(command, listen("127.0.0.1", 0)) == expected
    assert len(caplog.records) == 1
    assert log.read_text() == "x" * starts
    assert handlers == [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)]


def test_command_that_does_not_exist_ends_the_supervisor(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be run at all is given up in one line as well."""
    monkeypatch.setattr(workers, "restart_delay", lambda _failures: 0.0)
    with caplog.at_level(logging.ERROR, "latchkey.workers"):
        assert supervise(["/nowhere/latchkey"], listen("127.0.0.1", 0, 2)) == 1
    assert len(caplog.records) == 1


def test_restarts_come_ever_later() -> None:
    """The first at once, then half a second, doubling, never more than the longest."""
    assert [restart_delay(failures) for failures in range(1, 8)] == [0, 0.5, 1, 2, 4, 5, 5]


def test_connections_are_spread_over_the_workers(run: Run) -> None:
    """On one shared socket a burst of connections often goes to one worker alone: whoever wakes first takes all."""
    if sys.platform != "linux":
        pytest.skip("only Linux spreads connections over sockets")
    instance = run()
    instance.both_answer()
    worst = 0
    for _ in range(5):
        connections = [socket.create_connection(("127.0.0.1", instance.port), timeout=5) for _ in range(32)]
        for connection in connections:
            connection.sendall(REQUEST)
        owners = Counter(connection.recv(4096).split()[-1] for connection in connections)
        worst = max(worst, *owners.values())
        for connection in connections:
            connection.close()
    assert worst <= 28  # a fair coin goes past this once in some ten thousand runs


def test_taken_port_is_said_so() -> None:
    """SO_REUSEPORT would share the port with another instance without a word."""
    for first, second in ((1, 1), (2, 2), (2, 1), (1, 2)):
        holders = listen("127.0.0.1", 0, first)
        port = holders[0].getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"):
            listen("127.0.0.1", port, second)
        for holder in holders:
            holder.close()


def test_sockets_of_all_workers_have_one_port() -> None:
    """Port 0 is chosen once, and a host with a colon is IPv6."""
    for host in ("127.0.0.1", "::1"):
        try:
            socks = listen(host, 0, 3)
        except OSError:
            assert host == "::1"
            pytest.skip("no IPv6 here")
        assert len({sock.getsockname()[:2] for sock in socks}) == 1
        for sock in socks:
            sock.close()


def test_without_a_supervisor_nothing_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket comes by number in the environment, and the number is used up."""
    monkeypatch.delenv("LATCHKEY_LISTEN_FD", raising=False)
    assert inherited_socket() is None
    sock = listen("127.0.0.1", 0)[0]
    monkeypatch.setenv("LATCHKEY_LISTEN_FD", json.dumps(os.dup(sock.fileno())))
    inherited = inherited_socket()
    assert inherited is not None
    assert inherited.getsockname() == sock.getsockname()
    assert "LATCHKEY_LISTEN_FD" not in os.environ
    inherited.close()
    sock.close()
