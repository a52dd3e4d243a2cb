"""Every answer has a `Date` (RFC 9110 section 6.6.1): caches of the keys count an answer's age by it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from timeit import timeit

import httpx
import pytest

from service.core.clock import http_date
from service.core.telemetry.metrics_server import metrics_served
from tests.http.support import HOST, request, wire
from tests.support.people import Person

READABLE = [
    request("GET /api/health"),
    request("GET /api/health", "Connection: close\r\n"),
    request("HEAD /api/health"),
    request("OPTIONS /api/users/me", "Origin: http://localhost:3000\r\nAccess-Control-Request-Method: GET\r\n"),
    request("GET /api/health/ready"),
    request("GET /.well-known/jwks.json"),
    request("GET /.well-known/change-password"),
    request("GET /api/docs"),
    request("GET /api/docs/assets/nothing.js"),
    request("GET /api/openapi.json"),
    request("HEAD /api/openapi.json"),
    request("GET /api/users/me"),
    request("GET /nowhere"),
    request("POST /api/health", "Content-Length: 0\r\n"),
    request("POST /api/auth/password/forgot", "Content-Type: text/plain\r\nContent-Length: 1\r\n") + "x",
    request("POST /api/auth/login", "Content-Length: 70000\r\nExpect: 100-continue\r\n"),
    "GET /api/health HTTP/1.0\r\n\r\n",
]
UNREADABLE = [
    "NONSENSE\r\n\r\n",
    "GET /api/health HTTP/1.1\r\n\r\n",
    "GET /api/health HTTP/2.0\r\n" + HOST + "\r\n",
    request("GET /api/health", "Content-Length: 1\r\nContent-Length: 2\r\n"),
    request("GET /api/health", "Expect: something\r\n"),
    request("POST /api/auth/login", "Transfer-Encoding: chunked\r\n") + "zz\r\n",
    request(f"GET /{'x' * 20_000}"),
    request("GET /api/health", f"X-Filler: {'x' * 20_000}\r\n"),
]


def hold_date(headers: httpx.Headers) -> None:
    """One `Date`, as IMF-fixdate, and it is now."""
    (given,) = headers.get_list("date")
    moment = parsedate_to_datetime(given)
    assert given == moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 10


@pytest.mark.parametrize("data", READABLE + UNREADABLE, ids=lambda data: data.partition("\r\n")[0][:60])
async def test_every_answer_has_a_date(base_url: str, client: httpx.AsyncClient, data: str) -> None:
    """Also what couldn't be read is answered with one, and what has no body."""
    async with wire(base_url) as connection:
        await connection.send(data)
        hold_date((await connection.answer(head=data.startswith("HEAD "))).headers)


async def test_what_has_not_changed(client: httpx.AsyncClient) -> None:
    """RFC 9110 section 15.4.5: a 304 says it too."""
    first = await client.get("/api/openapi.json")
    again = await client.get("/api/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    hold_date(again.headers)


async def test_streams(client: httpx.AsyncClient, admin: Person) -> None:
    """An answer without an end has it at its beginning."""
    async with client.stream("GET", "/api/sessions/stream", headers=admin.sessions[0].headers) as response:
        assert response.status_code == 200
        hold_date(response.headers)


async def test_one_connection_many_answers(base_url: str, client: httpx.AsyncClient) -> None:
    """Each answer of a connection has one, not only the first."""
    async with wire(base_url) as connection:
        for _ in range(3):
            await connection.send(request("GET /api/health").encode())
            hold_date((await connection.answer()).headers)


async def test_the_page_of_numbers() -> None:
    """The listener of METRICS_PORT is a server of its own."""
    with metrics_served("127.0.0.1", 0, lambda: b"") as port:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as reader:
            for method, path in (("GET", "/metrics"), ("GET", "/"), ("HEAD", "/metrics"), ("POST", "/metrics")):
                hold_date((await reader.request(method, path)).headers)


def test_what_it_costs() -> None:
    """The hot path pays well under a microsecond: it is written out once a second."""
    http_date()
    assert min(timeit(http_date, number=10_000) for _ in range(5)) / 10_000 < 2e-6
