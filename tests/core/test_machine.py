"""What a process may use: a container that has a small part of a large machine isn't to be killed for the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.core.passwords.hashing import hashing_threads
from service.core.process import machine
from tests.support.process import ROOT, environment

GIB = 2**30
MANY, MUCH = 64, 256 * GIB
CGROUPS = Path("/sys/fs/cgroup")


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has very much of everything."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(MANY)), raising=False)
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": MUCH // 4096}.__getitem__)


def grant(root: Path, cgroup: str, files: dict[str, str]) -> Path:
    """Lay out what the kernel shows."""
    (root / "proc/self").mkdir(parents=True, exist_ok=True)
    (root / "proc/self/cgroup").write_text(cgroup)
    for name, text in files.items():
        file = root / "sys/fs/cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


@pytest.mark.parametrize(
    ("cgroup", "files", "cores", "memory"),
    [
        pytest.param("0::/\n", {"cpu.max": "200000 100000\n", "memory.max": f"{GIB}\n"}, 2, GIB, id="container"),
        pytest.param("0::/\n", {"cpu.max": "150000 100000\n", "memory.max": "max\n"}, 2, MUCH, id="part of a core"),
        pytest.param("0::/\n", {"cpu.max": "10000 100000\n"}, 1, MUCH, id="a tenth"),
        pytest.param("0::/\n", {"cpu.max": "max 100000\n", "memory.max": "max\n"}, MANY, MUCH, id="no limit"),
        pytest.param("0::/\n", {"cpu.max": "9900000 100000\n", "memory.max": f"{2**50}\n"}, MANY, MUCH, id="more"),
        pytest.param(
            "0::/system.slice/latchkey.service\n",
            {
                "system.slice/cpu.max": "300000 100000\n",
                "system.slice/latchkey.service/cpu.max": "max 100000\n",
                "system.slice/memory.max": f"{4 * GIB}\n",
                "system.slice/latchkey.service/memory.max": f"{GIB}\n",
            },
            3,
            GIB,
            id="the least of all above",
        ),
        pytest.param(
            "0::/kubepods/pod1/a\n", {"memory.max": f"{GIB}\n", "cpu.max": "100000 100000\n"}, 1, GIB, id="host's path"
        ),
        pytest.param("0::/../../a\n", {"memory.max": f"{GIB}\n"}, MANY, GIB, id="path outside of what is seen"),
        pytest.param(
            "9:name=systemd:/\n4:memory:/docker/a\n2:cpu,cpuacct:/docker/a\n0::/\n",
            {
                "memory/memory.limit_in_bytes": f"{512 * 2**20}\n",
                "cpu/cpu.cfs_quota_us": "250000\n",
                "cpu/cpu.cfs_period_us": "100000\n",
            },
            3,
            GIB // 2,
            id="version 1",
        ),
        pytest.param(
            "4:memory:/\n1:cpu:/\n",
            {
                "memory/memory.limit_in_bytes": "9223372036854771712\n",
                "cpu/cpu.cfs_quota_us": "-1\n",
                "cpu/cpu.cfs_period_us": "100000\n",
            },
            MANY,
            MUCH,
            id="version 1 without a limit",
        ),
        pytest.param(
            "4:memory:/\n1:cpu:/\n",
            {"memory/memory.limit_in_bytes": "", "cpu/cpu.cfs_quota_us": "x", "cpu/cpu.cfs_period_us": "0"},
            MANY,
            MUCH,
            id="nonsense",
        ),
        pytest.param("0::/\n", {"cpu.max": "100000 0\n", "memory.max": "0\n"}, MANY, MUCH, id="zeros"),
        pytest.param("nothing of the kind", {}, MANY, MUCH, id="another kernel"),
        pytest.param("", {"cpu.max": "100000 100000\n"}, MANY, MUCH, id="in no group"),
    ],
)
def test_limits(cgroup: str, files: dict[str, str], cores: int, memory: int, tmp_path: Path) -> None:
    root = grant(tmp_path, cgroup, files)
    assert (machine.cores(root), machine.memory_bytes(root)) == (cores, memory)


def test_without_cgroups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (machine.cores(tmp_path), machine.memory_bytes(tmp_path)) == (MANY, MUCH)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert machine.cores(tmp_path) == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.cores(tmp_path) == 1


@pytest.mark.parametrize(
    ("cores", "memory", "workers", "threads"),
    [
        (2, 8 * GIB, 1, 2),
        (2, 8 * GIB, 4, 2),  # all may come to one worker
        (64, 768 * 2**20, 1, 10),  # the pod of deploy/kubernetes/web.yaml on a large node
        (8, 512 * 2**20, 2, 3),  # a small dyno, which sees eight cores
        (64, 64 * 2**20, 8, 1),
    ],
)
def test_hashing_threads(cores: int, memory: int, workers: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there are cores, and no more than there is memory for."""
    monkeypatch.setattr(machine, "cores", lambda: cores)
    monkeypatch.setattr(machine, "memory_bytes", lambda: memory)
    assert hashing_threads(workers) == threads


SAY = "from service.core.process import machine; print(machine.cores(), machine.memory_bytes())"


def said(*before: str) -> list[int]:
    """What a process of its own says that a command has started."""
    command = [*before, sys.executable, "-c", SAY]
    answer = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    return [int(number) for number in answer.stdout.split()]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no process to cores")
def test_bound_to_one_core() -> None:
    """As by `taskset`, or a set of cores that a container is given."""
    bound = "import os, sys; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); "
    and_go_on = "os.execv(sys.argv[1], sys.argv[1:])"
    assert said(sys.executable, "-c", bound + and_go_on)[0] == 1


@contextmanager
def made(controller: str, limits: dict[str, str]) -> Iterator[Path]:
    """A cgroup of version 1 or 2, if this process may make one."""
    top = CGROUPS / controller if (CGROUPS / controller).is_dir() else CGROUPS
    group = top / f"latchkey-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        pytest.skip("no cgroup can be made here")
    try:
        try:
            for name, value in limits.items():
                if (group / name).exists():
                    (group / name).write_text(value)
        except OSError:
            pytest.skip("no limit can be set here")
        if not any((group / name).exists() for name in limits):
            pytest.skip("this system has no such limits")
        yield group
    finally:
        group.rmdir()


def said_in(group: Path) -> list[int]:
    """What a process says that is in a cgroup, if it can see what it is told of: a container may show others paths."""
    enter = ("sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group))
    told = subprocess.run([*enter, "cat", "/proc/self/cgroup"], capture_output=True, text=True, check=True).stdout
    paths = [line.split(":", 2)[2] for line in told.splitlines() if line.endswith(group.name)]
    if f"/{group.name}" not in paths:
        pytest.skip("a cgroup has another path here than where it is seen")
    return said(*enter)


def test_in_a_cgroup_with_little_memory() -> None:
    limit = str(300 * 2**20)
    with made("memory", {"memory.max": limit, "memory.limit_in_bytes": limit}) as group:
        assert said_in(group)[1] == 300 * 2**20


def test_in_a_cgroup_with_little_time() -> None:
    with made("cpu", {"cpu.max": "100000 100000", "cpu.cfs_quota_us": "100000"}) as group:
        assert said_in(group)[0] == 1
