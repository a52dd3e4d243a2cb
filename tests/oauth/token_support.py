"""What the stories of tokens have in common: somebody's library, as forms over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from tests.http.support import hold_headers
from tests.support.people import Person, Session

TOKEN, REVOKE = "/oauth/token", "/oauth/revoke"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def password_of(person: Person, **more: str) -> dict[str, str]:
    """The form of the password grant."""
    return {"grant_type": "password", "username": person.email, "password": person.password, **more}


def refresh_of(token: str, **more: str) -> dict[str, str]:
    """The form of the refresh grant."""
    return {"grant_type": "refresh_token", "refresh_token": token, **more}


def hold_tokens(response: httpx.Response) -> dict[str, Any]:
    """Hold that an answer has tokens as RFC 6749 section 5.1 has them, and nothing else; return them."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    hold_headers(response)
    tokens: dict[str, Any] = response.json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert tokens["token_type"] == "Bearer"
    assert 0.94 * 900 <= tokens["expires_in"] <= 900
    return tokens


async def opened(client: httpx.AsyncClient, person: Person, **options: Any) -> Session:
    """A session that began at the token endpoint."""
    tokens = hold_tokens(await client.post(TOKEN, data=password_of(person), **options))
    return Session(client, tokens["access_token"], tokens["refresh_token"])
