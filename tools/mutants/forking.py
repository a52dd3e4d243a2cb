"""A process that has imported what others wrote, and runs pytest in children of its own: they import only ours anew.

To start pytest takes seconds, which for most mutants is longer than the tests do. It reads a job a line, and answers
with pytest's exit code, or null for one that was ended because it took too long.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, NoReturn, Self, cast

ROOT = Path(__file__).resolve().parents[2]
_OURS = ("service", "models", "migrations", "tests", "tools", "bench", "__main__")
_LOOK = "import sys, service.app, tests.conftest, tests.support.stores; print(*sys.modules)"


class Runner:
    """Such a process, for a block."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        """`preload` is what it imports at once."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.mutants.forking", *preload],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        cast("IO[str]", self._process.stdin).close()  # which tells it to end
        self._process.wait(10)
        cast("IO[str]", self._process.stdout).close()

    def run(self, root: Path, arguments: Sequence[str], log: Path, seconds: float) -> int | None:
        """Run pytest in `root`; return its exit code, None when it took longer than `seconds`."""
        job = {"root": str(root), "arguments": list(arguments), "log": str(log), "seconds": seconds}
        cast("IO[str]", self._process.stdin).write(json.dumps(job) + "\n")
        cast("IO[str]", self._process.stdin).flush()
        return cast("int | None", json.loads(cast("IO[str]", self._process.stdout).readline()))


def of_others(root: Path) -> list[str]:
    """Return the modules that others wrote and the tests in `root` import."""
    done = subprocess.run([sys.executable, "-c", _LOOK], cwd=root, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split() if name.partition(".")[0] not in _OURS]


def main(preload: Sequence[str]) -> None:
    """Do the jobs that come."""
    for name in preload:
        with suppress(Exception):  # then the children do
            importlib.import_module(name)
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(job["root"], job["arguments"], job["log"])
        print(json.dumps(_ended(pid, job["seconds"])), flush=True)


def _ended(pid: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        return None
    finally:
        if pid:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _run(root: str, arguments: list[str], log: str) -> NoReturn:
    code = 3
    try:
        os.setsid()
        os.chdir(root)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.path[:] = [root, *(path for path in sys.path if path and Path(path) != ROOT)]
        os.environ["PYTHONPATH"] = root  # what tests start as processes of their own is to be the copy's, too
        for name in [name for name in sys.modules if name.partition(".")[0] in _OURS and name != "__main__"]:
            del sys.modules[name]
        import pytest  # noqa: PLC0415 - in the child, with the copy's path

        code = int(pytest.main(["-W", "ignore::pytest.PytestAssertRewriteWarning", *arguments]))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
