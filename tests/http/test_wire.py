"""Requests as they come over the wire, well-formed or not: a proper answer, or a proper end (R56, R62, R63).

Raw sockets, because a client library would not send most of this.
"""

from __future__ import annotations

import httpx
import pytest

from service.runtime import Runtime
from tests.http.support import HOST, another, hold_problem, request, say, wire

pytestmark = pytest.mark.embedded_only


@pytest.mark.parametrize(
    "data",
    [
        "garbage\r\n\r\n",
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /api/health\r\n\r\n",
        f"GET /api/health HTTP/2.0\r\n{HOST}\r\n",
        f"GET /api/health HTTP/0.9\r\n{HOST}\r\n",
        f"GET /api/health http/1.1\r\n{HOST}\r\n",
        f"GET /api/health  HTTP/1.1\r\n{HOST}\r\n",
        f"GET  HTTP/1.1\r\n{HOST}\r\n",
        f" GET /api/health HTTP/1.1\r\n{HOST}\r\n",
        f"GET /api/health HTTP/1.1\r\n{HOST}no colon\r\n\r\n",
        f"GET /api/health HTTP/1.1\r\n{HOST}\r\n folded\r\n\r\n".replace("\r\n\r\n folded", "\r\n folded"),
        f"GET /api/h\xe9alth HTTP/1.1\r\n{HOST}\r\n",
        f"GET /api/he\x00alth HTTP/1.1\r\n{HOST}\r\n",
        f"GET /api/he\x1b[31malth HTTP/1.1\r\n{HOST}\r\n",
        f"GET : HTTP/1.1\r\n{HOST}\r\n",
        f"GET http:// HTTP/1.1\r\n{HOST}\r\n",
        f"GET http://[::1 HTTP/1.1\r\n{HOST}\r\n",
        f"GET health HTTP/1.1\r\n{HOST}\r\n",
        f"NONE ? HTTP/1.1\r\n{HOST}\r\n",
        f"CONNECT evil.example:443 HTTP/1.1\r\n{HOST}\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        "\x00" * 100 + "\r\n\r\n",
    ],
)
async def test_what_is_no_request(base_url: str, data: str) -> None:
    """R62, R63: what can't be read as a request is told so once, and the connection ends."""
    response = await say(base_url, data)
    assert hold_problem(response, 400).code == "bad_request"
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\ncontent-length: 3\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunke\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: 2, 2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: 1_0\r\n",
        "Content-Length: \r\n",
        "Content-Length: two\r\n",
        "Content-Length: " + "9" * 5_000 + "\r\n",
    ],
)
async def test_ambiguous_length(base_url: str, framing: str) -> None:
    """R63: where two readers could see the end of a request at two places, there is none (RFC 9112 section 6.3)."""
    head = f"POST /api/auth/login HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n"
    response = await say(base_url, head + framing + "\r\n{}")
    assert hold_problem(response, 400).code == "bad_request"
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("size", [9_000, 20_000, 200_000])
async def test_headers_that_are_too_large(base_url: str, size: int) -> None:
    """R57: a head of more than 8 KiB is 431, in one field or in many (RFC 6585); in the path it is 414."""
    many = "".join(f"X-{number}: {'x' * 80}\r\n" for number in range(size // 90))
    for data, status, code in (
        (request("GET /api/health", f"X-Filler: {'x' * size}\r\n"), 431, "head_too_large"),
        (request(f"GET /api/health?{'x' * size}"), 414, "uri_too_long"),
        (request("GET /api/health", many), 431, "head_too_large"),
    ):
        response = await say(base_url, data)
        assert hold_problem(response, status).code == code
        assert response.headers["connection"] == "close"


async def test_http_1_0(base_url: str, client: httpx.AsyncClient) -> None:
    """A client of HTTP/1.0 needs no Host, and its connection ends with the answer, errors included."""
    response = await say(base_url, "GET /api/health HTTP/1.0\r\n\r\n")
    assert (response.status_code, response.headers["connection"]) == (200, "close")
    response = await say(base_url, "GET /api/users/me HTTP/1.0\r\n\r\n")
    hold_problem(response, 401)
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("host", ["", HOST * 2, f"{HOST}host: evil.example\r\n"])
async def test_host_exactly_once(base_url: str, host: str) -> None:
    """RFC 9112 section 3.2: without a Host header, or with two, a request is not taken."""
    assert hold_problem(await say(base_url, request("GET /api/health", host=host)), 400).code == "bad_request"
    hold_problem(await say(base_url, request("GET /api/nowhere", host=host)), 400)


@pytest.mark.parametrize(
    "host", ["[::1", "a b", "\x00", "\xff", "a@b", "a/b", "a:b", "a:80:80", "[::g]", "[fe80::1%25e0]", "%zz"]
)
async def test_a_host_that_is_none(base_url: str, host: str) -> None:
    """R81: a Host header that isn't a host is refused (RFC 9112 section 3.2)."""
    response = await say(base_url, request("GET /api/health", host=f"Host: {host}\r\n"))
    assert hold_problem(response, 400).code == "bad_request"
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:99999", "[::1]:8000", "[v1.a:b]", "", "127.0.0.1:", "%41_b", "x" * 5_000]
)
async def test_any_host_is_the_same(base_url: str, client: httpx.AsyncClient, host: str) -> None:
    """R23: the Host header decides nothing: no route, no link, no error."""
    response = await say(base_url, request("GET /api/health", host=f"Host: {host}\r\n"))
    assert response.json() == {"status": "healthy"}
    response = await say(base_url, request("GET /api/openapi.json", host=f"Host: {host}\r\n"))
    assert b"evil.example" not in response.content
    assert "evil.example" not in str(response.headers)


async def test_absolute_form(base_url: str, client: httpx.AsyncClient) -> None:
    """RFC 9112 section 3.2.2: a request-target may name a host; whichever it names, the path is what counts."""
    for target in (
        "http://evil.example/api/health",
        "HTTPS://evil.example:99/api/health?x=1",
        "http://[::1]/api/health",
    ):
        response = await say(base_url, request(f"GET {target}"))
        assert response.json() == {"status": "healthy"}
        assert "evil" not in str(response.headers)
    hold_problem(await say(base_url, request("GET http://evil.example")), 404)
    # RFC 9110 section 4.2.4, RFC 9112 section 3.2: a user's name that misleads, a fragment, no host, another scheme.
    for target in ("http://me:word@evil.example/", "http://evil.example/#y", "http:///", "ftp://evil.example/", "x:y"):
        hold_problem(await say(base_url, request(f"GET {target}")), 400)


async def test_pipelining(base_url: str, client: httpx.AsyncClient) -> None:
    """Requests sent in one go are answered in order, the refused ones too, on one connection."""
    wanted = [
        ("GET /api/health", 200),
        ("GET /api/users/me", 401),
        ("POST /api/nowhere", 404),
        ("PUT /api/health", 405),
    ]
    async with wire(base_url) as connection:
        await connection.send(
            "".join(request(line, f"X-Request-ID: r{number}\r\n") for number, (line, _) in enumerate(wanted))
        )
        for number, (_, status) in enumerate(wanted):
            response = await connection.answer()
            assert (response.status_code, response.headers["x-request-id"]) == (status, f"r{number}")
        assert await connection.usable()


async def test_expect_continue(base_url: str, client: httpx.AsyncClient) -> None:
    """A client that waits for leave to send its body gets it; an expectation nobody knows is refused."""
    body = '{"refresh_token": "x"}'
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: "
    async with wire(base_url) as connection:
        await connection.send(request("POST /api/auth/refresh", f"{head}100-Continue\r\n"))
        assert await connection.leave()
        await connection.send(body)
        assert hold_problem(await connection.answer(), 400).code == "invalid_grant"
        assert await connection.usable()
    response = await say(base_url, request("POST /api/auth/refresh", f"{head}a-miracle\r\n") + body)
    assert hold_problem(response, 417).code == "expectation_failed"


async def test_upgrades_are_not_offered(base_url: str, client: httpx.AsyncClient) -> None:
    """A request to speak another protocol is answered in this one."""
    for protocol in ("websocket", "h2c"):
        response = await say(base_url, request("GET /api/health", f"Connection: Upgrade\r\nUpgrade: {protocol}\r\n"))
        assert response.json() == {"status": "healthy"}


async def test_a_request_that_never_comes(runtime: Runtime) -> None:
    """R63: a request that begins and doesn't go on is 408, and the connection ends."""
    async with another(runtime, config={"REQUEST_TIMEOUT": 0.2}) as url:
        for start in ("G", "GET /api/health HTTP/1.1\r\n", request("GET /api/health")[:-1]):
            async with wire(url) as connection:
                await connection.send(start)
                response = await connection.answer()
                assert hold_problem(response, 408).code == "request_timeout"
                assert response.headers["connection"] == "close"
                assert await connection.closed()


async def test_a_client_that_goes_away_is_no_error(
    runtime: Runtime, base_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """R63: who hangs up half-way leaves no error in the log, and the service goes on."""
    head = f"POST /api/auth/login HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n"
    for start in (
        "GET /api",
        f"{head}Content-Length: 100\r\n\r\n{{",
        f"{head}Transfer-Encoding: chunked\r\n\r\n5\r\n{{",
    ):
        async with wire(base_url) as connection:
            await connection.send(start)
    async with wire(base_url) as connection:
        for _ in range(5):
            assert await connection.usable()
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
