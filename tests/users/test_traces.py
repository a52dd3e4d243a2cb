"""An account with a long story is deleted: nothing that it ever sent is left anywhere, however much there was (R83)."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import asyncpg
import httpx
import pytest
from tortoise import connections

from models import Job, OneTimeToken, OutboxMail, SecurityEvent, UnfinishedRemoval, User
from service.accounts import traces
from service.accounts.personal_data import REDIS, details
from service.app import create_app
from service.audit import events
from service.core.clock import Clock
from service.core.sql import database
from service.errors import Unavailable
from service.jobs.kinds import Again, Turn
from service.jobs.worker import JobWorker
from service.runtime import Runtime
from service.sessions import receipts
from service.stores.letter_kinds import ACCOUNT_DELETED, RESET_PASSWORD
from tests.support.brought import EVENTS, KINDS
from tests.support.letters import Mailbox
from tests.support.links import address_token, ask_for_address, post, reset, reset_token, undo_token, verify_token
from tests.support.people import PASSWORD, Person, Session, assert_problem, register
from tests.support.process import LATCHKEY, environment, running
from tests.support.serving import served
from tests.support.stores import Stores
from tests.support.waiting import eventually
from tests.support.work import tidy, work_off

AGENT, IP, NAME, REQUEST = "Difference-Engine/2", "198.51.100.", "Augusta Byron", "engine-room-"
MANY = 150_000


@pytest.fixture
async def hers(stores: Stores, runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose every request has a browser, a network address and a name of its own."""
    numbers = count()

    async def name(request: httpx.Request) -> None:
        number = next(numbers)
        request.headers["x-forwarded-for"] = f"{IP}{number % 250}"
        request.headers["x-request-id"] = f"{REQUEST}{number}"
        request.headers["user-agent"] = f"{AGENT}.{number % 7}"

    behind = replace(runtime, settings=stores.settings(PROXIES_COUNT=1, MAIL_REQUESTS_PER_ACCOUNT=1000))
    hooks: Any = {"request": [name]}
    async with (
        served(create_app(runtime=behind)) as url,
        httpx.AsyncClient(base_url=url, timeout=30, event_hooks=hooks) as client,
    ):
        yield client


async def everything() -> dict[str, str]:
    """Every table of the database, as text."""
    connection = connections.get("default")
    names = (
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        if database.dialect() == "postgres"
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    found = {}
    for row in await connection.execute_query_dict(names):
        rows = await connection.execute_query_dict(f'SELECT * FROM "{row["name"]}"')
        found[row["name"]] = "\n".join(str(dict(one)) for one in rows)
    return found


async def in_redis(runtime: Runtime) -> dict[str, str]:
    """Every key of Redis with its value, as text."""
    client = cast(Any, runtime.redis.client)
    found = {}
    async for key in client.scan_iter(match="*"):
        kind = await client.type(key)
        read = {b"hash": client.hgetall, b"string": client.get, b"set": client.smembers}
        value = await read[kind](key) if kind in read else await client.zrange(key, 0, -1)
        found[key.decode()] = str(value)
    return found


async def hers_in_redis(runtime: Runtime, person: Person) -> list[str]:
    """The names of the keys that name a person."""
    return [key for key in await in_redis(runtime) if str(person.id) in key]


async def long_story(ada: Person, grace: Person, root: Person, mailbox: Mailbox, clock: Clock) -> list[str]:
    """All that can happen to an account; return every address that it had, asked for, or was asked for at."""
    runtime, client = mailbox.runtime, ada.client
    await post(client, "email/verify", token=await verify_token(ada, mailbox))
    await reset(client, await reset_token(ada, mailbox))
    ada.password = "a new one altogether"
    for wrong in (ada.email, ada.email.upper(), "ADA.SPELT@example.com"):
        await client.post("/api/auth/login", data={"username": wrong, "password": "wrong"})
    await undo_token(ada, mailbox, "ada.second@example.org")
    await undo_token(ada, mailbox, "Ada.Third@example.net")
    session = await ada.log_in()
    await address_token(session, mailbox, "ada.asked@example.org")
    spent = session.refresh_token
    await session.advance()
    await session.me()
    clock.advance(11)
    assert_problem(await session.refresh(spent), 400, "invalid_grant")  # a copy: the event has both browsers
    session = await ada.log_in()
    await client.post("/api/auth/reauthenticate", json={"password": "wrong"}, headers=session.headers)
    await session.call("PUT", "/users/me", json={"full_name": NAME})
    await ada.log_in()
    await session.call("DELETE", "/sessions")
    await receipts.revoke(runtime, receipts.Wanted(user_id=ada.id))
    await receipts.revoke(runtime, receipts.Wanted(user_id=ada.id, ip=f"{IP}1"))
    # Others name her, and she does something to others.
    await User.filter(id=ada.id).update(is_superuser=True)
    session = await ada.log_in()
    for path in (f"/users/{grace.id}", f"/users/{grace.id}/sessions"):
        body = {"json": {"full_name": "Grace M. Hopper"}} if path.endswith(str(grace.id)) else {}
        assert (await session.call("PATCH" if body else "DELETE", path, **body)).status_code < 300
    admin = await root.log_in()
    assert (await admin.call("PATCH", f"/users/{ada.id}", json={"full_name": NAME})).status_code == 200
    await ask_for_address(await grace.log_in(), "ADA.third@example.net")
    await mailbox.letters()
    # What is asked for and not sent yet, in every spelling.
    for address in ("ada@example.com", "ADA.SECOND@EXAMPLE.ORG", "ada.third@EXAMPLE.NET", "ada.asked@example.org"):
        await post(client, "password/forgot", email=address)
        await post(client, "email/verify/resend", email=address)
    await ask_for_address(await ada.log_in(), "ada.last@example.org")
    await ask_for_address(await grace.log_in(), "Ada.third@Example.NET")
    return ["ada@example", "ada.second", "ada.third", "ada.asked", "ada.last"]


@pytest.mark.parametrize("by", ["herself", "an administrator"])
async def test_nothing_she_sent_is_left(
    stores: Stores, hers: httpx.AsyncClient, root: Person, grace: Person, mailbox: Mailbox, clock: Clock, by: str
) -> None:
    """R83: no address, name, browser, network address or request of hers in any table or key, once letters are sent."""
    ada = await register(hers, "Ada@example.com", "Ada Lovelace")
    texts = await long_story(ada, grace, root, mailbox, clock)
    texts += [AGENT, IP, NAME, REQUEST, str(ada.id)]
    before = str(await everything()).lower() + str(await in_redis(mailbox.runtime)).lower()
    assert not [text for text in texts if text.lower() not in before]
    texts += ["lovelace", ada.id.hex]
    for row in await SecurityEvent.all():
        assert set(row.detail) <= set(details(EVENTS)[row.type]), row.type
    known = [pattern.replace("{*}", "").split("*")[0] for pattern in REDIS]
    assert not [key for key in await in_redis(mailbox.runtime) if not key.startswith(tuple(known)) and ":{" not in key]

    if by == "herself":
        session = await ada.log_in()
        assert (await session.call("DELETE", "/users/me")).status_code == 204
    else:
        assert (await (await root.log_in()).call("DELETE", f"/users/{ada.id}")).status_code == 204
    last = [letter.to for letter in await mailbox.letters()]
    assert sorted(last) == ["Ada.Third@example.net", "Ada@example.com", "ada.second@example.org"]
    await clean(mailbox.runtime, texts, stores)
    deleted = await SecurityEvent.filter(type=events.USER_DELETED.name)
    assert [row.actor_id for row in deleted] == [None if by == "herself" else root.id]
    # What she did to others is still on record: by somebody who is gone.
    acts = await SecurityEvent.filter(user_id=grace.id, actor_id=traces.GONE)
    assert {row.type for row in acts} == {events.USER_UPDATED.name, events.SESSIONS_ENDED.name}
    assert {(row.ip, row.user_agent, row.request_id) for row in acts} == {(None, None, None)}
    # Nobody else has lost anything.
    assert await SecurityEvent.filter(user_id=grace.id, user_agent__startswith="python").exists()
    assert (await (await grace.log_in()).me()).status_code == 200


async def clean(runtime: Runtime, texts: list[str], stores: Stores) -> None:
    """Hold that none of the texts is in a table or a key; what somebody typed who named no account isn't hers."""
    assert await SecurityEvent.filter(user_id=None, type=events.LOGIN_FAILED.name, ip__isnull=False).delete() == 1
    await tidy(runtime)
    if database.dialect() == "sqlite":
        path = Path(stores.database_url.removeprefix("sqlite://"))
        # By another process: SQLite's locks are this one's, and closing any descriptor of the file gives them up.
        files = sorted(path.parent.glob(f"{path.name}*"))
        reading = await asyncio.create_subprocess_exec("cat", *map(str, files), stdout=subprocess.PIPE)
        content = (await reading.communicate())[0].lower()
        assert b"grace@example.com" in content
        assert not [text for text in texts if text.lower().encode() in content]
    for where, found in (await everything() | await in_redis(runtime)).items():
        left = [text for text in texts if text.lower() in found.lower()]
        assert not left, (where, left, [line for line in found.splitlines() if left[0].lower() in line.lower()][:3])


async def test_others_lose_no_letter(ada: Person, grace: Person, mailbox: Mailbox) -> None:
    """Whoever asks for somebody else's address, and deletes the account then, takes no letter away from them."""
    session = await ada.log_in()
    await ask_for_address(session, grace.email)
    await post(ada.client, "password/forgot", email=grace.email)
    await ask_for_address(await grace.log_in(), "new@example.org")
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert sorted(letter.to for letter in await mailbox.letters()) == [ada.email, grace.email, "new@example.org"]


async def test_others_may_want_the_same_address(ada: Person, grace: Person, mailbox: Mailbox) -> None:
    """A letter to it that somebody else has asked for goes, though the account had asked for that address, too."""
    session = await ada.log_in()
    await ask_for_address(session, "shared@example.org")
    await mailbox.letters()
    await ask_for_address(await grace.log_in(), "Shared@example.org")
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert sorted(letter.to for letter in await mailbox.letters()) == ["Shared@example.org", ada.email]


async def test_what_others_had_sent_to_an_address_of_hers(ada: Person, grace: Person, mailbox: Mailbox) -> None:
    """R83: somebody else asked for an address first, and she had it in the end: no letter says so any more."""
    await ask_for_address(await grace.log_in(), "second@example.org")
    assert [letter.to for letter in await mailbox.letters("second@example.org")] == ["second@example.org"]
    await undo_token(ada, mailbox, "second@example.org")
    assert (await (await ada.log_in()).call("DELETE", "/users/me")).status_code == 204
    await mailbox.letters()
    assert not await OutboxMail.filter(recipient="second@example.org").exists()


async def test_what_waits_for_her_in_another_spelling(ada: Person, mailbox: Mailbox) -> None:
    """R83: what somebody has asked for at her address goes with her at once, however it was written."""
    session = await ada.log_in()
    await OutboxMail.all().delete()  # as the worker does in time: no letter says any more what her address was
    await mailbox.runtime.outbox.post(RESET_PASSWORD, to="ADA@Example.com", language="en", token="t")
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert {row.letter for row in await OutboxMail.all()} == {"account_deleted"}


async def with_many_events(ada: Person, many: int, stores: Stores) -> Session:
    """Give her very many events; return a fresh session."""
    session = await ada.log_in()
    numbers = (
        f"SELECT n FROM generate_series(1, {many}) AS n"
        if database.dialect() == "postgres"
        else f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {many}) SELECT n FROM c"
    )
    new_id, moment = (
        ("gen_random_uuid()", "now()")
        if database.dialect() == "postgres"
        else ("printf('00000000-0000-4000-8000-%012d', n)", "'2026-01-01 00:00:00+00:00'")
    )
    sql = (
        "INSERT INTO security_events (id, type, created_at, user_id, ip, user_agent, request_id, detail) "
        f"SELECT {new_id}, CASE n % 100 WHEN 0 THEN 'session.token_reused' ELSE 'login.failed' END, {moment}, "
        f"'{ada.id}', '198.51.100.9', '{AGENT}', 'r', CASE n % 100 WHEN 0 THEN "
        f"""'{{"previous_ip": "198.51.100.8"}}' ELSE '{{"reason": "password"}}' END"""
        f"{'::jsonb' if database.dialect() == 'postgres' else ''} FROM ({numbers}) AS numbers"
    )
    if database.dialect() == "postgres":
        raw = await asyncpg.connect(stores.database_url)  # without the service's limit on a statement's time
        try:
            await raw.execute(sql, timeout=120)
        finally:
            await raw.close()
    else:
        await connections.get("default").execute_query(sql)
    return session


async def left(ada: Person) -> int:
    return await SecurityEvent.filter(user_id=ada.id).count()


@pytest.mark.real_only
async def test_very_many_events(ada: Person, stores: Stores, runtime: Runtime, tmp_path: Path) -> None:
    """R83: 150,000 events: gone at once for everybody; a worker is killed in the middle, two others end it."""
    session = await with_many_events(ada, MANY, stores)
    began = asyncio.get_running_loop().time()
    answer = await session.call("DELETE", "/users/me")
    took = asyncio.get_running_loop().time() - began
    assert answer.status_code == 204
    assert took < 15
    assert_problem(await session.me(), 401, "invalid_token")
    body = {"username": ada.email, "password": PASSWORD}
    assert_problem(await ada.client.post("/api/auth/login", data=body), 400, "invalid_grant")
    again = await register(ada.client, ada.email)
    assert again.id != ada.id
    assert await SecurityEvent.filter(type=events.USER_DELETED.name, user_id=None).count() == 1
    before = await left(ada)
    assert before > MANY - 5000

    async def fewer() -> bool:
        return await left(ada) < before

    async def done() -> bool:
        return not await UnfinishedRemoval.exists()

    log = tmp_path / "log"
    worker = partial(running, [*LATCHKEY, "worker"], log, env=environment(**stores.environment()))
    with worker() as first:
        await eventually(fewer, why=log.read_text)
        first.kill()
    rest = await left(ada)
    assert 0 < rest < before
    await Job.filter(kind=traces.REMOVAL).update(due_at=runtime.clock.now())  # its lease is over
    with worker() as second, worker() as third:
        await eventually(done, 60, why=log.read_text)
        for other in (second, third):
            other.terminate()
        assert [await asyncio.to_thread(other.wait, 30) for other in (second, third)] == [0, 0]
    assert await left(ada) == 0
    assert await SecurityEvent.filter(user_agent=AGENT).count() == 0
    assert await SecurityEvent.filter(type="login.failed", user_id=None).count() >= MANY * 99 // 100
    assert {str(row.detail) for row in await SecurityEvent.filter(type="session.token_reused")} == {"{}"}
    assert await SecurityEvent.filter(type=events.USER_DELETED.name, user_id=None).count() == 1


async def test_several_workers(ada: Person, stores: Stores, runtime: Runtime) -> None:
    """Workers that do it at once take no event twice, miss none, and wait for nobody."""
    session = await with_many_events(ada, 5000, stores)
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert await left(ada) > 0
    await asyncio.gather(*(traces.finish(runtime, ada.id) for _ in range(4)))
    assert await traces.finish(runtime, ada.id)
    assert not await UnfinishedRemoval.exists()
    assert await SecurityEvent.filter(ip__isnull=False).count() == 0


async def test_the_worker_stops_in_the_middle(ada: Person, stores: Stores, runtime: Runtime, clock: Clock) -> None:
    """Told to stop it takes no further batch, and the next one goes on from there."""
    session = await with_many_events(ada, 3000, stores)
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    clock.advance(traces.AFTER.total_seconds())
    stop = asyncio.Event()
    stop.set()
    before = await left(ada)
    await JobWorker(KINDS).work_off(runtime, stop)
    assert await left(ada) == before > 0
    await work_off(runtime)
    assert await left(ada) == 0
    assert not await Job.filter(kind=traces.REMOVAL).exists()


async def test_when_a_removal_goes_on(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that is over goes on at once; events that another process holds are tried again, but not at once."""

    async def none_free(*_: object) -> int:
        return 0

    session = await ada.log_in()
    with monkeypatch.context() as held:
        held.setattr(traces, "_take_batch", none_free)
        assert (await session.call("DELETE", "/users/me")).status_code == 204
        (kind,) = [kind for kind in KINDS if kind.name == traces.REMOVAL]
        known = {"account": str(ada.id)}
        later = await kind.work(runtime, Turn(known, lambda: False))
    assert later is not None
    assert timedelta(0) < later.after < timedelta(minutes=1)
    assert await kind.work(runtime, Turn(known, lambda: True)) == Again()
    assert await left(ada) > 0
    assert await kind.work(runtime, Turn(known, lambda: False)) is None
    assert await left(ada) == 0


@pytest.mark.parametrize("store", ["database", "redis"])
async def test_a_store_goes_away(
    ada: Person, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    """R73: after the commit the account is gone whatever fails; what is left is taken when the store is back."""
    session = await ada.log_in()

    async def fail(*_: object, **__: object) -> None:
        raise Unavailable(store)

    with monkeypatch.context() as broken:
        if store == "database":
            broken.setattr(traces, "_take_batch", fail)
        else:
            broken.setattr(runtime.sessions, "end_all", fail)
        assert (await session.call("DELETE", "/users/me")).status_code == 204
        with pytest.raises(Unavailable):
            await traces.finish(runtime, ada.id)
    assert_problem(await session.me(), 401, "invalid_token")
    assert await UnfinishedRemoval.exists(id=ada.id)
    # Before that the request itself is at it.
    begun = (await UnfinishedRemoval.get(id=ada.id)).created_at
    assert (await Job.get(kind=traces.REMOVAL)).due_at >= begun + traces.AFTER
    assert bool([key for key in await hers_in_redis(runtime, ada) if ":ended:" not in key]) == (store == "redis")
    clock.advance(traces.AFTER.total_seconds())
    await work_off(runtime)
    assert not await UnfinishedRemoval.exists()
    assert str(ada.id) not in str(await everything())
    # Her tabs are told why, for seconds; then nothing is left.
    (left,) = await hers_in_redis(runtime, ada)
    assert left.endswith(f":ended:{session.sid}")
    assert 0 < await cast(Any, runtime.redis.client).pttl(left) <= 15_000


async def test_the_event_of_the_deletion_is_not_lost(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """R69: where it can't be recorded that the account was deleted, it isn't deleted."""
    session = await ada.log_in()

    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("database")

    with monkeypatch.context() as broken:
        broken.setattr("service.audit.events.insert", fail)
        assert_problem(await session.call("DELETE", "/users/me"), 503, "unavailable")
    assert (await session.me()).status_code == 200
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert await SecurityEvent.filter(type=events.USER_DELETED.name).count() == 1


async def test_what_was_under_way(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """R83: a request that was under way may record something of an account just after its end: that goes as well."""
    session = await ada.log_in()
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    late = await SecurityEvent.create(
        id=uuid4(), type="login.failed", created_at=clock.now(), user_id=ada.id, ip="198.51.100.7", detail={}
    )
    await tidy(runtime)
    await work_off(runtime)
    found = await SecurityEvent.get(id=late.id)
    assert (found.user_id, found.ip) == (None, None)  # type: ignore[attr-defined]
    assert not await UnfinishedRemoval.exists()


async def test_deleted_by_the_version_before(ada: Person, stores: Stores, runtime: Runtime) -> None:
    """While a version is rolled out, what the one before has noted only is found, and nothing of it is left."""
    session = await with_many_events(ada, 3000, stores)
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    await Job.filter(kind=traces.REMOVAL).delete()
    assert await left(ada) > 0
    await work_off(runtime)
    assert await left(ada) == 0
    assert not await UnfinishedRemoval.exists()


async def test_deleted_twice_at_once(ada: Person, root: Person) -> None:
    """Of many who delete an account at once, one records it, and none fails."""
    session, admin = await ada.log_in(), await root.log_in()
    answers = await asyncio.gather(
        *(session.call("DELETE", "/users/me") for _ in range(4)),
        *(admin.call("DELETE", f"/users/{ada.id}") for _ in range(4)),
    )
    assert {answer.status_code for answer in answers} <= {204, 401, 404}
    assert await SecurityEvent.filter(type=events.USER_DELETED.name).count() == 1
    assert not await UnfinishedRemoval.exists()
    assert not await OneTimeToken.filter(user_id=ada.id).exists()


async def test_the_farewell_that_nobody_takes(ada: Person, runtime: Runtime) -> None:
    """R83: refused for good by the mail server, the last letter leaves no row either; nor does one that is too old."""
    session = await ada.log_in()
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    (held,) = [letter for letter in await runtime.outbox.take() if letter.letter is ACCOUNT_DELETED]
    await runtime.outbox.failed(held, "550 no such mailbox", final=True)
    assert json.dumps([row.recipient for row in await OutboxMail.all()]) == "[]"
