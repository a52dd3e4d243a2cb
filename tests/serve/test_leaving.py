"""An instance that is told to stop says so first, and loses nobody's request: not one that has hardly begun."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from array import array
from struct import pack

import httpx
import pytest

from chaos.gateway import Gateway
from service.core.process.sockets import admit_nobody_new, listen
from tests.serve.instance import REQUEST, Instance, Run, refused
from tests.servers import free_port
from tests.support.waiting import eventually, until

# Classic BPF: of what comes, ACK without SYN is dropped.
LOSE_WHAT_FOLLOWS = (
    (0x30, 0, 0, 13), (0x54, 0, 0, 0x12), (0x15, 0, 1, 0x10), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF),
)  # fmt: skip
READY = REQUEST.replace(b"/pid", b"/ready")


def answer_on(connection: socket.socket) -> bytes:
    connection.settimeout(30)
    return connection.recv(4096)


def is_ready(instance: Instance) -> bool:
    with instance.send(READY) as connection:
        return b"200 OK" in answer_on(connection)


def test_it_says_that_it_leaves_and_serves_on(run: Run) -> None:
    """For as long as was set: not ready, every answer the last of its connection, and new ones are answered as ever."""
    instance = run("--workers", "0", "--delay", "60", fresh=False)
    kept, idle = instance.connect()[0], instance.connect()[0]
    assert is_ready(instance)
    instance.signal()
    until(lambda: not is_ready(instance))
    for connection in (kept, instance.send(b"")):
        connection.sendall(REQUEST)
        said = answer_on(connection)
        assert b"200 OK" in said
        assert b"connection: close" in said
        assert connection.recv(1) == b""
        connection.close()
    idle.settimeout(0.2)
    with pytest.raises(TimeoutError):
        idle.recv(1)  # it may still ask
    instance.signal()  # as platforms do, which signal every process: no reason to hurry
    assert not refused(instance.port)
    instance.signal(signal.SIGINT)  # whoever sits at the terminal doesn't wait
    assert instance.exit_code() == 0
    assert idle.recv(1) == b""
    idle.close()


def test_the_supervisor_passes_haste_on(run: Run) -> None:
    """SIGINT for the parent alone ends workers without the delay, too."""
    instance = run("--delay", "60")
    instance.both_answer()
    instance.signal(signal.SIGINT)
    assert instance.exit_code() == 0
    assert "Traceback" not in instance.text


def test_a_connection_that_was_just_made_is_asked(run: Run) -> None:
    """It is nobody's idle connection: its request is on the way, and would be lost."""
    instance = run("--workers", "0", fresh=False)
    early = instance.send(b"")
    begun = instance.send(REQUEST[:20])
    instance.connect()[0].close()  # both are taken in by now
    instance.signal()
    until(lambda: refused(instance.port))
    for connection, rest in ((early, REQUEST), (begun, REQUEST[20:])):
        connection.sendall(rest)
        assert b"200 OK" in answer_on(connection)
        connection.close()
    assert instance.exit_code() == 0


def test_what_waits_to_be_accepted_is_accepted(run: Run) -> None:
    """The signal finds connections in the queue of a process that had no time: closing it would reset them."""
    instance = run("--workers", "0", fresh=False)
    instance.connect()[0].close()
    os.kill(instance.process.pid, signal.SIGSTOP)
    waiting = [instance.send() for _ in range(20)]
    instance.signal()
    os.kill(instance.process.pid, signal.SIGCONT)
    for connection in waiting:
        assert b"200 OK" in answer_on(connection)
        connection.close()
    assert instance.exit_code() == 0


def test_a_connection_that_is_being_made_is_waited_for(run: Run) -> None:
    """Its client believes to be connected, and asks; its last word is still on the way when the door is closed.

    On one machine nothing is on the way for long: here a filter has the listening socket lose what comes after the
    first word, until the one for the closing takes its place.
    """
    if sys.platform != "linux":
        pytest.skip("filters of sockets are Linux's")
    sock = listen("127.0.0.1", 0)[0]
    lose = array("B", b"".join(pack("HBBI", *step) for step in LOSE_WHAT_FOLLOWS))
    sock.setsockopt(socket.SOL_SOCKET, 26, pack("HP", len(lose) // 8, lose.buffer_info()[0]))
    with sock, socket.create_connection(sock.getsockname(), timeout=30) as early:
        early.sendall(b"hello")
        assert admit_nobody_new(sock)
        sock.settimeout(30)
        with sock.accept()[0] as accepted:
            sock.close()
            assert accepted.recv(5) == b"hello"
    instance = run("--workers", "0", fresh=False)
    instance.connect()[0].close()
    instance.signal()
    until(lambda: refused(instance.port))  # and not only unanswered
    assert instance.exit_code() == 0


async def test_instances_restarted_in_turn_behind_a_balancer(run: Run) -> None:
    """Nobody notices: the balancer keeps connections, looks each half second, and repeats nothing."""
    ports = [free_port(), free_port()]

    def start(port: int) -> Instance:
        return run("--workers", "0", "--delay", "1.5", "--port", str(port), fresh=False)

    instances = [start(port) for port in ports]
    failed, answered = list[str](), 0
    going = True
    async with Gateway(ports, path="/ready", every=0.5) as gateway, httpx.AsyncClient(transport=gateway) as client:

        async def ask() -> None:
            nonlocal answered
            while going:
                try:
                    answer = await client.post("http://balancer/spend", content=b"once")
                    if answer.status_code != 200:
                        failed.append(str(answer.status_code))
                except httpx.TransportError as error:
                    failed.append(repr(error))
                answered += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(6):
                group.create_task(ask())
            for number, port in enumerate(ports):
                await eventually(lambda: gateway.turns.ready == set(ports))
                instances[number].signal()
                assert await asyncio.to_thread(instances[number].process.wait, 30) == 0
                instances[number] = await asyncio.to_thread(start, port)
            await eventually(lambda: gateway.turns.ready == set(ports))
            going = False
    assert failed == []
    assert answered > 100
