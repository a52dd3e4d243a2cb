"""Whatever a body holds, the answer is a problem document that says what is wrong with it (R57, R58, R61 to R63).

The calls come from the OpenAPI document: a new one is held to the same rules by being documented.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.http.conftest import JSON, MEDIA, Sender
from tests.http.support import HOST, Operation, hold_problem, say, wire, with_body
from tests.support.people import Person

pytestmark = pytest.mark.embedded_only

LOGOUT, REFRESH = "/api/auth/logout", "/api/auth/refresh"
OPERATIONS = with_body()
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def unreadable(example: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Bodies that aren't JSON in UTF-8."""
    text = json.dumps(example).encode()
    name = next(iter(example))
    yield "nothing but a space", b" "
    yield "truncated", text[:-1]
    yield "truncated in a text", text[:-3]
    yield "followed by more", text + text
    yield "single quotes", text.replace(b'"', b"'")
    yield "a comment", text[:-1] + b"/**/}"
    yield "a comma too many", text[:-1] + b",}"
    yield "a key twice", text[:-1] + f', "{name}": "again"}}'.encode()
    yield "a key twice, further down", text[:-1] + b', "deep": {"a": 1, "a": 1}}'
    yield "invalid UTF-8", text[:-1] + b', "x": "\xff\xfe"}'
    yield "a surrogate in UTF-8", text[:-1] + b', "x": "\xed\xa0\x80"}'
    yield "UTF-16", json.dumps(example).encode("utf-16")
    yield "a byte order mark within", text[:1] + b"\xef\xbb\xbf" + text[1:]
    yield "a raw line feed in a text", f'{{"{name}": "a\nb"}}'.encode()
    for constant in (b"NaN", b"Infinity", b"-Infinity"):
        yield constant.decode(), b'{"%b": %b}' % (name.encode(), constant)
    yield "a lone surrogate", f'{{"{name}": "\\ud800"}}'.encode()
    yield "a lone low surrogate", f'{{"{name}": "a\\udfffb"}}'.encode()
    yield "a lone surrogate as a key", text[:-1] + b', "\\ud83d": 1}'
    yield "surrogates the wrong way round", f'{{"{name}": "\\ude00\\ud83d"}}'.encode()
    yield "nested 30,000 deep", b"[" * 30_000 + b"]" * 30_000
    yield "nested 10,000 deep in objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    yield "nested and not closed", b"[" * 60_000
    yield "an integer of 5,000 digits", f'{{"{name}": {"9" * 5_000}}}'.encode()
    yield "nothing but zeros", bytes(100)
    yield "gzip without a word about it", gzip.compress(text)
    yield "a form", b"username=a&password=b"


@each_operation
async def test_a_body_that_can_not_be_read(operation: Operation, send: Sender) -> None:
    """R62, R63: what isn't JSON, or means two things at once, is 400 `bad_request`."""
    for what, body in unreadable(operation.example):
        if operation.path == LOGOUT and not body.strip():
            continue  # nothing, beside an access token
        problem = hold_problem(await send(operation, body), 400)
        assert problem.code == "bad_request", what
    if operation.body_required:
        assert hold_problem(await send(operation, b""), 400).code == "bad_request"


@each_operation
async def test_json_that_is_no_object(operation: Operation, send: Sender) -> None:
    """R61: JSON of another kind can be read, and isn't acceptable: 422."""
    nothing = [] if operation.path in (LOGOUT, REFRESH) else [b"null", b" null ", b"[]", b'""']
    for body in (*nothing, b"[7]", b'"x"', b"7", b"-0.0", b"true", b"1e999", b"[{}]", b'["a", 1]'):
        problem = hold_problem(await send(operation, body), 422)
        assert problem.code == "validation_error", body
        assert problem.errors
        assert problem.errors[0].pointer == ""


@each_operation
async def test_unknown_fields(operation: Operation, send: Sender) -> None:
    """R58: a field that isn't allowed is refused by name, even one that every object in some languages has."""
    for name in (
        "hashed_password",
        "__proto__",
        "constructor",
        "a/b~c",
        "",
        "\u0000",
        "é" * 300,
        "is_Superuser",
        "$ne",
    ):
        problem = hold_problem(await send(operation, json.dumps({**operation.example, name: True}).encode()), 422)
        assert problem.errors
        pointers = [fault.pointer for fault in problem.errors]
        assert any(pointer.startswith("/") for pointer in pointers), (name, pointers)


@each_operation
async def test_very_many_unknown_fields(operation: Operation, send: Sender) -> None:
    """R62: a body of thousands of mistakes doesn't get an answer ten times its size."""
    body = {**operation.example, **{f"a{number}": 0 for number in range(5_000)}}
    response = await send(operation, json.dumps(body, separators=(",", ":")).encode())
    assert hold_problem(response, 422).errors
    assert len(response.content) < 8_000


@each_operation
async def test_values_of_the_wrong_type(operation: Operation, send: Sender) -> None:
    """R61: no member takes a list, an object or a number for something else; nothing is converted."""
    wrong: list[object] = [[], ["a"], {}, {"$gt": ""}, 10**400, -(2**63) - 1, 1.5]
    for name, schema in operation.properties.items():
        kinds = {schema.get("type"), *(choice.get("type") for choice in schema.get("anyOf", ()))}
        assert kinds <= {"string", "boolean", "null", None}, f"{name}: this test knows texts and truth values only"
        values = [*wrong, "true", "x" * 60_000] if "boolean" in kinds else [*wrong, True, 7]
        for value in values:
            problem = hold_problem(await send(operation, json.dumps({**operation.example, name: value}).encode()), 422)
            assert problem.errors
            # An object that should be one, of other members: the first of these that is missing is named.
            within = isinstance(value, dict) and None in kinds
            pointer = problem.errors[0].pointer
            assert pointer == f"/{name}" or (within and pointer.startswith(f"/{name}/")), value


@each_operation
async def test_media_types(operation: Operation, send: Sender) -> None:
    """R57: a body in any other media type is 415, whatever it holds."""
    body = json.dumps(operation.example).encode()
    wrong = [
        "text/plain",
        "text/json",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonx",
        "*/*",
    ]
    wrong += [
        "application/json, text/plain",
        "application/problem+json",
        "; charset=utf-8",
    ]
    if "application/x-www-form-urlencoded" not in operation.media_types:
        wrong.append("application/x-www-form-urlencoded")
    for media in wrong:
        problem = hold_problem(await send(operation, body, {"Content-Type": media}), 415)
        assert problem.code == "unsupported_media_type", media
    assert hold_problem(await send(operation, body, {}), 415).code == "unsupported_media_type"


@each_operation
async def test_content_encoding(operation: Operation, send: Sender) -> None:
    """R57: a packed body is 415: unpacked it could be of any size."""
    body = gzip.compress(json.dumps(operation.example).encode())
    for coding in ("gzip", "GZIP", "deflate", "br", "gzip, identity"):
        problem = hold_problem(await send(operation, body, {**JSON, "Content-Encoding": coding}), 415)
        assert problem.code == "unsupported_media_type"


async def test_a_byte_order_mark(client: httpx.AsyncClient, ada: Person) -> None:
    """RFC 8259 section 8.1: one in front is passed over, as some programs can't help writing it."""
    for text in (json.dumps({"email": ada.email, "password": ada.password}), " {}", "\n[]"):
        found = [
            (await client.post("/api/auth/login", content=mark + text.encode(), headers=JSON)).status_code
            for mark in (b"", b"\xef\xbb\xbf")
        ]
        assert found[0] == found[1]


@each_operation
async def test_charset(operation: Operation, send: Sender) -> None:
    """RFC 8259: JSON is UTF-8; a `charset` changes nothing, and another encoding can't be read."""
    name = next(iter(operation.example))
    for charset, text in (("utf-16", {name: "a"}), ("utf-32", {name: "a"}), ("iso-8859-1", {name: "é" * 20})):
        body = json.dumps(text, ensure_ascii=False).encode(charset)
        problem = hold_problem(await send(operation, body, {"Content-Type": f"{MEDIA}; charset={charset}"}), 400)
        assert problem.code == "bad_request"
    problem = hold_problem(await send(operation, b"[7]", {"Content-Type": 'APPLICATION/JSON ; charset="UTF-8"'}), 422)
    assert problem.code == "validation_error"


@each_operation
async def test_too_large(operation: Operation, send: Sender) -> None:
    """R57: more than 64 KiB is 413, announced by its length or sent in chunks; the answer arrives."""

    async def chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 50_000):
            yield b" " * 50_000

    for size in (65_537, 100_000, 5_000_000):
        assert hold_problem(await send(operation, b"[" * size), 413).code == "too_large"
    assert hold_problem(await send(operation, chunks(100_000)), 413).code == "too_large"
    assert hold_problem(await send(operation, chunks(5_000_000)), 413).code == "too_large"
    problem = hold_problem(await send(operation, b'"' + b"x" * 65_534 + b'"'), 422)
    assert problem.code == "validation_error"


@each_operation
async def test_too_large_on_the_wire(operation: Operation, send: Sender, base_url: str) -> None:
    """R57: who announces too much and waits for leave gets 413 at once; who sends it all gets to read the 413."""
    head = f"{operation.method} {operation.url()} HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n"
    for name, value in send.authorization(operation).items():
        head += f"{name}: {value}\r\n"
    async with wire(base_url) as connection:
        await connection.send(f"{head}Content-Length: 5000000\r\nExpect: 100-continue\r\n\r\n")
        hold_problem(await connection.answer(), 413)
        assert await connection.closed()
    response = await say(base_url, f"{head}Content-Length: 5000000\r\n\r\n".encode() + b"x" * 5_000_000)
    assert hold_problem(response, 413).code == "too_large"
    assert response.headers["connection"] == "close"
    chunk = b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n"
    response = await say(base_url, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 80 + b"0\r\n\r\n")
    assert hold_problem(response, 413).code == "too_large"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"username=a", 422),
        (b"username=a&password=b&password=c", 400),
        (b"username=a&password=b&role=admin", 422),
        (b"username=a&password=b&is_superuser=true", 422),
        (b"username=%ff&password=b", 400),
        (b"username=\xff&password=b", 400),
        (b"username=%ed%a0%80&password=b", 400),
        (b"username=a%00&password=b%00", 400),
        (b"username=&password=", 422),
        (b"username[]=a&password[$ne]=b", 422),
        (b"&".join(b"a%d=1" % number for number in range(50)), 400),
        (b'{"username": "a", "password": "b"}', 422),
        (b"grant_type=client_credentials&username=a&password=b", 422),
        (b"", 422),
    ],
)
async def test_forms(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    """R61: the log-in form is read as strictly as JSON: no doubled fields, no unknown ones, UTF-8 only."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    hold_problem(await client.post("/api/auth/login", content=body, headers=headers), status)
    packed = await client.post("/api/auth/login", content=body, headers={**headers, "Content-Encoding": "gzip"})
    hold_problem(packed, 415)


async def test_a_body_where_none_is_asked_for(client: httpx.AsyncClient, base_url: str, admin: Person) -> None:
    """R63: a body that no call reads is read over, and the next request on the connection is the next request."""
    smuggled = f"GET /api/nowhere HTTP/1.1\r\n{HOST}\r\n"
    token = admin.sessions[0].access_token
    for line, status in (("GET /api/health", 200), ("POST /api/nowhere", 404), ("PUT /api/health", 405)):
        request = f"{line} HTTP/1.1\r\n{HOST}Content-Length: {len(smuggled)}\r\n\r\n{smuggled}"
        assert (await say(base_url, request)).status_code == status
    chunked = f"{len(smuggled):x}\r\n{smuggled}\r\n0\r\n\r\n"
    request = f"GET /api/users/me HTTP/1.1\r\n{HOST}Authorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await say(base_url, request + chunked)).status_code == 200
    for line in ("GET /api/health", "POST /api/nowhere", "DELETE /api/users/me"):
        response = await say(base_url, f"{line} HTTP/1.1\r\n{HOST}Content-Length: 1000000\r\n\r\n{'x' * 1_000_000}")
        hold_problem(response, 413)


async def test_a_body_that_never_comes(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R63: a client that stops half-way, or goes on by drops, is told 408: nothing of ours is at fault."""
    monkeypatch.setattr("service.core.http.requests._BODY_SECONDS", 0.6)
    head = f"POST /api/auth/login HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n"
    for framing in ("Content-Length: 500\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n50\r\n{"):
        async with wire(base_url) as connection:
            await connection.send(head + framing)
            for _ in range(6):
                await connection.send(" ")
                await asyncio.sleep(0.05)
            response = await connection.answer()
            assert hold_problem(response, 408).code == "request_timeout"
            assert response.headers["connection"] == "close"
            assert await connection.closed()


@pytest.mark.parametrize(
    "chunks",
    ["zz\r\n", "-1\r\n\r\n", "+5\r\nhello\r\n", "0x5\r\nhello\r\n", "5_0\r\n", "5" * 70,
     "ffffffffffffffff\r\nx", "0\r\nX-Trailer: 1\r\n\r\n"],
)  # fmt: skip
async def test_bad_chunks(base_url: str, chunks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R63: chunks that aren't are 400 (or 413), and the connection ends: what follows could be anything."""
    monkeypatch.setattr("service.core.http.requests._DISCARD_SECONDS", 0.1)
    head = (
        f"POST /api/auth/login HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    response = await say(base_url, head + chunks + "\r\n" * 3)
    hold_problem(response, 400, 413)
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("body", "at_the_field", "by_itself"),
    [
        ({"email": "x@y"}, "The part after the @-sign is not valid. It should have a period.", ""),
        ({"password": ""}, "At least 1 character", "password: "),
        ({"password": "x" * 257}, "At most 256 characters", "password: "),
        ({"full_name": "x" * 201}, "At most 200 characters", "full_name: "),
        ({"full_name": "a\0b"}, "May not contain control characters", "full_name: "),
        ({"email": 5}, "Input should be a valid string", "email: "),
        ({"nick~name/": "x"}, "Extra inputs are not permitted", "nick~name/: "),
    ],
)
async def test_words_for_people(
    client: httpx.AsyncClient, body: dict[str, Any], at_the_field: str, by_itself: str
) -> None:
    """Beside a field nobody has to be told which: what stands there is the words alone. By itself it says which."""
    given = {"email": "ada@example.com", "password": "correct horse battery", **body}
    problem = hold_problem(await client.post("/api/auth/register", json=given), 422)
    assert problem.errors
    assert [fault.detail for fault in problem.errors] == [at_the_field]
    assert problem.detail == by_itself + at_the_field


async def test_words_of_several(client: httpx.AsyncClient) -> None:
    """Three of several are said in one line, each with its name, unless it is a sentence."""
    problem = hold_problem(await client.post("/api/auth/register", json={"email": "x@y", "full_name": 5}), 422)
    assert problem.detail == (
        "The part after the @-sign is not valid. It should have a period; password: Field required; "
        "full_name: Input should be a valid string"
    )
