"""What the tests of the wire share: raw connections, the document's operations, the shape of an error."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import ConfigDict

from service.app import create_app
from service.core.http.messages import FORM
from service.core.http.oauth_errors import OAuthProblem, is_oauth
from service.core.http.operations import Problem
from service.documents.openapi import build_document
from service.runtime import Runtime
from tests.support.brought import SETTINGS
from tests.support.serving import served

HOST = "Host: latchkey.example\r\n"


class StrictProblem(Problem):
    """The published shape, nothing more."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Operation:
    """One call that the OpenAPI document describes."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def secured(self) -> bool:
        return bool(self.described["security"])

    @property
    def optional(self) -> bool:
        """Whether it can be called without a token, too."""
        return {} in self.described["security"]

    @property
    def media_types(self) -> list[str]:
        return list(self.described.get("requestBody", {}).get("content", ()))

    @property
    def body_required(self) -> bool:
        return bool(self.described["requestBody"].get("required"))

    @property
    def media(self) -> str:
        """The media type of its body, JSON where it has none."""
        return next(iter(self.media_types), "application/json")

    @property
    def form(self) -> bool:
        """Whether it takes a form and nothing else."""
        return self.media_types == [FORM]

    @property
    def required(self) -> list[str]:
        """The members that the JSON body must have."""
        schema: str = self.described["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        found: list[str] = document()["components"]["schemas"][schema.rpartition("/")[2]].get("required", [])
        return found

    @property
    def example(self) -> dict[str, Any]:
        """The body that the document shows."""
        example: dict[str, Any] = self.described["requestBody"]["content"][self.media_types[0]]["example"]
        return dict(example)

    @property
    def properties(self) -> dict[str, Any]:
        """The members of the body, each with its schema."""
        if self.form:
            fields: dict[str, Any] = self.described["requestBody"]["content"][FORM]["schema"]["properties"]
            return fields
        reference: str = self.described["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        found: dict[str, Any] = document()["components"]["schemas"][reference.rpartition("/")[2]]["properties"]
        return found

    def url(self, **ids: str) -> str:
        """The path with its parameters filled in; any that isn't given is an id that nobody has."""
        path = self.path
        for parameter in self.described.get("parameters", ()):
            if parameter["in"] == "path":
                unknown = "00000000-0000-4000-8000-000000000000"
                path = path.replace(f"{{{parameter['name']}}}", ids.get(parameter["name"], unknown))
        return path


@contextmanager
def logging_kept() -> Iterator[None]:
    """Put the root logger back as it was: every new application sends the process's log its own way."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, whatever the environment says."""
    with logging_kept():
        return build_document(create_app(SETTINGS.model_construct()))


ENDLESS = {"/api/sessions/stream", "/oauth/revocations"}
"""Calls whose answer lasts: tests of their own look at them (tests/sessions/test_stream.py, tests/oauth)."""


def operations() -> list[Operation]:
    """Every documented call whose answer has an end."""
    return [
        Operation(method.upper(), path, described)
        for path, item in document()["paths"].items()
        for method, described in item.items()
        if path not in ENDLESS
    ]


def with_body() -> list[Operation]:
    """Every documented call that takes JSON. What takes forms alone has tests of its own (tests/oauth)."""
    return [operation for operation in operations() if "application/json" in operation.media_types]


def hold_problem(response: httpx.Response, *statuses: int) -> Problem:
    """Hold that an answer is a well-formed problem document, with our headers; return it."""
    assert response.status_code in statuses, f"{response.status_code}: {response.text[:300]}"
    assert response.headers["content-type"] == "application/problem+json"
    problem = StrictProblem.model_validate_json(response.content)
    assert problem.status == response.status_code
    assert problem.request_id == response.headers["x-request-id"]
    assert problem.type == "about:blank"
    assert problem.detail
    assert (problem.errors is not None) == (problem.status == 422), response.text
    hold_headers(response)
    return problem


class StrictOAuthProblem(OAuthProblem):
    """The published shape of OAuth 2's refusals, nothing more."""

    model_config = ConfigDict(extra="forbid", strict=True)


def hold_oauth(response: httpx.Response, status: int, error: str | None = None) -> OAuthProblem:
    """Hold that an answer is a refusal as RFC 6749 section 5.2 has it, with our headers; return it."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json"), response.text
    problem = StrictOAuthProblem.model_validate_json(response.content)
    assert error in (None, problem.error), response.text
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", problem.error_description), response.text
    assert problem.request_id == response.headers["x-request-id"]
    assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    hold_headers(response)
    return problem


def hold_refusal(path: str, response: httpx.Response, status: int) -> str:
    """Hold that a path's answer is a refusal in the form that it has there; return its code."""
    return (hold_oauth if is_oauth(path) else hold_problem)(response, status).code


def hold_headers(response: httpx.Response) -> None:
    """Hold that an answer has the headers every answer has (R55), and no banner (R67)."""
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-request-id"]
    assert headers["cache-control"]
    assert "origin" in headers["vary"].lower()
    assert "server" not in headers
    assert "x-powered-by" not in headers


class Wire:
    """A connection on which anything may be said."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes | str) -> None:
        """Send bytes as they are; a text is taken for Latin-1."""
        self._writer.write(data.encode("latin-1") if isinstance(data, str) else data)
        with suppress(ConnectionError):  # the server may have said its word and gone: then there is an answer to read
            await self._writer.drain()

    async def answer(self, *, head: bool = False, within: float = 15) -> httpx.Response:
        """Read one answer; `head` when it has no body whatever its length says."""
        async with asyncio.timeout(within):
            while True:
                block = await self._reader.readuntil(b"\r\n\r\n")
                line, *fields = block[:-4].split(b"\r\n")
                status = int(line.split(b" ")[1])
                if status >= 200:
                    break
            pairs = [(name, value.strip()) for name, _, value in (field.partition(b":") for field in fields)]
            length = int(httpx.Headers(pairs).get("content-length", "0"))
            body = b"" if head or status in (204, 304) else await self._reader.readexactly(length)
        return httpx.Response(status, headers=pairs, content=body)

    async def leave(self) -> bool:
        """Whether the server gives leave to send the body."""
        return await self._reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"

    async def closed(self, within: float = 9) -> bool:
        """Whether the server closes the connection, without another word, sooner than who says nothing has to go."""
        try:
            async with asyncio.timeout(within):
                return await self._reader.read() == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    async def usable(self) -> bool:
        """Whether the connection takes another request."""
        await self.send(f"GET /api/health HTTP/1.1\r\n{HOST}\r\n")
        return (await self.answer()).content == b'{"status":"healthy"}'


def request(line: str, headers: str = "", host: str = HOST) -> str:
    """A request without a body; `line` is its method and target."""
    return f"{line} HTTP/1.1\r\n{host}{headers}\r\n"


@asynccontextmanager
async def wire(base_url: str) -> AsyncIterator[Wire]:
    """Open a connection to the service."""
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


async def say(base_url: str, data: bytes | str) -> httpx.Response:
    """Send bytes on a connection of their own; return the answer, and hold that the connection ends well."""
    async with wire(base_url) as connection:
        await connection.send(data)
        response = await connection.answer()
        if response.headers["connection"] == "close":
            assert await connection.closed()
        else:
            assert await connection.usable()
        return response


@asynccontextmanager
async def another(
    runtime: Runtime, *, config: dict[str, object] | None = None, **changes: object
) -> AsyncIterator[str]:
    """Serve a second application on the same stores, with other settings or another configuration of Sanic's."""
    settings = runtime.settings.model_copy(update=changes)
    with logging_kept():
        app = create_app(runtime=replace(runtime, settings=settings))
        app.config.update(config or {})
        async with served(app) as url:
            yield url
