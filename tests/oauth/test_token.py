"""POST /oauth/token: tokens by a form, as RFC 6749 has it, for libraries that nobody here wrote."""

from __future__ import annotations

import httpx

from tests.support.people import PASSWORD, Person


async def test_smoke(client: httpx.AsyncClient, ada: Person) -> None:
    """..."""
    for data in (
        {"grant_type": "password", "username": ada.email, "password": PASSWORD},
        {"grant_type": "password", "username": ada.email, "password": "x"},
        {"grant_type": "", "username": ada.email, "password": "x"},
        {"grant_type": "x", "username": ada.email, "password": "x"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
    ):
        response = await client.post("/oauth/token", data=data)
        print(response.status_code, response.headers, response.text)
    for path in ("/oauth/token", "/oauth", "/oauth/x", "/oauthx", "/.well-known/oauth-authorization-server"):
        response = await client.get(path)
        print(response.status_code, response.headers, response.text)
    assert 0
