"""A process that is told to stop before it has begun ends at once, in order, and without a word."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from tests.serve.instance import Run
from tests.support.process import LATCHKEY, ROOT, Process, environment, running
from tests.support.waiting import until

pytestmark = pytest.mark.embedded_only  # no store is asked: once is enough

SLOW = "print('importing', flush=True); import time; time.sleep(600)"

Begin = Callable[..., Process]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Start commands that import for ever: what all of them stand on is in their way."""
    (tmp_path / "tortoise.py").write_text(SLOW)
    with ExitStack() as stack:

        def start(*args: str, before: tuple[str, ...] = ()) -> Process:
            log = tmp_path / "log"
            log.write_text("")
            env = environment(PYTHONPATH=f"{tmp_path}:{ROOT}")
            process = stack.enter_context(running([*before, *LATCHKEY, *args], log, env=env, fresh=True))
            until(lambda: "importing" in log.read_text(), why=log.read_text)
            return process

        yield start
        said = (tmp_path / "log").read_text()
    assert said == "importing\n"


def test_a_server_that_has_hardly_begun(begin: Begin) -> None:
    """Nobody has been served yet, and nothing opened: exit code 0, and no traceback."""
    for command in ("serve", "worker"):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            process = begin(command)
            process.send_signal(number)
            assert process.wait(30) == 0


def test_a_command_that_has_hardly_begun(begin: Begin) -> None:
    """Nothing was done: the exit code says so, as a shell's would."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        process = begin("users", "list")
        process.send_signal(number)
        assert process.wait(30) == 128 + number


def test_a_terminal_that_is_closed_under_nohup(begin: Begin) -> None:
    """Whoever started it has said that it is to go on."""
    process = begin("users", "list", before=("nohup",))
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM


def test_the_first_process_of_a_container(begin: Begin) -> None:
    """The kernel sends it no signal that it doesn't listen for: it would be killed when patience is over."""
    alone = ("unshare", "--pid", "--fork", "--kill-child")
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespace of processes can be made here (Linux, root)")
    for number in (signal.SIGTERM, signal.SIGHUP):
        outer = begin("serve", before=alone)
        (inner,) = psutil.Process(outer.pid).children()
        inner.send_signal(number)
        assert outer.wait(30) == 0


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_terminal_that_is_closed(run: Run, processes: str) -> None:
    """SIGHUP, which every process of it gets, is an end as SIGTERM is: what is under way is answered."""
    instance = run("--workers", processes, fresh=False)
    kept, _ = instance.connect()
    kept.sendall(b"GET /slow?s=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    instance.asked()
    if int(processes) > 1:
        instance.both_answer()  # one that is still to come has nothing to stop in order
    os.killpg(instance.process.pid, signal.SIGHUP)
    assert b"200 OK" in kept.recv(4096)
    kept.close()
    assert instance.exit_code(30) == 0
    assert instance.text.count("stopped in order") == max(1, int(processes))


def test_it_is_imported_before_anything_that_takes_its_time() -> None:
    """What is imported before anybody listens is the interpreter's own, and little of that."""
    code = "import sys; from service.core.process import beginning; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"asyncio", "typer", "sanic", "logging", "models"} & set(loaded.split())
