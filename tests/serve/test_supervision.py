"""What the supervisor decides by itself: sockets, restarts, and when to give up."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from service.core.process import workers
from service.core.process.channel import inherited_socket
from service.core.process.sockets import listen
from service.core.process.workers import restart_delay, supervise
from tests.serve.instance import REQUEST, Run


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
    monkeypatch.setenv("LATCHKEY_LISTEN_FD", str(os.dup(sock.fileno())))
    inherited = inherited_socket()
    assert inherited is not None
    assert inherited.getsockname() == sock.getsockname()
    assert "LATCHKEY_LISTEN_FD" not in os.environ
    inherited.close()
    sock.close()


def test_connections_are_spread_over_the_workers(run: Run) -> None:
    """On one shared socket a burst of connections often goes to one worker alone: whoever wakes first takes all."""
    if sys.platform != "linux":
        pytest.skip("only Linux spreads connections over sockets")
    instance = run()
    instance.both_answer()
    lopsided = 0
    for _ in range(10):
        connections = [socket.socket() for _ in range(32)]
        for connection in connections:
            connection.setblocking(False)  # all at once: one after the other, even a shared socket is fair
            connection.connect_ex(("127.0.0.1", instance.port))
        for connection in connections:
            connection.settimeout(5)
            connection.sendall(REQUEST)
        owners = Counter(connection.recv(4096).split()[-1] for connection in connections)
        lopsided += max(owners.values()) > 22
        for connection in connections:
            connection.close()
        time.sleep(0.05)
    assert lopsided <= 3  # a fair coin goes past this once in some thirty thousand runs
