"""What a process may use of its machine. A container may have a small part of a large one, and sees all of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path, PurePosixPath
from typing import Final

_ROOT: Final = Path("/")


def cores(root: Path = _ROOT) -> int:
    """Return how many cores this process can keep busy: those it may run on, or fewer if its cgroups grant less time.

    One at least, and a part of a core is one. `root` is where `proc` and `sys` are.
    """
    granted = [*_limits("cpu", {"cpu.max": _cpu_max, "cpu.cfs_quota_us": _cfs_quota}, root)]
    return max(1, ceil(min([_cores_to_run_on(), *granted])))


def memory_bytes(root: Path = _ROOT) -> int:
    """Return how much memory this process may take, together with all others that share its limit: the machine's, or
    the least that one of its cgroups grants. `root` as in `cores`.
    """
    granted = _limits("memory", {"memory.max": _bytes, "memory.limit_in_bytes": _bytes}, root)
    return int(min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *granted]))


def _cores_to_run_on() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


def _limits(controller: str, files: dict[str, Callable[[Path], float]], root: Path) -> Iterator[float]:
    """Yield what the cgroups of this process, and all above them, grant of something: by version 2 and by version 1."""
    for directory in _directories(controller, root):
        for name, read in files.items():
            try:
                limit = read(directory / name)
            except (OSError, ValueError, ZeroDivisionError):  # there is none, or one that is spelt in another way
                continue
            if limit > 0:
                yield limit


def _directories(controller: str, root: Path) -> Iterator[Path]:
    """Yield where the limits are. A container may be told its path on the host, and see no more than what is its own
    at the top: what isn't there is left out by whoever looks.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / (controller if controllers else "")
        names = [name for name in PurePosixPath(path).parts[1:] if name != ".."]
        yield from (top.joinpath(*names[:depth]) for depth in range(len(names) + 1))


def _cpu_max(file: Path) -> float:
    quota, period = file.read_text().split()
    return int(quota) / int(period)  # "max" is no number, and no limit


def _cfs_quota(file: Path) -> float:
    return int(file.read_text()) / int(file.with_name("cpu.cfs_period_us").read_text())  # -1 is no limit


def _bytes(file: Path) -> float:
    return int(file.read_text())
