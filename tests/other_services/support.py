"""The examples of other services, run as they are, and what they are asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port
from tests.support.process import ROOT, environment, running
from tests.support.waiting import eventually

EXAMPLES = ROOT / "examples"
FRONTEND = ROOT / "frontend"
ESBUILD = FRONTEND / "node_modules" / ".bin" / "esbuild"
EXPRESS = FRONTEND / "node_modules" / "express"
FRAMEWORKS = ("fastapi", "express")
WAYS = ("keys", "asking", "following")
START_SECONDS = 60.0
SPEAKS = httpx.Timeout(30)


@dataclass(frozen=True)
class Notes:
    """An example that runs, and a client of it."""

    url: str
    client: httpx.AsyncClient
    log: Path

    async def ask(self, token: str, method: str = "GET", text: str | None = None) -> httpx.Response:
        """Call it with a token."""
        return await self.client.request(
            method, self.url, headers={"Authorization": f"Bearer {token}"}, json=text, timeout=SPEAKS
        )

    async def status(self, token: str) -> int:
        """Return what reading is answered with."""
        return (await self.ask(token)).status_code

    async def is_there(self) -> bool:
        """Whether it listens."""
        try:
            return (await self.client.get(self.url)).status_code == 401
        except httpx.TransportError:
            return False

    def said(self) -> str:
        """All that it has logged."""
        return self.log.read_text(errors="replace")


@contextmanager
def started(framework: str, folder: Path, client: httpx.AsyncClient, **settings: str) -> Iterator[Notes]:
    """Run an example with these settings; don't wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    port = str(free_port())
    command, directory = {"fastapi": _fastapi, "express": _express}[framework](folder, port)
    log = folder / "log"
    here = f"http://127.0.0.1:{port}"
    env = environment(PORT=port, NOTES_URL=here, PYTHONDONTWRITEBYTECODE="1", **settings)
    with running(command, log, env=env, directory=directory, fresh=True):
        yield Notes(f"{here}/notes", client, log)


async def ready(notes: Notes) -> Notes:
    """Wait until an example listens."""
    await eventually(notes.is_there, START_SECONDS, why=notes.said)
    return notes


def _fastapi(folder: Path, port: str) -> tuple[list[str], Path]:
    del folder
    options = ("--port", port, "--no-access-log", "--timeout-graceful-shutdown", "1")
    return [sys.executable, "-m", "uvicorn", "app:app", *options], EXAMPLES / "fastapi"


def _express(folder: Path, port: str) -> tuple[list[str], Path]:
    """Put the packages where `npm install` would: ours made of its source, Express as it is in the front end."""
    del port  # it is in the environment
    node = shutil.which("node")
    if node is None or not ESBUILD.exists() or not EXPRESS.exists():
        assert "CI" not in os.environ, "Node and frontend/node_modules are needed: make frontend"
        pytest.skip("Node and frontend/node_modules are needed: make frontend")
    for file in (EXAMPLES / "express").glob("*.mjs"):
        shutil.copy(file, folder)
    package = folder / "node_modules" / "@latchkey" / "client"
    if not package.exists():
        package.mkdir(parents=True)
        sources = [FRONTEND / "packages" / "client" / "src" / f"{name}.ts" for name in ("server", "dpop")]
        options = ("--bundle", "--splitting", "--format=esm", "--log-level=error", f"--outdir={package}")
        subprocess.run([ESBUILD, *sources, *options], check=True, timeout=60)
        entries = {"./server": "./server.js", "./server/dpop": "./dpop.js"}
        about = {"name": "@latchkey/client", "type": "module", "exports": entries}
        (package / "package.json").write_text(json.dumps(about))
        (folder / "node_modules" / "express").symlink_to(EXPRESS)
    return [node, "app.mjs"], folder
