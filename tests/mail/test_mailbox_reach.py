"""Development's letters are for whoever sits at the machine; for networks, proxies and rebound names there are none."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import httpx
import pytest

from service.core.http import requests as http
from service.runtime import Runtime
from service.work.letters import send_due
from tests.http.support import Wire, another
from tests.mail.conftest import write
from tests.support.people import assert_problem
from tests.support.process import latchkey, serving
from tests.support.stores import SECRET

PATHS = ("/api/dev/mail", "/api/dev/mail/", "/api/dev/mail/0", "/api/dev/mail/0/", "/api/dev/mail/x", "/api/dev")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")


@pytest.fixture
async def letter(runtime: Runtime) -> None:
    """There is a letter to be read."""
    await write(runtime, "victim@example.com")
    await send_due(runtime)


def _own_address() -> str | None:
    """An address of this machine that isn't loopback, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


async def ask(base_url: str, path: str, headers: str, method: str = "GET", version: str = "1.1") -> httpx.Response:
    address = httpx.URL(base_url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        connection = Wire(reader, writer)
        await connection.send(f"{method} {path} HTTP/{version}\r\n{headers}Accept: application/json\r\n\r\n")
        return await connection.answer(head=method == "HEAD")
    finally:
        writer.close()


async def hold_hidden(base_url: str, headers: str) -> None:
    """Hold that every path and method answers what one beside it answers that was never there."""
    for method in METHODS:
        for path in PATHS:
            found = await ask(base_url, path, headers, method)
            never = await ask(base_url, "/api/nothing", headers, method)
            assert found.status_code == never.status_code, (method, path)
            assert found.status_code in (404, 400), (method, path)  # 400: a Host that can't be one
            assert "victim@example.com" not in found.text
            assert set(found.headers) == set(never.headers), (method, path)
            if method != "HEAD":
                assert {**found.json(), "request_id": ""} == {**never.json(), "request_id": ""}


LOCAL = "Host: localhost:8000\r\n"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:3000", "LOCALHOST", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000", "app.localhost"]
)
async def test_for_whoever_sits_here(base_url: str, letter: None, host: str) -> None:
    """The developer's own browser sees them, by any name of this machine, also through a development server."""
    answer = await ask(base_url, "/api/dev/mail", f"Host: {host}\r\n")
    assert answer.json()[0]["to"] == "victim@example.com"
    assert (await ask(base_url, "/api/dev/mail/0", f"Host: {host}\r\n")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        f"{LOCAL}X-Forwarded-For: 203.0.113.7\r\n",
        f"{LOCAL}X-Forwarded-For: 127.0.0.1\r\n",
        f"{LOCAL}x-forwarded-for:\r\n",
        f"{LOCAL}X-FORWARDED-HOST: localhost\r\n",
        f"{LOCAL}X-Forwarded-Proto: https\r\n",
        f"{LOCAL}X-Forwarded-Server: proxy\r\n",
        f"{LOCAL}X-Original-Forwarded-For: 203.0.113.7\r\n",
        f"{LOCAL}Forwarded: for=203.0.113.7\r\n",
        f"{LOCAL}Forwarded: for=127.0.0.1;host=localhost\r\n",
        f"{LOCAL}Via: 1.1 proxy\r\n",
        f"{LOCAL}X-Real-IP: 203.0.113.7\r\n",
        f"{LOCAL}CF-Connecting-IP: 203.0.113.7\r\n",
        f"{LOCAL}True-Client-IP: 203.0.113.7\r\n",
        f"{LOCAL}X-Client-IP: 203.0.113.7\r\n",
        f"{LOCAL}X-Cluster-Client-IP: 203.0.113.7\r\n",
        f"{LOCAL}X-Envoy-External-Address: 203.0.113.7\r\n",
        "Host: evil.example\r\n",
        "Host: evil.example:8000\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: 127.0.0.1.evil.example\r\n",
        "Host: evil.example@localhost\r\n",
        "Host: localhost@evil.example\r\n",
        "Host: 192.168.1.5:8000\r\n",
        "Host: 0.0.0.0:8000\r\n",
        "Host: [::]:8000\r\n",
        "Host: 2130706433\r\n",
        "Host: evil.example#localhost\r\n",
        "Host: localhost/../evil.example\r\n",
    ],
)
async def test_not_for_what_is_passed_on_or_rebound(base_url: str, letter: None, headers: str) -> None:
    """R67: a proxy or a tunnel here serves strangers, and so does a name that was made to mean this machine."""
    await hold_hidden(base_url, headers)


async def test_not_to_an_older_protocol(base_url: str, letter: None) -> None:
    """R67: HTTP/1.0 is what proxies speak that add nothing."""
    answer = await ask(base_url, "/api/dev/mail", f"{LOCAL}", version="1.0")
    assert answer.status_code == 404


async def test_not_behind_proxies(runtime: Runtime, letter: None) -> None:
    """R67: where proxies are expected, whoever comes without their mark is no local person either."""
    async with another(runtime, PROXIES_COUNT=1) as url:
        await hold_hidden(url, LOCAL)


async def test_by_the_services_own_name(runtime: Runtime, letter: None) -> None:
    """A developer may give the machine a name: PUBLIC_URL's is no stranger's."""
    async with another(runtime, PUBLIC_URL="http://id.dev.example:8000") as url:
        assert (await ask(url, "/api/dev/mail", "Host: ID.dev.example:8000\r\n")).status_code == 200
        await hold_hidden(url, "Host: other.dev.example\r\n")


@pytest.mark.parametrize(
    "peer", ["203.0.113.7", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0", "2001:db8::1", "", "0.0.0.0"]
)
async def test_not_for_the_network(base_url: str, letter: None, peer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R67: by the socket's own address, whatever the request says."""
    monkeypatch.setattr(http.LatchkeyRequest, "ip", peer)
    await hold_hidden(base_url, LOCAL)


@pytest.mark.embedded_only
@pytest.mark.skipif(_own_address() is None, reason="this machine has no address but loopback")
def test_on_every_interface(tmp_path: Path) -> None:
    """R66, R67: HOST=0.0.0.0 in development: the network sees no letter, and the start says what is wrong."""
    address, options = _own_address(), ("--host", "0.0.0.0")
    with serving(tmp_path / "log", *options, DATABASE_URL=f"sqlite://{tmp_path / 'x.sqlite3'}") as service:
        for name in (f"{address}:{service.port}", f"localhost:{service.port}"):
            answer = httpx.get(f"http://{address}:{service.port}/api/dev/mail", headers={"Host": name})
            assert_problem(answer, 404, "not_found")
        assert httpx.get(f"{service.url}/api/dev/mail").status_code == 200
        service.process.terminate()
        assert service.process.wait(20) == 0
    (line,) = [line for line in service.said().splitlines() if "check=host" in line]
    assert "ERROR" in line
    assert "0.0.0.0" in line


@pytest.mark.embedded_only
@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, "ok"),
        ({"HOST": "localhost"}, "ok"),
        ({"HOST": "::1"}, "ok"),
        ({"HOST": "0.0.0.0"}, "error"),
        ({"HOST": "::"}, "error"),
        ({"HOST": "192.168.1.5"}, "error"),
        ({"HOST": "0.0.0.0", "SECRET_KEY": SECRET}, "warning"),
    ],
)
def test_doctor_says_so(tmp_path: Path, settings: dict[str, str], level: str) -> None:
    """R66: what was meant for one machine can be reached from others; it is told, and how to mend it."""
    done = latchkey("doctor", "--json", DATABASE_URL=f"sqlite://{tmp_path / 'x.sqlite3'}", **settings)
    (found,) = [finding for finding in json.loads(done.stdout) if finding["check"] == "host"]
    assert found["level"] == level
    assert bool(found["fix"]) == (level != "ok")
