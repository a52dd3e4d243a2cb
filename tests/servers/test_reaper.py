"""However the process that started servers ends, nothing of them is left."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from tests.servers import reaper
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]

OWNER = """
import json, os, sys, time
from tests.servers import Postgres, Redis
servers = [Postgres.start(), Redis.start()]
print(json.dumps([[s.pid, str(s.directory), s.port] for s in servers]), flush=True)
"""

Listed = list[tuple[int, str, int]]


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_servers_live_as_long_as_their_owner(tmp_path: Path, by: signal.Signals) -> None:
    """Nobody else's start touches them while it lives; killed, it takes them along at once."""
    owner, servers = _own(tmp_path)
    if by is signal.SIGKILL:
        said = _run_python(tmp_path, "from tests.servers import reap; print(reap())")
        assert said == "[]\n"
    assert not any(reaper.is_gone(psutil.Process(pid)) for pid, _, _ in servers)
    owner.send_signal(by)
    owner.wait()
    until(lambda: _nothing_left(servers, tmp_path))


def test_leftovers_are_reaped_by_the_next_start(tmp_path: Path) -> None:
    """When the watchdog is killed too, and backends are orphans, the next start reaps them."""
    owner, servers = _own(tmp_path)
    watchdog = next(p for p in psutil.Process(owner.pid).children() if "-P" in p.cmdline())
    backend = psutil.Process(servers[0][0]).children()[0]
    backend.suspend()  # else it would go by itself once the postmaster has
    for pid in (watchdog.pid, owner.pid, servers[0][0]):
        os.kill(pid, signal.SIGKILL)
    owner.wait()
    assert psutil.pid_exists(servers[1][0])
    assert Path(servers[0][1]).exists()
    _run_python(tmp_path, "from tests.servers import Redis; Redis.start().stop()")
    assert _nothing_left(servers, tmp_path)
    assert reaper.is_gone(backend)


def test_an_owner_that_forgets_to_stop_leaves_nothing(tmp_path: Path) -> None:
    """At the end of the process its servers are stopped, promptly; not at its forked child's."""
    code = OWNER + (
        "pid = os.fork()\n"
        "if pid == 0: os.close(2); sys.exit(0)\n"
        "os.waitpid(pid, 0)\n"
        "assert servers[1].call('PING') == 'PONG'\n"
        "print(time.time())\n"
    )
    listed, ended = _run_python(tmp_path, code).splitlines()
    assert time.time() - float(ended) < 3
    assert _nothing_left(json.loads(listed), tmp_path)


def test_records_somebody_else_could_write_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory of records open to others isn't trusted: it says what to kill and to remove."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    records = tmp_path / f"latchkey-servers-{os.geteuid()}"
    records.mkdir()
    records.chmod(0o777)
    with pytest.raises(RuntimeError, match="only the current user"):
        reaper.reap()


def _own(temp: Path) -> tuple[subprocess.Popen[str], Listed]:
    """Start a process that owns servers, recorded below `temp`, and sleeps."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER + "time.sleep(60)"],
        env=os.environ | {"TMPDIR": str(temp)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner.stdout as out:  # type: ignore[union-attr]  # it is a pipe
        return owner, json.loads(out.readline())


def _run_python(temp: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:.*fork:DeprecationWarning", "-c", code],
        env=os.environ | {"TMPDIR": str(temp)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _nothing_left(servers: Listed, temp: Path) -> bool:
    def is_gone(pid: int) -> bool:
        return not psutil.pid_exists(pid) or reaper.is_gone(psutil.Process(pid))

    records = list(temp.glob("latchkey-servers-*/*"))
    return not records and all(is_gone(pid) and not Path(path).exists() for pid, path, _ in servers)
