"""Hashes that are made at once are made in several processes; whatever happens to those, each hash is right."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.passwords import beside, hashing, lanes
from service.core.passwords.beside import Beside
from service.core.passwords.hashing import Passwords
from service.core.passwords.hashing_process import GIVES_WAY, KEY_BYTES, SALT_BYTES, derive, question, serve
from service.core.passwords.lanes import Lanes, processes_beside
from service.core.process import machine
from tests.support.process import ROOT, environment, lives
from tests.support.waiting import eventually, until

SALT = b"somesalt12345678"
COST = (1, 64)  # passes and KiB: the least there is
TEXTS = (b"", b"password", "ő ñ 語".encode(), bytes(range(256)), b"\n" * 1024)


def gone(pid: int) -> bool:
    """Whether there is no such process."""
    return not lives(pid)


@pytest.fixture(autouse=True)
def buffered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no process write at once what it is to write at once by itself."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


@pytest.fixture
def near() -> Iterator[Beside]:
    found = Beside()
    yield found
    found.end()


@contextmanager
def another(found: Lanes) -> Iterator[None]:
    """Have another hash be under way in this process."""
    found._under_way += 1
    yield
    found._under_way -= 1


@given(st.lists(st.tuples(st.binary(max_size=300), st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES))))
def test_each_question_has_its_answer(asked: list[tuple[bytes, bytes]]) -> None:
    """In their order, whatever the bytes are."""
    answers = BytesIO()
    serve(BytesIO(b"".join(question(text, salt, *COST) for text, salt in asked)), answers)
    assert answers.getvalue() == b"".join(derive(text, salt, *COST) for text, salt in asked)


def test_what_a_process_makes_is_what_is_made_here(near: Beside) -> None:
    """With the cost of production, too; one process answers all."""
    for passes, memory_kib in (COST, (2, 19_456)):
        for text in TEXTS:
            assert near.derive(text, SALT, passes, memory_kib) == derive(text, SALT, passes, memory_kib)
    first = near.pid
    assert near.derive(b"x" * 4_000, SALT, *COST) == derive(b"x" * 4_000, SALT, *COST)
    assert first is not None
    assert os.getpgid(first) == first  # what is typed at our terminal isn't for it
    assert os.getsid(first) == os.getsid(0)
    assert os.getpriority(os.PRIO_PROCESS, first) == min(os.getpriority(os.PRIO_PROCESS, 0) + GIVES_WAY, 19)
    assert near.derive(b"x" * 4_001, SALT, *COST) is None  # a pipe might not take it
    assert near.pid == first


def test_it_knows_no_secret(near: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in its environment, nor on its command line."""
    monkeypatch.setenv("SECRET_KEY", "of-the-service")
    monkeypatch.setenv("DATABASE_URL", "postgres://of-the-service")
    near.derive(b"of-a-user", SALT, *COST)
    proc = Path(f"/proc/{near.pid}")
    known = (proc / "environ").read_bytes() + (proc / "cmdline").read_bytes()
    assert b"PATH=" in known
    assert b"of-the-service" not in known
    assert b"of-a-user" not in known


def test_it_ends_after_its_worker(near: Beside) -> None:
    """Platforms tell all processes to end, and give the worker time to answer those who wait."""
    near.derive(b"x", SALT, *COST)
    first = near.pid
    assert first is not None
    os.kill(first, signal.SIGTERM)
    assert near.derive(b"x", SALT, *COST) == derive(b"x", SALT, *COST)
    assert near.pid == first


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_one_that_was_ended_or_hangs(
    near: Beside, how: signal.Signals, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is given up, which the log says; a minute later there is another."""
    now = 1000.0
    monkeypatch.setattr(beside, "monotonic", lambda: now)
    assert near.derive(b"x", SALT, *COST) is not None
    first = near.pid
    assert first is not None
    os.kill(first, how)
    if how is signal.SIGSTOP:
        monkeypatch.setattr(beside, "PATIENCE_SECONDS", 0.05)
    else:
        until(lambda: not lives(first))
    assert near.derive(b"x", SALT, *COST) is None
    monkeypatch.undo()
    monkeypatch.setattr(beside, "monotonic", lambda: now)
    assert near.pid is None
    assert not Path(f"/proc/{first}").exists()
    assert caplog.messages == ["passwords.process_lost"]
    now += beside.PAUSE_SECONDS - 1
    assert near.derive(b"x", SALT, *COST) is None
    assert near.pid is None
    now += 2
    assert near.derive(b"x", SALT, *COST) == derive(b"x", SALT, *COST)


@pytest.mark.parametrize(
    "program",
    [
        "exit 1",  # as where it finds no library
        f"head -c {KEY_BYTES // 2} /dev/zero",
        "cat /dev/zero",
    ],
)
def test_one_that_is_something_else(program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The hash is made all the same, and is right."""
    other = tmp_path / "other"
    for nothing in (str(other), "", None):
        monkeypatch.setattr(sys, "executable", nothing)
        found = Lanes(1)
        with another(found):
            assert found.derive(b"x", SALT, *COST) == derive(b"x", SALT, *COST)
    monkeypatch.setattr(sys, "executable", str(other))
    other.write_text(f"#!/bin/sh\n{program}\n")
    other.chmod(0o755)
    found = Lanes(1)
    with another(found):
        assert found.derive(b"x", SALT, *COST) == derive(b"x", SALT, *COST)
    found.close()
    assert found.pids == []


def test_a_second_hash_goes_beside() -> None:
    """One alone is made here, and no process is started for it; what finds all at work is made here, too."""
    found = Lanes(1)
    right = derive(b"x", SALT, *COST)
    assert found.derive(b"x", SALT, *COST) == right
    assert found.pids == []
    with another(found):
        assert found.derive(b"x", SALT, *COST) == right
        [process] = found.pids
        taken = found._idle.pop()
        assert found.derive(b"x", SALT, *COST) == right
        found._idle.append(taken)
    assert found._under_way == 0
    os.kill(process, signal.SIGKILL)  # one that is there is asked by one alone, too: now it will be missed
    until(lambda: not lives(process))
    assert found.derive(b"x", SALT, *COST) == right
    assert found.pids == []
    found.close()


def test_many_threads_at_once() -> None:
    """Each gets what it has asked for, while processes are killed under way."""
    found = Lanes(3)
    asked = [(str(number).encode() * (number % 50), os.urandom(SALT_BYTES)) for number in range(400)]
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.05):
            for pid in found.pids[:1]:
                os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: found.derive(one[0], one[1], *COST), asked))
    over.set()
    killer.join()
    found.close()
    assert answers == [derive(text, salt, *COST) for text, salt in asked]
    assert found.pids == []


def test_one_at_work_when_all_is_closed() -> None:
    """It answers, and is ended then."""
    found = Lanes(1)
    with another(found):
        found.derive(b"x", SALT, *COST)
        [pid] = found.pids
        os.kill(pid, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(found.derive, b"y", SALT, *COST)
            until(lambda: not found._idle)
            found.close()
            assert found.pids == [pid]
            assert not found.may_rest
            os.kill(pid, signal.SIGCONT)
            assert asked.result() == derive(b"y", SALT, *COST)
    assert found.pids == []
    assert not lives(pid)


def test_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody has needed for a minute is ended; what is at work then isn't."""
    now = 1000.0
    monkeypatch.setattr(beside, "monotonic", lambda: now)
    found = Lanes(2)
    with another(found):
        one = found._idle.pop()
        found.derive(b"x", SALT, *COST)
        found._idle.append(one)
        found.derive(b"x", SALT, *COST)
    assert len(found.pids) == 2
    now += lanes.REST_SECONDS - 1
    assert one.derive(b"x", SALT, *COST) is not None
    now += 2
    found.rest()
    assert found.pids == [one.pid]
    taken = found._idle.pop(), found._idle.pop()
    now += lanes.REST_SECONDS
    found.rest()
    assert found.pids == [one.pid]
    found._idle.extend(taken)
    found.rest()
    assert found.pids == []
    found.close()


async def test_they_rest_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without another hash that would have to come by; and the next that needs one has one."""
    for module in (hashing, lanes):
        monkeypatch.setattr(module, "REST_SECONDS", 0.2)
    passwords = Passwords(threads=2, processes=1, memory_kib=1024, passes=1)
    for _ in range(2):
        with another(passwords._lanes):
            assert (await passwords.hash("x")).startswith("$argon2id$v=19$m=1024,t=1,p=1$")
        [pid] = passwords._lanes.pids
        await eventually(lambda: passwords._lanes.pids == [])
        await eventually(partial(gone, pid))
    passwords.close()


async def test_one_that_is_needed_when_others_would_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at again later, without another hash."""
    now = 1000.0
    monkeypatch.setattr(beside, "monotonic", lambda: now)
    monkeypatch.setattr(hashing, "REST_SECONDS", 0.05)
    passwords = Passwords(threads=2, processes=1, memory_kib=1024, passes=1)
    looked: list[bool] = []
    rest = passwords._lanes.rest

    def look() -> None:
        rest()
        looked.append(True)

    monkeypatch.setattr(passwords._lanes, "rest", look)
    with another(passwords._lanes):
        await passwords.hash("x")
    await eventually(lambda: len(looked) > 1)
    assert len(passwords._lanes.pids) == 1
    now += lanes.REST_SECONDS
    await eventually(lambda: passwords._lanes.pids == [])
    passwords.close()


async def test_hashes_of_both_kinds_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process has made verifies here, and the other way round; recovery codes and such, too."""
    passwords = Passwords(threads=2, processes=1, memory_kib=1024, passes=1)
    here = Passwords(threads=1, memory_kib=1024, passes=1)
    with another(passwords._lanes):
        there, like = await passwords.hash("correct horse"), await passwords.hash_like("a code", None)
        assert await passwords.verify("correct horse", there)
    assert len(passwords._lanes.pids) == 1
    assert await here.verify("correct horse", there)
    assert not await here.verify("correct horses", there)
    assert await here.hash_like("a code", like) == like
    assert await passwords.verify("correct horse", await here.hash("correct horse"))
    [process] = passwords._lanes._all
    asked: list[bytes] = []
    derive_there = process.derive

    def derive_and_note(text: bytes, salt: bytes, passes: int, memory_kib: int) -> bytes | None:
        asked.append(text)
        return derive_there(text, salt, passes, memory_kib)

    monkeypatch.setattr(process, "derive", derive_and_note)
    with another(passwords._lanes):
        assert await passwords.hash_like("a code", like) == like
        assert not await passwords.verify("correct horses", there)
    assert asked == [b"a code", b"correct horses"]
    for one in (passwords, here):
        one.close()
    assert passwords._lanes.pids == []


async def test_closed_while_one_is_at_work() -> None:
    """Nothing is planned any more, and nothing is left."""
    passwords = Passwords(threads=2, processes=1, memory_kib=1024, passes=1)
    with another(passwords._lanes):
        await passwords.hash("x")
        [pid] = passwords._lanes.pids
        os.kill(pid, signal.SIGSTOP)
        asked = asyncio.create_task(passwords.hash("y"))
        await eventually(lambda: not passwords._lanes._idle)
        passwords.close()
        os.kill(pid, signal.SIGCONT)
        await asked
    await eventually(lambda: passwords._turns.pending == 0)
    assert passwords._resting is None or passwords._resting.cancelled()
    assert not lives(pid)


WORKER = """
import sys, time
from service.core.passwords.lanes import Lanes
lanes = Lanes(1)
lanes._under_way = 1
lanes.derive(b"x", b"somesalt12345678", 1, 64)
print(*lanes.pids, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_worker(how: signal.Signals, tmp_path: Path) -> None:
    """However that ends."""
    command = [sys.executable, "-c", WORKER]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as worker:
        assert worker.stdout is not None
        pid = int(worker.stdout.readline())
        assert lives(pid)
        worker.send_signal(how)
        worker.wait()
    until(lambda: not lives(pid))


@pytest.mark.parametrize(
    ("cores", "workers", "beside_each"),
    [(1, 1, 1), (2, 1, 2), (2, 2, 1), (3, 2, 1), (4, 2, 2), (8, 1, 4), (64, 2, 4), (8, 64, 0)],
)
def test_how_many(cores: int, workers: int, beside_each: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as a worker has cores, and four at most."""
    monkeypatch.setattr(machine, "cores", lambda: cores)
    assert processes_beside(workers) == beside_each
