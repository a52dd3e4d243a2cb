"""POST /oauth/revoke: whoever holds a token ends its session (RFC 7009)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from models import SecurityEvent
from service.core.clock import Clock
from service.runtime import Runtime
from tests.http.support import another, hold_headers, hold_oauth
from tests.http.test_record import ELSEWHERE, recorded
from tests.oauth.support import INACTIVE, Service, basic
from tests.oauth.token_support import FORM, REVOKE, TOKEN, opened, refresh_of
from tests.support.people import Person, Session, assert_problem


def hold_revoked(response: httpx.Response) -> None:
    """Hold that it is 200, and says nothing more (RFC 7009 section 2.2)."""
    assert (response.status_code, response.content) == (200, b""), response.text
    assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    hold_headers(response)


async def hold_over(session: Session, cause: str = "logged_out") -> None:
    """Hold that a session is over, whatever it is asked for."""
    assert_problem(await session.me(), 401, "invalid_token")
    spent = hold_oauth(await session.client.post(TOKEN, data=refresh_of(session.refresh_token)), 400, "invalid_grant")
    assert (spent.reason, spent.cause) == ("revoked", cause)


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "", "something else"])
async def test_a_token(client: httpx.AsyncClient, ada: Person, kind: str, hint: str | None) -> None:
    """RFC 7009 section 2.1: either kind ends the session, at once; a hint changes nothing; another session goes on."""
    session, other = await opened(client, ada), await ada.log_in()
    data = {"token": getattr(session, kind), **({} if hint is None else {"token_type_hint": hint})}
    hold_revoked(await client.post(REVOKE, data=data))
    await hold_over(session)
    assert (await other.me()).status_code == 200
    assert await SecurityEvent.filter(type="session.logged_out", session_id=session.sid).count() == 1


async def test_again(client: httpx.AsyncClient, ada: Person) -> None:
    """The answer may have got lost: it is 200 again, and is told of once."""
    session = await ada.log_in()
    for _ in range(3):
        hold_revoked(await client.post(REVOKE, data={"token": session.refresh_token}))
    hold_revoked(await client.post(REVOKE, data={"token": session.access_token}))
    assert await SecurityEvent.filter(type="session.logged_out").count() == 1


async def test_a_token_of_before(client: httpx.AsyncClient, ada: Person, clock: Clock) -> None:
    """A spent refresh token and an access token that has run out are of a session that lives: they end it."""
    for kind in ("refresh_token", "access_token"):
        session = await ada.log_in()
        old = getattr(session, kind)
        await session.advance()
        clock.advance(3_600)
        hold_revoked(await client.post(REVOKE, data={"token": old}))
        await session_is_over(session)


async def session_is_over(session: Session) -> None:
    response = await session.client.post(TOKEN, data=refresh_of(session.refresh_token))
    assert hold_oauth(response, 400, "invalid_grant").reason == "revoked"


@pytest.mark.parametrize(
    "token",
    ["x", "lkr_", "lkr_none", "a.b.c", "e30.e30.", "\u0000", "ö", "x" * 12_000, "lkr_" + "x" * 9_000, "null", " "],
)
async def test_a_token_of_nobody(client: httpx.AsyncClient, ada: Person, runtime: Runtime, token: str) -> None:
    """RFC 7009 section 2.2: what isn't known is over anyway: 200."""
    session = await ada.log_in()
    hold_revoked(await client.post(REVOKE, data={"token": token}))
    tampered = session.refresh_token[:-1] + ("A" if session.refresh_token[-1] != "A" else "B")
    hold_revoked(await client.post(REVOKE, data={"token": tampered}))
    head, body, _ = session.access_token.split(".")
    hold_revoked(await client.post(REVOKE, data={"token": f"{head}.{body}.{'A' * 86}"}))
    assert (await session.me()).status_code == 200


REFUSALS: list[tuple[dict[str, Any], int, str]] = [
    ({"data": {}}, 400, "invalid_request"),
    ({}, 400, "invalid_request"),
    ({"data": {"token": ""}}, 400, "invalid_request"),
    ({"data": {"token_type_hint": "refresh_token"}}, 400, "invalid_request"),
    ({"content": "token=a&token=b", "headers": FORM}, 400, "invalid_request"),
    ({"params": {"token": "x"}}, 400, "invalid_request"),
    ({"data": {"token": "x"}, "params": {"token_type_hint": "x"}}, 400, "invalid_request"),
    ({"data": {"token": "x" * 17_000}}, 400, "invalid_request"),
    ({"data": {"token": "x" * 1_000_000}}, 413, "invalid_request"),
    ({"json": {"token": "x"}}, 415, "invalid_request"),
    ({"data": {"token": "x"}, "headers": {"Authorization": "Basic dW5kZWZpbmVkOnVuZGVmaW5lZA=="}}, 401,
     "invalid_client"),
    ({"data": {"token": "x", "client_id": "a", "client_secret": "b"}}, 401, "invalid_client"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "status", "error"), REFUSALS)
async def test_refusals(client: httpx.AsyncClient, sent: dict[str, Any], status: int, error: str) -> None:
    """RFC 7009 section 2.2.1: the errors of RFC 6749 section 5.2."""
    hold_oauth(await client.post(REVOKE, **sent), status, error)


async def test_who_may(client: httpx.AsyncClient, ada: Person, billing: Service) -> None:
    """Anybody who holds the token, by any name; a registered client with its own secret, and not without."""
    shown: list[dict[str, Any]] = [
        {},
        {"headers": basic("my-app", "")},
        {"data": {"client_id": "my-app"}},
        {"headers": billing.basic},
        {"data": {"client_id": billing.client_id, "client_secret": billing.secret}},
    ]
    for how in shown:
        session = await ada.log_in()
        data = {"token": session.refresh_token, **how.get("data", {})}
        hold_revoked(await client.post(REVOKE, data=data, headers=how.get("headers")))
        await hold_over(session)
    session = await ada.log_in()
    for secret in ("", "lks_wrong"):
        headers = basic(billing.client_id, secret)
        hold_oauth(await client.post(REVOKE, data={"token": session.refresh_token}, headers=headers), 401)
    assert (await session.me()).status_code == 200


async def test_at_once_everywhere(client: httpx.AsyncClient, runtime: Runtime, ada: Person, billing: Service) -> None:
    """Another instance of the service refuses it at the next call, and so does introspection."""
    session = await ada.log_in()
    async with another(runtime) as url, httpx.AsyncClient(base_url=url) as elsewhere:
        there = Session(elsewhere, session.access_token, session.refresh_token)
        assert (await there.me()).status_code == 200
        assert (await billing.ask(session.access_token))["active"] is True
        hold_revoked(await client.post(REVOKE, data={"token": session.refresh_token}))
        assert_problem(await there.me(), 401, "invalid_token")
        assert await billing.ask(session.access_token) == INACTIVE


async def test_a_page_of_another_origin(runtime: Runtime, ada: Person) -> None:
    """R54: a front end of ours may revoke from its browser."""
    ours = "https://app.example"
    session = await ada.log_in()
    async with another(runtime, BACKEND_CORS_ORIGINS=(ours,)) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.post(REVOKE, data={"token": session.refresh_token}, headers={"Origin": ours})
    hold_revoked(answer)
    assert answer.headers["access-control-allow-origin"] == ours


async def test_it_is_noted(runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    """R69: a forged token leaves its line in the log, as at log-out, and isn't in it."""
    async with recorded(runtime, capsys) as (client, log):
        for token, line in (("lkr_forged", "refused.refresh_token"), ("for.ged.x", "refused.access_token")):
            hold_revoked(await client.post(REVOKE, data={"token": token}))
            assert "forged" not in log.text
            found = log.only()
            assert (found["event"], found["route"], found["ip"]) == (line, REVOKE, ELSEWHERE)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "DPoP"])
async def test_an_access_token_beside(client: httpx.AsyncClient, ada: Person, clock: Clock, scheme: str) -> None:
    """Who puts one into every call does so here as well, whether it is over or not: it says nothing."""
    session = await opened(client, ada)
    clock.advance(3600)
    old = {"Authorization": f"{scheme} {session.access_token}"}
    assert_problem(await session.me(), 401, "invalid_token")
    found = await client.post(TOKEN, data=refresh_of(session.refresh_token), headers=old)
    assert found.status_code == 200, found.text
    hold_revoked(await client.post(REVOKE, data={"token": found.json()["refresh_token"]}, headers=old))
    spent = await client.post(TOKEN, data=refresh_of(found.json()["refresh_token"]), headers=old)
    assert hold_oauth(spent, 400, "invalid_grant").cause == "logged_out"
