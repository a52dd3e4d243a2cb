"""Whatever ends a session, another service is told so at its next question; and nobody is let in unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import asyncpg
import httpx
import pytest

from service.app import create_app
from service.core.clock import steady_seconds
from service.core.redis import client as redis_client
from service.core.sql.lookup import Lookup
from service.errors import Unavailable
from service.oauth import clients
from service.runtime import Runtime
from service.stores.known_users import KnownUsers
from service.stores.sessions.store import SessionStore
from tests.oauth.support import INACTIVE, Service, refused
from tests.servers import Redis
from tests.sessions.test_every_ending import (
    WAYS,
    Stage,
    Way,
    an_administrator_disables,
    change_the_password,
    log_out,
    log_out_everywhere_elsewhere,
    stage,  # noqa: F401 - the fixture
)
from tests.sessions.test_without_redis import redis_away
from tests.support.people import Person
from tests.support.serving import served
from tests.support.stores import Stores
from tests.support.waiting import eventually, unless_shed
from tests.users.test_known_users import another_worker


@pytest.fixture
async def everywhere(billing: Service, runtime: Runtime, stores: Stores) -> AsyncIterator[list[Service]]:
    """The same client at the service, at one with `SESSION_CACHE=off`, and, on real stores, at another worker."""
    settings = runtime.settings.model_copy(update={"SESSION_CACHE": "off"})
    forgetful = replace(
        runtime,
        settings=settings,
        sessions=SessionStore(runtime.redis, settings, runtime.clock, None),
        users=KnownUsers(runtime.redis, settings, None, None),
    )
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(create_app(runtime=forgetful)))
        clients = [billing.client, await stack.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False))]
        if stores.postgres is not None:
            clients.append((await stack.enter_async_context(another_worker(runtime)))[0])
        yield [replace(billing, client=client) for client in clients]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_every_ending(stage: Stage, everywhere: list[Service], way: Way) -> None:  # noqa: F811 - the fixture
    """Good until then, in every worker and kept in its memory; nowhere good afterwards, at the first question."""
    for _ in range(3):
        for asked in everywhere:
            assert (await asked.ask(stage.session.access_token))["active"] is True
    await way(stage)
    assert [await asked.ask(stage.session.access_token) for asked in everywhere] == [INACTIVE] * len(everywhere)


ENDINGS = (log_out, log_out_everywhere_elsewhere, change_the_password, an_administrator_disables)


@pytest.mark.parametrize("way", ENDINGS, ids=lambda way: way.__name__)
async def test_asked_without_pause_while_it_ends(
    stage: Stage,  # noqa: F811 - the fixture
    everywhere: list[Service],
    way: Way,
) -> None:
    """Race: fifty ask again and again while it ends. None that asks after the ending's answer hears that it is good."""
    over, asked_after = False, 0

    async def asking(service: Service) -> None:
        nonlocal asked_after
        for _ in range(400):
            after = over
            answer = await unless_shed(lambda: service.post(stage.session.access_token))
            assert answer.status_code == 200, answer.text
            if after:
                asked_after += 1
                assert answer.json() == INACTIVE
                return
        raise AssertionError("it never ended")

    async def ending() -> None:
        nonlocal over
        await asyncio.sleep(0.1)
        await way(stage)
        over = True

    await asyncio.gather(ending(), *(asking(everywhere[number % len(everywhere)]) for number in range(50)))
    assert asked_after == 50


@pytest.mark.real_only
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET is_active = false WHERE email = 'ada@example.com'",
        "UPDATE users SET sessions_valid_after = now() + interval '1 minute'",
        "DELETE FROM users WHERE email = 'ada@example.com'",
    ],
)
async def test_by_psql(ada: Person, everywhere: list[Service], stores: Stores, statement: str) -> None:
    """What is changed in the database by hand counts within half a second, as it does for our own calls."""
    assert stores.postgres is not None
    token = (await ada.log_in()).access_token
    for asked in everywhere:
        assert (await asked.ask(token))["active"] is True
    other = await asyncpg.connect(stores.postgres.url)
    try:
        await other.execute(statement)
    finally:
        await other.close()
    changed = steady_seconds()
    while any([await asked.ask(token) != INACTIVE for asked in everywhere]):
        assert steady_seconds() - changed < 5, "the machine may be busy; half a second is the promise"
        await asyncio.sleep(0.01)


@pytest.mark.real_only
async def test_a_demotion_by_psql(ada: Person, everywhere: list[Service], stores: Stores) -> None:
    """A role that is taken away by hand is gone from `scope`."""
    assert stores.postgres is not None
    other = await asyncpg.connect(stores.postgres.url)
    try:
        await other.execute("UPDATE users SET is_superuser = true WHERE email = 'ada@example.com'")
        token = (await ada.log_in()).access_token
        for asked in everywhere:
            assert (await asked.ask(token))["scope"] == "superuser"
        await other.execute("UPDATE users SET is_superuser = false WHERE email = 'ada@example.com'")
    finally:
        await other.close()
    for asked in everywhere:
        await eventually(partial(_without_rights, asked, token))


async def _without_rights(asked: Service, token: str) -> bool:
    return (await asked.ask(token)).get("scope") == ""


async def test_without_redis(ada: Person, everywhere: list[Service]) -> None:
    """Whoever can't look says so, and never that a token is good. Afterwards it is as it was."""
    token = (await ada.log_in()).access_token
    forgetful = everywhere[1]
    with redis_away():
        answer = await forgetful.post(token)
        refused(answer, 503, "temporarily_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert await forgetful.ask("x") == INACTIVE  # what was never a token needs no Redis
    assert (await forgetful.ask(token))["active"] is True


async def test_without_a_database(ada: Person, everywhere: list[Service], monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is asking, or whose the token is, isn't known then: so nothing is said of it."""
    token = (await ada.log_in()).access_token

    async def away(*_: object) -> None:
        raise Unavailable("database")

    forgetful = everywhere[1]
    reads: list[tuple[object, str, list[Service]]] = [
        (clients, "rows_of", everywhere),  # who is asking
        (Lookup, "__call__", [forgetful]),  # whose the token is, where nothing is kept of that
    ]
    for where, name, asks in reads:
        with monkeypatch.context() as broken:
            broken.setattr(where, name, away)
            for asked in asks:
                answer = await asked.post(token)
                refused(answer, 503, "temporarily_unavailable")
                assert int(answer.headers["retry-after"]) >= 1
    for asked in everywhere:
        assert (await asked.ask(token))["active"] is True


@pytest.mark.real_only
async def test_a_redis_that_is_gone(ada: Person, billing: Service, runtime: Runtime) -> None:
    """A worker that keeps the session in its memory forgets it with the connection that would have told it."""
    with Redis.start() as server:
        settings = runtime.settings.model_copy(update={"REDIS_URL": server.url})
        connection = redis_client.connect(settings)
        watch = connection.watch("user:")
        own = replace(
            runtime,
            settings=settings,
            redis=connection,
            sessions=SessionStore(connection, settings, runtime.clock, watch),
            users=KnownUsers(connection, settings, None, None),
        )
        try:
            async with (
                served(create_app(runtime=own)) as url,
                httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client,
            ):
                asked = replace(billing, client=client)
                session = await replace(ada, client=client, sessions=[]).log_in()
                memory = own.sessions.memory
                assert memory is not None

                async def kept() -> bool:
                    hits = memory.hits
                    return (await asked.ask(session.access_token))["active"] is True and memory.hits > hits

                await eventually(kept)
                server.stop()
                for _ in range(20):
                    refused(await asked.post(session.access_token), 503, "temporarily_unavailable")
        finally:
            await connection.close()
