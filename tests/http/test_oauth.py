"""Log-in and refresh answer as RFC 6749 sections 5.1 and 5.2 ask, beside what the contract has (docs/decisions/051)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http.support import hold_problem
from tests.support.people import PASSWORD, Person

LOGIN, REFRESH = "/api/auth/login", "/api/auth/refresh"
FORM: dict[str, Any] = {"username": "ada@example.com", "password": PASSWORD}
NOBODY = {"username": "nobody@example.com", "password": PASSWORD}


def hold_no_store(response: httpx.Response) -> None:
    """RFC 6749 section 5.1: both headers, where tokens are answered and where they might have been."""
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"


async def test_tokens(client: httpx.AsyncClient, ada: Person) -> None:
    """RFC 6749 section 5.1: the token, its type, its life, and that nobody may keep the answer."""
    sendings: list[dict[str, Any]] = [
        {"data": FORM},
        {"json": FORM},
        {"data": {**FORM, "grant_type": "password", "scope": "", "client_id": ""}},
    ]
    for sent in sendings:
        response = await client.post(LOGIN, **sent)
        assert response.status_code == 200
        hold_no_store(response)
        tokens = response.json()
        assert tokens["token_type"].lower() == "bearer"
        assert isinstance(tokens["expires_in"], int)
        again = await client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})
        assert again.status_code == 200
        hold_no_store(again)


REFUSALS: list[tuple[str, dict[str, Any], int, str, str]] = [
    (LOGIN, {"data": NOBODY}, 400, "invalid_grant", "invalid_grant"),
    (LOGIN, {"json": NOBODY}, 400, "invalid_grant", "invalid_grant"),
    (LOGIN + "/", {"data": NOBODY}, 400, "invalid_grant", "invalid_grant"),
    (REFRESH, {"json": {"refresh_token": "lkr_none"}}, 400, "invalid_grant", "invalid_grant"),
    (LOGIN, {"data": {**FORM, "grant_type": "client_credentials"}}, 422, "validation_error", "unsupported_grant_type"),
    (LOGIN, {"json": {**FORM, "grant_type": "refresh_token"}}, 422, "validation_error", "unsupported_grant_type"),
    (LOGIN, {"data": {"grant_type": "authorization_code"}}, 422, "validation_error", "unsupported_grant_type"),
    (LOGIN, {"data": {"grant_type": "refresh_token", "refresh_token": "x"}}, 422, "validation_error",
     "unsupported_grant_type"),
    (LOGIN, {"data": {"grant_type": "PASSWORD", **FORM}}, 422, "validation_error", "unsupported_grant_type"),
    (LOGIN, {"data": {"username": "ada@example.com"}}, 422, "validation_error", "invalid_request"),
    (LOGIN, {"content": "username=a&username=b&password=c",
             "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400, "bad_request", "invalid_request"),
    (LOGIN, {}, 400, "bad_request", "invalid_request"),
    (REFRESH, {}, 400, "bad_request", "invalid_request"),
    (REFRESH, {"json": {"token": "x"}}, 422, "validation_error", "invalid_request"),
    (REFRESH, {"json": {}}, 400, "invalid_grant", "invalid_grant"),
    (REFRESH, {"data": {"grant_type": "refresh_token"}}, 415, "unsupported_media_type", "invalid_request"),
    (LOGIN, {"json": FORM, "headers": {"X-Session-Transport": "storage"}}, 400, "bad_request", "invalid_request"),
    (LOGIN, {"json": FORM, "headers": {"X-Session-Transport": "cookie", "Origin": "https://evil.example"}}, 403,
     "forbidden", "invalid_request"),
    (LOGIN, {"content": b"x" * 70_000, "headers": {"Content-Type": "application/json"}}, 413, "too_large",
     "invalid_request"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "sent", "status", "code", "error"), REFUSALS)
async def test_refusals(
    client: httpx.AsyncClient, path: str, sent: dict[str, Any], status: int, code: str, error: str
) -> None:
    """RFC 6749 section 5.2: `error` says it in OAuth 2's words, with status and `code` as they are everywhere."""
    response = await client.post(path, **sent)
    problem = hold_problem(response, status)
    assert (problem.code, problem.error) == (code, error)
    hold_no_store(response)


async def test_an_account_that_is_disabled(client: httpx.AsyncClient, ada: Person, admin: Person) -> None:
    """The grant is no good, however right the password is."""
    disabled = await admin.sessions[0].call("PATCH", f"/users/{ada.id}", json={"is_active": False})
    assert disabled.status_code == 200
    problem = hold_problem(await client.post(LOGIN, data=FORM), 400)
    assert (problem.code, problem.error) == ("inactive_user", "invalid_grant")


async def test_a_refresh_token_that_was_good(client: httpx.AsyncClient, ada: Person) -> None:
    """`reason` stays beside it."""
    session = await ada.log_in()
    assert (await session.call("POST", "/auth/logout")).status_code == 204
    problem = hold_problem(await session.refresh(), 400)
    assert (problem.code, problem.reason, problem.error) == ("invalid_grant", "revoked", "invalid_grant")


async def test_nowhere_else(client: httpx.AsyncClient, ada: Person) -> None:
    """What isn't a token endpoint makes no claim of the kind."""
    for path in ("/api/auth/register", "/api/auth/logout", "/api/auth/password/forgot", "/api/auth/login/x"):
        response = await client.post(path, json={})
        assert "error" not in response.json()
        assert "pragma" not in response.headers
