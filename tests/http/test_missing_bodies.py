"""A body that isn't there at all is no body of another media type: the answer says what is missing."""

from __future__ import annotations

import httpx
import pytest

from tests.http.support import Operation, hold_problem, with_body
from tests.support.people import Person

REQUIRED = [operation for operation in with_body() if operation.body_required]
NOTHING: list[dict[str, str]] = [
    {},
    {"Content-Length": "0"},
    {"Content-Type": "application/json"},
    {"Content-Type": ""},
]


async def test_refresh_with_nothing_at_all(client: httpx.AsyncClient) -> None:
    """It says that a refresh token is missing, and in which form it wants it."""
    for headers in NOTHING:
        problem = hold_problem(await client.post("/api/auth/refresh", headers=headers), 400)
        assert problem.code == "bad_request"
        assert problem.detail == "The body is missing: send application/json with `refresh_token`."


async def test_login_with_nothing_at_all(client: httpx.AsyncClient) -> None:
    """Either name will do."""
    problem = hold_problem(await client.post("/api/auth/login"), 400)
    assert problem.detail == "The body is missing: send application/json with `password` and `username` or `email`."


@pytest.mark.parametrize("operation", REQUIRED, ids=lambda operation: operation.name)
async def test_every_call_with_a_body(client: httpx.AsyncClient, admin: Person, operation: Operation) -> None:
    """The same for each: 400 with a sentence that names every member that has to be given."""
    for given in NOTHING:
        headers = {**given, **(admin.sessions[0].headers if operation.secured else {})}
        response = await client.request(operation.method, operation.url(), headers=headers)
        problem = hold_problem(response, 400)
        assert problem.code == "bad_request"
        assert problem.detail.startswith("The body is missing: send application/json")
        for name in operation.required:
            assert f"`{name}`" in problem.detail


@pytest.mark.parametrize("operation", REQUIRED, ids=lambda operation: operation.name)
async def test_another_media_type_stays_415(client: httpx.AsyncClient, admin: Person, operation: Operation) -> None:
    """A Content-Type that names another one is refused as that, with a body or without; so is a body that has none."""
    for headers, content in (
        ({"Content-Type": "text/plain"}, b""),
        ({"Content-Type": "text/plain"}, b"{}"),
        ({}, b"{}"),
    ):
        sent = {**headers, **(admin.sessions[0].headers if operation.secured else {})}
        response = await client.request(operation.method, operation.url(), headers=sent, content=content)
        hold_problem(response, 415)


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
async def test_log_out_with_nothing_in_the_body(
    client: httpx.AsyncClient, ada: Person, headers: dict[str, str]
) -> None:
    """RFC 7009: the access token says which session; generated clients send `{}`, others nothing."""
    for content in (b"", b"{}", b'{"refresh_token": null}'):
        if content and not headers:
            continue
        session = await ada.log_in()
        sent = {**headers, **session.headers}
        assert (await client.post("/api/auth/logout", headers=sent, content=content)).status_code == 204
        assert (await client.get("/api/users/me", headers=session.headers)).status_code == 401
        problem = hold_problem(await client.post("/api/auth/logout", headers=headers, content=content), 401)
        assert problem.code == "not_authenticated"
