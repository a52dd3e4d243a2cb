"""Credentials that change while they are looked at, and stores that fail in between."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import httpx
import pytest
from tortoise import connections

from models import Credential, User
from service.core.sql.transactions import transaction
from service.credentials import passwords
from service.errors import ServiceError, Unavailable
from service.runtime import Runtime
from tests.http.support import another
from tests.races.test_after_the_cure import held_after
from tests.support.links import NEW_PASSWORD, log_in
from tests.support.passwords import stored
from tests.support.people import PASSWORD, Person, assert_problem, register
from tests.support.waiting import eventually


def _away(*_: object, **__: object) -> Any:
    raise Unavailable("database")


async def test_two_changes_at_once(client: httpx.AsyncClient, ada: Person, clock: Any) -> None:
    """R76: of changes with the same current password one is made: it was the password of the others no more."""
    session = await ada.log_in()
    clock.advance(601)
    chosen = [f"number {number} of them all" for number in range(5)]
    answers = await asyncio.gather(
        *(session.call("PUT", "/users/me", json={"password": one, "current_password": PASSWORD}) for one in chosen)
    )
    (won,) = [one for one, answer in zip(chosen, answers, strict=True) if answer.status_code == 200]
    # A busy machine sheds some; none of the others was made.
    assert {answer.status_code for answer in answers} <= {200, 400, 503}
    assert (await log_in(client, ada.email, won)).status_code == 200
    for one in {PASSWORD, *chosen} - {won}:
        assert_problem(await log_in(client, ada.email, one), 400, "invalid_grant")
    assert (await User.get(id=ada.id)).credentials_version == 1


@pytest.mark.parametrize("way", ["log-in", "reauthenticate"])
async def test_a_change_while_a_hash_is_renewed(
    client: httpx.AsyncClient, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """R9: whoever's password is replaced while its hash is renewed has shown the wrong one; the new one stays."""
    session = await ada.log_in()
    old = await stored(ada.id)
    monkeypatch.setattr(runtime.passwords, "outdated", lambda hashed: hashed == old)

    async def show() -> httpx.Response:
        if way == "log-in":
            return await log_in(client, ada.email, PASSWORD)
        return await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})

    async with held_after(monkeypatch, passwords, "_renew", before=True, call=show) as answer:
        assert (await session.call("PUT", "/users/me", json={"password": NEW_PASSWORD})).status_code == 200
        changed = await stored(ada.id)
    assert_problem(await answer, 400, "invalid_grant")
    assert await stored(ada.id) == changed
    assert (await log_in(client, ada.email, NEW_PASSWORD)).status_code == 200


async def test_what_was_right_until_just_now(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R9: the look itself says that it is wrong by now, and leaves the new one; no door behind it has to."""
    user, make = await User.get(id=ada.id), runtime.passwords.hash
    other = await make(NEW_PASSWORD)

    async def slowly(password: str) -> str:
        await Credential.filter(user_id=ada.id).update(verifier=other)
        return await make(password)

    monkeypatch.setattr(runtime.passwords, "outdated", lambda _: True)
    monkeypatch.setattr(runtime.passwords, "hash", slowly)
    assert not await passwords.judge(runtime, user, passwords.Password(PASSWORD))
    assert await stored(ada.id) == other


async def test_a_renewed_hash_is_no_change(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof of the same password, with the hash of before, holds: the credential is the same one."""
    session = await ada.log_in()
    old, before = await stored(ada.id), await User.get(id=ada.id)
    monkeypatch.setattr(runtime.passwords, "outdated", lambda hashed: hashed == old)
    await ada.log_in()
    assert await stored(ada.id) != old
    assert (await User.get(id=ada.id)).credentials_version == before.credentials_version
    assert (await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})).status_code == 204


async def test_nobody_waits_for_each_other(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renewed hashes, new passwords, and what the version before writes, at once: no deadlock, and both sides agree."""
    user = await User.get(id=ada.id)
    monkeypatch.setattr(runtime.passwords, "outdated", lambda _: True)
    statement = 'UPDATE "users" SET "hashed_password" = \'{}\' WHERE "id" = \'' + str(ada.id) + "'"
    hashed = await runtime.passwords.hash(PASSWORD)

    async def renewed() -> None:
        await passwords.judge(runtime, await User.get(id=ada.id), passwords.Password(PASSWORD))

    async def put() -> None:
        async with transaction():
            locked = await User.filter(id=user.id).select_for_update().get()
            await passwords.put(runtime, locked, hashed)

    async def written_before() -> None:
        await connections.get("default").execute_query(statement.format(hashed))

    async def again(work: Any) -> None:
        async def done() -> bool:
            with suppress(Unavailable):  # a busy machine's pool: asked again
                await work()
                return True
            return False

        await eventually(done, 30)

    await asyncio.gather(*(again(work) for work in (renewed, put, written_before) * 8))
    assert await runtime.passwords.verify(PASSWORD, await stored(ada.id))
    rows = await connections.get("default").execute_query_dict('SELECT "hashed_password" FROM "users"')
    assert [row["hashed_password"] for row in rows] == [await stored(ada.id)]
    assert await Credential.filter(user_id=ada.id).count() == 1


async def test_a_change_that_fails_halfway(
    client: httpx.AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: the hash is written, and then the database goes away: the password is what it was."""
    session, before = await ada.log_in(), await stored(ada.id)
    with monkeypatch.context() as broken:
        broken.setattr(passwords, "_note_change", _away)
        answer = await session.call("PUT", "/users/me", json={"password": NEW_PASSWORD})
    assert_problem(answer, 503, "unavailable")
    assert await stored(ada.id) == before
    assert (await log_in(client, ada.email, PASSWORD)).status_code == 200


async def test_an_account_is_made_with_its_password_or_not_at_all(
    client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: an account whose credential can't be stored isn't there, and its address is free."""
    with monkeypatch.context() as broken:
        broken.setattr(passwords, "give", _away)
        body = {"email": "ada@example.com", "password": PASSWORD}
        assert_problem(await client.post("/api/auth/register", json=body), 503, "unavailable")
    assert not await User.all().exists()
    ada = await register(client, "ada@example.com")
    await ada.log_in()


async def test_what_can_not_be_looked_at_is_no_guess(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R14: an outage between the payment and the look gives the attempt back."""
    async with another(runtime, LOGIN_ATTEMPTS_PER_ACCOUNT=2) as url, httpx.AsyncClient(base_url=url) as client:
        with monkeypatch.context() as broken:
            broken.setattr(passwords, "read", _away)
            for _ in range(4):
                assert_problem(await log_in(client, ada.email, PASSWORD), 503, "unavailable")
        assert (await log_in(client, ada.email, PASSWORD)).status_code == 200


async def test_an_import_that_fails_halfway(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: no account of a batch is there without its password."""
    from service.users.import_file import Entry, ImportedUser
    from service.users.importing import import_users

    hashed = await runtime.passwords.hash(PASSWORD)
    entry = Entry(1, ImportedUser.model_validate({"email": "ada@example.com", "password_hash": hashed}))
    with monkeypatch.context() as broken:
        broken.setattr(Credential, "bulk_create", _away)
        with pytest.raises(ServiceError):
            await import_users(runtime, [entry], update=False, progress=lambda _: None)
    assert not await User.all().exists()
    report = await import_users(runtime, [entry], update=False, progress=lambda _: None)
    assert report.created == 1
    assert await Credential.all().count() == 1
