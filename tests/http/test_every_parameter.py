"""Every parameter of every documented call, with whatever anyone may send for it: never a fault of ours (R63).

Schemathesis (test_schemathesis.py) makes its values from the schemas, where a `date-time` is a day in this century and
a header a word. Here each parameter takes each of the values that break parsers, calendars, stores and encoders, as a
superuser, who gets past every guard, and as a user; Hypothesis puts them together.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import User
from service.core.text import base64url
from service.runtime import Runtime
from tests.http.conftest import open_session
from tests.http.support import Operation, operations
from tests.support.passwords import store
from tests.support.people import Person

pytestmark = pytest.mark.timeout(300)

MOMENTS = [
    f"{day}T{time}{zone}"
    for day in ("0001-01-01", "0000-01-01", "9999-12-31", "10000-01-01", "0001-12-31")
    for time in ("00:00:00", "23:59:59.999999", "23:59:60")
    for zone in ("Z", "+14:00", "-14:00", "+23:59", "-23:59")
]
CURSORS = [
    base64url.encode(struct.pack(">q16s", micros, bytes(16)))
    for micros in (0, -1, -(2**63), 2**63 - 1, -62_135_596_800_000_000, 253_402_300_799_999_999)
]
TEXTS = [
    "", " ", "\0", "a\0b", "\n", "\x1b[2J", "\x7f", "\u0085", "\u2028", "\u202e", "\ufeff", "\ufffe", "e\u0301" * 50,
    "\U0001f600", "\U0010ffff", "x" * 5_000, "%", "%00", "%s%n{0}", "../" * 20, "'\"; --", "$(x)", "null", "NaN",
    "-Infinity", "1e999", "-0", "0x10", "1_000", "\u0661", "9" * 400, "-" + "9" * 30, "1.5", "true", "[]", "{}",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "urn:uuid:" + "0" * 32, "::1",
    "a@b", "a@" + "b" * 250, "@", "a@[::1]", "a@xn--", "a@\u3002", "\u0130@x.org", "hour", "undefined", *CURSORS,
]  # fmt: skip
ESCAPED = ["%ff", "%ed%a0%80", "%c0%80", "%f4%90%80%80", "%", "%zz", "%u0000", "+", "%2e%2e%2f", "%F0%9F%98%80", "%00"]
DEEP: Any = "x"
for _ in range(12):
    DEEP = [DEEP]
VALUES: list[Any] = [
    *TEXTS, None, True, 0, -1, 2**31, 2**63, -(2**63) - 1, 10**400, 1.5, -1e308, 1e-320, [], {}, ["x"] * 15, DEEP,
    {"a": DEEP}, {"$ne": ""}, "\ud800", "\udfff\ud800", *MOMENTS[:5],
]  # fmt: skip
HEADERS = [b"", b"\xff\xfe", b"\xed\xa0\x80", "\U0001f600".encode(), b"x" * 3_000, b",", b";q=", b"\"", b"=",
           b"Bearer", b"Bearer \xff", b"Bearer \xed\xa0\x80", b"Bearer a.b.c", b"bytes=0-", b"q=nan", b"en;q=1e999",
           b"\xc2\xa0", b"a=b; a=c; =; \xff=\xff", b"null", b"-1", b"9" * 100, b"Thu, 01 Jan 0001 00:00:00 GMT",
           b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01"]  # fmt: skip
HEADER_NAMES = [
    "Authorization", "Cookie", "Origin", "Sec-Fetch-Site", "X-Session-Transport", "X-Request-ID", "User-Agent",
    "Accept", "Accept-Language", "Accept-Encoding", "Content-Type", "Content-Encoding", "X-Forwarded-For", "Forwarded",
    "If-None-Match", "If-Modified-Since", "Range", "Traceparent", "Referer", "Access-Control-Request-Method", "Via",
    "X-HTTP-Method-Override", "Last-Event-ID",
]  # fmt: skip
# What a call may be refused for: each of these by itself, for what comes with it wouldn't be looked at.
LOUD = {
    "Authorization", "Cookie", "Origin", "Sec-Fetch-Site", "X-Session-Transport", "Content-Type", "Content-Encoding",
}  # fmt: skip
MEDIA = ["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x",
         "application/json; charset=utf-7", "*/*", ""]  # fmt: skip
BODIES = [b"", b"\0", b"\xff", b"[]", b"{}", b"null", b"1", b'"x"', b"[" * 5_000, b'{"a":' * 500, b"=", b"&", b"%",
          b"a=%ff", b'{"\\ud800":1}', b"--x\r\n\r\n--x--", b"9" * 5_000, b'"' + b'\\"' * 20_000]  # fmt: skip


@dataclass
class Call:
    """A request, as it will be sent."""

    operation: Operation
    ids: dict[str, str] = field(default_factory=dict)
    query: list[str] = field(default_factory=list)
    headers: dict[str, bytes] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def content(self) -> bytes | None:
        """The body that is given, or else what the document shows, with the members that are."""
        return body_of(self.operation, **self.members) if self.body is None else self.body

    @property
    def target(self) -> str:
        query = f"?{'&'.join(self.query)}" if self.query else ""
        return self.operation.url(**self.ids) + query


def names(operation: Operation, place: str) -> list[str]:
    return [found["name"] for found in operation.described.get("parameters", ()) if found["in"] == place]


def body_of(operation: Operation, **members: Any) -> bytes | None:
    if "requestBody" not in operation.described:
        return None
    if operation.form:
        return urlencode({**operation.example, **members}, errors="surrogatepass").encode()
    return json.dumps({**operation.example, **members}).encode("utf-8", "surrogatepass")


class Deck:
    """Values, dealt a few at a time: each parameter gets others, and all of them together get each."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._cycle = cycle(values)

    def deal(self, number: int) -> list[Any]:
        return list(islice(self._cycle, number))


PIECES = Deck([*map(quote, TEXTS), *ESCAPED])
JSON_VALUES = Deck(VALUES)
RAW_HEADERS = Deck(HEADERS)
RAW_BODIES = Deck([(media, body) for body in BODIES for media in MEDIA])
SPANS = Deck([(one, other, step) for one in MOMENTS for other in MOMENTS for step in ("hour", "day")][::23])


def calls(operation: Operation) -> Iterator[Call]:
    """Each parameter with some values, the others as they should be. A moment takes every end of time."""
    for name in names(operation, "path"):
        for value in PIECES.deal(9):
            if "/" not in value and value not in ("", ".", ".."):
                yield Call(operation, {name: value})
    for name in names(operation, "query"):
        if name in ("since", "until", "from", "to"):
            for moment in MOMENTS:
                yield Call(operation, query=[f"{name}={quote(moment)}"])
        for value in [*PIECES.deal(9), *(CURSORS if name == "after" else ())]:
            yield Call(operation, query=[f"{name}={value}"])
    if "to" in names(operation, "query"):
        for one, other, step in SPANS.deal(80):
            yield Call(operation, query=[f"from={quote(one)}", f"to={quote(other)}", f"step={step}"])
    for name, raw in headers(operation).items():
        if name in LOUD:
            yield Call(operation, headers={name: raw})
    if "requestBody" in operation.described:
        for name in [*operation.properties, "\ud800"]:
            for given_value in JSON_VALUES.deal(9):
                yield Call(operation, members={name: given_value})
        for media, body in RAW_BODIES.deal(9):
            yield Call(operation, headers={"Content-Type": media.encode()}, body=body)


@cache
def dealt() -> list[list[bytes]]:
    """Values of headers for each call, one further for each: every header meets every value at some calls."""
    found = Deck(HEADERS)
    return [found.deal(len(HEADERS) + 1)[: len(HEADER_NAMES)] for _ in operations()]


def headers(operation: Operation) -> dict[str, bytes]:
    number = [found.name for found in operations()].index(operation.name)
    return dict(zip(HEADER_NAMES, dealt()[number], strict=True))


def unheeded(operation: Operation) -> Iterator[list[Call]]:
    """What makes no difference to a call, a list of what can be sent as one."""
    yield [Call(operation, headers={name: raw}) for name, raw in headers(operation).items() if name not in LOUD]
    yield [Call(operation, query=[f"unknown={value}"]) for value in PIECES.deal(9)]
    if "requestBody" in operation.described:
        for name in ("unknown", ""):
            yield [Call(operation, members={f"{name}{n or ''}": value}) for n, value in enumerate(JSON_VALUES.deal(9))]


def as_one(found: Sequence[Call]) -> Call:
    """Return one call with all that these have."""
    whole = Call(found[0].operation)
    for call in found:
        whole.query.extend(call.query)
        whole.headers.update(call.headers)
        whole.members.update(call.members)
    return whole


def refused_for_each(call: Call, answer: object) -> bool:
    """Whether a call is refused for all the members that it has, so each has been looked at."""
    faults = answer.get("errors", ()) if isinstance(answer, dict) else ()
    return bool(call.members) and {f"/{name}" for name in call.members} <= {fault["pointer"] for fault in faults}


class Sender:
    """Sends calls as one user, who is there again when a call has deleted, disabled or logged them out."""

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient, password_hash: str, *, superuser: bool) -> None:
        self._runtime = runtime
        self._client = client
        self._hash = password_hash
        self._superuser = superuser
        self._person: Person | None = None
        self.sent = 0
        self.faults: list[str] = []

    async def send_as_one(self, found: Sequence[Call], usual: object) -> None:
        """Send calls as one. Answered neither as `usual` nor refused for each, one hides the others: halves, then."""
        whole = as_one(found)
        answer = await self.send(whole)
        if answer != usual and not refused_for_each(whole, answer) and len(found) > 1:
            await self.send_as_one(found[: len(found) // 2], usual)
            await self.send_as_one(found[len(found) // 2 :], usual)

    async def send(self, call: Call) -> object:
        """Send a call; return what a refusal says, or else only the status: what is there is never the same twice."""
        person = self._person or await self._appear()
        headers: dict[str, bytes] = {
            "Content-Type": call.operation.media.encode(),
            "Authorization": b"Bearer " + person.sessions[-1].access_token.encode(),
            **call.headers,
        }
        ids = {"user_id": str(person.id), "session_id": str(person.sessions[-1].sid), **call.ids}
        target = Call(call.operation, ids, call.query).target.encode("latin-1")
        response = await self._client.request(
            call.operation.method,
            call.operation.url(),
            content=call.content,
            headers={name.encode(): value for name, value in headers.items()},
            extensions={"target": target},
        )
        self.sent += 1
        if response.status_code >= 500:
            self.faults.append(f"{response.status_code} {call.operation.name} {call}"[:600])
        if response.status_code == 401 or (call.operation.method != "GET" and response.status_code < 300):
            self._person = None
        if response.status_code < 400:
            return response.status_code
        return {name: value for name, value in response.json().items() if name != "request_id"}

    async def _appear(self) -> Person:
        address = f"{uuid4().hex}@example.com"
        user = await User.create(
            id=uuid4(), email=address, email_canonical=address, is_active=True,
            is_superuser=self._superuser, created_at=self._runtime.clock.now(),
        )  # fmt: skip
        await store(user.id, self._hash)
        self._person = Person(self._client, UUID(str(user.id)), address)
        await open_session(self._runtime, self._person)
        return self._person


# What isn't theirs to call is refused to users before any store is asked: the embedded ones are enough for that.
@pytest.mark.parametrize(
    "superuser", [True, pytest.param(False, marks=pytest.mark.embedded_only)], ids=["superuser", "user"]
)
async def test_each_parameter(runtime: Runtime, client: httpx.AsyncClient, password_hash: str, superuser: bool) -> None:
    """R63: path, query, header, body and media type of every call, each with every value that breaks things."""
    sender = Sender(runtime, client, password_hash, superuser=superuser)
    for operation in operations():
        for call in calls(operation):
            await sender.send(call)
        usual = await sender.send(Call(operation))
        for found in unheeded(operation):
            await sender.send_as_one(found, usual)
    assert sender.faults == []
    assert sender.sent > 2_000


def test_headers_meet_everything() -> None:
    """Every header has every value, at one call or another, and every call has each header."""
    met = {pair for operation in operations() for pair in headers(operation).items()}
    assert met == {(name, raw) for name in HEADER_NAMES for raw in HEADERS}
    for operation in operations():
        alone = [call for call in calls(operation) if call.headers and call.body is None]
        together = next(unheeded(operation))
        assert {name for call in (*alone, *together) for name in call.headers} == set(HEADER_NAMES)


class Pretended(Sender):
    """Sends nothing; a call with `loud` in it is refused for that alone."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    async def send(self, call: Call) -> object:
        self.calls.append(call.query)
        return "refused" if "loud" in call.query else "usual"


async def test_nothing_is_hidden() -> None:
    """Where one of what is sent at once hides the others, each of these is sent without it, and it alone."""
    sender = Pretended()
    found = [Call(operations()[0], query=[name]) for name in ("a", "b", "loud", "c")]
    await sender.send_as_one(found, "usual")
    assert sender.calls == [["a", "b", "loud", "c"], ["a", "b"], ["loud", "c"], ["loud"], ["c"]]
    members = as_one([Call(operations()[0], members={name: 1}) for name in ("a", "b")])
    assert refused_for_each(members, {"errors": [{"pointer": "/b"}, {"pointer": "/a"}]})
    assert not refused_for_each(members, {"errors": [{"pointer": "/a"}]})
    assert not refused_for_each(found[0], {"status": 400})
    assert not refused_for_each(members, 200)


texts = st.one_of(st.sampled_from([*TEXTS, *MOMENTS]), st.text(max_size=40))
raw_texts = st.one_of(
    texts.map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
    st.sampled_from(ESCAPED),
    st.binary(max_size=12).map(lambda raw: quote(raw, safe="")),
)
values = st.recursive(
    st.one_of(st.sampled_from(VALUES), texts, st.integers(), st.floats(), st.booleans(), st.datetimes().map(str)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def any_call(draw: st.DrawFn) -> Call:
    operation = draw(st.sampled_from(operations()))
    call = Call(operation)
    call.ids = {name: draw(raw_texts.filter(bool)) for name in names(operation, "path") if draw(st.booleans())}
    for name in [*names(operation, "query"), draw(raw_texts)]:
        if draw(st.booleans()):
            call.query.append(f"{name}={draw(raw_texts)}")
    call.headers = draw(st.dictionaries(st.sampled_from(HEADER_NAMES[1:]), st.sampled_from(HEADERS), max_size=3))
    if "requestBody" in operation.described:
        members = {name: draw(values) for name in operation.properties if draw(st.booleans())}
        more = draw(st.dictionaries(texts, values, max_size=2))
        call.body = body_of(operation, **{**members, **more})
    return call


@pytest.mark.parametrize("superuser", [True, False], ids=["superuser", "user"])
async def test_all_at_once(runtime: Runtime, client: httpx.AsyncClient, password_hash: str, superuser: bool) -> None:
    """R63: several parameters at a time, and values that nobody has thought of."""
    sender = Sender(runtime, client, password_hash, superuser=superuser)
    loop = asyncio.get_running_loop()

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(any_call())
    def attack(call: Call) -> None:
        asyncio.run_coroutine_threadsafe(sender.send(call), loop).result(30)
        assert sender.faults == []

    await asyncio.to_thread(attack)
