"""Many at once, over both forms of one call: the same session, rotated once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from models import SecurityEvent
from service.core.clock import Clock
from service.runtime import Runtime
from tests.http.support import hold_oauth
from tests.oauth.token_support import REVOKE, TOKEN, opened, password_of, refresh_of
from tests.support.people import Person, Session
from tests.support.waiting import eventually, unless_shed

Refresh = Callable[[], Awaitable[httpx.Response]]


def both(session: Session) -> tuple[Refresh, Refresh]:
    """The two forms of a refresh."""

    async def by_form() -> httpx.Response:
        return await session.client.post(TOKEN, data=refresh_of(session.refresh_token))

    return by_form, session.refresh


async def generation(runtime: Runtime, session: Session) -> int:
    key = f"user:{{{session.claims['sub']}}}:session:{session.sid}"
    return int(await runtime.redis.client.hget(key, "gen") or 0)  # type: ignore[attr-defined]  # of redis-py


async def test_fifty_refreshes_over_both(
    client: httpx.AsyncClient, ada: Person, runtime: Runtime, clock: Clock
) -> None:
    """One rotation, one successor, whichever form each of them has; and the chain goes on by either."""
    session = await opened(client, ada)
    for turn in (1, 2, 3):
        answers = await asyncio.gather(*(unless_shed(both(session)[number % 2]) for number in range(50)))
        assert [answer.status_code for answer in answers] == [200] * 50
        successors = {answer.json()["refresh_token"] for answer in answers}
        assert len(successors) == 1
        assert len({answer.json()["access_token"] for answer in answers}) == 50
        assert await generation(runtime, session) == turn + 1
        session.refresh_token = successors.pop()
        session.access_token = answers[0].json()["access_token"]
        assert (await session.me()).status_code == 200
        clock.advance(60)  # within the grace the next round would be answered with the same token
    assert len((await session.call("GET", "/sessions")).json()) == 1


async def test_an_answer_that_was_lost(client: httpx.AsyncClient, ada: Person, runtime: Runtime) -> None:
    """The same token again, by the other form, has the same successor: nobody is logged out by a bad network."""
    session = await ada.log_in()
    by_form, by_json = both(session)
    first = (await by_form()).json()["refresh_token"]
    assert (await by_json()).json()["refresh_token"] == first
    assert (await by_form()).json()["refresh_token"] == first
    assert await generation(runtime, session) == 2


async def test_a_log_in_whose_answer_was_lost(client: httpx.AsyncClient, ada: Person, base_url: str) -> None:
    """As at /api/auth/login: asked again it is another session, which works; the first one is in the list."""
    host, port = base_url.removeprefix("http://").split(":")
    body = httpx.QueryParams(password_of(ada))
    head = f"POST {TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"{head}Content-Length: {len(str(body))}\r\n\r\n{body}".encode())
    await writer.drain()
    await eventually(lambda: SecurityEvent.exists(type="login.succeeded", user_id=ada.id))
    writer.transport.abort()
    session = await opened(client, ada)
    assert len((await session.call("GET", "/sessions")).json()) == 2


async def test_revoked_while_refreshing(client: httpx.AsyncClient, ada: Person, runtime: Runtime) -> None:
    """Whatever came first: once both are answered the session is over, and nothing that was given out is good."""
    for kind in ("refresh_token", "access_token"):
        session = await opened(client, ada)

        async def end(session: Session = session, kind: str = kind) -> httpx.Response:
            return await client.post(REVOKE, data={"token": getattr(session, kind)})

        calls = [end if number == 25 else both(session)[number % 2] for number in range(50)]
        answers = await asyncio.gather(*(unless_shed(call) for call in calls))
        assert answers[25].status_code == 200
        given = [answer.json() for number, answer in enumerate(answers) if number != 25 and answer.status_code == 200]
        refused = [answer for number, answer in enumerate(answers) if number != 25 and answer.status_code != 200]
        assert all(answer.json()["error"] == "invalid_grant" for answer in refused)
        for tokens in [*given[:1], *given[-1:]]:
            left = Session(client, tokens["access_token"], tokens["refresh_token"])
            assert (await left.me()).status_code == 401
            hold_oauth(await client.post(TOKEN, data=refresh_of(left.refresh_token)), 400, "invalid_grant")
        assert await runtime.sessions.list_living(ada.id) == []


async def test_fifty_revocations(client: httpx.AsyncClient, ada: Person) -> None:
    """All of them are 200, and the end is told of once."""
    session = await opened(client, ada)

    async def end() -> httpx.Response:
        return await client.post(REVOKE, data={"token": session.refresh_token})

    answers = await asyncio.gather(*(unless_shed(end) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert await SecurityEvent.filter(type="session.logged_out", session_id=session.sid).count() == 1
