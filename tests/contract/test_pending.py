"""What every Redis must do for a log-in that still owes something: it leads to one session, or to none."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.core.client import Client
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.assurance import Assurance
from service.stores.sessions.outcomes import Grant, Rotated
from service.stores.sessions.pending import PendingLogIns
from tests.contract.conftest import CLIENT, Subject, stand_at
from tests.support.commands import commands

BOTH = Assurance(("otp", "pwd"), 2)
MINUTE = 60_000
FIRST = "pwd 1 1795425007000 0 "


class LogIn:
    """One of them."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.number = uuid4()

    @property
    def store(self) -> PendingLogIns:
        return self.subject.store.pending

    @property
    def key(self) -> str:
        return f"contract:user:{{{self.subject.uid}}}:pending:{self.number}"

    async def begin(self, valid_after: int = 0) -> int:
        return await self.store.begin(
            self.subject.uid, self.number, proofs=FIRST, network="n", standing="s", valid_after=valid_after
        )

    async def finish(self, methods: str = "otp", valid_after: int = 0, client: Client = CLIENT) -> Grant | None:
        return await self.store.finish(
            self.subject.uid, self.number, client, methods=methods, assurance=BOTH, valid_after=valid_after
        )

    async def fail(self) -> int | None:
        return await self.store.fail(self.subject.uid, self.number)

    async def alive(self) -> bool:
        return await self.store.find(self.subject.uid, self.number) is not None


@pytest.fixture
def pending(subject: Subject) -> LogIn:
    return LogIn(subject)


def raw(subject: Subject) -> Any:
    """The plain Redis client."""
    return commands(subject.redis)


async def sessions(subject: Subject) -> list[UUID]:
    return [session.sid for session in await subject.store.list_living(subject.uid)]


async def test_one_in_which_nothing_is_proven_yet(pending: LogIn) -> None:
    """It lives as long as it is told to, begins without a proof, and may begin anew before anything came of it."""
    subject = pending.subject
    for life in (20, 5):
        ends_at = await pending.store.begin(
            subject.uid, pending.number, proofs="", network="n", standing="s", valid_after=0,
            life=timedelta(minutes=life),
        )  # fmt: skip
        begun = await pending.store.find(subject.uid, pending.number)
        assert begun is not None
        assert (begun.proofs, begun.ends_at - begun.valid_from) == ("", life * MINUTE)
        assert begun.ends_at == ends_at
    assert await pending.store.add(subject.uid, pending.number, FIRST) == ends_at
    begun = await pending.store.find(subject.uid, pending.number)
    assert begun is not None
    assert begun.proofs == FIRST
    assert await pending.finish() is not None
    assert len(await sessions(subject)) == 1


async def test_from_begin_to_session(pending: LogIn) -> None:
    """It keeps what it is given, makes a session like any other, and is then gone but for a lost answer."""
    subject = pending.subject
    ends_at = await pending.begin()
    begun = await pending.store.find(subject.uid, pending.number)
    assert begun is not None
    assert (begun.proofs, begun.network, begun.standing, begun.ends_at) == (FIRST, "n", "s", ends_at)
    assert begun.ends_at - begun.valid_from == 10 * MINUTE
    assert await sessions(subject) == []
    grant = await pending.finish()
    assert grant is not None
    assert grant.sid == begun.sid
    assert (grant.uid, grant.gen, grant.assurance, grant.displaced) == (subject.uid, 1, BOTH, ())
    assert grant.ends_at == grant.auth_at + 7 * 24 * 60 * MINUTE
    live = await subject.store.check(grant.uid, grant.sid, 1)
    assert live is not None
    assert (live.auth_at, live.factor_at, live.assurance) == (grant.auth_at, grant.auth_at, BOTH)
    (listed,) = await subject.store.list_living(subject.uid)
    assert (listed.sid, listed.ip, listed.assurance) == (grant.sid, CLIENT.ip, BOTH)
    token = RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)
    assert isinstance(await subject.store.rotate(token, CLIENT, 0), Rotated)


async def test_the_last_step_again(pending: LogIn) -> None:
    """The same grant, whoever asks: all that a refresh token is made of."""
    await pending.begin()
    first = await pending.finish()
    again = await pending.finish(client=Client("198.51.100.1", "Other/1.0"))
    assert first is not None
    assert again == first
    assert len(await sessions(pending.subject)) == 1


async def test_fifty_last_steps_at_once(pending: LogIn) -> None:
    """One makes the session, the others find it."""
    await pending.begin()
    found = await asyncio.gather(*(pending.finish() for _ in range(50)))
    assert len(found) == 50
    assert None not in found
    assert len(set(found)) == 1
    assert len(await sessions(pending.subject)) == 1


async def test_fifty_different_last_steps_at_once(pending: LogIn) -> None:
    """Of two right proofs one is the last step; the other finds that it comes too late."""
    await pending.begin()
    found = await asyncio.gather(*(pending.finish("rec" if number % 2 else "otp") for number in range(50)))
    assert Counter(one is None for one in found) == {True: 25, False: 25}
    assert len(set(found)) == 2
    assert len(await sessions(pending.subject)) == 1


@pytest.mark.parametrize(("later", "good"), [(MINUTE - 1, True), (MINUTE, False), (MINUTE + 1, False)])
async def test_the_minute_of_a_lost_answer(
    pending: LogIn, monkeypatch: pytest.MonkeyPatch, later: int, good: bool
) -> None:
    """To the millisecond."""
    await pending.begin()
    first = await pending.finish()
    assert first is not None
    stand_at(monkeypatch, first.auth_at + later)
    assert (await pending.alive()) is good
    assert (await pending.finish() is not None) is good
    assert (await pending.fail() is not None) is good
    assert len(await sessions(pending.subject)) == 1


@pytest.mark.parametrize(("earlier", "good"), [(1, True), (0, False), (-1, False)])
async def test_the_ten_minutes(pending: LogIn, monkeypatch: pytest.MonkeyPatch, earlier: int, good: bool) -> None:
    """To the millisecond; a further proof gives no more time."""
    ends_at = await pending.begin()
    assert await pending.store.add(pending.subject.uid, pending.number, "otp 1 1795425008000 0 ") == ends_at
    stand_at(monkeypatch, ends_at - earlier)
    assert (await pending.alive()) is good
    assert (await pending.store.add(pending.subject.uid, pending.number, "rec 1 1795425008000 0 ") is not None) is good
    assert (await pending.fail() is not None) is good
    assert (await pending.finish() is not None) is good


async def test_a_session_that_has_moved_on_or_ended(subject: Subject) -> None:
    """What the first answer led to is no longer where it was: nothing is given again, and nothing made anew."""
    for end in (False, True):
        pending = LogIn(subject)
        await pending.begin()
        grant = await pending.finish()
        assert grant is not None
        if end:
            await subject.store.end(grant.uid, grant.sid, None)
        else:
            await subject.store.rotate(RefreshToken(grant.uid, grant.sid, 1, grant.ends_at), CLIENT, 0)
        assert await pending.finish() is None
    assert len(await sessions(subject)) == 1


@pytest.mark.parametrize(("before", "good"), [(1, True), (0, False)])
async def test_a_session_that_is_over_by_time(
    pending: LogIn, monkeypatch: pytest.MonkeyPatch, before: int, good: bool
) -> None:
    """Where sessions are short, what the last step led to may be over before its answer can be lost no more."""
    subject = pending.subject
    await pending.begin()
    grant = await pending.finish()
    assert grant is not None
    end = grant.auth_at + 30_000
    await raw(subject).hset(subject.key(grant.sid), "expires_at", end)
    stand_at(monkeypatch, end - before)
    assert (await pending.finish() is not None) is good
    assert len(await sessions(subject)) == good


async def test_the_cut_off(pending: LogIn) -> None:
    """A log-in from before it is dead, done or not; one that it finds under way when it is of that moment lives."""
    await pending.begin()
    begun = await pending.store.find(pending.subject.uid, pending.number)
    assert begun is not None
    assert await pending.finish(valid_after=begun.valid_from + 1) is None
    assert await sessions(pending.subject) == []
    finished = await pending.finish(valid_after=begun.valid_from)
    assert finished is not None
    assert await pending.finish(valid_after=finished.auth_at + 1) is None


async def test_a_cut_off_by_a_clock_ahead(pending: LogIn) -> None:
    """A log-in after it isn't dead on arrival, nor is its session."""
    ahead = await pending.store.begin(
        pending.subject.uid, uuid4(), proofs=FIRST, network="", standing="", valid_after=0
    )  # ten minutes from now
    await pending.begin(valid_after=ahead)
    finished = await pending.finish(valid_after=ahead)
    assert finished is not None
    assert await pending.finish(valid_after=ahead) == finished
    live = await pending.subject.store.check(finished.uid, finished.sid, 1)
    assert live is not None
    assert live.valid_from == ahead


async def test_five_attempts(pending: LogIn) -> None:
    """The fifth that is wrong ends it, and its key is gone."""
    await pending.begin()
    assert [await pending.fail() for _ in range(6)] == [4, 3, 2, 1, 0, None]
    assert await pending.finish() is None
    assert await raw(pending.subject).exists(pending.key) == 0


async def test_a_hundred_attempts_at_once(pending: LogIn) -> None:
    """R13: five are counted, and no more."""
    await pending.begin()
    found = await asyncio.gather(*(pending.fail() for _ in range(100)))
    assert Counter(found) == {4: 1, 3: 1, 2: 1, 1: 1, 0: 1, None: 95}


async def test_a_right_one_ends_the_row(pending: LogIn) -> None:
    """Attempts are counted in a row: after a further proof, and after the last, there are five again."""
    await pending.begin()
    for _ in range(4):
        await pending.fail()
    await pending.store.add(pending.subject.uid, pending.number, "otp 1 1795425008000 0 ")
    assert await pending.fail() == 4
    for _ in range(2):
        assert await pending.finish() is not None
        assert await pending.fail() == 4


async def test_further_proofs(pending: LogIn) -> None:
    """Each method has one, the latest; after the last step there are no more."""
    uid, number = pending.subject.uid, pending.number
    await pending.begin()
    for line in ("otp 1 1 0 ", "hwk+user 2 2 1 a provider", "otp 1 3 0 "):
        assert await pending.store.add(uid, number, line) is not None
    begun = await pending.store.find(uid, number)
    assert begun is not None
    assert begun.proofs.split("\n") == [FIRST, "hwk+user 2 2 1 a provider", "otp 1 3 0 "]
    await pending.finish()
    assert await pending.store.add(uid, number, "rec 1 4 0 ") is None


async def test_nothing_brings_it_back(pending: LogIn) -> None:
    """Once its key is deleted, or where there was none, there is nothing to go on with."""
    await pending.begin()
    await raw(pending.subject).unlink(pending.key)
    uid, number = pending.subject.uid, pending.number
    assert await pending.store.find(uid, number) is None
    assert await pending.store.add(uid, number, "otp 1 1 0 ") is None
    assert await pending.fail() is None
    assert await pending.finish() is None
    assert await raw(pending.subject).exists(pending.key) == 0
    assert await sessions(pending.subject) == []


@pytest.mark.parametrize("field", ["sid", "proofs", "valid_from", "ends_at", "network", "standing"])
async def test_a_damaged_hash(pending: LogIn, field: str) -> None:
    """One that lacks a field is none."""
    await pending.begin()
    await raw(pending.subject).hdel(pending.key, field)
    assert not await pending.alive()
    assert await pending.finish() is None


async def test_it_makes_room_as_any_log_in(pending: LogIn) -> None:
    """Past the cap the session used longest ago ends, and is named once."""
    subject = pending.subject
    oldest = await subject.log_in()
    subject.clock.advance(1)
    for _ in range(2):
        await subject.log_in()
    await pending.begin()
    finished, again = await pending.finish(), await pending.finish()
    assert finished is not None
    assert again is not None
    assert (finished.displaced, again.displaced) == ((oldest.sid,), ())
    assert oldest.sid not in await sessions(subject)


async def test_its_keys_end_by_themselves(pending: LogIn) -> None:
    """Ten minutes, then the minute in which an answer may be lost, also where that begins with the last second."""
    await pending.begin()
    assert 9.9 * MINUTE < await raw(pending.subject).pttl(pending.key) <= 10 * MINUTE
    pending.subject.clock.advance(599)
    await pending.finish()
    assert 0.9 * MINUTE < await raw(pending.subject).pttl(pending.key) <= MINUTE
