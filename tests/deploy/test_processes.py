"""The Procfile's processes, on a real PostgreSQL and Redis, as a platform runs them."""

from __future__ import annotations

import re
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.servers import Postgres, free_port
from tests.support.people import PASSWORD
from tests.support.process import ROOT, Service, environment, latchkey, running, serving
from tests.support.stores import PRODUCTION, Stores
from tests.support.waiting import until

pytestmark = [pytest.mark.real_only, pytest.mark.timeout(120)]

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def production(stores: Stores) -> Iterator[dict[str, str]]:
    """The environment of a deployed instance, with a database of its own, not yet migrated."""
    assert isinstance(stores.postgres, Postgres)
    url = stores.postgres.create_database("deployed")
    path = f"{BIN}:/usr/local/bin:/usr/bin:/bin"
    yield stores.environment(**PRODUCTION, DATABASE_URL=url, PATH=path, PROXIES_COUNT="1")
    stores.postgres.drop_database("deployed")


@pytest.fixture(scope="module")
def migrated(production: dict[str, str]) -> dict[str, str]:
    """The same, after the release phase."""
    done = latchkey("db", "upgrade", **production)
    assert done.returncode == 0, done.stderr
    return production


def procfile(name: str) -> list[str]:
    """Return the honcho command that runs one process of the Procfile, as the platform would."""
    assert re.search(rf"^{name}: \S+", (ROOT / "Procfile").read_text(), re.MULTILINE)
    return [str(BIN / "honcho"), "--no-colour", "start", "--no-prefix", name]


def test_release_then_web(production: dict[str, str], tmp_path: Path) -> None:
    """The release phase migrates, the web process listens on PORT, serves a whole log-in, and drains at SIGTERM."""
    log = tmp_path / "log"
    # honcho sends SIGTERM to the group when a process ends: the release ends by itself.
    with running(procfile("release"), log, env=environment(**production), directory=ROOT) as release:
        assert release.wait(60) == 0, log.read_text()
    assert "applied 0_" in log.read_text()
    assert "warning redis_persistence: " in log.read_text()  # the check-up: a warning stops no release
    port, numbers = free_port(), free_port()
    env = environment(PORT=str(port), METRICS_PORT=str(numbers), **production)
    with running(procfile("web"), log, env=env, directory=ROOT) as web:
        service = Service(port, web, log)
        service.wait()
        _whole_story(service.url)
        assert (
            'latchkey_logins_total{method="password",result="succeeded"} 1.0'
            in httpx.get(f"http://127.0.0.1:{numbers}/metrics").text
        )
        web.terminate()
        assert web.wait(15) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    assert "Traceback" not in log.read_text()
    found = [line for line in log.read_text().splitlines() if '"doctor.finding"' in line]
    assert [line for line in found if '"check":"redis_persistence"' in line], "the check-up runs at every start too"
    for line in log.read_text().splitlines():
        if line.startswith("{"):
            assert PASSWORD not in line


def test_sigterm_lets_requests_finish(migrated: dict[str, str], tmp_path: Path) -> None:
    """R73: log-ins under way when SIGTERM comes are answered; then the process ends with 0, within 15 s."""
    with serving(tmp_path / "log", **migrated) as service:
        email = _register(service.url)
        body = f"username={email}&password={PASSWORD.replace(' ', '+')}".encode()
        request = (
            b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
        connections = [socket.create_connection(("127.0.0.1", service.port), timeout=20) for _ in range(20)]
        for connection in connections:
            connection.sendall(request)
        server = psutil.Process(service.process.pid)
        # They are under way once they are accepted: each hash takes its time, on two cores.
        until(lambda: sum(one.laddr.port == service.port for one in server.net_connections()) > len(connections))
        before = time.monotonic()
        service.process.terminate()
        answers = [connection.recv(65536).split(b"\r\n")[0] for connection in connections]
        for connection in connections:
            connection.close()
        assert service.process.wait(15) == 0
        assert time.monotonic() - before < 15
    assert answers == [b"HTTP/1.1 200 OK"] * 20, service.said()


def test_sigterm_hangs_up_on_streams(migrated: dict[str, str], tmp_path: Path) -> None:
    """R73: an open stream doesn't hold the process up: it closes at once, without saying that its session is over."""
    with serving(tmp_path / "log", **migrated) as service:
        url = service.url
        headers = {"Authorization": f"Bearer {_log_in(url, _register(url)).json()['access_token']}"}
        with httpx.stream("GET", f"{url}/api/sessions/stream", headers=headers, timeout=30) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            before = time.monotonic()
            service.process.terminate()
            assert not [line for line in lines if line.startswith("event")]
        assert service.process.wait(15) == 0
        assert time.monotonic() - before < 10  # far from the 12 seconds that a busy connection gets


def test_several_workers(migrated: dict[str, str], tmp_path: Path) -> None:
    """WEB_CONCURRENCY=2: both serve one port and one another's tokens; a killed one is replaced within 5 s; exit 0."""
    with serving(tmp_path / "log", **{**migrated, "WEB_CONCURRENCY": "2"}) as service:
        _whole_story(service.url)
        parent = psutil.Process(service.process.pid)
        victim, *others = parent.children()
        assert len(others) == 1
        victim.kill()
        until(lambda: len({*parent.children()} - {victim}) == 2, 5)
        service.wait()
        for _ in range(10):
            _whole_story(service.url)
        service.process.terminate()
        assert service.process.wait(15) == 0
        assert not [child for child in others if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def _register(url: str) -> str:
    email = f"user{time.monotonic_ns()}@example.com"
    response = httpx.post(f"{url}/api/auth/register", json={"email": email, "password": PASSWORD})
    assert response.status_code == 200, response.text
    return email


def _log_in(url: str, email: str) -> httpx.Response:
    return httpx.post(f"{url}/api/auth/login", data={"username": email, "password": PASSWORD}, timeout=30)


def _whole_story(url: str) -> None:
    """Register, log in, ask, refresh, log out; each on a connection of its own, so on any worker."""
    tokens = _log_in(url, _register(url)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert httpx.get(f"{url}/api/users/me", headers=headers).status_code == 200
    refreshed = httpx.post(f"{url}/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 200
    response = httpx.post(f"{url}/api/auth/logout", headers=headers)
    assert response.status_code == 204
    assert response.headers["strict-transport-security"].startswith("max-age=63072000")
    assert httpx.get(f"{url}/api/users/me", headers=headers).status_code == 401
