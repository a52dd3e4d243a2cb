"""Redis is away, and somebody has to be thrown out now: what is certain then, and what is said of it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from models import SecurityEvent, User
from service.accounts import traces
from service.accounts.removal import remove_account
from service.core.clock import Clock, to_ms
from service.core.redis.client import RedisScripts
from service.credentials import factor_resets
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions import endings, receipts
from service.sessions.acting import administering
from service.sessions.receipts import Receipt, Wanted
from service.users import administration
from service.users.administration import Change
from tests.support.people import Person, assert_problem
from tests.support.process import latchkey, latchkey_beside
from tests.support.stores import Stores

NEW_PASSWORD = "another good password"


@contextmanager
def redis_away() -> Iterator[None]:
    """Have Redis answer nothing, to nobody in this process."""

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("redis")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(RedisScripts, "run", away)
        patched.setattr(RedisScripts, "servers", away)
        yield


@pytest.fixture
async def runtime(runtime: Runtime) -> Runtime:
    """An operator's."""
    return replace(runtime, needs_redis=False)


async def _disable(runtime: Runtime, ada: Person) -> None:
    await administration.change_user(runtime, ada.id, Change(is_active=False), actor=None)
    await administration.change_user(runtime, ada.id, Change(is_active=True), actor=None)


async def _set_password(runtime: Runtime, ada: Person) -> None:
    await administration.change_user(runtime, ada.id, Change(password=NEW_PASSWORD), actor=None)
    ada.password = NEW_PASSWORD


async def _demote(runtime: Runtime, ada: Person) -> None:
    await administration.change_user(runtime, ada.id, Change(is_superuser=False), actor=None)


async def _revoke(runtime: Runtime, ada: Person) -> None:
    found = await receipts.revoke(runtime, Wanted(user_id=ada.id))
    assert (found.ended, found.left) == (0, None)
    assert found.cut_off is not None
    assert [row.detail["way"] for row in await SecurityEvent.filter(type="sessions.revoked")] == ["user"]


async def _revoke_all(runtime: Runtime, _ada: Person) -> None:
    found = await receipts.revoke(runtime, Wanted())
    assert (found.ended, found.left) == (0, None)
    assert found.cut_off is not None


async def _reset_factors(runtime: Runtime, ada: Person) -> None:
    await factor_resets.reset(runtime, ada.id, actor=None, reason="lost")


@pytest.mark.parametrize(
    "end", [_disable, _set_password, _demote, _revoke, _revoke_all, _reset_factors], ids=lambda end: end.__name__[1:]
)
async def test_the_cut_off_is_certain(
    end: Callable[[Runtime, Person], Awaitable[None]], ada: Person, grace: Person, runtime: Runtime
) -> None:
    """R31: over as soon as it is stored, whatever Redis holds when it is back; who logs in then stays, at once."""
    old, hers = await ada.log_in(), await grace.log_in()
    with redis_away():
        await end(runtime, ada)
    assert await runtime.sessions.check(ada.id, old.sid, 1) is not None  # it is still there, and dead
    assert_problem(await old.me(), 401, "invalid_token")
    assert assert_problem(await old.refresh(), 400, "invalid_grant")["reason"]
    new = await ada.log_in()
    for _ in range(2):
        assert (await new.me()).status_code == 200
        await new.advance()
    if end is not _revoke_all:
        assert (await hers.me()).status_code == 200
    # A later ending, with Redis there, ends what has begun by the cut-off that lies ahead.
    assert (await receipts.revoke(runtime, Wanted(user_id=ada.id))).left == 0
    assert_problem(await new.me(), 401, "invalid_token")
    assert (await (await ada.log_in()).me()).status_code == 200


async def test_an_account_that_goes(ada: Person, runtime: Runtime) -> None:
    """Its row is gone: that is as certain, and what it has left in Redis opens nothing."""
    session = await ada.log_in()
    with redis_away():
        async with administering(runtime, None, ada.id, alone=True) as user:
            await remove_account(runtime, user, actor_id=None)
        await traces.follow_up(runtime, ada.id)
    assert_problem(await session.me(), 401, "invalid_token")
    assert_problem(await session.refresh(), 400, "invalid_grant")


@pytest.mark.parametrize("ahead", [-120, -5, 5, 120])
async def test_clocks_that_differ(ahead: int, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis's clock is ahead of the database's, or behind it: no older session is left, and no newer one refused."""

    async def theirs(clock: Clock) -> datetime:
        return clock.now() - timedelta(seconds=ahead)

    monkeypatch.setattr(endings, "database_now", theirs)
    old = await ada.log_in()
    with redis_away():
        await _revoke(runtime, ada)
    assert_problem(await old.me(), 401, "invalid_token")
    new = await ada.log_in()
    assert (await new.me()).status_code == 200
    await new.advance()
    user = await User.get(id=ada.id)
    assert user.sessions_valid_after is not None
    assert to_ms(user.sessions_valid_after) > await runtime.sessions.now(ada.id)


async def test_it_goes_away_after_the_cut_off(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is certain is said, and never that nothing was changed: the database has it."""

    async def away(*_: object, **__: object) -> AsyncIterator[object]:
        for seen in (1, 2):
            if seen == 1:
                raise Unavailable("redis")
            yield seen

    old = await ada.log_in()
    with monkeypatch.context() as patched:
        patched.setattr(receipts, "scan_hashes", away)
        found = await receipts.revoke(runtime, Wanted(user_id=ada.id))
    assert (found.ended, found.left) == (0, None)
    assert found.cut_off == (await User.get(id=ada.id)).sessions_valid_after
    assert_problem(await old.me(), 401, "invalid_token")


async def test_what_needs_redis(ada: Person, runtime: Runtime) -> None:
    """A session by itself, an address, one that is to be kept: those are in Redis alone, and nothing is changed."""
    session = await ada.log_in()
    for wanted in (
        Wanted(session_id=session.sid), Wanted(ip="127.0.0.1"), Wanted(user_id=ada.id, ip="127.0.0.1"),
        Wanted(older_than=timedelta(0)), Wanted(user_id=ada.id, keep=session.sid),
    ):  # fmt: skip
        with redis_away(), pytest.raises(Unavailable):
            await receipts.revoke(runtime, wanted)
    assert (await session.me()).status_code == 200
    with redis_away():
        answer = await session.call("DELETE", "/sessions")
    assert_problem(answer, 503, "unavailable")  # nobody is let in unchecked, to end sessions neither
    assert (await User.get(id=ada.id)).sessions_valid_after is None
    assert await receipts.revoke(runtime, Wanted()) == Receipt(1, 1, 0)


@pytest.mark.real_only
async def test_what_the_commands_say(ada: Person, stores: Stores) -> None:
    """Refused, or swallowed by a firewall: each ends in time, with the exit code that fits and what is certain."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        away = f"redis://127.0.0.1:{hole.getsockname()[1]}"
        for url in ("redis://127.0.0.1:1", away):  # the second takes its time

            async def run(*args: str, url: str = url) -> tuple[int, str]:
                async with asyncio.timeout(60):
                    done = await latchkey_beside(*args, **stores.environment(REDIS_URL=url))
                assert "nothing was changed" not in done.stderr
                return done.returncode, done.stdout + done.stderr

            session = await ada.log_in()
            code, said = await run("sessions", "revoke", "--user-id", str(ada.id))
            assert (code, "The database says so" in said, "Redis, which is out of reach" in said) == (0, True, True)
            assert_problem(await session.me(), 401, "invalid_token")
            if url == away:
                break
            session = await ada.log_in()
            code, said = await run("users", "disable", "--email", ada.email)
            assert (code, "every session of theirs from before is over" in said) == (0, True), said
            assert_problem(await session.me(), 401, "invalid_token")
            assert (await run("users", "enable", "--email", ada.email))[0] == 0
            session = await ada.log_in()
            code, said = await run("sessions", "revoke", "--all", "--yes", "--json")
            told = json.loads(said)
            assert (code, told["matched"], told["left"], bool(told["cut_off"])) == (0, None, None, True)
            assert_problem(await session.me(), 401, "invalid_token")
    for args in (("--session", str(uuid4())), ("--email", ada.email, "--except", str(uuid4()))):
        env = stores.environment(REDIS_URL="redis://127.0.0.1:1")
        done = await asyncio.to_thread(latchkey, "sessions", "revoke", *args, **env)
        assert done.returncode == 75
        assert "none was ended" in done.stderr
