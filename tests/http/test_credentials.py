"""The Authorization header: what is a credential, what is a good one, and what a client is told (R45; RFC 6750)."""

from __future__ import annotations

import httpx
import pytest

from service.core.http.oauth_errors import is_oauth
from tests.http.support import Operation, hold_problem, operations, request, say
from tests.support.people import Person

pytestmark = pytest.mark.embedded_only

LOGOUT = "/api/auth/logout"
each_operation = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "not_authenticated"),
        ("Authorization: \r\n", "not_authenticated"),
        ("Authorization: Bearer\r\n", "not_authenticated"),
        ("Authorization: Bearer \r\n", "not_authenticated"),
        ("Authorization: Bearer    \r\n", "not_authenticated"),
        ("Authorization: Basic YWRhOnBhc3N3b3Jk\r\n", "not_authenticated"),
        ("Authorization: Digest username=ada\r\n", "not_authenticated"),
        ("Authorization: Token {token}\r\n", "not_authenticated"),
        ("Authorization: {token}\r\n", "not_authenticated"),
        ("Authorization: Bearer:{token}\r\n", "not_authenticated"),
        ("Authorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\n", "not_authenticated"),
        ("Authorization: Basic x\r\nAuthorization: Bearer {token}\r\n", "not_authenticated"),
        ("X-Authorization: Bearer {token}\r\n", "not_authenticated"),
        ("Cookie: access_token={token}\r\n", "not_authenticated"),
        ("Authorization: Bearer \xff\xfe\r\n", "invalid_token"),
        ("Authorization: Bearer {token}\xff\r\n", "invalid_token"),
        ("Authorization: Bearer {token}, Bearer {token}\r\n", "invalid_token"),
        ("Authorization: Bearer {token} {token}\r\n", "invalid_token"),
        ('Authorization: Bearer "{token}"\r\n', "invalid_token"),
        ("Authorization: Bearer undefined\r\n", "invalid_token"),
        ("Authorization: Bearer null\r\n", "invalid_token"),
        ("Authorization: Bearer ..\r\n", "invalid_token"),
        ("Authorization: Bearer e30.e30.\r\n", "invalid_token"),
        (f"Authorization: Bearer {'x' * 7_000}\r\n", "invalid_token"),
        (f"Authorization: Bearer {'.' * 7_000}\r\n", "invalid_token"),
    ],
)
async def test_credentials_that_are_not_good(base_url: str, admin: Person, authorization: str, code: str) -> None:
    """R45: 401 with `Bearer` for none, and with `error="invalid_token"` for a bad one (RFC 6750 section 3.1)."""
    headers = authorization.replace("{token}", admin.sessions[0].access_token)
    response = await say(base_url, request("GET /api/users/me", headers))
    assert hold_problem(response, 401).code == code
    challenge = "Bearer" if code == "not_authenticated" else 'Bearer error="invalid_token"'
    assert response.headers["www-authenticate"] == challenge


async def test_a_token_of_ten_kilobytes(base_url: str, client: httpx.AsyncClient) -> None:
    """R57: beyond 8 KiB of headers nobody asks whose they are."""
    hold_problem(await say(base_url, request("GET /api/users/me", f"Authorization: Bearer {'x' * 10_000}\r\n")), 431)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
async def test_the_scheme_in_any_case(base_url: str, admin: Person, scheme: str) -> None:
    """RFC 9110 section 11.1: the scheme's case doesn't matter; nor does a space more."""
    for space in (" ", "  "):
        header = f"Authorization: {scheme}{space}{admin.sessions[0].access_token}\r\n"
        assert (await say(base_url, request("GET /api/users/me", header))).status_code == 200


@each_operation
async def test_every_secured_call_asks_who_calls(client: httpx.AsyncClient, operation: Operation) -> None:
    """R45: every call that the document calls secured answers 401 first of all, whatever else is wrong."""
    if not operation.secured or (operation.optional and operation.path != LOGOUT):
        response = await client.request(operation.method, operation.url())
        if response.status_code == 401:  # about the client, which is no caller
            assert (is_oauth(operation.path), response.json()["error"]) == (True, "invalid_client")
        return
    response = await client.request(operation.method, operation.url())
    assert hold_problem(response, 401).code == "not_authenticated"
    assert response.headers["www-authenticate"] == "Bearer"
    if operation.path != LOGOUT:  # there, any token will do (RFC 7009)
        headers = {"Authorization": "Bearer x", "Content-Type": "text/plain"}
        response = await client.request(operation.method, operation.url(), headers=headers, content=b"\xff")
        assert hold_problem(response, 401).code == "invalid_token"
        assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
