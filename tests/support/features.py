"""Commands with features of one's own among them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.process import COMMAND_SECONDS, environment


def fresh_latchkey(directory: Path, *args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command where a package lies: not as a fork, for what is imported, and from where, is looked at."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "service", *args], env=environment(**settings), cwd=directory, capture_output=True,
        text=True, timeout=COMMAND_SECONDS, check=False,
    )  # fmt: skip
