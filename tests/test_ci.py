"""What CI leaves out of one step is in another: nothing is held less for being held once."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
STEPS = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
MAKE = re.compile(r"^make (.*)$", re.MULTILINE)


def recipe(*words: str) -> list[str]:
    """Return the commands of a target, none of them run, whatever the make is told that runs this."""
    command = ["make", "--dry-run", "--always-make", "--no-print-directory", *words]
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=plain | {"COVERAGE": "", "TESTED": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def of_pytest(lines: list[str]) -> list[str]:
    return [line for line in lines if "/pytest " in line]


def test_what_check_leaves_to_the_suite_is_in_it() -> None:
    """`make check TESTED=1` is `make check` without files that `make test` runs: it names none, and leaves none out."""
    whole, less = recipe("check"), recipe("check", "TESTED=1")
    left = [line for line in whole if line not in less]
    assert len(left) == 1
    assert [line for line in less if line not in whole] == []
    files = left[0].split("pytest -q ")[1].split()
    assert files
    assert all((ROOT / file).is_file() and file.startswith("tests/") for file in files)
    suite = of_pytest(recipe("test-embedded"))[0]
    assert not re.search(r"tests/|--ignore|--deselect|\s-[km]\s", suite), suite


def test_ci_runs_the_suite_that_it_leaves_files_to() -> None:
    """And the application, whose types are looked at beside its build, is built and looked at."""
    steps = MAKE.findall(STEPS)
    assert any("TESTED=1" in step for step in steps)
    assert "test" in steps
    assert {"check", "packages", "clients", "chaos"} <= set(next(step for step in steps if "TESTED=1" in step).split())
    front = "\n".join(recipe("packages", "NODE=npm"))
    for script in ("lint", "schema:check", "typecheck", "build", "bundle", "size", "test", "packages"):
        assert f"run --silent {script}" in front, script


def test_what_is_built_beside_the_faults_takes_what_they_leave() -> None:
    """Where the observer of faults waits for builds each fault lasts for minutes: nobody else's work comes first."""
    beside = next(step for step in MAKE.findall(STEPS) if "chaos" in step.split())
    assert "BESIDE=1" in beside.split()
    alone, first = recipe("chaos", "SHORT=1")[-1], recipe("chaos", "SHORT=1", "BESIDE=1")[-1]
    assert first == f"renice -n 19 -p $PPID >/dev/null; {alone}"


def test_each_file_of_the_front_end_is_run_once() -> None:
    """What has processes of its own is left out of the windows, and nothing else is; what is named is there."""
    for package in ("client", "react"):
        folder = ROOT / "frontend" / "packages" / package
        config = (folder / "vitest.config.ts").read_text(encoding="utf-8")
        assert config.count("NEED_NODE") == 3, config  # what it is, left out here, and run there
        assert re.search(r'pool: "vmForks", include: \["test/\*\*/\*.test.{ts,tsx}"\], exclude: NEED_NODE', config)
        assert re.search(r'pool: "forks", include: NEED_NODE', config)
        listed = config.split("NEED_NODE = [")[1].split("]")[0]
        for name in re.findall(r'"([^"]+)"', listed):
            file = name.removeprefix("test/").partition(".")[0]
            assert list(folder.glob(f"test/{file}.test.ts*")), name
