"""What docs/building-on-it.md tells a reader to write works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import free_port
from tests.support.process import environment

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


def test_the_page(tmp_path: Path) -> None:
    """Its package is served, and its own test passes."""
    assert written(tmp_path) == {
        "myapp/features.py", "myapp/models.py", "myapp/migrations/0_init.py", "myapp/flows.py", "myapp/routes.py",
        "myapp/commands.py", "myapp/work.py", "test_todos.py",
    }  # fmt: skip
    (tmp_path / "myapp" / "__init__.py").touch()
    given = environment(PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_todos.py"], env=given, cwd=tmp_path,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
