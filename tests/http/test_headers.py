"""Headers on every answer, errors included (API.md; R54, R55, R67)."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from service.features import read_settings
from service.runtime import Runtime
from service.settings import Settings
from tests.http.support import HOST, Operation, another, hold_headers, hold_problem, operations, say
from tests.support.people import Person

pytestmark = pytest.mark.embedded_only

FRONT_END = "http://localhost:3000"
# With what a page's call comes along whose front end is traced, by OpenTelemetry and by Sentry.
ASKED = ("authorization", "baggage", "content-type", "sentry-trace", "traceparent", "tracestate", "x-request-id")
HSTS = "strict-transport-security"

each_operation = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)


@each_operation
async def test_every_answer(client: httpx.AsyncClient, admin: Person, operation: Operation) -> None:
    """R55: the same headers on a success, a refusal and an error; `no-store` but for what is the same for all."""
    for headers in ({}, admin.sessions[0].headers):
        if operation.method == "GET" or not headers:
            response = await client.request(operation.method, operation.url(user_id=str(admin.id)), headers=headers)
            hold_headers(response)
            kept = response.status_code == 200 and (
                operation.path.endswith(".json") or operation.path in ("/api/auth/options", "/api/auth/providers")
            )
            assert (response.headers["cache-control"] == "no-store") != kept
            assert HSTS not in response.headers  # over plain HTTP, and for a developer's localhost for years
            assert "content-type" in response.headers or response.status_code == 204


async def test_policies_of_answers_and_pages(client: httpx.AsyncClient) -> None:
    """R55: an answer may load nothing; a page only what this service sends; nobody may frame either."""
    policy = (await client.get("/api/health")).headers["content-security-policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'"
    for page in ("/api/docs", "/api/redoc"):
        policy = (await client.get(page)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self'" in policy
        assert "http" not in policy


async def test_what_may_be_kept(client: httpx.AsyncClient) -> None:
    """API.md: the key set for five minutes, documents while they are the same, files for ever; errors never."""
    keys = await client.get("/.well-known/jwks.json")
    assert keys.headers["cache-control"] == "public, max-age=300"
    for path in ("/api/openapi.json", "/api/docs", "/api/redoc"):
        first = await client.get(path)
        assert first.headers["cache-control"] == "no-cache"
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        hold_headers(again)
    page = (await client.get("/api/docs")).text
    for asset in re.findall(r'/api/docs/assets/[^"]+', page):
        assert "immutable" in (await client.get(asset)).headers["cache-control"]
    missing = await client.get("/api/docs/assets/nothing.js")
    hold_problem(missing, 404)
    assert missing.headers["cache-control"] == "no-store"
    assert (await client.put("/.well-known/jwks.json")).headers["cache-control"] == "no-store"


async def test_assets_vary_by_both(client: httpx.AsyncClient) -> None:
    """A cache keeps a packed file apart from a plain one, also for a front end of another origin."""
    page = (await client.get("/api/docs")).text
    asset = re.findall(r'/api/docs/assets/[^"]+\.js', page)[0]
    for headers in ({}, {"Origin": FRONT_END}):
        vary = (await client.get(asset, headers=headers)).headers["vary"]
        assert {name.strip().lower() for name in vary.split(",")} == {"accept-encoding", "origin"}


@pytest.mark.parametrize("given", ["a", "5f1c7f0e-9a3b", "A.b_c-9", "x" * 64, "..", "-"])
async def test_request_id_that_is_kept(client: httpx.AsyncClient, given: str) -> None:
    """API.md: a harmless X-Request-ID is the request's, on successes and errors."""
    for path in ("/api/health", "/api/users/me", "/api/nowhere"):
        response = await client.get(path, headers={"X-Request-ID": given})
        assert response.headers["x-request-id"] == given
        if response.status_code >= 400:
            assert response.json()["request_id"] == given


@pytest.mark.parametrize(
    "given",
    ["", " ", "x" * 65, "a b", "a\tb", "\xe9", "<script>", "a;b", "a\nb", "a\n", "\x00", "{}", '"', "a,b",
     "\xff", "x" * 5_000],
)  # fmt: skip
async def test_request_id_that_is_replaced(base_url: str, client: httpx.AsyncClient, given: str) -> None:
    """R71: any other is replaced, for it goes into logs and answers."""
    for line in ("GET /api/health", "GET /api/users/me"):
        response = await say(base_url, f"{line} HTTP/1.1\r\n{HOST}X-Request-ID: {given}\r\n\r\n")
        found = response.headers.get_list("x-request-id")
        assert len(found) == 1
        assert re.fullmatch(r"[0-9a-f]{32}", found[0])


async def test_request_ids_differ(client: httpx.AsyncClient) -> None:
    """Each request has an id of its own."""
    found = {(await client.get("/api/health")).headers["x-request-id"] for _ in range(20)}
    assert len(found) == 20


async def test_strict_transport_in_production(runtime: Runtime) -> None:
    """R55: production says HTTPS for two years on every answer, errors included."""
    async with another(runtime, ENVIRONMENT="production") as url, httpx.AsyncClient(base_url=url) as client:
        for path, status in (("/api/health", 200), ("/api/users/me", 401), ("/nowhere", 404), ("/api/docs", 200)):
            response = await client.get(path)
            assert response.status_code == status
            assert response.headers[HSTS] == "max-age=63072000; includeSubDomains"
        assert HSTS in (await say(url, "garbage\r\n\r\n")).headers


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"HSTS_SUBDOMAINS": False}, "max-age=63072000"),
        ({"HSTS_SECONDS": 86_400}, "max-age=86400; includeSubDomains"),
        ({"HSTS_SECONDS": 0}, "max-age=0"),  # browsers that have heard of more forget it
    ],
)
async def test_strict_transport_turned_down(runtime: Runtime, changes: dict[str, Any], said: str) -> None:
    """R55: who has a name in clear below this one, or isn't sure of https yet, says so."""
    async with another(runtime, ENVIRONMENT="production", **changes) as url, httpx.AsyncClient(base_url=url) as client:
        for path in ("/api/health", "/nowhere"):
            assert (await client.get(path)).headers[HSTS] == said
        assert (await say(url, "garbage\r\n\r\n")).headers[HSTS] == said


async def test_closed_documents(runtime: Runtime) -> None:
    """R67: one switch closes the document and its pages; nothing else changes."""
    async with another(runtime, DOCS_ENABLED=False) as url, httpx.AsyncClient(base_url=url) as client:
        for path in ("/api/openapi.json", "/api/docs", "/api/redoc", "/api/docs/assets/docs.js"):
            hold_problem(await client.get(path), 404)
        assert (await client.get("/api/health")).status_code == 200


def test_default_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    """API.md: front ends of this machine may call without any configuration, the guide's among them, nobody else."""
    assert Settings.model_fields["BACKEND_CORS_ORIGINS"].default == ()
    monkeypatch.delenv("BACKEND_CORS_ORIGINS", raising=False)
    assert read_settings(_env_file=None).admits(FRONT_END)


CALLS = [
    ("GET", "/api/health", {}, 200),
    ("GET", "/api/users/me", {}, 401),
    ("GET", "/api/users/me", {"authorization": "Bearer x"}, 401),
    ("GET", "/nowhere", {}, 404),
    ("PUT", "/api/health", {}, 405),
    ("POST", "/api/auth/login", {"content-type": "text/plain"}, 415),
    ("POST", "/api/auth/refresh", {"content-type": "application/json"}, 400),
    ("POST", "/api/auth/refresh", {"content-type": "application/json", "x-body": '{"x": 1}'}, 422),
    ("POST", "/api/auth/refresh", {"content-type": "application/json", "x-body": "[" * 70_000}, 413),
    ("POST", "/api/auth/register", {"content-type": "application/json", "x-body": "boom"}, 500),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), CALLS)
@pytest.mark.parametrize("origin", [FRONT_END, "http://127.0.0.1:5173"])
async def test_a_front_end_may_read_every_answer(
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    origin: str,
) -> None:
    """API.md, CORS: its origin is echoed, with credentials and what it may read, on errors too: else it sees none."""
    body = headers.get("x-body", "")
    if body == "boom":
        monkeypatch.setattr("service.auth.routes.read_json", lambda *_: 1 / 0)
    given = {name: value for name, value in headers.items() if name != "x-body"}
    response = await client.request(method, path, headers={**given, "Origin": origin}, content=body)
    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == origin
    assert response.headers["access-control-allow-credentials"] == "true"
    exposed = response.headers["access-control-expose-headers"].lower().replace(" ", "").split(",")
    assert {"link", "x-total-count", "retry-after", "x-request-id"} <= set(exposed)
    assert "*" not in exposed
    assert response.headers["vary"] == "Origin"
    hold_headers(response)


@pytest.mark.parametrize(
    "origin",
    ["null", "http://evil.example", "http://localhost:3000.evil.example", "http://evil.example/http://localhost:3000",
     "http://localhost:300000", "http://localhost.", "https://localhost:3000", "http://LOCALHOST:3000", "*", "", "\xff",
     "http://localhost:3000/", "http://localhost:3000\n", "xhttp://localhost:3000", "http://user@localhost:3000",
     "http://127.0.0.2:3000", "http://localhost:3000,http://localhost:8000", "http://localhost:3000, http://evil.example",
     "http://localhost:3000\x00", "file://", "http://localhostx3000"],
)  # fmt: skip
async def test_foreign_origins(base_url: str, client: httpx.AsyncClient, origin: str) -> None:
    """R54: any other origin gets no CORS header at all, on an answer or a preflight; `Vary: Origin` nevertheless."""
    for line, more in (
        ("GET /api/health", ""),
        ("GET /api/users/me", ""),
        ("OPTIONS /api/auth/login", "Access-Control-Request-Method: POST\r\n"),
        ("OPTIONS /nowhere", "Access-Control-Request-Method: POST\r\n"),
    ):
        response = await say(base_url, f"{line} HTTP/1.1\r\n{HOST}Origin: {origin}\r\n{more}\r\n")
        assert not [name for name in response.headers if name.startswith("access-control-")]
        assert "origin" in response.headers["vary"].lower()


async def test_two_origins_are_none(base_url: str, client: httpx.AsyncClient) -> None:
    """R54: a request that names two origins names none."""
    for first, second in ((FRONT_END, "http://evil.example"), ("http://evil.example", FRONT_END)):
        response = await say(base_url, f"GET /api/health HTTP/1.1\r\n{HOST}Origin: {first}\r\nOrigin: {second}\r\n\r\n")
        assert "access-control-allow-origin" not in response.headers


async def test_no_origin(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """API.md, CORS: who sends no origin is told none, even when there is only one."""
    assert "access-control-allow-origin" not in (await client.get("/api/health")).headers
    async with another(runtime, BACKEND_CORS_ORIGINS=("https://one.example",)) as url:
        response = await say(url, f"GET /api/health HTTP/1.1\r\n{HOST}\r\n")
        assert "access-control-allow-origin" not in response.headers
        response = await say(url, f"GET /api/health HTTP/1.1\r\n{HOST}Origin: https://one.example\r\n\r\n")
        assert response.headers["access-control-allow-origin"] == "https://one.example"
        response = await say(url, f"GET /api/health HTTP/1.1\r\n{HOST}Origin: {FRONT_END}\r\n\r\n")
        assert "access-control-allow-origin" not in response.headers
    async with another(runtime, BACKEND_CORS_ORIGINS=()) as url:
        response = await say(url, f"GET /api/health HTTP/1.1\r\n{HOST}Origin: {FRONT_END}\r\n\r\n")
        assert "access-control-allow-origin" not in response.headers
    async with another(runtime, ENVIRONMENT="production") as url:
        response = await say(url, f"GET /api/health HTTP/1.1\r\n{HOST}Origin: {FRONT_END}\r\n\r\n")
        assert "access-control-allow-origin" not in response.headers


@each_operation
async def test_preflights(client: httpx.AsyncClient, operation: Operation) -> None:
    """API.md, CORS: a preflight is 204, allows the call's method and names each header: `*` covers no Authorization."""
    response = await client.options(
        operation.url(),
        headers={
            "Origin": FRONT_END,
            "Access-Control-Request-Method": operation.method,
            "Access-Control-Request-Headers": ",".join(ASKED),
        },
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == FRONT_END
    assert response.headers["access-control-allow-credentials"] == "true"
    assert operation.method in response.headers["access-control-allow-methods"].split(", ")
    allowed = response.headers["access-control-allow-headers"].lower().split(", ")
    assert set(ASKED) <= set(allowed)
    assert "*" not in str([value for name, value in response.headers.items() if name.startswith("access-control")])
    assert int(response.headers["access-control-max-age"]) >= 60
    assert response.headers["vary"] == "Origin"
    hold_headers(response)


async def test_preflight_to_an_unknown_path(client: httpx.AsyncClient) -> None:
    """API.md: there is nothing there to call: 404, which the front end may read."""
    response = await client.options("/nowhere", headers={"Origin": FRONT_END, "Access-Control-Request-Method": "POST"})
    hold_problem(response, 404)
    assert response.headers["access-control-allow-origin"] == FRONT_END
    assert "access-control-allow-methods" not in response.headers
