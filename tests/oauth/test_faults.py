"""A store is away: 503 in OAuth 2's form at each call, nothing spent, and nothing said that isn't so."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.core.sql.lookup import Lookup
from service.errors import Unavailable
from service.oauth import clients
from service.runtime import Runtime
from tests.http.support import hold_oauth
from tests.oauth.support import Service
from tests.oauth.token_support import REVOKE, TOKEN, hold_tokens, password_of, refresh_of
from tests.support.people import Person, assert_problem


def fails(what: str) -> Any:
    async def fail(*_: object, **__: object) -> None:
        raise Unavailable(what)

    return fail


def hold_away(response: httpx.Response) -> None:
    """Hold that it is 503, with when to come back, and that it names no part of ours."""
    problem = hold_oauth(response, 503, "temporarily_unavailable")
    assert problem.code == "unavailable"
    assert int(response.headers["retry-after"]) >= 1
    assert "redis" not in response.text
    assert "database" not in response.text


async def test_redis(client: httpx.AsyncClient, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: no token, no session; a token that is tried meanwhile is good afterwards. Nor is anybody told of an end."""
    session = await ada.log_in()
    with monkeypatch.context() as broken:
        broken.setattr(runtime.redis, "run", fails("redis"))
        hold_away(await client.post(TOKEN, data=password_of(ada)))
        hold_away(await client.post(TOKEN, data=refresh_of(session.refresh_token)))
        for token in (session.refresh_token, session.access_token):
            hold_away(await client.post(REVOKE, data={"token": token}))
        for path in ("login", "refresh"):
            body = {"refresh_token": session.refresh_token} if path == "refresh" else password_of(ada)
            problem = assert_problem(await client.post(f"/api/auth/{path}", json=body), 503, "unavailable")
            assert problem["error"] == "temporarily_unavailable"
    assert len(await runtime.sessions.list_living(ada.id)) == 1
    assert (await session.me()).status_code == 200
    hold_tokens(await client.post(TOKEN, data=refresh_of(session.refresh_token)))


async def test_the_database(
    client: httpx.AsyncClient, ada: Person, runtime: Runtime, billing: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R64, R73: the user is read before a token is spent, a client before it is believed."""
    session = await ada.log_in()
    with monkeypatch.context() as broken:
        broken.setattr(Lookup, "__call__", fails("database"))
        broken.setattr(clients, "rows_of", fails("database"))
        hold_away(await client.post(TOKEN, data=password_of(ada)))
        hold_away(await client.post(TOKEN, data=refresh_of(session.refresh_token)))
        hold_away(await client.post(REVOKE, data={"token": session.refresh_token}, headers=billing.basic))
    tokens = hold_tokens(await client.post(TOKEN, data=refresh_of(session.refresh_token)))
    again = await session.refresh()
    assert again.json()["refresh_token"] == tokens["refresh_token"]


async def test_a_revocation_without_the_database(
    client: httpx.AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ends a session by its token needs no row: it is over, as at log-out."""
    session = await ada.log_in()
    with monkeypatch.context() as broken:
        broken.setattr(Lookup, "__call__", fails("database"))
        assert (await client.post(REVOKE, data={"token": session.refresh_token})).status_code == 200
    assert_problem(await session.me(), 401, "invalid_token")


async def test_a_refresh_whose_answer_was_lost(
    client: httpx.AsyncClient, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: a rotation that Redis applied and couldn't tell of is told of at the retry, by either form."""
    session = await ada.log_in()
    run = runtime.redis.run

    async def applied_but_lost(*args: Any) -> None:
        await run(*args)
        raise Unavailable("redis")

    with monkeypatch.context() as broken:
        broken.setattr(runtime.redis, "run", applied_but_lost)
        hold_away(await client.post(TOKEN, data=refresh_of(session.refresh_token)))
    tokens = hold_tokens(await client.post(TOKEN, data=refresh_of(session.refresh_token)))
    assert (await session.refresh()).json()["refresh_token"] == tokens["refresh_token"]
    assert len(await runtime.sessions.list_living(ada.id)) == 1


async def test_a_fault_of_ours(client: httpx.AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """R62: 500 has its word, too, and says nothing of what it was."""

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the reason")

    monkeypatch.setattr("service.signin.refreshing.refresh", fail)
    session = await ada.log_in()
    response = await client.post(TOKEN, data=refresh_of(session.refresh_token))
    assert hold_oauth(response, 500, "server_error").code == "internal_error"
    assert "reason" not in response.json()
    assert (await session.refresh()).json()["error"] == "server_error"
