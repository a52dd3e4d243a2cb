"""A client that goes away: a change that has begun is made to its end, what only waits for its turn is dropped."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from models import SecurityEvent, User
from service.core import presence
from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.wire.connection import Connection
from service.credentials import budgets
from service.runtime import Runtime
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person
from tests.support.waiting import eventually


async def test_a_deed_is_not_begun_for_nobody() -> None:
    """Where the leaving is seen between two steps: nothing is begun, and what has begun goes on."""
    client = presence.Presence(asyncio.current_task())
    client.begin_change()
    client.gone = True
    client.begin_change()
    gone = presence.Presence(asyncio.current_task())
    gone.gone = True
    with pytest.raises(asyncio.CancelledError):
        gone.begin_change()
    await asyncio.create_task(_begin(gone))  # what was started on the way, and others may wait for


async def _begin(client: presence.Presence) -> None:
    client.begin_change()


@dataclass
class Leaving:
    """Clients that hang up, and the server that sees it."""

    base_url: str
    at_work: dict[int, asyncio.Task[None]] = field(default_factory=dict)  # by the client's port
    lost: list[Connection] = field(default_factory=list)

    async def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, access: str = "", cut: int | None = None
    ) -> asyncio.StreamWriter:
        """Send a request, or the first bytes of it; answer or none, the connection stays open."""
        address = urlsplit(self.base_url)
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        content = json.dumps(body) if body is not None else ""
        head = f"{method} /api{path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        head += f"Authorization: Bearer {access}\r\n" if access else ""
        writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n{content}".encode()[:cut])
        await writer.drain()
        return writer

    async def leave(self, *writers: asyncio.StreamWriter) -> None:
        """Hang up, and wait until the server has seen it."""
        before = len(self.lost)
        for writer in writers:
            writer.transport.abort()
        await eventually(lambda: len(self.lost) == before + len(writers))

    async def dropped(self, *writers: asyncio.StreamWriter) -> None:
        """Hang up, and wait until nothing goes on for these clients."""
        ports = {writer.get_extra_info("sockname")[1] for writer in writers}
        await eventually(lambda: ports <= self.at_work.keys())
        assert not any(self.at_work[port].done() for port in ports)
        await self.leave(*writers)
        await eventually(lambda: all(self.at_work[port].done() for port in ports))


@pytest.fixture
async def leaving(base_url: str, monkeypatch: pytest.MonkeyPatch) -> Leaving:
    found, really, really_heard = Leaving(base_url), Connection.connection_lost, Connection.data_received

    def heard(self: Connection, data: bytes) -> None:
        really_heard(self, data)
        if self._task is not None and self.conn_info is not None:
            found.at_work[self.conn_info.client_port] = self._task

    def noted(self: Connection, exc: Exception | None) -> None:
        really(self, exc)
        found.lost.append(self)

    monkeypatch.setattr(Connection, "data_received", heard)
    monkeypatch.setattr(Connection, "connection_lost", noted)
    return found


@dataclass
class Held:
    """A script that has been run, and whose caller is still to hear of it."""

    name: str
    there: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def held(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> AsyncIterator[Held]:
    found, really = Held(""), RedisScripts.run

    async def run(self: RedisScripts, script: Any, *args: Any) -> Any:
        reply = await really(self, script, *args)
        if script.name == found.name:
            found.there.set()
            await found.go_on.wait()
        return reply

    monkeypatch.setattr(RedisScripts, "run", run)
    yield found
    found.go_on.set()


@pytest.mark.parametrize(
    ("script", "event"),
    [
        ("end", "session.logged_out"),
        ("end", "session.ended"),
        ("rotate", "session.token_reused"),
        ("log_in", "login.succeeded"),
        ("keep", "password.changed"),
    ],
)
async def test_a_change_is_made_to_its_end(
    script: str, event: str, leaving: Leaving, held: Held, ada: Person, mailbox: Mailbox, clock: Clock
) -> None:
    """R72: Redis has done its part, and the client is gone: the event is there all the same, and so is the letter.

    A thief would else be gone in the moment in which the use of a copy ends the session, and nobody would hear of it.
    """
    session, other = await ada.log_in(), await ada.log_in()
    access, spent = session.access_token, session.refresh_token
    await session.advance()
    clock.advance(60)
    await session.advance()
    await mailbox.letters()
    before = await SecurityEvent.filter(type=event).count()
    held.name = script
    calls: dict[str, tuple[str, str, dict[str, object] | None, str]] = {
        "session.logged_out": ("POST", "/auth/logout", None, access),
        "session.ended": ("DELETE", f"/sessions/{other.sid}", None, access),
        "session.token_reused": ("POST", "/auth/refresh", {"refresh_token": spent}, ""),
        "login.succeeded": ("POST", "/auth/login", {"username": ada.email, "password": PASSWORD}, ""),
        "password.changed": ("PUT", "/users/me", {"password": "another one altogether"}, access),
    }
    method, path, body, token = calls[event]
    writer = await leaving.send(method, path, body, access=token)
    await held.there.wait()
    await leaving.leave(writer)
    held.go_on.set()

    async def recorded() -> bool:
        return await SecurityEvent.filter(type=event).count() == before + 1

    await eventually(recorded)
    if event in ("session.token_reused", "password.changed"):
        await eventually(lambda: mailbox.letters(ada.email))


async def test_what_has_not_begun_is_not_made(leaving: Leaving, held: Held, ada: Person) -> None:
    """R77: who has given up may have asked again: a refresh that comes late would look like a thief's."""
    session, other = await ada.log_in(), await ada.log_in()
    held.name = "check"
    writer = await leaving.send("DELETE", f"/sessions/{other.sid}", access=session.access_token)
    await held.there.wait()
    await leaving.dropped(writer)
    held.go_on.set()
    assert (await other.me()).status_code == 200


async def test_reading_ends_with_its_reader(leaving: Leaving, held: Held, ada: Person) -> None:
    """What changes nothing is of no use to anybody then."""
    session = await ada.log_in()
    held.name = "check"
    writer = await leaving.send("GET", "/users/me", access=session.access_token)
    await held.there.wait()
    await leaving.dropped(writer)
    assert not held.go_on.is_set()


async def test_half_a_request_is_none(leaving: Leaving, ada: Person) -> None:
    """In the middle of the head or of the body: nothing has begun, and nothing is left of it."""
    session = await ada.log_in()
    body = {"full_name": "Half a Request"}
    writers = [
        await leaving.send("PATCH", "/users/me", body, access=session.access_token, cut=cut)
        for cut in (10, 90, -1, -20)
    ]
    await leaving.dropped(*writers)
    assert (await User.get(id=ada.id)).full_name == "Ada Lovelace"


async def test_who_waits_for_a_hash_gives_the_place_back(
    leaving: Leaving, runtime: Runtime, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11, R13: the place in the queue, and the attempt: nothing was looked at."""
    passwords, gate, guessing, refund = runtime.passwords, threading.Event(), budgets.guessing, budgets.refund
    refunded = list[budgets.Attempt]()

    async def noted(runtime: Runtime, attempt: budgets.Attempt) -> None:
        await refund(runtime, attempt)
        refunded.append(attempt)

    monkeypatch.setattr(budgets, "guessing", lambda settings: replace(guessing(settings), quota=3))
    monkeypatch.setattr(budgets, "refund", noted)
    blocked = [asyncio.create_task(passwords._run(gate.wait)) for _ in range(passwords._turns.threads)]
    try:
        body = {"username": ada.email, "password": PASSWORD}
        for times in range(1, 4):  # in all, more than there may be attempts
            writers = [await leaving.send("POST", "/auth/login", body) for _ in range(2)]
            await eventually(lambda: passwords._turns.pending == len(blocked) + 2)
            await leaving.leave(*writers)
            await eventually(lambda number=2 * times: len(refunded) == number)  # type: ignore[misc]
            await eventually(lambda: passwords._turns.pending == len(blocked))
    finally:
        gate.set()
        await asyncio.gather(*blocked)
    await ada.log_in()
