"""A store is away while a link is used: nothing is consumed, and the link works afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import asyncpg
import httpx
import pytest

from models import OutboxMail, User
from service.core.redis.client import RedisScripts
from service.errors import Unavailable
from tests.support.letters import Mailbox
from tests.support.links import (
    NEW_PASSWORD,
    address_token,
    ask_for_address,
    post,
    reset,
    reset_token,
    undo_token,
    verify_token,
)
from tests.support.people import Person, assert_problem, register
from tests.support.stores import Stores


@asynccontextmanager
async def locked(stores: Stores) -> AsyncIterator[None]:
    """Hold the tokens and the outbox, so that the service's statements time out."""
    if stores.postgres is None:
        path = stores.database_url.removeprefix("sqlite://")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
    else:
        other_connection = await asyncpg.connect(stores.database_url)
        try:
            async with other_connection.transaction():
                await other_connection.execute("LOCK TABLE one_time_tokens, outbox_mails IN ACCESS EXCLUSIVE MODE")
                yield
        finally:
            await other_connection.close()


async def test_database_away(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, stores: Stores) -> None:
    """R64, R73: 503, nothing changed, and every link is as good as before."""
    undo = await undo_token(ada, mailbox)
    bob, carl = await register(client, "bob@example.com"), await register(client, "carl@example.com")
    calls = [
        ("email/undo", {"token": undo}),
        ("email/verify", {"token": await verify_token(bob, mailbox), "password": bob.password}),
        ("email/confirm", {"token": await address_token(await bob.log_in(), mailbox, "bob@example.org")}),
        ("password/reset", {"token": await reset_token(carl, mailbox), "password": NEW_PASSWORD}),
    ]
    before = await User.all().order_by("id").values()
    async with locked(stores):
        for answer in await asyncio.gather(*(post(client, path, **body) for path, body in calls)):
            assert_problem(answer, 503, "unavailable")
    assert await User.all().order_by("id").values() == before
    for path, body in calls:
        assert (await post(client, path, **body)).status_code == 204, path


async def test_asking_while_the_database_is_away(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, stores: Stores
) -> None:
    """R18, R73: 503 for everybody alike, and no letter that nobody knows of."""
    await mailbox.letters()
    session = await ada.log_in()
    await mailbox.letters()
    async with locked(stores):
        answers = await asyncio.gather(
            *(post(client, "password/forgot", email=email) for email in (ada.email, "nobody@example.com")),
            session.call("POST", "/users/me/email", json={"email": "ada@example.org"}),
        )
    for answer in answers:
        assert_problem(answer, 503, "unavailable")
    assert await mailbox.letters() == []
    await ask_for_address(session)


async def test_redis_away(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R24, R73: without Redis nobody can say which sessions end: the password stays, and the link works later."""
    session = await ada.log_in()
    token = await reset_token(ada, mailbox)

    async def away(*_: object) -> None:
        raise Unavailable("redis")

    with monkeypatch.context() as broken:
        broken.setattr(RedisScripts, "run", away)
        assert_problem(await reset(client, token), 503, "unavailable")
    assert (await session.me()).status_code == 200
    assert (await reset(client, token)).status_code == 204
    assert_problem(await session.me(), 401, "invalid_token")


async def test_no_change_without_its_notice(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R34, R64: an address never moves without a word to the old mailbox: one transaction for both."""
    token = await address_token(await ada.log_in(), mailbox)

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    with monkeypatch.context() as broken:
        broken.setattr(OutboxMail, "create", away)
        assert_problem(await post(client, "email/confirm", token=token), 503, "unavailable")
    assert (await User.get(id=ada.id)).email == ada.email
    assert (await post(client, "email/confirm", token=token)).status_code == 204


async def test_no_answer_waits_for_a_mail_server(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R18: whether a letter can be sent is nobody's business: the same answer, and the letter comes later."""
    answers = [await post(client, "password/forgot", email=email) for email in (ada.email, "nobody@example.com")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert await OutboxMail.filter(state="pending").count() == 2
    assert [letter.subject for letter in await mailbox.letters()][-1] == "Set a new password"


@pytest.mark.real_only
async def test_an_event_that_can_not_be_written(ada: Person, mailbox: Mailbox, stores: Stores) -> None:
    """R64, R73: nothing is acknowledged that PostgreSQL has rolled back: the event fails with its change.

    A COMMIT of a transaction in which a statement failed is answered like any other, and commits nothing.
    """
    session = await ada.log_in()
    token = await reset_token(ada, mailbox)
    other = await asyncpg.connect(stores.database_url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE security_events IN ACCESS EXCLUSIVE MODE")
            changes = [
                await session.call("PUT", "/users/me", json={"password": NEW_PASSWORD}),
                await session.call("POST", "/users/me/email", json={"email": "ada@example.org"}),
                await session.call("DELETE", "/users/me"),
                await reset(ada.client, token),
            ]
    finally:
        await other.close()
    assert [answer.status_code for answer in changes] == [503] * 4
    assert (await session.me()).status_code == 200
    await ada.log_in()
    assert (await reset(ada.client, token)).status_code == 204
