"""What nobody expected: a plain 500 for the client, the story in our log, no secret in either (R62, R69 to R71)."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models import Credential
from service.core.telemetry.logs import _FIELDS, JsonFormatter, ReadableFormatter
from service.runtime import Runtime
from tests.http.support import HOST, another, hold_problem, say, wire
from tests.support.people import Person

pytestmark = pytest.mark.embedded_only

OF_THE_CLIENT = ("httpx", "httpcore")  # they run in this process too, and log what they send

HOSTILE = [
    'end"}\n{"level": "info", "event": "forged"}',
    "a\r\nb\vc\fd\x85e\u2028f\u2029g",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\x00\x7f\x9b",
    "\ud800 \udcff",
    "\u202egnp.exe",
    "%s %d %(x)s {0}",
    "é😀",
]


class Log:
    """What a production service wrote to standard output."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self.text = ""

    def lines(self) -> list[dict[str, Any]]:
        """Every line; each one must be one JSON object."""
        written = self._capture.readouterr()
        assert "Logging error" not in written.err
        self.text += written.out
        found = [json.loads(line) for line in self.text.split("\n") if line]
        assert all(isinstance(line, dict) for line in found)
        return [line for line in found if not line["logger"].startswith(OF_THE_CLIENT)]


@asynccontextmanager
async def in_production(
    runtime: Runtime, capture: pytest.CaptureFixture[str], **changes: object
) -> AsyncIterator[tuple[httpx.AsyncClient, Log]]:
    """Serve a production application that logs all it can."""
    given = {"ENVIRONMENT": "production", "LOG_LEVEL": "DEBUG", "ACCESS_LOG": True, **changes}
    async with another(runtime, **given) as url, httpx.AsyncClient(base_url=url) as client:  # type: ignore[arg-type]
        yield client, Log(capture)


async def fail(*_: object, **__: object) -> None:
    raise RuntimeError("connection to postgres://latchkey:hunter2@db.internal failed\nat line 2")


async def test_an_unexpected_error(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R62, R63: the client learns that it was us, and the id to quote; our log has the rest, under that id."""
    monkeypatch.setattr("service.signin.refreshing.refresh", fail)
    async with in_production(runtime, capsys) as (client, log):
        response = await client.post(
            "/api/auth/refresh", json={"refresh_token": "x"}, headers={"X-Request-ID": "req-7"}
        )
        assert response.json() == {
            "type": "about:blank",
            "title": "Internal error",
            "status": 500,
            "code": "internal_error",
            "detail": "Something went wrong on our side; it has been logged.",
            "error": "server_error",
            "request_id": "req-7",
        }
        hold_problem(response, 500)
        for word in ("hunter2", "RuntimeError", "Traceback", "service", "postgres", ".py"):
            assert word not in response.text.replace("our side", "")
        (line,) = [line for line in log.lines() if line["event"] == "internal_error"]
        assert (line["level"], line["request_id"]) == ("error", "req-7")
        assert "RuntimeError" in line["exception"]
        assert (await client.get("/api/health")).status_code == 200  # on the same connection


@pytest.mark.parametrize(
    "error", [KeyError("x"), ZeroDivisionError(), RecursionError(), MemoryError(), TimeoutError(), StopIteration(),
              UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), OSError(5, "disk"), AssertionError("a\nb")]
)  # fmt: skip
async def test_any_exception(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """R62: whatever is raised, the answer is the same."""

    def raise_it(*_: object) -> None:
        raise error

    monkeypatch.setattr("service.auth.routes.read_json", raise_it)
    response = await client.post("/api/auth/refresh", json={"refresh_token": "x"})
    assert hold_problem(response, 500).detail == "Something went wrong on our side; it has been logged."


async def test_an_answer_that_takes_too_long(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R16: an answer that isn't there in time is 503 with Retry-After."""

    async def dawdle(*_: object) -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr("service.signin.refreshing.refresh", dawdle)
    body = '{"refresh_token": "x"}'
    head = f"POST /api/auth/refresh HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    async with another(runtime, config={"RESPONSE_TIMEOUT": 0.3}) as url:
        response = await say(url, f"{head}\r\n{body}")
        assert hold_problem(response, 503).code == "unavailable"
        assert 1 <= int(response.headers["retry-after"]) <= 30


def log_in(number: bytes, body: bytes, fields: list[tuple[bytes, bytes]]) -> bytes:
    """A log-in with further header fields, as bytes."""
    line = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    framed = line + b"X-Request-ID: %b\r\nContent-Length: %d\r\n" % (number, len(body))
    return framed + b"".join(b"%b: %b\r\n" % field for field in fields) + b"\r\n" + body


async def test_hostile_requests_in_the_log(runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    """R71: one line is one JSON object, whatever the method, the path, the headers and the body hold."""
    nasty = [b'"}\n{"level":"info"', b"\x1b[31m", b"\xff\xfe", b"\xed\xa0\x80", b"\x00", b"\xe2\x80\xa8", b"%s%n"]
    async with in_production(runtime, capsys) as (client, log):
        # As far as they are requests at all (R81): the others are refused before anything is done with them.
        values = [bytes_.replace(b"\n", b"").replace(b"\x1b", b"\t").replace(b"\x00", b"\x80") for bytes_ in nasty]
        names = (b"User-Agent", b"Origin", b"X-Forwarded-For", b"Referer", b"Authorization", b"Cookie", b"%s%n")
        body = json.dumps({"username": "ada@example.com", "password": "x"}).encode()
        async with wire(str(client.base_url)) as connection:
            for number, value in enumerate(values):
                await connection.send(log_in(b"r%d" % number, body, [(name, value) for name in names]))
                assert (await connection.answer()).status_code == 400
        for bytes_ in nasty:
            for field in ((b"User-Agent", b"\x1b" + bytes_), (bytes_ + b"\xff", b"x")):
                hold_problem(await say(str(client.base_url), log_in(b"refused", body, [field])), 400)
        for bytes_ in nasty:
            for request in (b"%b /api/health HTTP/1.1", b"GET /api/%b HTTP/1.1", b"GET /api/health?%b HTTP/1.1", b"%b"):
                await say(str(client.base_url), request % bytes_ + b"\r\nHost: x\r\n\r\n")
        lines = log.lines()
    bad = {line["event"] for line in lines if line["level"] in ("warning", "error")}
    assert bad <= {"doctor.finding"}
    failed = [line for line in lines if line["event"] == "login.failed"]
    assert [line["request_id"] for line in failed] == [f"r{number}" for number in range(len(nasty))]
    assert all(line["user_agent"].isprintable() for line in failed)
    answered = [line for line in lines if line["event"] == "request"]
    assert all(line["route"] is None or line["route"].startswith("api/") for line in answered)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("formatter", [JsonFormatter(), ReadableFormatter()])
def test_formatters(formatter: logging.Formatter, text: str) -> None:
    """R71: neither form of the log is broken, or coloured, by what it tells of."""
    try:
        raise ValueError(text)
    except ValueError:
        trace = sys.exc_info()
    fields = {"agent": text, "uid": uuid4(), "big": 10**30, "none": None, "odd": object(), "raw": b"\xff"}
    for exc_info in (None, trace):
        record = logging.LogRecord("latchkey", logging.ERROR, __file__, 1, text, None, exc_info)
        setattr(record, _FIELDS, fields)
        line = formatter.format(record)
        line.encode("utf-8")
        if isinstance(formatter, JsonFormatter):
            assert "\n" not in line
            assert json.loads(line)["agent"] == text
        assert all(char.isprintable() or char == "\n" for char in line.replace("\\u", "")), repr(line)
        if exc_info is None:
            assert len(line.splitlines()) == 1


async def test_no_secret_in_any_line(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R70: through a whole story, at DEBUG, with all that goes wrong: no password, token or hash is logged."""
    password, wrong, new = "first-pass-7Qz!", "wrong-pass-8Xw!", "second-pass-9Vu!"
    secrets = {password, wrong, new}
    async with in_production(runtime, capsys) as (client, log):

        async def post(path: str, **options: Any) -> httpx.Response:
            return await client.post(f"/api{path}", **options)

        async def log_in(word: str) -> tuple[dict[str, str], str]:
            response = await post("/auth/login", data={"username": "ada@example.com", "password": word})
            tokens = response.json()
            secrets.update((tokens["access_token"], tokens["refresh_token"]))
            return {"Authorization": f"Bearer {tokens['access_token']}"}, tokens["refresh_token"]

        await post("/auth/register", json={"email": "ada@example.com", "password": password})
        await post("/auth/register", json={"email": "ada@example.com", "password": password})  # taken
        await post("/auth/register", json={"email": password, "password": password})  # 422, in the wrong field
        await post("/auth/register", json={"email": "a@example.com", "password": "x" * 5, "passwort": password})
        await post("/auth/register", json={"email": "a@example.com", "password": password, "full_name": [password]})
        await post("/auth/register", json={"email": "a@example.com", "password": [password], password: wrong})
        await post("/auth/register", content=f'{{"password": "{password}"')  # no media type
        await post(
            "/auth/register", content=f'{{"password": "{password}"', headers={"Content-Type": "application/json"}
        )
        headers, refresh = await log_in(password)
        await post("/auth/login", data={"username": "ada@example.com", "password": wrong})
        await post("/auth/login", data={"username": password, "password": wrong, "client_secret": new})
        await post(f"/auth/login?password={password}", data={"username": "ada@example.com", "password": wrong})
        await client.get(f"/api/nowhere/{password}", headers=headers)
        await client.get("/api/users/me", headers={"Authorization": f"Basic {password}"})
        await client.get("/api/users/me", headers={"Authorization": f"Bearer {password}"})
        await client.get("/api/users/me", headers={**headers, "Cookie": f"refresh={refresh}"})
        await client.get(f"/api/users/me/events?after={password}&limit=x", headers=headers)
        first = (await post("/auth/refresh", json={"refresh_token": refresh})).json()
        second = (await post("/auth/refresh", json={"refresh_token": first["refresh_token"]})).json()
        secrets.update(pair[name] for pair in (first, second) for name in ("access_token", "refresh_token"))
        runtime.clock.advance(60)
        reused = await post("/auth/refresh", json={"refresh_token": refresh})
        assert reused.json()["reason"] == "reused"
        headers, refresh = await log_in(password)
        await post("/auth/reauthenticate", json={"password": wrong}, headers=headers)
        await post("/auth/reauthenticate", json={"password": password}, headers=headers)
        await client.put("/api/users/me", json={"password": new, "current_password": wrong}, headers=headers)
        assert (await client.put("/api/users/me", json={"password": new}, headers=headers)).status_code == 200
        await post("/auth/logout", json={"refresh_token": refresh}, headers=headers)
        headers, refresh = await log_in(new)
        with monkeypatch.context() as patched:
            patched.setattr("service.signin.refreshing.refresh", fail)
            assert (await post("/auth/refresh", json={"refresh_token": refresh})).status_code == 500
            patched.setattr("service.accounts.accounts.find_with_device", fail)
            broken = await post("/auth/login", data={"username": "ada@example.com", "password": new})
            assert broken.status_code == 500
        secrets.update(str(row.verifier) for row in await Credential.all())
        secrets.update(part for token in list(secrets) for part in token.split(".") if token.count(".") == 2)
        lines = log.lines()
    assert {line["event"] for line in lines} >= {
        "user.registered", "login.succeeded", "login.failed", "session.rotated", "session.token_reused",
        "reauthentication.failed", "reauthentication.succeeded", "password.changed", "session.logged_out",
        "internal_error",
    }  # fmt: skip
    for line in lines:
        text = json.dumps(line)
        assert not [secret for secret in secrets if secret in text], line["event"]
        assert not re.search(r"authorization\b", text, re.IGNORECASE)
        assert runtime.settings.SECRET_KEY not in text


async def test_every_line_names_its_request(runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    """R69: requests on one connection don't inherit each other's ids, errors before any route included."""
    async with in_production(runtime, capsys) as (client, log):
        async with wire(str(client.base_url)) as connection:
            for number, line in enumerate(("GET /api/health", "GET /nowhere", "FOO /api/health", "GET /api/users/me")):
                await connection.send(f"{line} HTTP/1.1\r\n{HOST}X-Request-ID: own-{number}\r\n\r\n")
                await connection.answer()
            await connection.send("garbage\r\n\r\n")
            last = (await connection.answer()).headers["x-request-id"]
        ids = [line["request_id"] for line in log.lines() if line["event"] == "request"]
    assert ids == ["own-0", "own-1", "own-2", "own-3", last]


async def test_the_access_log_tells_routes_not_paths(
    runtime: Runtime, admin: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """R70, R71: an id in a path, or a whole token, stays out of the access log."""
    async with in_production(runtime, capsys) as (client, log):
        await client.get(f"/api/users/{admin.id}?token=abc", headers=admin.sessions[0].headers)
        (line,) = [line for line in log.lines() if line["event"] == "request"]
    assert line["route"] == "api/users/<user_id:str>"
    assert (line["method"], line["status"]) == ("GET", 422) or line["status"] == 200
    assert str(admin.id) not in json.dumps(line)
    assert isinstance(line["ms"], float)
