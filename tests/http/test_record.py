"""What is refused leaves a line: who, where, what, why, which request; so many a minute; no credential (R69 to R71)."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from service.core.clock import Clock
from service.core.http.refusals import LINES, LINES_IN_ALL, LINES_PER_NETWORK, MOST_ORIGINS, Refusals
from service.core.telemetry.logs import ReadableFormatter
from service.runtime import Runtime
from tests.http.conftest import open_session
from tests.http.support import another
from tests.support.people import Person, Session
from tests.support.stores import SECRET

TOKEN = "J4pXw0q9VfYd2mKZrT7uBcE1nGhS8aLoQi5xWvRyPz3D6tFk"
ELSEWHERE = "203.0.113.7"


class Log:
    """What a production service wrote to standard output."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self.text = ""

    def lines(self, *names: str) -> list[dict[str, Any]]:
        self.text += self._capture.readouterr().out
        found = [json.loads(line) for line in self.text.split("\n") if line]
        return [line for line in found if line["event"] in (names or LINES)]

    def only(self) -> dict[str, Any]:
        """The one line since the last time."""
        found = self.lines()
        self.text = ""
        assert len(found) == 1, found
        return found[0]


@asynccontextmanager
async def recorded(
    runtime: Runtime, capture: pytest.CaptureFixture[str], **changes: object
) -> AsyncIterator[tuple[httpx.AsyncClient, Log]]:
    """A production service with a record of its own, behind one proxy."""
    fresh = replace(runtime, refusals=Refusals(runtime.clock))
    given = {"ENVIRONMENT": "production", "PROXIES_COUNT": 1, "METRICS_TOKEN": TOKEN, **changes}
    async with (
        another(fresh, **given) as url,  # type: ignore[arg-type]
        httpx.AsyncClient(base_url=url, headers={"X-Forwarded-For": ELSEWHERE}) as client,
    ):
        yield client, Log(capture)


def hold(line: dict[str, Any], event: str, response: httpx.Response, **fields: object) -> None:
    """Hold that a line says what, where, which request, and whatever else is given."""
    assert line["event"] == event
    assert line["ip"] == ELSEWHERE
    assert line["request_id"] == response.headers["x-request-id"]
    assert line["method"] == response.request.method
    for name, value in fields.items():
        assert line[name] == value, name


async def test_what_a_user_may_not(
    runtime: Runtime, admin: Person, ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """R69: an administrator's list, another's account, another's session, the step-up: one line each, with who."""
    session = await open_session(runtime, ada)
    other = await open_session(runtime, admin)
    async with recorded(runtime, capsys, FRESH_SESSION_MINUTES=0) as (client, log):
        for method, path, route in (
            ("GET", "/api/users", "/api/users"),
            ("GET", f"/api/users/{admin.id}", "/api/users/{user_id}"),
            ("DELETE", f"/api/users/{admin.id}/sessions", "/api/users/{user_id}/sessions"),
            ("GET", "/api/admin/events", "/api/admin/events"),
        ):
            response = await client.request(method, path, headers=session.headers)
            assert response.status_code == 403
            hold(log.only(), "refused.forbidden", response, user_id=str(ada.id), route=route, level="warning")
        response = await client.delete(f"/api/sessions/{other.sid}", headers=session.headers)
        assert response.status_code == 404
        hold(log.only(), "refused.session", response, user_id=str(ada.id), level="info")
        response = await client.delete("/api/users/me", headers=session.headers)
        assert response.status_code == 403
        hold(log.only(), "refused.reauthentication", response, user_id=str(ada.id), route="/api/users/me", level="info")


@pytest.mark.parametrize(
    "member", ["is_superuser", "isSuperuser", "IS_SUPERUSER", "is-active", "role", "hashed_password", "id", "__proto__"]
)
async def test_making_oneself_more(
    runtime: Runtime, ada: Person, capsys: pytest.CaptureFixture[str], member: str
) -> None:
    """R58, R69: a member that says what one may do, where there is none, is a try; a misspelt name is none."""
    session = await open_session(runtime, ada)
    async with recorded(runtime, capsys) as (client, log):
        response = await client.patch("/api/users/me", headers=session.headers, json={"full_name": "A", member: True})
        assert response.status_code == 422
        line = log.only()
        hold(line, "refused.privileged_member", response, user_id=str(ada.id), level="warning")
        assert line["why"] == re.sub("[^a-z]", "", member.lower())
        body = {"email": "eve@example.com", "password": "correct horse battery", member: True}
        response = await client.post("/api/auth/register", json=body)
        hold(log.only(), "refused.privileged_member", response, user_id=None, route="/api/auth/register")
        response = await client.post("/api/auth/login", data={"username": "a", "password": "b", member: "true"})
        hold(log.only(), "refused.privileged_member", response, route="/api/auth/login")
        await client.patch("/api/users/me", headers=session.headers, json={"fullname": "A"})
        assert log.lines() == []


def forged(session: Session) -> dict[str, str]:
    """Tokens that the service never issued, by what gives them away."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    key = generate_private_key(SECP256R1())
    kid = jwt.get_unverified_header(session.access_token)["kid"]

    def sign(**changes: Any) -> str:
        import base64

        from tests.support.spelling import canonical

        header = {"typ": "at+jwt", "kid": kid, **changes}
        signed = {**header, "alg": "ES256"}
        token = canonical(jwt.encode(session.claims, key, algorithm="ES256", headers=signed))
        if "alg" in changes:
            rest = token.split(".", 1)[1]
            first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
            return f"{first}.{rest}"
        return token

    return {
        "signature": sign(),
        "key": sign(kid="made-up"),
        "header": sign(alg="none"),
        "spelling": session.access_token + "==",
    }


async def test_forged_access_tokens(
    runtime: Runtime, ada: Person, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """R41, R69: a token that was never issued is a line, also at the log-out; one that ran out is none."""
    session = await open_session(runtime, ada)
    async with recorded(runtime, capsys) as (client, log):
        for why, token in forged(session).items():
            response = await client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
            assert response.status_code == 401, why
            hold(log.only(), "refused.access_token", response, why=why, user_id=None, level="warning")
        response = await client.post("/api/auth/logout", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 204
        hold(log.only(), "refused.access_token", response, why="spelling", route="/api/auth/logout")
        clock.advance(901)
        assert (await client.get("/api/users/me", headers=session.headers)).status_code == 401
        assert (await client.get("/api/users/me")).status_code == 401  # nobody said who they are
        assert log.lines() == []


async def test_made_up_tokens(runtime: Runtime, ada: Person, capsys: pytest.CaptureFixture[str]) -> None:
    """R69: a made-up refresh token, in a body or a cookie, and a made-up link."""
    session = await open_session(runtime, ada)
    made_up = "lkr_" + "A" * 100
    async with recorded(runtime, capsys) as (client, log):
        response = await client.post("/api/auth/refresh", json={"refresh_token": made_up})
        hold(log.only(), "refused.refresh_token", response, route="/api/auth/refresh", level="warning")
        response = await client.post("/api/auth/logout", json={"refresh_token": made_up})
        assert response.status_code == 204
        hold(log.only(), "refused.refresh_token", response, route="/api/auth/logout")
        own = {"X-Session-Transport": "cookie", "Sec-Fetch-Site": "same-origin", "Cookie": f"__Host-refresh={made_up}"}
        response = await client.post("/api/auth/refresh", headers=own)
        hold(log.only(), "refused.refresh_token", response)
        for path, more in (("password/reset", {"password": "a long new password"}), ("email/verify", {}),
                           ("email/confirm", {}), ("email/undo", {})):  # fmt: skip
            response = await client.post(f"/api/auth/{path}", json={"token": "A" * 43, **more})
            assert response.status_code == 400
            hold(log.only(), "refused.link", response, route=f"/api/auth/{path}", level="warning")
        assert (
            await client.post("/api/auth/refresh", json={"refresh_token": session.refresh_token})
        ).status_code == 200
        assert log.lines() == []


async def test_foreign_origins(runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    """R52, R54, R69: a page of somebody else that asks, calls, or wants the cookie; our own are no news."""
    ours = {"PUBLIC_URL": "https://id.example.com", "BACKEND_CORS_ORIGINS": ("https://app.example.com",)}
    foreign = {"Origin": "https://evil.example"}
    async with recorded(runtime, capsys, **ours) as (client, log):
        asks = {"Access-Control-Request-Method": "POST"}
        response = await client.options("/api/auth/refresh", headers={**foreign, **asks})
        hold(log.only(), "refused.origin", response, why="https://evil.example", route="/api/auth/refresh")
        response = await client.post("/api/auth/refresh", headers={**foreign, "X-Session-Transport": "cookie"})
        assert response.status_code == 403
        hold(log.only(), "refused.origin", response, why="https://evil.example")
        response = await client.get("/api/health", headers={"Origin": "null"})
        hold(log.only(), "refused.origin", response, why="null")
        for origin in ("https://id.example.com", "https://app.example.com"):
            await client.options("/api/auth/refresh", headers={"Origin": origin, **asks})
            await client.get("/api/health", headers={"Origin": origin})
        await client.get("/api/health", headers={**foreign, "Sec-Fetch-Site": "same-origin"})
        assert log.lines() == []


async def test_an_origin_that_is_new(runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    """A developer whose front end is refused finds its name and the setting in the log, once; a flood finds an end."""
    async with recorded(runtime, capsys, BACKEND_CORS_ORIGINS=()) as (client, log):
        for first in (True, False):
            for origin in ("http://localhost:5173", "http://localhost:5174"):
                await client.get("/api/health", headers={"Origin": origin})
                line = log.only()
                assert line["why"] == origin
                assert ("BACKEND_CORS_ORIGINS" in line.get("fix", "")) == first
        for number in range(MOST_ORIGINS + 10):
            runtime.clock.advance(60)  # the lines of a minute are few anyway
            await client.get("/api/health", headers={"Origin": f"https://{number}.example"})
        lines = [line for line in log.lines() if line["event"] == "refused.origin"]
        assert len([line for line in lines if "fix" in line]) == MOST_ORIGINS - 2


async def test_the_rest(runtime: Runtime, ada: Person, capsys: pytest.CaptureFixture[str]) -> None:
    """R69: /metrics with a wrong token, whatever its bytes; a body too large; a throttle."""
    async with recorded(runtime, capsys, REFUSED_REQUESTS_PER_ADDRESS=3) as (client, log):
        for token in (b"wrong", b"\xff\xfe", TOKEN[:-1].encode(), TOKEN.encode() + b"\xe9", "\u00e9".encode() * 20):
            response = await client.get("/metrics", headers={b"Authorization": b"Bearer " + token})
            assert response.status_code == 401
            hold(log.only(), "refused.metrics_token", response, route="/metrics", level="warning")
        good = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert good.status_code == 200
        assert 'latchkey_refusals_total{line="refused.metrics_token"}' in good.text
        response = await client.post("/api/auth/login", content=b"x" * 70_000)
        hold(log.only(), "refused.too_large", response, level="info")
        for _ in range(3):
            await client.post("/api/auth/refresh", json={"x": 1})
        response = await client.post("/api/auth/refresh", json={"x": 1})
        assert response.status_code == 429
        assert {line["why"] for line in log.lines()} == {"refused"}


async def test_no_credential_in_any_line(runtime: Runtime, ada: Person, capsys: pytest.CaptureFixture[str]) -> None:
    """R70, R71: no token, no part of one, and nothing that a client wrote unescaped or at length."""
    session = await open_session(runtime, ada)
    nasty = "\x9b31m\u202e\u2028" + "A" * 3_000
    async with recorded(runtime, capsys) as (client, log):
        for token in forged(session).values():
            await client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
        secret_link = "Zq" + "s3cr3t" * 7
        await client.post("/api/auth/email/verify", json={"token": secret_link})
        await client.post("/api/auth/refresh", json={"refresh_token": "lkr_" + "s3cr3t" * 10})
        await client.get("/metrics", headers={"Authorization": "Bearer s3cr3t-s3cr3t"})
        await client.get("/api/health", headers={b"Origin": nasty.encode()})
        await client.get("/api/health", headers={"Origin": "https://a.example ip=6.6.6.6 event=login.succeeded"})
        for name in (nasty, "is_superuser\x1b[2J", 'id\n{"event": "started"}'):
            await client.post("/api/auth/register", json={name: 1})
        assert len(log.lines()) >= 7
    assert log.text.isprintable() or {char for char in log.text if not char.isprintable()} == {"\n"}
    for part in ("s3cr3t", session.access_token.split(".")[2][:20], session.refresh_token[4:40], SECRET):
        assert part not in log.text
    assert max(map(len, log.text.split("\n"))) < 2_000


async def test_a_flood(runtime: Runtime, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """R69: of a flood there are ten lines a minute for each network, a hundred of a kind, and a count of the rest."""
    async with recorded(runtime, capsys, REFUSED_REFRESHES_PER_ADDRESS=10**6) as (client, log):

        async def send(address: str) -> None:
            headers = {"X-Forwarded-For": address}
            response = await client.post("/api/auth/refresh", json={"refresh_token": "lkr_x"}, headers=headers)
            assert response.status_code == 400

        for number in range(40):
            await send(ELSEWHERE if number % 2 else f"2001:db8::{number:x}")
        assert len(log.lines()) == 2 * LINES_PER_NETWORK
        for number in range(120):
            await send(f"198.51.100.{number}")
        assert len(log.lines()) == LINES_IN_ALL
        await client.get("/api/users/me", headers={"Authorization": "Bearer x"})
        assert len(log.lines("refused.access_token")) == 1  # another kind has lines of its own
        clock.advance(61)
        await send(ELSEWHERE)
        (left,) = log.lines("refusals.left_out")
        assert (left["line"], left["left_out"]) == ("refused.refresh_token", 160 - LINES_IN_ALL)
        assert len(log.lines()) == LINES_IN_ALL + 2


@pytest.mark.embedded_only
async def test_the_count_of_what_was_left_out_comes_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """R69: also when nothing of the kind is refused any more; and what is remembered has an end."""
    clock = Clock()
    refusals = Refusals(clock)
    for number in range(100_000):
        refusals.note("refused.link", ip=f"2001:db8:{number // 50_000}:{number % 50_000:x}::1")
    (minute,) = refusals._minutes.values()
    assert len(minute.networks) <= LINES_IN_ALL
    await refusals.sum_up()
    assert minute.left_out == 100_000 - LINES_IN_ALL
    clock.advance(61)
    await refusals.sum_up()
    assert refusals._minutes == {}


@pytest.mark.embedded_only
def test_each_line_is_in_the_runbook() -> None:
    """R69: docs/operations.md says of each line when it is written."""
    runbook = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
    assert [line for line in LINES if f"`{line}`" not in runbook] == []


@pytest.mark.embedded_only
def test_readable_lines() -> None:
    """R71: on a developer's terminal too a value can't be taken for another field."""
    import logging

    record = logging.LogRecord("x", logging.INFO, "", 0, "refused.origin", None, None)
    record.latchkey_fields = {"why": "a ip=6.6.6.6 \x1b[2J\n", "ip": "203.0.113.7", "user_id": uuid4()}
    text = ReadableFormatter().format(record)
    assert text.isprintable()
    assert " ip=6.6.6.6" not in text.replace('"a ip=6.6.6.6', "")
