"""/.well-known/change-password (W3C, A Well-Known URL for Changing Passwords): password managers send people there."""

from __future__ import annotations

import httpx
import pytest

from service.runtime import Runtime
from tests.http.support import another, hold_headers, hold_problem, request, say

WHERE = "/.well-known/change-password"


async def test_it_leads_to_the_page(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """A redirect that lasts for this time only, to the front end's page."""
    for method in ("GET", "HEAD"):
        for path in (WHERE, WHERE + "/", WHERE + "?x=1"):
            response = await client.request(method, path)
            assert response.status_code in (302, 303, 307)
            assert response.headers["location"] == f"{runtime.settings.frontend_url}/password"
            hold_headers(response)


async def test_it_goes_by_the_settings(runtime: Runtime) -> None:
    """It is FRONTEND_URL's page, where that is another origin."""
    async with (
        another(runtime, FRONTEND_URL="https://app.example.com/account") as base_url,
        httpx.AsyncClient(base_url=base_url) as client,
    ):
        location = (await client.get(WHERE)).headers["location"]
    assert location == "https://app.example.com/account/password"


@pytest.mark.parametrize("host", ["evil.example", "latchkey.example@evil.example"])
async def test_no_request_says_where(base_url: str, client: httpx.AsyncClient, runtime: Runtime, host: str) -> None:
    """R23: neither Host nor X-Forwarded-Host nor the path has a say."""
    for target in (WHERE, f"http://evil.example{WHERE}", f"{WHERE}?url=//evil.example"):
        answer = await say(
            base_url, request(f"GET {target}", "X-Forwarded-Host: evil.example\r\n", host=f"Host: {host}\r\n")
        )
        if "@" in host:
            assert answer.status_code == 400
        else:
            assert answer.headers["location"] == f"{runtime.settings.frontend_url}/password"


async def test_what_is_not_there(client: httpx.AsyncClient) -> None:
    """Managers look whether the answer means anything: a made-up name beside it is not found."""
    hold_problem(
        await client.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"), 404
    )
    hold_problem(await client.post(WHERE), 405)
