"""The reason that a session's end leaves behind, on every Redis."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.errors.end_reasons import EndReason
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions import scripts
from service.stores.sessions.outcomes import Ended, Grant, Reused
from service.stores.sessions.scripts.shared import KEPT_MS
from tests.contract.conftest import CLIENT, Subject, stand_at
from tests.support.commands import commands

DAY = 86_400


def key(subject: Subject, sid: UUID) -> str:
    return f"contract:user:{{{subject.uid}}}:ended:{sid}"


async def left(subject: Subject, sid: UUID) -> EndReason | None:
    """What a look at the session finds."""
    survey = await subject.store.survey({sid: subject.uid})
    assert survey.ends_at[sid] is None
    return survey.reasons.get(sid)


async def spend(subject: Subject, grant: Grant, valid_after: int = 0) -> Any:
    return await subject.store.rotate(RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at), CLIENT, valid_after)


@pytest.mark.parametrize("reason", EndReason)
async def test_one_end_leaves_its_reason(subject: Subject, reason: EndReason) -> None:
    """Whoever looks at the session, or shows its token, hears why; another session has none of it."""
    grant, other = await subject.log_in(), await subject.log_in()
    assert await subject.store.end(grant.uid, grant.sid, reason)
    assert await left(subject, grant.sid) is reason
    assert await spend(subject, grant) == Ended("revoked", reason)
    survey = await subject.store.survey({other.sid: subject.uid})
    assert (survey.ends_at[other.sid], survey.reasons) == (other.ends_at, {other.sid: EndReason.EXPIRED})


async def test_an_end_of_many(subject: Subject) -> None:
    """Each that ended has the reason; the one that was kept lives, and has none when its key is deleted later."""
    kept, *others = [await subject.log_in() for _ in range(3)]
    assert await subject.store.end_all(subject.uid, EndReason.PASSWORD_CHANGED, keep=kept.sid) == 2
    assert {await left(subject, grant.sid) for grant in others} == {EndReason.PASSWORD_CHANGED}
    redis: Any = commands(subject.redis)
    await redis.unlink(subject.key(kept.sid))
    assert await left(subject, kept.sid) is None


async def test_displaced(subject: Subject) -> None:
    """The session that a log-in ends to make room says so."""
    first = await subject.log_in()
    for _ in range(2):
        subject.clock.advance(1)  # of two in one millisecond either is the older
        await subject.log_in()
    subject.clock.advance(1)
    assert (await subject.log_in()).displaced == (first.sid,)
    assert await left(subject, first.sid) is EndReason.DISPLACED


async def test_reused(subject: Subject) -> None:
    """So does the session whose token came back."""
    grant = await subject.log_in()
    after = await spend(subject, grant)
    subject.clock.advance(11)
    await spend(subject, after.grant)
    assert isinstance(await spend(subject, grant), Reused)
    assert await left(subject, grant.sid) is EndReason.REUSED


async def test_by_time(subject: Subject) -> None:
    """A look tells what the end of a living session will be; the refresh that finds it leaves it behind."""
    idle = await subject.log_in()
    assert (await subject.store.survey({idle.sid: subject.uid})).reasons == {idle.sid: EndReason.EXPIRED}
    subject.clock.advance(7 * DAY + 1)
    assert await left(subject, idle.sid) is EndReason.EXPIRED
    assert await spend(subject, idle) == Ended("expired", EndReason.EXPIRED)
    assert await left(subject, idle.sid) is EndReason.EXPIRED
    old = await subject.log_in()
    for _ in range(17):
        subject.clock.advance(5 * DAY)
        old = (await spend(subject, old)).grant
    assert (await subject.store.survey({old.sid: subject.uid})).reasons == {old.sid: EndReason.TOO_OLD}
    subject.clock.advance(5 * DAY)
    assert await left(subject, old.sid) is EndReason.TOO_OLD


async def test_it_is_over_to_the_millisecond(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there for fifteen seconds: one millisecond less finds it, no more does. Redis takes the key by itself."""
    grant = await subject.log_in()
    await subject.store.end(grant.uid, grant.sid, EndReason.LOGGED_OUT)
    redis: Any = commands(subject.redis)
    text = (await redis.get(key(subject, grant.sid))).decode()
    assert re.fullmatch(r"\d{13} logged_out", text)
    assert 0 < await redis.pttl(key(subject, grant.sid)) <= KEPT_MS
    for age, found in ((KEPT_MS - 1, EndReason.LOGGED_OUT), (KEPT_MS, None)):
        stand_at(monkeypatch, int(text.split()[0]) + age)
        assert await left(subject, grant.sid) is found


async def test_time_moved_by_hand(subject: Subject) -> None:
    """The store's clock decides, which tests move."""
    grant = await subject.log_in()
    await subject.store.end(grant.uid, grant.sid, EndReason.LOGGED_OUT)
    subject.clock.advance(13)
    assert await left(subject, grant.sid) is EndReason.LOGGED_OUT
    subject.clock.advance(2)
    assert await left(subject, grant.sid) is None


async def test_the_first_of_two_ways(subject: Subject) -> None:
    """Race: ended in many ways at once, it is ended once, and says that way's reason, whatever comes later."""
    grant = await subject.log_in()

    async def way(reason: EndReason) -> EndReason | None:
        return reason if await subject.store.end(grant.uid, grant.sid, reason) else None

    async def all_of_them() -> EndReason | None:
        number = await subject.store.end_all(subject.uid, EndReason.USER_DISABLED)
        return EndReason.USER_DISABLED if number else None

    ways = [way(reason) for reason in EndReason if reason is not EndReason.USER_DISABLED]
    done = [reason for reason in await asyncio.gather(*ways, all_of_them()) if reason]
    assert len(done) == 1
    assert await left(subject, grant.sid) is done[0]
    assert not await subject.store.end(grant.uid, grant.sid, EndReason.REVOKED)
    assert await subject.store.end_all(subject.uid, EndReason.REVOKED) == 0
    assert await left(subject, grant.sid) is done[0]


async def test_what_was_never_there(subject: Subject) -> None:
    """Nothing is left where nothing was ended, nor by a log-in that is taken back: nobody had that session."""
    never, taken_back = uuid4(), await subject.log_in()
    assert not await subject.store.end(subject.uid, never, EndReason.LOGGED_OUT)
    assert await subject.store.end(subject.uid, taken_back.sid, None)
    redis: Any = commands(subject.redis)
    assert await redis.exists(key(subject, never)) == await redis.exists(key(subject, taken_back.sid)) == 0


async def test_a_flush_takes_it_along(subject: Subject) -> None:
    """The operator's way, which deletes whatever is the user's, deletes this too: then there is no reason."""
    grant = await subject.log_in()
    await subject.store.end(grant.uid, grant.sid, EndReason.LOGGED_OUT)
    redis: Any = commands(subject.redis)
    pattern = f"contract:user:{{{subject.uid}}}:*"
    found = [name for _, server in await subject.redis.servers() async for name in server.scan_iter(match=pattern)]
    assert key(subject, grant.sid).encode() in found
    for name in found:
        await redis.unlink(name)
    assert await left(subject, grant.sid) is None
    assert await spend(subject, grant) == Ended("revoked")


@pytest.mark.parametrize("nonsense", ["", "logged_out", "x logged_out", "17000000000000 of a later version"])
async def test_nonsense_is_no_reason(subject: Subject, nonsense: str) -> None:
    """What another version, or somebody's redis-cli, has left there is no reason, and breaks nothing."""
    redis: Any = commands(subject.redis)
    sid = uuid4()
    await redis.set(key(subject, sid), nonsense)
    assert await left(subject, sid) is None


def test_the_scripts_know_no_other() -> None:
    """The reasons that stand in a script are of the catalogue."""
    texts = [getattr(scripts, name).text for name in scripts.__all__]
    named = {reason for text in texts for call in re.findall(r"forget\((.*)\)", text) for reason in _words(call)}
    assert named == {"displaced", "reused", "expired", "too_old"}
    assert named <= set(EndReason)


def _words(call: str) -> list[str]:
    return re.findall(r"'(\w+)'", call)
