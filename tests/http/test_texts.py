"""Texts that a store can't keep: what an in-process fake takes, PostgreSQL may not (R63). Runs on both."""

from __future__ import annotations

import json

import httpx
import pytest

from models import SecurityEvent, User
from tests.http.conftest import Sender
from tests.http.support import HOST, Operation, hold_problem, say, with_body
from tests.support.people import PASSWORD, Person

LOGOUT = "/api/auth/logout"  # takes whatever looks like a credential, and says 204 (RFC 7009)


@pytest.mark.parametrize("operation", with_body(), ids=lambda operation: operation.name)
async def test_nul_in_every_text(operation: Operation, send: Sender) -> None:
    """R63: U+0000, which PostgreSQL can't store, is never a fault of ours, and is never stored."""
    for name, schema in operation.properties.items():
        if "string" not in {schema.get("type"), *(choice.get("type") for choice in schema.get("anyOf", ()))}:
            continue
        for value in ("\u0000", "a\u0000b", "ada\u0000@example.com"):
            response = await send(operation, json.dumps({**operation.example, name: value}).encode())
            if response.status_code >= 400:
                hold_problem(response, 400, 422)
            else:  # where the value doesn't matter: a credential that is none (RFC 7009), what OAuth clients send along
                assert operation.path == LOGOUT or name == "current_password", response.text
    for user in await User.all():
        assert "\u0000" not in f"{user.email}{user.full_name}"


@pytest.mark.parametrize(
    "text", ["%00", "a%00b", "%ff", "%ed%a0%80", "%f0%9f%98%80", "%25", "_", "'", "%5c", "%0a", "x" * 254]
)
async def test_search_for_any_text(admin: Person, text: str) -> None:
    """R63: whatever is searched for, there are users like that, or there are none, or it is refused; never a fault."""
    response = await admin.sessions[0].call("GET", f"/users?q={text}")
    if response.status_code != 200:
        assert hold_problem(response, 422).errors
    else:
        assert response.headers["x-total-count"] == str(len(response.json()))


async def test_search_takes_wildcards_as_they_are(admin: Person) -> None:
    """A search for `%` or `_` isn't a search for anything: they are looked for as characters."""
    assert (await admin.sessions[0].call("GET", "/users?q=%25")).json() == []
    assert (await admin.sessions[0].call("GET", "/users?q=_dmin")).json() == []
    assert len((await admin.sessions[0].call("GET", "/users?q=ADMIN")).json()) == 1


@pytest.mark.parametrize(
    "after",
    ["", "x", "A" * 32, "_" * 32, "f" * 64, "f" * 65, "%00", "%ff", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "=" * 32,
     "f39-fwAAAAAAAAAAAAAAAAAAAAAAAAAA", "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%2B%2B%2F%2F" * 8],
)  # fmt: skip
async def test_any_cursor(admin: Person, after: str) -> None:
    """R63: a cursor that is none of ours is refused, or leads to some place in the list; never to a fault."""
    for path in ("/users", "/users/me/events"):
        response = await admin.sessions[0].call("GET", f"{path}?after={after}")
        if response.status_code != 200:
            assert hold_problem(response, 422).errors


@pytest.mark.parametrize(
    "query",
    ["skip=-1", "skip=1.5", "skip=x", "skip=", "skip=99999999999999999999", "limit=0", "limit=101", "limit=-1",
     "limit=1&limit=1", "is_active=maybe", "is_active=", "role=admin", "skip=1&__proto__=1", "=",
     "&".join(f"a{n}" for n in range(60)), "&".join(f"{n}" for n in range(1_000)), "limit[]=1", "limit=%ff", "q=a&q=b"],
)  # fmt: skip
async def test_queries_that_are_not_acceptable(admin: Person, query: str) -> None:
    """R61: unknown, repeated and ill-typed query parameters are 422, and so are very many of them."""
    problem = hold_problem(await admin.sessions[0].call("GET", f"/users?{query}"), 422)
    assert problem.code == "validation_error"


async def test_a_parameter_against_caches(admin: Person) -> None:
    """Libraries put the time behind an address, so that no cache has it: it is no parameter of any call."""
    for path in ("/users?_=1764230400", "/users?limit=5&_=1&_=2", "/users/me?_=1", "/users/me/events?_="):
        assert (await admin.sessions[0].call("GET", path)).status_code == 200


@pytest.mark.parametrize(
    "agent", [b"a\tb", b"\xff\xfe", b"\xed\xa0\x80", "\u2028\U0001f600".encode(), b"\xc2\x9b31mred", b"x" * 6_000, b""]
)
async def test_any_user_agent(client: httpx.AsyncClient, base_url: str, admin: Person, agent: bytes) -> None:
    """R63, R71: a User-Agent of any bytes is kept as printable text of at most 256 characters."""
    body = json.dumps({"username": admin.email, "password": PASSWORD}).encode()
    head = f"POST /api/auth/login HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    response = await say(base_url, head.encode() + b"User-Agent: " + agent + b"\r\n\r\n" + body)
    assert response.status_code == 200
    event = await SecurityEvent.exclude(session_id=admin.sessions[0].sid).get(type="login.succeeded")
    assert event.user_agent is not None
    assert len(event.user_agent) <= 256
    assert event.user_agent.isprintable()
    sessions = await admin.sessions[0].call("GET", "/sessions")
    assert all(session["user_agent"].isprintable() for session in sessions.json())


@pytest.mark.parametrize(
    "identifier", ["%00", "%ff", "x" * 7_000, "..", "%2e%2e", "{id}", "0", "-1", "1;DROP", "a" * 32, "%20"]
)
async def test_any_id(admin: Person, identifier: str) -> None:
    """R60, R63: a malformed id is an unknown one."""
    session = admin.sessions[0]
    bodies = {f"/users/{identifier}": {"full_name": "x"}, f"/sessions/{identifier}": {"name": "x"}}
    for path, body in bodies.items():
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            response = await admin.client.request(
                method,
                httpx.URL(str(admin.client.base_url)).copy_with(raw_path=f"/api{path}".encode()),
                headers=session.headers,
                json=body if method in ("PUT", "PATCH") else None,
            )
            hold_problem(response, 404, 405)


@pytest.mark.parametrize(
    "spell",
    [str.upper, lambda text: text.replace("-", ""), lambda text: f"{{{text}}}", lambda text: f"urn:uuid:{text}"],
)
async def test_an_id_has_one_spelling(admin: Person, spell: object) -> None:
    """R60: other spellings of a UUID are unknown ids; only its case doesn't matter."""
    response = await admin.sessions[0].call("GET", f"/users/{spell(str(admin.id))}")  # type: ignore[operator]
    assert response.status_code == (200 if spell is str.upper else 404)
