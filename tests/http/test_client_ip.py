"""Where a request comes from: only what a trusted hop says counts (R65); User-Agents are text (R71)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from sanic import Request
from sanic.compat import Header

from models import SecurityEvent
from service.core.http.requests import client_ip, user_agent
from service.runtime import Runtime
from tests.http.support import another
from tests.support.people import PASSWORD

PEER = "10.0.0.9"


def arrived(*lines: str, name: str = "X-Forwarded-For") -> Request:
    """A request that came from PEER with these header lines."""
    return cast(Request, SimpleNamespace(ip=PEER, headers=Header([(name, line) for line in lines])))


@pytest.mark.parametrize(
    ("proxies", "lines", "found"),
    [
        (0, [], PEER),
        (0, ["203.0.113.7"], PEER),
        (0, ["203.0.113.7, 10.0.0.1"], PEER),
        (1, [], PEER),
        (1, ["203.0.113.7"], "203.0.113.7"),
        (1, ["6.6.6.6, 203.0.113.7"], "203.0.113.7"),
        (1, ["6.6.6.6,7.7.7.7,8.8.8.8,203.0.113.7"], "203.0.113.7"),
        (1, ["6.6.6.6", "203.0.113.7"], "203.0.113.7"),
        (1, ["6.6.6.6, 7.7.7.7", " 203.0.113.7 "], "203.0.113.7"),
        (1, ["203.0.113.7, garbage"], PEER),
        (1, ["203.0.113.7, "], PEER),
        (1, [""], PEER),
        (1, [","], PEER),
        (1, ["unknown"], PEER),
        (1, ["203.0.113.7:4711"], "203.0.113.7"),
        (1, ["6.6.6.6:1, 203.0.113.7:4711"], "203.0.113.7"),
        (1, ["203.0.113.7:"], "203.0.113.7"),
        (1, ["203.0.113.7:_hidden"], "203.0.113.7"),
        (1, ['"203.0.113.7:4711"'], "203.0.113.7"),
        (1, ['"203.0.113.7'], PEER),
        (1, ["203.0.113.7:http"], PEER),
        (1, ["203.0.113.7:4711:4711"], PEER),
        (1, ["203.0.113.7/24"], PEER),
        (1, ["_hidden"], PEER),
        (1, ["203.0.113.007"], PEER),
        (1, ["203.0.113"], PEER),
        (1, ["1e1"], PEER),
        (1, ["3405803783"], PEER),
        (1, ["<script>"], PEER),
        (1, ["203.0.113.7\n"], "203.0.113.7"),
        (1, ["\udcff\udcfe"], PEER),
        (1, ["x" * 7_000], PEER),
        (1, ["2001:db8::7"], "2001:db8::7"),
        (1, ["2001:0DB8:0:0::7"], "2001:db8::7"),
        (1, ["[2001:db8::7]"], "2001:db8::7"),
        (1, ["[2001:db8::7]:4711"], "2001:db8::7"),
        (1, ['"[2001:db8::7]:4711"'], "2001:db8::7"),
        (1, ["[2001:db8::7"], PEER),
        (1, ["2001:db8::7]"], PEER),
        (1, ["[203.0.113.7]:80"], "203.0.113.7"),
        (1, ["::ffff:203.0.113.7"], "203.0.113.7"),
        (1, ["[::ffff:203.0.113.7]:4711"], "203.0.113.7"),
        (1, ["::ffff:203.0.113.7:4711"], PEER),
        (1, ["[::FFFF:CB00:7107]"], "203.0.113.7"),
        (1, ["fe80::1%eth0"], "fe80::1"),
        (1, ["[fe80::1%25eth0]:80"], "fe80::1"),
        (1, ["[fe80::1%eth0.100]:80"], "fe80::1"),
        (1, ["fe80::1%" + "x" * 5_000], PEER),
        (1, ["fe80::1%\x1b[31m"], PEER),
        (2, [], PEER),
        (2, ["203.0.113.7"], PEER),
        (2, ["203.0.113.7, 10.0.0.1"], "203.0.113.7"),
        (2, ["6.6.6.6, 203.0.113.7, 10.0.0.1"], "203.0.113.7"),
        (2, ["6.6.6.6", "203.0.113.7", "10.0.0.1"], "203.0.113.7"),
        (2, ["garbage, 10.0.0.1"], PEER),
        (10, ["6.6.6.6, 203.0.113.7"], PEER),
    ],
)
def test_client_ip(proxies: int, lines: list[str], found: str) -> None:
    """R65: counted from the right by the number of trusted proxies; what a client wrote to the left is ignored."""
    assert client_ip(arrived(*lines), proxies) == found


@pytest.mark.parametrize("name", ["X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "Client-IP", "Via"])
@pytest.mark.parametrize("proxies", [0, 1])
def test_no_other_header_counts(name: str, proxies: int) -> None:
    """R65: one header, the one that the documented proxies append to."""
    assert client_ip(arrived("203.0.113.7", name=name), proxies) == PEER


@pytest.mark.parametrize(("proxies", "found"), [(0, "127.0.0.1"), (1, "203.0.113.7"), (2, "6.6.6.6"), (3, "127.0.0.1")])
@pytest.mark.embedded_only
async def test_over_http(runtime: Runtime, client: httpx.AsyncClient, proxies: int, found: str) -> None:
    """R65: the event of a log-in has the address that PROXIES_COUNT says, whatever else the headers claim."""
    headers = {
        "X-Forwarded-For": "6.6.6.6:1, 203.0.113.7:40001",
        "X-Real-IP": "7.7.7.7",
        "X-Forwarded-Host": "evil.example",
    }
    async with another(runtime, PROXIES_COUNT=proxies) as url, httpx.AsyncClient(base_url=url) as proxied:
        body = {"username": "ada@example.com", "password": PASSWORD}
        assert (await proxied.post("/api/auth/login", json=body, headers=headers)).status_code == 400
    assert (await SecurityEvent.get(type="login.failed")).ip == found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("", ""),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 300, "x" * 256),
        ("a\nb\r\x00c\x1b[31m", "a?b??c?[31m"),
        ("\udcff\ud800", "??"),
        ("\u2028\u202e\u200b", "???"),
        ("Mozilla/5.0 😀 é", "Mozilla/5.0 😀 é"),
    ],
)
def test_user_agent(given: str, found: str) -> None:
    """R71: printable text of at most 256 characters; everything else becomes a question mark."""
    assert user_agent(arrived(given, name="User-Agent")) == found
