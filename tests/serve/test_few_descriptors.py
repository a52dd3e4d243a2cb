"""R82: more connections than a process has descriptors for, from one address, and the health check still answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers import free_port
from tests.support.process import LATCHKEY, Service, environment, running
from tests.support.waiting import until

LIMIT, CROWD = 256, 400
POST = b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
HEALTH = b"GET /api/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@contextmanager
def limited(tmp_path: Path, limits: str) -> Iterator[Service]:
    """Run the service, with what `ulimit` says, on an embedded database of its own."""
    port, log = free_port(), tmp_path / "log"
    given = {"PORT": str(port), "DATABASE_URL": f"sqlite://{tmp_path / 'db.sqlite3'}", "REDIS_URL": "memory://"}
    command = ["sh", "-c", f"{limits}; exec {' '.join(LATCHKEY)} serve"]
    with running(command, log, env=environment(**given)) as process:
        service = Service(port, process, log)
        service.wait()
        yield service


def healthy(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(HEALTH)
        return b" 200 OK" in connection.recv(4_096)
    return False


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "begun", [b"", POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{"], ids=["silent", "trickling"]
)
def test_more_connections_than_descriptors(tmp_path: Path, begun: bytes) -> None:
    """Six of six, while hundreds of connections say nothing or trickle; and the log has a line about them."""
    with limited(tmp_path, f"ulimit -n {LIMIT}") as service:
        crowd = [socket.socket() for _ in range(CROWD)]
        for connection in crowd:
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", service.port))
        until(lambda: "connections.crowded" in service.said())
        for connection in crowd:
            with suppress(OSError):
                connection.send(begun)
        for _ in range(6):
            for connection in crowd if begun else ():
                with suppress(OSError):
                    connection.send(b"x")
            assert healthy(service.port)
            time.sleep(0.2)
        assert service.process.poll() is None
        for connection in crowd:
            connection.close()
    log = service.said()
    assert "connections.crowded" in log
    assert "Traceback" not in log
    assert "descriptors: A process may have 256" in log or "doctor.finding check=descriptors" in log


def test_the_limit_is_raised(tmp_path: Path) -> None:
    """A soft limit is the service's own to raise, up to the hard one, and it says that it did."""
    with limited(tmp_path, "ulimit -Sn 200") as service:
        assert healthy(service.port)
        limits = Path(f"/proc/{service.process.pid}/limits")
        if limits.exists():
            (line,) = [line for line in limits.read_text().splitlines() if line.startswith("Max open files")]
            soft, hard = line.split()[3:5]
            assert soft == hard != "200"
    assert "its limit was raised from 200" in service.said()
