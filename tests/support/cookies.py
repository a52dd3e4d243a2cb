"""Requests with a Cookie header of any bytes: what a client library would not send, a neighbour's page can plant."""

from __future__ import annotations

import json

import httpx

from tests.http.support import HOST, wire
from tests.support.browsers import ORIGIN

OURS = f"X-Session-Transport: cookie\r\nSec-Fetch-Site: same-site\r\nOrigin: {ORIGIN}\r\n"


async def post(
    url: str, path: str, *cookies: bytes | str, headers: str = OURS, body: dict[str, str] | None = None
) -> httpx.Response:
    """Send a POST with these Cookie lines, byte for byte (a text is Latin-1)."""
    content = json.dumps(body).encode() if body is not None else b""
    kind = "Content-Type: application/json\r\n" if content else ""
    head = f"POST /api/auth{path} HTTP/1.1\r\n{HOST}{headers}{kind}Content-Length: {len(content)}\r\n".encode("latin-1")
    lines = b"".join(
        b"Cookie: " + (line.encode("latin-1") if isinstance(line, str) else line) + b"\r\n" for line in cookies
    )
    async with wire(url) as connection:
        await connection.send(head + lines + b"\r\n" + content)
        return await connection.answer()


def set_cookies(answer: httpx.Response) -> dict[str, str]:
    """Return the cookies that an answer sets, by name: value and attributes."""
    lines = answer.headers.get_list("set-cookie")
    found = {line.partition("=")[0]: line.partition("=")[2] for line in lines}
    assert len(found) == len(lines), lines
    return found
