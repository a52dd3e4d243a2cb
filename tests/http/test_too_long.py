"""A URI that is too long is 414 (RFC 9112 section 3), fields that are too large are 431 (RFC 6585 section 5)."""

from __future__ import annotations

import httpx
import pytest

from tests.http.support import HOST, hold_problem, request, say, wire

LONG = [8_001, 8_100, 8_192, 9_000, 16_384, 65_536, 300_000]


@pytest.mark.parametrize("size", LONG)
@pytest.mark.parametrize(
    "target",
    ["/{}", "/api/health?{}", "/api/users/{}", "/api/health?q=%41{}", "http://a.example/{}", "//{}"],
)
async def test_a_uri_that_is_too_long(base_url: str, target: str, size: int) -> None:
    """R57: whatever part of it is long, with any method, and whatever comes behind."""
    for method in ("GET", "POST", "DELETE", "BREW"):
        response = await say(base_url, request(f"{method} {target.format('x' * size)}", "X-More: 1\r\n"))
        assert hold_problem(response, 414).code == "uri_too_long"
        assert response.headers["connection"] == "close"


async def test_it_is_said_at_once(base_url: str) -> None:
    """Nobody waits for the end of what is too long already; nor for that of a HEAD, whose answer has no body."""
    for method, head in (("GET", False), ("HEAD", True)):
        async with wire(base_url) as connection:
            await connection.send(f"{method} /{'x' * 8_050}".encode())
            response = await connection.answer(head=head)
            assert response.status_code == 414
            assert await connection.closed()


async def test_what_is_long_enough(base_url: str, client: httpx.AsyncClient) -> None:
    """RFC 9112 section 3: 8,000 bytes and what a head has besides are taken."""
    target = f"/api/nowhere/{'x' * 7_987}"
    assert len(target) == 8_000
    hold_problem(await say(base_url, request(f"GET {target}")), 404)
    hold_problem(await say(base_url, request(f"GET {target}x")), 414)


@pytest.mark.parametrize("size", [8_200, 9_000, 16_384, 65_536, 300_000])
async def test_fields_that_are_too_large(base_url: str, size: int) -> None:
    """R57: one field, many fields, a name; with a body announced or without."""
    many = "".join(f"X-{number}: {'x' * 80}\r\n" for number in range(size // 80))
    for fields in (
        f"X-Filler: {'x' * size}\r\n",
        f"{'X' * size}: 1\r\n",
        f"Authorization: Bearer {'x' * size}\r\n",
        many,
        f"Content-Length: 5\r\n{many}",
    ):
        response = await say(base_url, request("POST /api/auth/login", fields))
        assert hold_problem(response, 431).code == "head_too_large"
        assert response.headers["connection"] == "close"


@pytest.mark.parametrize("name", ["Cookie", "cookie", "COOKIE"])
async def test_cookies_of_the_parent_domain(base_url: str, name: str) -> None:
    """Whoever shares a domain with others is sent their cookies: as many as proxies pass on, in one line or in many."""
    for cookies in ("a=b; " * 6_500, "a=" + "x" * 32_000):
        for fields in (
            f"{name}: {cookies}\r\n",
            "".join(f"{name}: {cookies[place : place + 4_000]}\r\n" for place in range(0, 32_000, 4_000)),
            f"{name}: {cookies}\r\nX-Filler: {'x' * 7_900}\r\n",
        ):
            assert (await say(base_url, request("GET /api/health/live", fields))).status_code == 404
            assert (await say(base_url, request("GET /api/health", fields))).status_code == 200
    for fields in (
        f"{name}: {'a=b; ' * 7_000}\r\n",
        f"{name}: {'x' * 300_000}\r\n",
        f"{name}: {'a=b; ' * 3_500}\r\n" * 2,
        f"X-More: 1\r\n{name}:{'a=b; ' * 7_000}",  # said before its end has come
    ):
        problem = hold_problem(await say(base_url, request("GET /api/health", fields)), 431)
        assert "cookies" in problem.detail
    for fields in (  # nothing else is let in beside them
        f"{name}: a=b\r\nX-Filler: {'x' * 8_200}\r\n",
        f"X-{name}: {'x' * 8_200}\r\n",
        f"{name}-X: {'x' * 8_200}\r\n",
        f"{name}: {'x' * 32_000}\r\nX-Filler: {'x' * 8_200}\r\n",
    ):
        problem = hold_problem(await say(base_url, request("GET /api/health", fields)), 431)
        assert "cookies" not in problem.detail


async def test_cookies_that_trickle_in(base_url: str) -> None:
    """Each byte is looked at once: what comes in very small pieces costs no more than what comes at once."""
    async with wire(base_url) as connection:
        head = f"GET /api/health HTTP/1.1\r\n{HOST}Cookie: {'a=b; ' * 6_000}\r\nX-More: 1\r\n\r\n"
        for place in range(0, len(head), 97):
            await connection.send(head[place : place + 97].encode())
        assert (await connection.answer()).status_code == 200


async def test_the_uri_is_not_blamed_for_the_fields(base_url: str) -> None:
    """A long address that is short enough, and fields beyond the limit: 431. No address at all is none too long."""
    hold_problem(await say(base_url, request(f"GET /{'x' * 5_000}", f"X-Filler: {'x' * 5_000}\r\n")), 431)
    hold_problem(await say(base_url, "G" * 20_000), 431)


async def test_a_body_is_still_413(base_url: str) -> None:
    """R57: what is too large about a body has its own status."""
    response = await say(
        base_url, f"POST /api/auth/login HTTP/1.1\r\n{HOST}Content-Length: 70000\r\n\r\n" + "x" * 70_000
    )
    assert hold_problem(response, 413).code == "too_large"
