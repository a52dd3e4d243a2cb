"""`latchkey serve --port`: links lead to where it listens, also where the machine has chosen the port."""

from __future__ import annotations

from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from tests.support.process import LATCHKEY, environment, running
from tests.support.waiting import until

pytestmark = pytest.mark.embedded_only


def listening(pid: int) -> int | None:
    """Return the port that a process listens on."""
    found = [one.laddr.port for one in psutil.Process(pid).net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    return found[0] if found else None


def test_links_lead_to_the_port(tmp_path: Path) -> None:
    """PUBLIC_URL follows: of a service on a free port the links, and the tokens, name that port."""
    stores = {"DATABASE_URL": f"sqlite://{tmp_path / 'db.sqlite3'}", "REDIS_URL": "memory://", "PORT": "9"}
    log = tmp_path / "log"
    with running((*LATCHKEY, "serve", "--port", "0"), log, env=environment(**stores)) as process:
        port = until(lambda: listening(process.pid), 30, why=log.read_text)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            until(lambda: answers(client), 30, why=log.read_text)
            location = client.get("/.well-known/change-password").headers["location"]
            assert location == f"http://localhost:{port}/password"


def answers(client: httpx.Client) -> bool:
    """Whether it serves by now."""
    try:
        return client.get("/api/health").status_code == 200
    except httpx.TransportError:
        return False
