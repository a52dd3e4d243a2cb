"""Serving with workers: each story shows one fault of Sanic's own runners gone.

The processes are real ones, in sessions of their own: a mistake here must not signal the test run.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import httpx
import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from service.core.process.sockets import listen
from tests.serve.instance import REQUEST, Instance, Run, ended, refused
from tests.support.waiting import until


@pytest.fixture(scope="module", autouse=True)
def eleven_seconds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Future[None]]:
    """The longest story goes on behind the others; the last test asks how it ended."""
    instance = Instance(tmp_path_factory.mktemp("eleven") / "log")

    def story() -> None:
        instance.both_answer()
        with ThreadPoolExecutor(1) as thread:
            request = thread.submit(httpx.get, instance.url + "/slow?s=11", timeout=20)
            instance.asked()
            told = time.monotonic()
            instance.signal()
            until(lambda: refused(instance.port), seconds=8)  # the answer is still to come
            assert request.result().status_code == 200
            assert time.monotonic() - told > 10
        assert instance.exit_code() == 0
        assert instance.text.count("stopped in order") == 2

    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(story)
        instance.reap()


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
    for processes in ("0", "0", "2", "0"):
        instance = run("--workers", processes)
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
    instance.asked(4)
    os.kill(victim, signal.SIGKILL)
    instance.pids(20)  # nobody is refused meanwhile: the socket outlives its worker
    after = instance.both_answer()
    assert victim not in after
    assert other in after
    for request in under_way:
        with suppress(httpx.RemoteProtocolError, httpx.ReadError):
            assert request.result().text == str(other)
    instance.signal()
    assert instance.exit_code() == 0


@pytest.mark.parametrize(("processes", "number"), [("0", signal.SIGTERM), ("2", signal.SIGTERM), ("2", signal.SIGINT)])
def test_second_signal_cuts_nothing(run: Run, aside: ThreadPoolExecutor, processes: str, number: int) -> None:
    """A platform, like Ctrl-C, signals every process, and then the parent does: Sanic's runner dies of the second."""
    instance = run("--workers", processes)
    instance.connect()[0].close()
    request = aside.submit(httpx.get, instance.url + "/slow?s=1.2", timeout=10)
    instance.asked()
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


@pytest.mark.parametrize("processes", ["0", "2"])
def test_kept_connections_do_not_delay_the_exit(run: Run, processes: str) -> None:
    """Sanic waits out its whole shutdown time-out for a connection that was busy when the signal came."""
    instance = run("--workers", processes)
    idle = [instance.connect()[0] for _ in range(8)]
    busy, _ = instance.connect()
    busy.sendall(REQUEST.replace(b"/pid", b"/slow?s=1"))
    instance.asked()
    told = time.monotonic()
    instance.signal()
    assert b"connection: close" in busy.recv(4096)
    assert instance.exit_code() == 0
    assert time.monotonic() - told < 8
    assert all(connection.recv(1) == b"" for connection in idle)
    for connection in (*idle, busy):
        connection.close()


def test_request_that_outlasts_the_grace_is_cut_and_told(run: Run, aside: ThreadPoolExecutor) -> None:
    """The supervisor's patience ends where it was set, and its exit code says that something was cut."""
    instance = run("--grace", "2")
    instance.both_answer()
    request = aside.submit(httpx.get, instance.url + "/slow?s=8", timeout=10)
    instance.asked()
    instance.signal()
    assert instance.exit_code() == 1
    assert isinstance(request.exception(), httpx.TransportError)
    assert instance.text.count("is killed") == 1


def test_killed_parent_leaves_no_worker_and_no_port_behind(run: Run) -> None:
    """A worker without a parent is replaced by nobody: it must not go on serving for ever."""
    instance = run()
    processes = [psutil.Process(pid) for pid in instance.both_answer()]
    instance.signal(signal.SIGKILL)
    until(lambda: all(ended(process) for process in processes))
    listen("127.0.0.1", instance.port)[0].close()


def test_idle_parent_costs_nothing(run: Run) -> None:
    """Sanic's manager polls, and spins at half a processor after an early SIGTERM."""
    instance = run()
    instance.both_answer()
    parent = psutil.Process(instance.process.pid)
    before = parent.cpu_times()
    time.sleep(1.5)
    after = parent.cpu_times()
    spent = (after.user + after.system) - (before.user + before.system)
    assert round(spent, 3) <= 0.01, "one tick of the kernel's clock: sums of hundredths aren't hundredths"
    assert not [name for name in ("sanic", "uvloop") if any(name in m.path for m in parent.memory_maps())]


def test_failing_start_is_told_once_a_try(run: Run) -> None:
    """Sanic kills its whole process group when a start raises; its runner prints every traceback twice."""
    instance = run("--workers", "0", "--fail")
    assert instance.exit_code() == 1
    assert instance.text.count("Traceback") == 1
    assert refused(instance.port)


def test_request_of_eleven_seconds_is_answered_after_sigterm(eleven_seconds: Future[None]) -> None:
    """Sanic's manager cuts every request after 10 s, and lets new connections hang meanwhile."""
    eleven_seconds.result(timeout=30)
