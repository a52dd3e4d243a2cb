"""Where clients are made and stories played, and how a command is run there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STORIES = Path(__file__).resolve().parent / "stories"
WORK = ROOT / "frontend" / ".clients"  # where Node finds what the clients import
NODE = ROOT / "frontend" / "node_modules" / ".bin"
GENERATORS = ROOT / ".venv" / "clients" / "bin"
TSC = (
    "--strict", "--noEmit", "--skipLibCheck", "--target", "es2022", "--module", "esnext",
    "--moduleResolution", "bundler", "--lib", "es2022,dom,dom.iterable", "--types", "node",
)  # fmt: skip
LIMIT_SECONDS = 300


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command; return what it printed. Raises RuntimeError with what it said when it fails."""
    environment = {name: value for name in ("PATH", "HOME", "LANG") if (value := os.environ.get(name))}
    environment["PATH"] = f"{GENERATORS}:{environment['PATH']}"
    words = [str(part) for part in command]
    done = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}\n{(done.stdout + done.stderr)[-6000:]}")
    return done.stdout
