"""What docs/building-on-it.md tells a reader to write and to type works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import free_port
from tests.support.process import environment
from tools.snippets import snippets

pytestmark = pytest.mark.embedded_only

PAGE = Path(__file__).parents[2] / "docs" / "building-on-it.md"


def written(folder: Path) -> set[str]:
    """Write every piece of Python into the file that the text before it names last."""
    parts = re.split(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    files, port = set(), str(free_port())  # that of the page may be somebody else's, whose service would answer
    for text, kind, code in zip(parts[::3], parts[1::3], parts[2::3], strict=False):
        if kind == "python":
            name = re.findall(r"`([\w/]+\.py)`", text)[-1]
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(code.replace("8123", port), encoding="utf-8")
            files.add(name)
    return files


def typed(command: str, folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Have the shell do what stands in a fence."""
    given = environment(PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin", PORT=str(port))
    command = command.replace("localhost:8000", f"localhost:{port}").replace("pytest ", "pytest -p no:cacheprovider ")
    return subprocess.run(
        ["bash", "-eu", "-c", command], env=given, cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.mark.timeout(300)
def test_the_page(tmp_path: Path) -> None:
    """Its package is served, its commands answer as it says, and its own test passes."""
    begin, try_it, mistake, test = [one.code for one in snippets(PAGE) if one.kind == "sh" and one.reason is None]
    port = free_port()
    assert typed(begin, tmp_path, port).returncode == 0
    assert written(tmp_path) == {
        "myapp/features.py", "myapp/models.py", "myapp/migrations/0_init.py", "myapp/flows.py", "myapp/routes.py",
        "myapp/commands.py", "myapp/work.py", "test_todos.py",
    }  # fmt: skip
    done = typed(f"trap 'kill %1; wait' EXIT\n{try_it}", tmp_path, port)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Feed the cat.") == 3  # added, listed, exported
    assert re.findall(r" (\d{3})$", done.stdout, re.MULTILINE) == re.findall(r"# (\d{3})", try_it)
    assert re.search(r"^1$", done.stdout, re.MULTILINE)  # latchkey todos count
    assert "It can still be done." in done.stdout
    refused = typed(mistake, tmp_path, port)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    done = typed(test, tmp_path, port)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
