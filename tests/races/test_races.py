"""Many at once, over HTTP."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any
from uuid import UUID

import httpx
import pytest

from models import User
from service.core.clock import Clock
from service.runtime import Runtime
from service.stores.sessions.outcomes import LiveSession
from service.stores.sessions.store import SessionStore
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.waiting import unless_shed


async def test_a_hundred_refreshes_of_one_token(ada: Person) -> None:
    """A hundred times 200, one identical successor, one session."""
    session = await ada.log_in()
    responses = await asyncio.gather(*(unless_shed(session.refresh) for _ in range(100)))
    assert [response.status_code for response in responses] == [200] * 100
    successors = {response.json()["refresh_token"] for response in responses}
    assert len(successors) == 1
    assert len({response.json()["access_token"] for response in responses}) == 100
    session.refresh_token = successors.pop()
    session.access_token = responses[0].json()["access_token"]
    assert len((await session.call("GET", "/sessions")).json()) == 1
    await session.advance()


async def test_clients_that_hang_up_while_refreshing(ada: Person, base_url: str) -> None:
    """Every client aborts at a random moment, then retries with the same token: all recover, one successor."""
    host, port = base_url.removeprefix("http://").split(":")
    for _ in range(5):
        session = await ada.log_in()
        body = json.dumps({"refresh_token": session.refresh_token}).encode()
        request = (
            b"POST /api/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
            + str(len(body)).encode()
            + b"\r\n\r\n"
            + body
        )

        async def hang_up(request: bytes = request) -> None:
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(request)
            await writer.drain()
            await asyncio.sleep(random.random() * 0.03)
            writer.transport.abort()

        async def retry(session: Any = session) -> str:
            await hang_up()
            response = await session.refresh()
            assert response.status_code == 200, response.text
            return str(response.json()["refresh_token"])

        assert len(set(await asyncio.gather(*(retry() for _ in range(20))))) == 1


async def test_chains_that_race_with_their_own_duplicates(ada: Person, runtime: Runtime) -> None:
    """Ten clients of one account refresh fifty times each, always in two copies, and keep either answer.

    Nobody is logged out, and the two answers are one token, or neighbours where the grace ends between them.
    """

    async def chain() -> None:
        session = await ada.log_in()
        for _ in range(50):
            answers = await asyncio.gather(unless_shed(session.refresh), unless_shed(session.refresh))
            assert [answer.status_code for answer in answers] == [200, 200]
            tokens = [runtime.refresh_tokens.decode(answer.json()["refresh_token"]) for answer in answers]
            generations = [token.gen for token in tokens if token]
            assert len(generations) == 2
            assert max(generations) - min(generations) <= 1
            session.refresh_token = random.choice(answers).json()["refresh_token"]

    async with asyncio.TaskGroup() as group:  # one that fails ends the others: none may run on into the next test
        for _ in range(10):
            group.create_task(chain())


async def test_a_thief_and_the_owner(ada: Person, clock: Clock) -> None:
    """Whoever comes second with the stolen copy, once both sides have moved, ends the session for both."""
    session = await ada.log_in()
    stolen = session.refresh_token
    await session.advance()
    await session.me()
    clock.advance(60)
    problem = assert_problem(await session.refresh(stolen), 400, "invalid_grant")
    assert problem["reason"] == "reused"
    assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"


async def test_fifty_registrations_of_one_address(client: httpx.AsyncClient) -> None:
    """One row; one 200, the others the ordinary answer, no 500."""
    spellings = ["ada@example.com", "Ada@Example.com", "ADA@EXAMPLE.COM"]
    responses = await asyncio.gather(
        *(
            client.post("/api/auth/register", json={"email": spellings[number % 3], "password": PASSWORD})
            for number in range(50)
        )
    )
    codes = sorted(response.status_code for response in responses)
    assert codes == [200] + [400] * 49
    assert all(response.json()["code"] == "email_taken" for response in responses if response.status_code == 400)
    assert await User.all().count() == 1


async def test_log_in_while_everything_is_ended(ada: Person) -> None:
    """Log-ins that race with logout-all end up alive or refused, and every living one works fully."""
    session = await ada.log_in()

    async def log_in() -> httpx.Response:
        return await ada.client.post("/api/auth/login", json={"email": ada.email, "password": PASSWORD})

    responses = await asyncio.gather(
        *(log_in() for _ in range(10)), session.call("POST", "/auth/logout-all"), *(log_in() for _ in range(10))
    )
    for response in responses:
        assert response.status_code in (200, 204, 400)
        if response.status_code == 200:
            headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
            me = await ada.client.get("/api/users/me", headers=headers)
            refreshed = await ada.client.post(
                "/api/auth/refresh", json={"refresh_token": response.json()["refresh_token"]}
            )
            assert (me.status_code, refreshed.status_code) in ((200, 200), (401, 400))


@pytest.mark.parametrize("path", ["/sessions", "/auth/logout-all"])
async def test_log_in_that_the_end_of_sessions_overtakes(
    ada: Person, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Where only sessions are ended in between, nobody hears that the right password is wrong: the log-in is after."""
    session = await ada.log_in()
    log_in = SessionStore.log_in
    moments = [True]

    async def overtaken(*args: Any, **named: Any) -> Any:
        grant = await log_in(*args, **named)
        if moments:
            moments.clear()
            answer = await session.call("DELETE" if path == "/sessions" else "POST", path)
            assert answer.status_code == 204
        return grant

    monkeypatch.setattr(SessionStore, "log_in", overtaken)
    late = await ada.log_in()
    assert (await late.me()).status_code == 200
    assert (await late.refresh()).status_code == 200
    assert len((await late.call("GET", "/sessions")).json()) == (2 if path == "/sessions" else 1)


async def test_log_in_that_a_password_change_overtakes(ada: Person, monkeypatch: Any) -> None:
    """R24, R33: a log-in that has verified the old password must not outlive the change committed in between."""
    from service.signin import door as signin

    session = await ada.log_in()
    reached, go_on = asyncio.Event(), asyncio.Event()
    original = signin.begin

    async def slow(*args: Any, **kwargs: Any) -> Any:
        reached.set()
        await go_on.wait()
        return await original(*args, **kwargs)

    monkeypatch.setattr("service.signin.door.begin", slow)
    overtaken = asyncio.create_task(ada.client.post("/api/auth/login", json={"email": ada.email, "password": PASSWORD}))
    await reached.wait()
    assert (await session.call("PUT", "/users/me", json={"password": "a new one altogether"})).status_code == 200
    go_on.set()
    assert_problem(await overtaken, 400, "invalid_grant")
    assert len((await session.call("GET", "/sessions")).json()) == 1


async def test_calls_of_a_session_that_ends_the_others(ada: Person) -> None:
    """Of three hundred parallel calls by one session, some of which end all others, none hears that it is over."""
    session = await ada.log_in()
    await ada.log_in()
    answers = await asyncio.gather(
        *(session.call("DELETE", "/sessions") if number % 20 == 10 else session.me() for number in range(300))
    )
    # A busy machine sheds load: 503. What it mustn't say is 401.
    assert {answer.status_code for answer in answers} <= {200, 204, 503}


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_session_that_ends_the_others_beside_its_own_call(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The same at the very moment: between the call's two reads, and right after them."""
    session = await ada.log_in()
    check = SessionStore.check
    calls = 0

    async def checked(
        store: SessionStore, uid: UUID, sid: UUID, gen: int, *, heard: bool = False
    ) -> LiveSession | None:
        nonlocal calls
        calls += 1
        if calls == 1 and moment == "before":
            assert (await session.call("DELETE", "/sessions")).status_code == 204
        found = await check(store, uid, sid, gen, heard=heard)
        if calls == 1 and moment == "after":
            assert (await session.call("DELETE", "/sessions")).status_code == 204
        return found

    monkeypatch.setattr(SessionStore, "check", checked)
    assert (await session.me()).status_code == 200
    assert calls == 2
