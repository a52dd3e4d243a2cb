"""Revocation with a receipt: what fits is over at the next request, and nothing else is."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from models import SecurityEvent, User
from service.audit import events, stories, wording
from service.core.clock import Clock
from service.errors import NotFound, Unavailable
from service.runtime import Runtime
from service.sessions import revocation, sweep
from service.sessions.revocation import Receipt
from service.sessions.sweep import Criteria, Step
from tests.support.commands import latchkey
from tests.support.people import Person, Session, assert_problem
from tests.support.stores import Stores


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else needs this Redis."""
    monkeypatch.setattr(sweep, "REST", 0)


async def revoke(runtime: Runtime, **criteria: Any) -> Receipt:
    return await revocation.revoke(runtime, Criteria(**criteria), lambda _: None)


async def is_over(session: Session) -> bool:
    """Whether both tokens are refused: or else both are good."""
    access, refresh = await session.me(), await session.refresh()
    if access.status_code == 200:
        assert refresh.status_code == 200
        return False
    assert_problem(access, 401, "invalid_token")
    assert assert_problem(refresh, 400, "invalid_grant")["reason"] == "revoked"
    return True


async def test_by_user_agent(ada: Person, grace: Person, runtime: Runtime) -> None:
    """R31: a part of the user agent, in any case; each ended session is on record with the receipt."""
    old = [await person.log_in(**{"User-Agent": "Old App/1.0"}) for person in (ada, grace)]
    new = await ada.log_in(**{"User-Agent": "New App/2.0"})
    tally = await revocation.count(runtime, Criteria(user_agent="old app"), lambda _: None)
    assert tally == revocation.Tally(2, 2)
    assert not await is_over(old[0])
    receipt = await revoke(runtime, user_agent="old APP")
    # A refresh takes the user agent of the client that refreshes: this session is another's now.
    assert (receipt.sessions, receipt.users, receipt.left, receipt.certain) == (1, 1, 0, False)
    assert await is_over(old[1])
    assert not await is_over(new)
    event = await SecurityEvent.get(type=events.SESSION_ENDED)
    assert (event.session_id, event.detail["receipt"]) == (old[1].sid, str(receipt.id))
    summary = await SecurityEvent.get(type=events.SESSIONS_REVOKED)
    assert (summary.detail["ended"], summary.detail["way"]) == (1, "user_agent")
    story = await stories.of_session(runtime, old[1].sid)
    assert "ended by an operator (user_agent)" in wording.of_story(story)


async def test_by_age_and_address(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """Counted from the log-in, however lately the session was used; criteria are all asked for."""
    old = await ada.log_in()
    clock.advance(5 * 86_400)
    await old.advance()
    new = await ada.log_in()
    assert (await revoke(runtime, older_than=timedelta(days=4), ip="192.0.2.99")).sessions == 0
    assert (await revoke(runtime, older_than=timedelta(days=4), ip="127.0.0.1")).sessions == 1
    assert await is_over(old)
    assert not await is_over(new)


async def test_one_session_without_its_user(ada: Person, runtime: Runtime) -> None:
    """The id alone is enough."""
    first, second = await ada.log_in(), await ada.log_in()
    assert (await revoke(runtime, sid=first.sid)).sessions == 1
    assert await is_over(first)
    assert not await is_over(second)


async def test_everyone(ada: Person, grace: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R31: cut-offs back it up: a Redis that fails over to what it was brings nobody back."""
    monkeypatch.setattr(revocation, "USERS_BATCH", 1)
    redis: Any = runtime.redis.client
    sessions = [await ada.log_in(), await grace.log_in()]
    before = {key: await redis.hgetall(key) async for key in redis.scan_iter("user:*:session:*")}
    receipt = await revoke(runtime)
    assert (receipt.sessions, receipt.users, receipt.left, receipt.certain, receipt.way) == (2, 2, 0, True, "all")
    for key, fields in before.items():
        await redis.hset(key, mapping=fields)
    for session in sessions:
        assert await is_over(session)
    assert "everyone's sessions ended by an operator (2)" in wording.of_story(
        await stories.of_session(runtime, sessions[0].sid)
    )
    assert not await is_over(await ada.log_in())


async def test_a_users_but_one(ada: Person, runtime: Runtime) -> None:
    """All but the one to keep; the index may be lost: the cut-off is certain. One that is over can't be kept."""
    kept, other, gone = [await ada.log_in() for _ in range(3)]
    await gone.call("POST", "/auth/logout")
    user = await User.get(id=ada.id)
    redis: Any = runtime.redis.client
    await redis.unlink(f"user:{{{ada.id}}}:sessions")
    receipt = await revocation.revoke_user(runtime, user, keep=kept.sid)
    assert (receipt.left, receipt.certain) == (0, True)
    assert await is_over(other)
    assert not await is_over(kept)
    assert (await stories.of_session(runtime, kept.sid)).state == "alive"
    with pytest.raises(NotFound):
        await revocation.revoke_user(runtime, user, keep=gone.sid)


async def test_refreshes_bring_nothing_back(ada: Person, runtime: Runtime) -> None:
    """Race: sessions that refresh without pause while they are swept stay dead."""
    sessions = [await ada.log_in() for _ in range(4)]
    begun = asyncio.Event()

    async def loop(session: Session) -> str:
        for _ in range(300):
            response = await session.refresh()
            begun.set()
            if response.status_code != 200:
                return str(response.json()["reason"])
            session.refresh_token = response.json()["refresh_token"]
        return "alive"

    loops = [asyncio.create_task(loop(session)) for session in sessions]
    await begun.wait()
    receipt = await revoke(runtime, ip="127.0.0.1")
    assert (receipt.sessions, receipt.left) == (4, 0)
    assert await asyncio.gather(*loops) == ["revoked"] * 4


async def test_redis_goes_away_in_the_middle(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: what was ended by then is said and recorded, and that it isn't known what is left."""
    session = await ada.log_in()

    async def cut_short(*given: Any, **options: Any) -> Any:
        async for step in whole(*given, **options):
            yield step
            raise Unavailable("redis")

    whole = sweep.sweep
    monkeypatch.setattr(revocation, "sweep", cut_short)
    receipt = await revoke(runtime, ip="127.0.0.1")
    assert (receipt.sessions, receipt.left) == (1, None)
    assert await is_over(session)
    assert await SecurityEvent.filter(type=events.SESSION_ENDED, session_id=session.sid).exists()


async def test_database_away(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that can't take the events ends no revocation: the receipt counts what is not on record."""

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    session = await ada.log_in()
    with monkeypatch.context() as patched:
        patched.setattr(SecurityEvent, "bulk_create", away)
        receipt = await revoke(runtime, ip="127.0.0.1")
    assert (receipt.sessions, receipt.unrecorded, receipt.left) == (1, 1, 0)
    assert await is_over(session)


async def test_many_keys_in_steps(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """No step looks at more than its share of the keys, and none is left out."""
    monkeypatch.setattr("service.core.redis_nodes.SCAN_COUNT", 10)
    redis: Any = runtime.redis.client
    session = await ada.log_in()
    fields = await redis.hgetall(f"user:{{{ada.id}}}:session:{session.sid}")
    for number in range(99):
        await redis.hset(f"user:{{{ada.id}}}:session:00000000-0000-4000-8000-{number:012}", mapping=fields)
    steps: list[Step] = []
    receipt = await revocation.revoke(runtime, Criteria(ip="127.0.0.1"), steps.append)
    assert (receipt.sessions, receipt.left) == (100, 0)
    assert len(steps) >= 10
    assert max(len(step.found) for step in steps) < 60


@pytest.mark.real_only
async def test_the_command(ada: Person, grace: Person, stores: Stores) -> None:
    """A dry run ends nothing; it asks first when it is more than one user; then it looks that none is left."""
    environment = stores.environment()
    sessions = [await ada.log_in(), await grace.log_in()]
    command = ("sessions", "revoke", "--user-agent", "httpx")
    assert json.loads(latchkey(*command, "--dry-run", "--json", **environment).stdout) == {"would_end": 2, "users": 2}
    refused = latchkey(*command, given="n\n", **environment)
    assert "End 2 sessions of 2 users?" in refused.stderr
    assert "Nothing was ended" in refused.stdout
    assert not await is_over(sessions[0])
    done = latchkey(*command, "--yes", **environment)
    assert done.returncode == 0, done.stderr
    assert "2 sessions ended, of 2 users.\nLooked again: 0 of them accepted.\nOnly keys were deleted" in done.stdout
    for session in sessions:
        assert await is_over(session)


@pytest.mark.parametrize("arguments", [[], ["--all", "--ip", "192.0.2.1"], ["--except", "x"], ["--older-than", "soon"]])
def test_what_makes_no_sense(arguments: list[str]) -> None:
    """Nothing is ended by an unclear command."""
    from typer.testing import CliRunner

    from service.cli import app

    assert CliRunner().invoke(app, ["sessions", "revoke", *arguments]).exit_code == 2
