"""A worker that is dead, frozen or leaving keeps nobody waiting: the others take its connections."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from service.core.process.sockets import listen
from service.core.process.workers import ATTEMPTS, Told, supervise
from tests.serve.instance import REQUEST, Instance, Run
from tests.support.waiting import until

FROZEN = "2"
SPEAKS = "import os, socket; socket.socket(fileno=int(os.environ['LATCHKEY_PARENT_FD'])).send(b'.r'); "


def said_on(connection: socket.socket) -> bytes:
    """Everything until the end of the connection, however it ended."""
    found = b""
    with suppress(ConnectionResetError):
        while data := connection.recv(4096):
            found += data
    connection.close()
    return found


def held_open(instance: Instance, pid: int) -> socket.socket:
    """Return a kept-alive connection to that worker."""
    while True:
        connection, owner = instance.connect()
        if owner == pid:
            return connection
        connection.close()


def test_nobody_waits_for_a_worker_that_is_dead_or_frozen(run: Run, tmp_path: Path) -> None:
    """While a worker is dead, stopped or hanging the others take its connections; the latter two are killed."""
    if sys.platform != "linux":
        pytest.skip("one socket for all: whoever lives takes everything")
    held = tmp_path / "held"
    instance = run("--frozen", FROZEN, "--held", str(held))
    victim, other = instance.both_answer()

    held.touch()  # whoever is started from now on serves nobody yet
    os.kill(victim, signal.SIGKILL)
    assert instance.pids(20) == {other}  # about half of these come to the dead one's socket
    until(lambda: instance.text.count("waiting") == 3, why=lambda: instance.text)
    assert instance.pids(20) == {other}
    held.unlink()

    victim, other = instance.both_answer()
    kept = held_open(instance, victim)
    held.touch()
    os.kill(victim, signal.SIGSTOP)
    kept.sendall(REQUEST)
    assert instance.pids(20) == {other}
    assert said_on(kept) == b""  # cut, not hanging for ever
    assert instance.pids(20) == {other}
    held.unlink()

    victim, other = instance.both_answer()
    kept = held_open(instance, victim)
    kept.sendall(REQUEST.replace(b"/pid", b"/hang?s=60"))
    instance.asked()
    assert instance.pids(20) == {other}
    assert said_on(kept) == b""
    assert victim not in instance.both_answer()

    instance.signal()
    assert instance.exit_code() == 0
    assert instance.text.count("said nothing for 2 s and was killed. The next starts in ") == 2


def test_a_pause_is_no_end(run: Run) -> None:
    """A whole instance that was stopped, as a machine that slept, goes on with the workers it had."""
    instance = run("--frozen", FROZEN)
    before = instance.both_answer()
    parent = psutil.Process(instance.process.pid)
    everybody = [*parent.children(), parent]
    for process in everybody:
        process.suspend()
    connection = instance.send()
    with suppress(TimeoutError):
        connection.settimeout(4)
        assert connection.recv(1) == b"", "nobody is there to answer"
    for process in reversed(everybody):
        process.resume()
    connection.settimeout(30)
    assert b"200 OK" in connection.recv(4096)
    connection.close()
    assert instance.both_answer() == before


def test_a_worker_that_is_told_to_end_alone(run: Run, tmp_path: Path) -> None:
    """It answers what it has; what comes to its socket meanwhile is for the others, and another one follows."""
    held = tmp_path / "held"
    instance = run("--held", str(held))
    victim, other = instance.both_answer()
    kept = held_open(instance, victim)
    kept.sendall(REQUEST.replace(b"/pid", b"/slow?s=2"))
    instance.asked()
    held.touch()
    os.kill(victim, signal.SIGTERM)
    until(lambda: instance.pids(12) == {other})
    assert b"connection: close" in said_on(kept)
    assert instance.pids(20) == {other}
    held.unlink()
    assert victim not in instance.both_answer()


def test_workers_that_die_again_and_again_are_replaced_as_often(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Only starts that come to nothing are given up: who has served and died is needed again. Each end is counted."""
    monkeypatch.setattr("service.core.process.workers.restart_delay", lambda _failures: 0.0)
    log, gone, how = tmp_path / "starts", list[int](), list[str]()
    times = ATTEMPTS + 2
    script = (
        f"log = open({str(log)!r}, 'a+'); log.write('x'); log.seek(0); "
        f"served = len(log.read()) <= {times}; import sys; served or sys.exit(78); {SPEAKS} sys.exit(1)"
    )
    with caplog.at_level(logging.WARNING, "latchkey.workers"):
        code = supervise([sys.executable, "-SEc", script], listen("127.0.0.1", 0), told=Told(gone.append, how.append))
    assert code == 78
    assert how == ["died"] * times
    assert len(gone) == times + 1
    assert len(caplog.records) == times + 1
