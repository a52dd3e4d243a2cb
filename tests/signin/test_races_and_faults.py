"""The door when many knock at once, when it is overtaken, and when a store is away: a whole session, or none."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models import KnownDevice, SecurityEvent, User
from service.audit import events
from service.core.client import Client
from service.core.sql.statement import Statement
from service.core.sql.transactions import transaction
from service.credentials import known_devices
from service.errors import InvalidChallenge, Unavailable
from service.runtime import Runtime
from service.signin import door, pending
from service.stores.keyring import Keyring
from service.stores.sessions.pending import PendingLogIns
from service.stores.sessions.store import SessionStore
from tests.signin.support import delete_keys
from tests.support.door import proof
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.second_factor import House

HERE = Client("192.0.2.7", "Test/1.0")


def fails(what: str) -> Any:
    async def failing(*_: object, **__: object) -> None:
        raise Unavailable(what)

    return failing


async def test_renewed_for_no_longer(ada: Person, runtime: Runtime) -> None:
    """A log-in that its own proof has changed the account of goes on as long as it would have, and no longer."""
    user = await User.get(id=ada.id)
    ticket = await pending.expect(runtime, user, uuid4(), HERE, timedelta(minutes=10))
    runtime.clock.advance(420)
    text = runtime.tickets.encode(ticket)
    before = await pending.waiting(runtime, text)
    user.credentials_version += 1
    await user.save()
    with pytest.raises(InvalidChallenge):
        await pending.waiting(runtime, text)
    async with transaction():
        await pending.renew(runtime, before, user)
    after = await pending.waiting(runtime, text)
    assert after.begun.ends_at - before.begun.ends_at < 30_000
    assert after.begun.network == before.begun.network
    runtime.clock.advance(181)
    with pytest.raises(InvalidChallenge):
        await pending.waiting(runtime, text)


async def living(runtime: Runtime, person: Person) -> int:
    return len(await runtime.sessions.list_living(person.id))


async def test_fifty_last_steps_at_once(strict: House, ada: Person, runtime: Runtime) -> None:
    """One session, one refresh token, one entry in the record, whoever of them comes first."""
    challenge = await strict.challenge(ada.email)
    answers = await asyncio.gather(*(strict.second(challenge) for _ in range(50)))
    # A busy machine sheds load: 503.
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 503}
    assert statuses[200] > 0
    assert len({answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}) == 1
    assert await living(runtime, ada) == 1
    assert await SecurityEvent.filter(user_id=ada.id, type=events.LOGIN_SUCCEEDED.name).count() == 1
    assert await KnownDevice.filter(user_id=ada.id).count() == 1


async def test_fifty_guesses_and_the_right_code(strict: House, ada: Person, runtime: Runtime) -> None:
    """R13: of fifty wrong codes at once five are judged; the challenge is over then."""
    challenge = await strict.challenge(ada.email)
    answers = await asyncio.gather(*(strict.second(challenge, "000000") for _ in range(50)))
    codes = Counter(answer.json()["code"] for answer in answers if answer.status_code != 503)
    assert 0 < codes["invalid_grant"] <= 5
    if codes.total() == 50:
        assert codes["invalid_grant"] == 5
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")
    assert await living(runtime, ada) == 0


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_keys_are_deleted_at_the_last_step(
    strict: House, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Just before the session is made, or just after: there is none in the end, and none comes back."""
    finish = PendingLogIns.finish
    challenge = await strict.challenge(ada.email)

    async def overtaken(*args: Any, **named: Any) -> Any:
        if moment == "before":
            await delete_keys(runtime, f"user:{{{ada.id}}}:*")
        found = await finish(*args, **named)
        if moment == "after":
            await delete_keys(runtime, f"user:{{{ada.id}}}:*")
        return found

    monkeypatch.setattr(PendingLogIns, "finish", overtaken)
    answer = await strict.second(challenge)
    if moment == "before":
        assert_problem(answer, 400, "invalid_challenge")
    else:
        assert_problem(await strict.session(answer).me(), 401, "invalid_token")
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")
    assert await living(runtime, ada) == 0


async def test_sessions_end_at_the_last_step(
    strict: House, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: what ends them between the look and the lock is seen under the lock."""
    session = await strict.log_in(ada.email)
    challenge = await strict.challenge(ada.email)
    look = pending.waiting

    async def overtaken(*args: Any) -> Any:
        found = await look(*args)
        assert (await session.call("POST", "/auth/logout-all")).is_success
        return found

    with monkeypatch.context() as patched:
        patched.setattr(door, "waiting", overtaken)
        waiting = strict.second(challenge)
        # The route looks first, and is overtaken; `resume` looks again.
        assert_problem(await waiting, 400, "invalid_challenge")
    assert await living(runtime, ada) == 0


async def test_the_lock_decides(strict: House, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R76: the very same with everything looked at before."""
    session = await strict.log_in(ada.email)
    ticket = await strict.challenge(ada.email)
    found = await pending.waiting(runtime, ticket)

    async def looked(*_: object) -> pending.Waiting:
        return found

    monkeypatch.setattr(door, "waiting", looked)
    assert (await session.call("POST", "/auth/logout-all")).is_success
    assert_problem(await strict.second(ticket), 400, "invalid_challenge")
    assert await living(runtime, ada) == 0


FAULTS: list[tuple[Any, str, str]] = [
    (PendingLogIns, "find", "redis"),
    (PendingLogIns, "finish", "redis"),
    (known_devices, "remember", "database"),
    (Keyring, "signing_pair", "database"),
]


@pytest.mark.parametrize(("place", "name", "what"), FAULTS, ids=[name for _, name, _ in FAULTS])
async def test_a_store_is_away_at_the_last_step(
    strict: House, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, what: str
) -> None:
    """R73: 503, and no session that nobody has; afterwards the step is repeated, and all is well."""
    challenge = await strict.challenge(ada.email)
    with monkeypatch.context() as broken:
        broken.setattr(place, name, fails(what))
        assert_problem(await strict.second(challenge), 503, "unavailable")
    assert await living(runtime, ada) == 0
    assert await SecurityEvent.filter(user_id=ada.id, type=events.LOGIN_SUCCEEDED.name).count() == 0
    assert await KnownDevice.filter(user_id=ada.id).count() == 0
    assert (await strict.session(await strict.second(challenge)).me()).status_code == 200


async def test_the_commit_fails_at_the_last_step(
    strict: House, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: the session is there, and was not answered: the step again gives it, and records it."""
    challenge = await strict.challenge(ada.email)
    commit = transaction

    @asynccontextmanager
    async def failing() -> AsyncIterator[None]:
        async with commit():
            yield
        raise Unavailable("database")

    with monkeypatch.context() as broken:
        broken.setattr(door, "transaction", failing)
        assert_problem(await strict.second(challenge), 503, "unavailable")
    (session,) = await runtime.sessions.list_living(ada.id)
    again = strict.session(await strict.second(challenge))
    assert again.sid == session.sid
    assert await SecurityEvent.filter(user_id=ada.id, type=events.LOGIN_SUCCEEDED.name).count() == 1


async def test_a_repeated_step_that_fails_ends_nothing(
    strict: House, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session may be in somebody's hands already."""
    challenge = await strict.challenge(ada.email)
    session = strict.session(await strict.second(challenge))
    with monkeypatch.context() as broken:
        broken.setattr(known_devices, "remember", fails("database"))
        assert_problem(await strict.second(challenge), 503, "unavailable")
    assert (await session.me()).status_code == 200
    assert (await strict.second(challenge)).status_code == 200


async def test_redis_is_away_where_something_is_owed(
    strict: House, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: nothing is pending, and nothing is on record as such."""
    monkeypatch.setattr(PendingLogIns, "begin", fails("redis"))
    assert_problem(await strict.first(ada.email), 503, "unavailable")
    assert await delete_keys(runtime, f"user:{{{ada.id}}}:*") == 0
    assert not await SecurityEvent.filter(user_id=ada.id, type=events.LOGIN_PENDING.name).exists()


async def test_redis_is_away_at_a_log_in(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: nothing was opened, nor is it on record."""
    monkeypatch.setattr(SessionStore, "log_in", fails("redis"))
    answer = await ada.client.post("/api/auth/login", json={"email": ada.email, "password": PASSWORD})
    assert_problem(answer, 503, "unavailable")
    assert await delete_keys(runtime, f"user:{{{ada.id}}}:*") == 0
    assert not await SecurityEvent.filter(user_id=ada.id, type=events.LOGIN_SUCCEEDED.name).exists()


@pytest.mark.parametrize("device", ["first", "new", "known"])
async def test_the_database_goes_away_under_a_session(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    """Whether a session that was just made may live can't be asked: it is ended, and nobody has it."""
    if device != "first":
        await ada.log_in()
    before = await living(runtime, ada)
    there = {"User-Agent": "Another/1.0"} if device == "new" else {}
    if device == "new":
        ada.client.cookies.clear()
    with monkeypatch.context() as broken:
        match device:
            case "first":
                broken.setattr(Statement, "added", fails("database"))
            case "new":
                broken.setattr(known_devices, "transaction", lambda: (_ for _ in ()).throw(Unavailable("database")))
            case _:
                broken.setattr(Statement, "changed", fails("database"))
        who = {"email": ada.email, "password": PASSWORD}
        answer = await ada.client.post("/api/auth/login", json=who, headers=there)
        assert_problem(answer, 503, "unavailable")
    assert await living(runtime, ada) == before
    assert (await (await ada.log_in()).me()).status_code == 200


async def test_redis_is_away_at_a_wrong_code(
    strict: House, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt that can't be counted says nothing about the code."""
    challenge = await strict.challenge(ada.email)
    with monkeypatch.context() as broken:
        broken.setattr(PendingLogIns, "fail", fails("redis"))
        assert_problem(await strict.second(challenge, "000000"), 503, "unavailable")
    assert await SecurityEvent.filter(user_id=ada.id, type=events.LOGIN_FAILED.name).count() == 0


async def test_a_device_is_looked_for_once(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its cookie, which is the user's. By its place, be it known or not, it is read with the user."""
    looked = 0
    recognise = known_devices.recognise

    async def counted(*args: Any) -> Any:
        nonlocal looked
        looked += 1
        return await recognise(*args)

    monkeypatch.setattr(known_devices, "recognise", counted)
    async with httpx.AsyncClient(base_url=ada.client.base_url) as client:
        for number in range(3):
            body = {"email": ada.email, "password": PASSWORD}
            answer = await client.post("/api/auth/login", json=body)
            assert answer.status_code == 200
            assert looked == (0 if number == 0 else 1)
            assert client.cookies["latchkey_device"]
            if number == 1:
                client.cookies.clear()
    assert await KnownDevice.filter(user_id=ada.id).count() == 1


async def test_a_device_that_is_forgotten_meanwhile(ada: Person, runtime: Runtime) -> None:
    """One that was recognised before the password was looked at, and isn't known any more, is a new one."""
    user = await User.get(id=ada.id)
    await door.begin(runtime, user, proof(runtime), HERE)
    device = await known_devices.recognise(runtime, user.id, HERE)
    assert device is not None
    await known_devices.forget_all(runtime, user.id)
    noted = await known_devices.remember(runtime, user, HERE, user.id, device)
    assert isinstance(noted, known_devices.Remembered)
    (known,) = await KnownDevice.filter(user_id=user.id, forgotten_at__isnull=True)
    assert known.id != device.id
    assert runtime.device_cookies.decode(noted.cookie, user.id) == known.id
