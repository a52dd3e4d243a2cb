"""Methods and paths: each call has its own and no other; reading changes nothing (R56)."""

from __future__ import annotations

import httpx
import pytest

from models import User
from tests.http.support import (
    ENDLESS,
    Operation,
    document,
    hold_headers,
    hold_problem,
    hold_refusal,
    operations,
    request,
    say,
    wire,
)
from tests.support.people import Person

pytestmark = pytest.mark.embedded_only

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO", "get", "PROPFIND")
PAGES = ("/api/docs", "/api/redoc", "/api/docs/assets/nothing.js")
PATHS = (*document()["paths"], *PAGES)
each_path = pytest.mark.parametrize("path", [path.replace("{", "").replace("}", "") for path in PATHS])
each_operation = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)


def allowed(path: str) -> set[str]:
    """The methods of a path, from the document; HEAD comes with GET, OPTIONS with everything."""
    found = {method.upper() for method in document()["paths"].get(path, {"get": None})}
    return found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set())


FORGOTTEN_ID = ("DELETE", "/api/sessions")  # a slash at its end ends nothing


@each_path
async def test_methods(base_url: str, client: httpx.AsyncClient, path: str) -> None:
    """R56: every other method is 405 and says which there are; TRACE and CONNECT are off."""
    template = next(known for known in PATHS if known.replace("{", "").replace("}", "") == path)
    methods = allowed(template)
    for method in METHODS:
        if method not in methods:
            data = request(f"{method} {path}")
            response = await say(base_url, data) if method != "HEAD" else await client.head(path)
            assert response.headers["allow"] == ", ".join(sorted(methods)), method
            if method != "HEAD":
                assert hold_refusal(path, response, 405) == "method_not_allowed"
    response = await client.options(path)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == ", ".join(sorted(methods))
    hold_headers(response)


@each_path
async def test_trailing_slashes(base_url: str, client: httpx.AsyncClient, path: str) -> None:
    """API.md: a trailing slash makes no difference, for any method but one, and there are no redirects."""
    async with wire(base_url) as connection:
        for method in METHODS:
            if (method, path) == FORGOTTEN_ID:
                await connection.send(request(f"{method} {path}/"))
                hold_problem(await connection.answer(), 404)
                continue
            answers = []
            for spelled in (path, f"{path}/"):
                await connection.send(request(f"{method} {spelled}"))
                answers.append(await connection.answer(head=method == "HEAD"))
            first, second = answers
            assert first.status_code == second.status_code, method
            assert first.headers.get("allow") == second.headers.get("allow")
            assert first.headers.get("content-type") == second.headers.get("content-type")
            assert not first.is_redirect
            assert "location" not in first.headers


async def test_very_many_trailing_slashes(base_url: str, client: httpx.AsyncClient) -> None:
    """R63: nor do seven thousand: they aren't a way to exhaust the stack."""
    assert (await say(base_url, request(f"GET /api/health{'/' * 7_000}"))).json() == {"status": "healthy"}
    hold_problem(await say(base_url, request(f"GET /api/nowhere{'/' * 7_000}")), 404)


@each_operation
async def test_slashes_with_a_body_and_a_token(admin: Person, operation: Operation) -> None:
    """API.md: the same with everything a call needs; a body isn't lost on the way."""
    answers = []
    for slash in ("", "/"):
        options = {"content": b"[]"} if "requestBody" in operation.described else {}
        answers.append(
            await admin.client.request(
                "OPTIONS" if operation.method == "DELETE" else operation.method,
                operation.url() + slash,
                headers={**admin.sessions[0].headers, "Content-Type": "application/json"},
                **options,  # type: ignore[arg-type]
            )
        )
        if "log" in operation.path:
            break
    assert len({answer.status_code for answer in answers}) == 1
    assert answers[0].status_code < 500


@each_path
async def test_head(client: httpx.AsyncClient, admin: Person, path: str) -> None:
    """R56: HEAD is GET without the body, the same status and headers, for everyone."""
    for headers in ({},) if path in ENDLESS else ({}, admin.sessions[0].headers):
        got, head = await client.get(path, headers=headers), await client.head(path, headers=headers)
        assert head.status_code == got.status_code
        assert head.content == b""
        dropped = {"x-request-id", "date", "content-length"}
        assert {name for name in head.headers if name not in dropped} == {
            name for name in got.headers if name not in dropped
        }
        hold_headers(head)


@each_operation
async def test_reading_changes_nothing(admin: Person, operation: Operation) -> None:
    """R56: no GET, HEAD or OPTIONS changes anything, whatever it carries."""
    before = await User.all().values()
    headers = {**admin.sessions[0].headers, "X-HTTP-Method-Override": "DELETE"}
    for method in ("GET", "HEAD", "OPTIONS"):
        await admin.client.request(method, operation.url(user_id=str(admin.id)), headers=headers)
    assert await User.all().values() == before
    assert (await admin.sessions[0].me()).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/API/health", "/api/Health", "/api/health%00", "/api/%68ealth", "/api%2fhealth", "/api/./health", "/api/healthz",
     "/api/x/../health", "/api/%2e%2e/api/health", "//api/health", "/api//health", "/api/health/x", "/api", "/", "//",
     "/.", "/api/health;x=1", "/api/docs/assets/..%2f..%2fapp.py", "/api/docs/assets/../../routes.py", "/.env",
     "/api/metrics", "/.well-known/../api/health", "/.well-known/openid_configuration", "/static/x", "/api/%ff",
     "/" * 7_000, "/x" * 3_500, "/api/" + "/" * 7_000 + "health"],
)  # fmt: skip
async def test_paths_that_lead_nowhere(base_url: str, client: httpx.AsyncClient, path: str) -> None:
    """R63: a path has one spelling; case, dots, doubled slashes and escapes aren't other ways to write it."""
    assert hold_problem(await say(base_url, request(f"GET {path}")), 404).code == "not_found"
