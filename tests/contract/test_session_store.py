"""What every Redis must do for the session store, row by row of the rotation table."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Literal
from uuid import uuid4

import pytest

from service.errors.end_reasons import EndReason
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import End, Ended, Grant, Replayed, Reused, Rotated, Rotation
from tests.contract.conftest import CLIENT, PASSWORD_ONLY, Subject, stand_at
from tests.support.commands import commands

DAY = 86_400


def token(grant: Grant) -> RefreshToken:
    return RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at)


async def spend(subject: Subject, grant: Grant, valid_after: int = 0) -> Rotation:
    return await subject.store.rotate(token(grant), CLIENT, valid_after)


async def advance(subject: Subject, grant: Grant) -> Grant:
    outcome = await spend(subject, grant)
    assert isinstance(outcome, Rotated)
    assert outcome.parted is None
    return outcome.grant


async def test_log_in(subject: Subject) -> None:
    """A session starts at generation 1, with both ends known."""
    grant = await subject.log_in()
    assert grant.gen == 1
    assert grant.ends_at == grant.auth_at + 7 * DAY * 1000
    assert grant.expires_at == grant.auth_at + 90 * DAY * 1000
    live = await subject.store.check(grant.uid, grant.sid, 1)
    assert live is not None
    assert (live.valid_from, live.auth_at) == (grant.auth_at, grant.auth_at)


async def test_rotate(subject: Subject) -> None:
    """The current generation advances."""
    grant = await subject.log_in()
    subject.clock.advance(60)
    after = await advance(subject, grant)
    assert (after.gen, after.auth_at, after.expires_at) == (2, grant.auth_at, grant.expires_at)
    assert 59_000 <= after.ends_at - grant.ends_at <= 70_000


async def test_duplicates_get_the_same_grant(subject: Subject) -> None:
    """A hundred duplicates at once: one advances, all get the identical successor."""
    grant = await subject.log_in()
    outcomes = await asyncio.gather(*(spend(subject, grant) for _ in range(100)))
    assert sum(isinstance(outcome, Rotated) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Replayed) for outcome in outcomes) == 99
    assert len({outcome.grant for outcome in outcomes if isinstance(outcome, Rotated | Replayed)}) == 1


async def test_a_newborn_token_is_not_rotated(subject: Subject) -> None:
    """Within the grace of its birth the current token is handed out again; that it came shows that it was received."""
    grant = await subject.log_in()
    after = await advance(subject, grant)
    subject.clock.advance(9.8)
    assert await spend(subject, after) == Replayed(after, CLIENT)
    subject.clock.advance(0.4)
    assert isinstance(await spend(subject, grant), Reused)
    grant = await subject.log_in()
    after = await advance(subject, grant)
    subject.clock.advance(10.1)
    assert (await advance(subject, after)).gen == 3


async def test_grace_ends_at_its_second(subject: Subject) -> None:
    """Just inside the grace a used predecessor is replayed, just outside it is reuse."""
    first, second = await subject.log_in(), await subject.log_in()
    for grant, wait, expected in ((first, 9.8, Replayed), (second, 10.2, Reused)):
        after = await advance(subject, grant)
        await subject.store.check(after.uid, after.sid, after.gen)
        subject.clock.advance(wait)
        assert isinstance(await spend(subject, grant), expected)


async def test_a_lost_answer_is_made_anew(subject: Subject) -> None:
    """R77: days later the token whose answer got lost gets a new successor, however often; old requests ack nothing."""
    grant = await subject.log_in()
    lost = await advance(subject, grant)
    await subject.store.check(grant.uid, grant.sid, grant.gen)
    subject.clock.advance(3 * DAY)
    outcome = await spend(subject, grant)
    assert isinstance(outcome, Rotated)
    assert (outcome.grant.gen, outcome.unanswered, outcome.parted) == (lost.gen + 1, 2, None)
    assert await spend(subject, grant) == Replayed(outcome.grant, CLIENT)
    subject.clock.advance(3 * DAY)
    again = await spend(subject, grant)
    assert isinstance(again, Rotated)
    assert (again.grant.gen, again.unanswered) == (lost.gen + 2, 3)
    subject.clock.advance(11)
    assert (await advance(subject, again.grant)).gen == lost.gen + 3


@pytest.mark.parametrize("used", [True, False])
async def test_what_was_passed_over_gives_the_theft_away(subject: Subject, used: bool) -> None:
    """R77: the generation of a lost answer is nobody's; who shows it, took it before its owner could."""
    grant = await subject.log_in()
    lost = await advance(subject, grant)
    subject.clock.advance(11)
    after = await advance(subject, grant)
    if used:
        await subject.store.check(after.uid, after.sid, after.gen)
    subject.clock.advance(11)
    outcome = await spend(subject, lost)
    assert isinstance(outcome, Reused)
    assert await subject.store.check(after.uid, after.sid, after.gen) is None


async def test_answers_that_overtake_one_another_where_the_grace_ends(subject: Subject) -> None:
    """One call is handed the successor again, the next gets a new one, and the client keeps what came last: either."""
    for keeps_later in (True, False):
        grant = await subject.log_in()
        lost = await advance(subject, grant)
        subject.clock.advance(9.5)
        assert await spend(subject, grant) == Replayed(lost, CLIENT)
        subject.clock.advance(1)
        after = await advance(subject, grant)
        await subject.store.check(after.uid, after.sid, after.gen)  # its access token is used, whichever is kept
        assert await spend(subject, lost) == Replayed(after, CLIENT)  # at once it is a duplicate
        subject.clock.advance(900)
        outcome = await spend(subject, after if keeps_later else lost)
        assert isinstance(outcome, Rotated)
        assert outcome.parted == (None if keeps_later else CLIENT)
        subject.clock.advance(900)
        assert isinstance(await spend(subject, lost if keeps_later else after), Reused)  # one of the two it is


@pytest.mark.parametrize("proof", ["call", "refresh"])
async def test_a_burst_that_follows_a_lost_answer(subject: Subject, proof: str) -> None:
    """The answer came at last where the grace ends, and is used at once: calls of that moment get it as well."""
    grant = await subject.log_in()
    after = await advance(subject, grant)  # lost
    subject.clock.advance(9.5)
    assert await spend(subject, grant) == Replayed(after, CLIENT)
    subject.clock.advance(1)
    if proof == "call":
        await subject.store.check(after.uid, after.sid, after.gen)
    else:
        assert await spend(subject, after) == Replayed(after, CLIENT)
    for _ in range(2):  # but the window doesn't slide
        subject.clock.advance(4)
        assert await spend(subject, grant) == Replayed(after, CLIENT)
    subject.clock.advance(4)
    assert isinstance(await spend(subject, grant), Reused)


async def test_a_burst_that_follows_a_lost_answer_ends(subject: Subject) -> None:
    """The newest, shown again and again, is rotated when the grace of its last first answer is over."""
    grant = await subject.log_in()
    after = await advance(subject, grant)
    subject.clock.advance(9.5)
    await spend(subject, grant)
    for _ in range(2):
        subject.clock.advance(4)
        assert await spend(subject, after) == Replayed(after, CLIENT)
    subject.clock.advance(4)
    assert (await advance(subject, after)).gen == 3


async def test_answers_lost_over_and_over_do_not_slide(subject: Subject) -> None:
    """While nothing shows that the newest was received, its predecessor gets a new one as soon as the grace is over."""
    grant = await subject.log_in()
    after = await advance(subject, grant)
    subject.clock.advance(6)
    assert await spend(subject, grant) == Replayed(after, CLIENT)
    subject.clock.advance(6)
    assert (await advance(subject, grant)).gen == 3


@pytest.mark.parametrize(("age", "expected"), [(9_999, Replayed), (10_000, Rotated)])
async def test_the_millisecond_at_which_the_grace_of_the_newest_ends(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, age: int, expected: type
) -> None:
    """Younger than the grace the newest token is handed out again; from then on it moves the session on."""
    after = await advance(subject, await subject.log_in())
    stand_at(monkeypatch, after.ends_at - 7 * DAY * 1000 + age)
    assert isinstance(await spend(subject, after), expected)


@pytest.mark.parametrize(("age", "expected"), [(10_000, Replayed), (10_001, Reused)])
async def test_the_millisecond_at_which_the_grace_of_the_one_before_ends(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, age: int, expected: type
) -> None:
    """As old as the grace, the one before is a duplicate still; a millisecond later it is a copy."""
    grant = await subject.log_in()
    after = await advance(subject, grant)
    await subject.store.check(after.uid, after.sid, after.gen)
    stand_at(monkeypatch, after.ends_at - 7 * DAY * 1000 + age)
    assert isinstance(await spend(subject, grant), expected)


@pytest.mark.parametrize(
    ("shown", "age", "expected"),
    [
        ("newest", 9_999, Replayed),
        ("newest", 10_000, Rotated),
        ("before", 10_000, Replayed),
        ("before", 10_001, Reused),
    ],
)
async def test_the_millisecond_at_which_the_grace_of_a_late_answer_ends(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, shown: str, age: int, expected: type
) -> None:
    """What was handed out again to who may not have had it has a grace of its own, which ends as the first one does."""
    grant = await subject.log_in()
    after = await advance(subject, grant)
    late = after.ends_at - 7 * DAY * 1000 + 9_500
    stand_at(monkeypatch, late)
    assert isinstance(await spend(subject, grant), Replayed)
    await subject.store.check(after.uid, after.sid, after.gen)
    stand_at(monkeypatch, late + age)
    assert isinstance(await spend(subject, after if shown == "newest" else grant), expected)


@pytest.mark.parametrize(("early", "word"), [(1, "revoked"), (0, "expired")])
async def test_the_millisecond_at_which_a_token_has_expired(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, early: int, word: Literal["revoked", "expired"]
) -> None:
    """Of a session that is gone: as long as its token would have been good, somebody has ended it."""
    grant = await subject.log_in()
    await subject.store.end(grant.uid, grant.sid, None)
    stand_at(monkeypatch, grant.ends_at - early)
    assert await spend(subject, grant) == Ended(word)


@pytest.mark.parametrize(("age", "expected"), [(9_999, Rotated), (10_000, Reused)])
async def test_the_millisecond_at_which_an_answer_is_too_old_to_overtake(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, age: int, expected: type
) -> None:
    """Handed out within the grace before the newest was made, the earlier one may be what the client kept."""
    grant = await subject.log_in()
    kept = await advance(subject, grant)
    made_at = kept.ends_at - 7 * DAY * 1000
    stand_at(monkeypatch, made_at + 5_000)
    assert isinstance(await spend(subject, grant), Replayed)
    stand_at(monkeypatch, made_at + 5_000 + age)
    assert isinstance(await spend(subject, grant), Rotated)
    stand_at(monkeypatch, made_at + 60_000)
    assert isinstance(await spend(subject, kept), expected)


@pytest.mark.parametrize(("before", "living"), [(1, True), (0, False)])
async def test_the_millisecond_at_which_a_session_ends(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, before: int, living: bool
) -> None:
    """Until its idle end, and not at it: for a call, for the list and for a refresh."""
    grant = await subject.log_in()
    await raw(subject).persist(subject.key(grant.sid))  # Redis itself would drop it by the real time
    stand_at(monkeypatch, grant.ends_at - before)
    assert (await subject.store.check(grant.uid, grant.sid, 1) is not None) == living
    assert (len(await subject.store.list_living(subject.uid)) == 1) == living
    survey = await subject.store.survey({grant.sid: grant.uid})
    assert (survey.ends_at[grant.sid] is not None) == living
    assert (await subject.store.permits.standing(grant.uid, grant.sid) is not None) == living
    assert isinstance(await spend(subject, grant), Rotated if living else Ended)


@pytest.mark.parametrize(("age", "noted"), [(59_999, False), (60_000, True)])
async def test_the_millisecond_at_which_a_use_is_noted_again(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, age: int, noted: bool
) -> None:
    """Once a minute, and not sooner: a call is a read."""
    grant = await subject.log_in()
    await subject.store.check(grant.uid, grant.sid, 1)
    (before,) = await subject.store.list_living(subject.uid)
    stand_at(monkeypatch, before.last_used_at + age)
    await subject.store.check(grant.uid, grant.sid, 1)
    (after,) = await subject.store.list_living(subject.uid)
    assert (after.last_used_at > before.last_used_at) == noted


async def test_the_millisecond_at_which_a_session_is_too_old(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its absolute end it has expired for its age, however lately it was used."""
    grant = await subject.log_in()
    end = grant.ends_at - 1_000
    await raw(subject).hset(subject.key(grant.sid), "expires_at", end)
    for moment, living in ((end - 1, True), (end, False)):
        stand_at(monkeypatch, moment)
        survey = await subject.store.survey({grant.sid: grant.uid})
        assert (survey.ends_at[grant.sid] is not None, survey.reasons[grant.sid]) == (living, EndReason.TOO_OLD)
    assert await spend(subject, replace(grant, ends_at=end)) == Ended("expired", EndReason.TOO_OLD)


async def test_the_one_used_last_is_the_first(subject: Subject) -> None:
    """A call is a use: its session leads the list, and is the last that has to make room."""
    used, idle = await subject.log_in(), await subject.log_in()
    await raw(subject).pexpire(subject.index, 60_000)
    subject.clock.advance(61)
    await subject.store.check(used.uid, used.sid, 1)
    listed = await subject.store.list_living(subject.uid)
    assert [(one.sid, one.ip, one.user_agent) for one in listed] == [
        (sid, CLIENT.ip, CLIENT.user_agent) for sid in (used.sid, idle.sid)
    ]
    assert await raw(subject).pttl(subject.index) > 6.9 * DAY * 1000
    subject.clock.advance(1)
    await subject.log_in()
    assert (await subject.log_in()).displaced == (idle.sid,)


async def test_a_session_of_the_version_before(subject: Subject) -> None:
    """A hash without `prev` and `spare` is a session whose newest was made from the one before it."""
    grant = await subject.log_in()
    after = await advance(subject, grant)
    await raw(subject).hdel(subject.key(grant.sid), "prev", "spare")
    assert await spend(subject, grant) == Replayed(after, CLIENT)
    subject.clock.advance(11)
    await raw(subject).hdel(subject.key(grant.sid), "prev", "spare")
    after = await advance(subject, after)
    assert after.gen == 3
    subject.clock.advance(11)
    await raw(subject).hdel(subject.key(grant.sid), "prev", "spare")
    assert isinstance(await spend(subject, grant), Reused)


async def test_reuse_deletes_this_session_only(subject: Subject) -> None:
    """After reuse the session is gone, whatever token is shown; the user's others are not."""
    grant, other = await subject.log_in(), await subject.log_in()
    after = await advance(subject, grant)
    subject.clock.advance(11)
    newest = await advance(subject, after)
    assert await spend(subject, grant) == Reused(newest.ends_at - 7 * DAY * 1000, CLIENT)
    assert await subject.store.check(newest.uid, newest.sid, newest.gen) is None
    assert await spend(subject, newest) == Ended("revoked", EndReason.REUSED)
    assert await subject.store.check(other.uid, other.sid, 1) is not None
    assert [entry.sid for entry in await subject.store.list_living(subject.uid)] == [other.sid]


async def test_idle_and_absolute_end(subject: Subject) -> None:
    """Past an end the session has expired for both kinds of token, and its key is removed."""
    grant = await subject.log_in()
    subject.clock.advance(7 * DAY + 1)
    assert await subject.store.check(grant.uid, grant.sid, 1) is None
    assert await spend(subject, grant) == Ended("expired", EndReason.EXPIRED)
    assert await raw(subject).exists(subject.key(grant.sid)) == 0
    grant = await subject.log_in()
    for _ in range(18):
        subject.clock.advance(5 * DAY - 1)
        grant = await advance(subject, grant)
    assert grant.ends_at == grant.expires_at
    subject.clock.advance(30)
    assert await spend(subject, grant) == Ended("expired", EndReason.TOO_OLD)


async def test_cut_off(subject: Subject) -> None:
    """A session from before the cut-off is dead at its next refresh, until somebody ends it; a kept one isn't."""
    dead, kept = await subject.log_in(), await subject.log_in()
    cut_off = await subject.store.keep(kept.uid, kept.sid)
    assert cut_off is not None
    for _ in range(2):
        assert await spend(subject, dead, cut_off) == Ended("revoked", cut_off=True)
    assert await subject.store.end(dead.uid, dead.sid, EndReason.PASSWORD_RESET)
    assert await spend(subject, dead, cut_off) == Ended("revoked", EndReason.PASSWORD_RESET)
    assert isinstance(await spend(subject, kept, cut_off), Rotated)
    assert isinstance(await spend(subject, await subject.log_in(cut_off), cut_off), Rotated)


async def test_nothing_but_log_in_creates_a_session(subject: Subject) -> None:
    """Once the key is deleted, no other operation brings it back."""
    grant = await subject.log_in()
    await raw(subject).unlink(subject.key(grant.sid))
    assert await subject.store.check(grant.uid, grant.sid, 1) is None
    assert await subject.store.keep(grant.uid, grant.sid) is None
    assert not await subject.store.mark_fresh(grant.uid, grant.sid, PASSWORD_ONLY)
    assert not await subject.store.end(grant.uid, grant.sid, None)
    assert await spend(subject, grant) == Ended("revoked")
    assert await subject.store.list_living(subject.uid) == []
    assert await raw(subject).exists(subject.key(grant.sid)) == 0


@pytest.mark.parametrize("field", ["gen", "expires_at", "valid_from"])
async def test_damaged_hash_counts_as_deleted(subject: Subject, field: str) -> None:
    """A hash that lacks a field, or holds nonsense, is no session."""
    grant, other = await subject.log_in(), await subject.log_in()
    await raw(subject).hdel(subject.key(grant.sid), field)
    await raw(subject).hset(subject.key(other.sid), field, "nonsense")
    for damaged in (grant, other):
        assert await subject.store.check(damaged.uid, damaged.sid, 1) is None
        assert await spend(subject, damaged) == Ended("revoked")


async def test_cap_counts_the_living(subject: Subject) -> None:
    """At the cap the one used longest ago goes; entries of the index whose session is gone don't count."""
    first, second, third = [await subject.log_in() for _ in range(3)]
    await raw(subject).unlink(subject.key(second.sid))
    subject.clock.advance(1)
    fourth = await subject.log_in()
    assert await raw(subject).zcard(subject.index) == 3
    assert {entry.sid for entry in await subject.store.list_living(subject.uid)} == {first.sid, third.sid, fourth.sid}
    subject.clock.advance(1)
    fifth = await subject.log_in()
    living = [entry.sid for entry in await subject.store.list_living(subject.uid)]
    assert len(living) == 3
    assert fifth.sid == living[0]


async def test_racing_log_ins_keep_the_cap(subject: Subject) -> None:
    """Race: thirty log-ins at once leave exactly as many sessions as are allowed."""
    grants = await asyncio.gather(*(subject.log_in() for _ in range(30)))
    alive = [grant for grant in grants if await subject.store.check(grant.uid, grant.sid, 1)]
    assert len(alive) == 3
    assert len(await subject.store.list_living(subject.uid)) == 3


async def test_racing_ends_end_once(subject: Subject) -> None:
    """Race: of many who end a session, one did."""
    grant = await subject.log_in()
    ends = await asyncio.gather(*(subject.store.end(grant.uid, grant.sid, None) for _ in range(20)))
    assert ends.count(End.NOW) == 1


async def test_end_all_but_one(subject: Subject) -> None:
    """Only the kept session is left, and the count says how many were ended."""
    kept, *_ = [await subject.log_in() for _ in range(3)]
    assert await subject.store.end_all(subject.uid, EndReason.REVOKED, keep=kept.sid) == 2
    assert [entry.sid for entry in await subject.store.list_living(subject.uid)] == [kept.sid]
    assert await subject.store.end_all(subject.uid, EndReason.REVOKED) == 1
    assert await subject.store.end_all(uuid4(), EndReason.REVOKED) == 0


async def test_end_all_from_before_a_cut_off(subject: Subject) -> None:
    """One that was opened after the cut-off is not of those that it ends, however late this comes."""
    old = await subject.log_in()
    cut_off = await subject.store.now(subject.uid) + 1
    new = await subject.log_in(cut_off)
    assert await subject.store.end_all(subject.uid, EndReason.REVOKED, before=cut_off) == 1
    assert await subject.store.check(old.uid, old.sid, 1) is None
    assert await subject.store.check(new.uid, new.sid, 1) is not None


async def test_listing_heals_the_index(subject: Subject) -> None:
    """Entries without a session are removed from the index when it is read."""
    grant, gone = await subject.log_in(), await subject.log_in()
    await raw(subject).unlink(subject.key(gone.sid))
    assert [entry.sid for entry in await subject.store.list_living(subject.uid)] == [grant.sid]
    assert await raw(subject).zcard(subject.index) == 1


async def test_keys_expire(subject: Subject) -> None:
    """Redis itself drops what is over: both keys have a life, which rotation renews and the absolute end caps."""
    grant = await subject.log_in()
    keys = subject.key(grant.sid), subject.index
    for key in keys:
        assert 6.9 * DAY * 1000 < await raw(subject).pttl(key) <= 7 * DAY * 1000
        await raw(subject).pexpire(key, 60_000)
    await advance(subject, grant)
    for key in keys:
        assert 6.9 * DAY * 1000 < await raw(subject).pttl(key) <= 7 * DAY * 1000


async def test_the_index_outlives_all_of_its_sessions(subject: Subject) -> None:
    """One that ends soon, used or refreshed, takes nothing from the others' time in the list."""
    old = await subject.log_in()
    await subject.log_in()
    await raw(subject).hset(subject.key(old.sid), "expires_at", old.auth_at + 3_600_000)
    subject.clock.advance(61)
    await subject.store.check(old.uid, old.sid, 1)
    await advance(subject, old)
    assert await raw(subject).pttl(subject.key(old.sid)) <= 3_600_000
    assert await raw(subject).pttl(subject.index) > 6.9 * DAY * 1000


async def test_freshness(subject: Subject) -> None:
    """`mark_fresh` moves the time the password was given, and only that."""
    grant = await subject.log_in()
    subject.clock.advance(100)
    assert await subject.store.mark_fresh(grant.uid, grant.sid, PASSWORD_ONLY)
    live = await subject.store.check(grant.uid, grant.sid, 1)
    assert live is not None
    assert 99_000 <= live.auth_at - grant.auth_at <= 110_000
    assert live.valid_from == grant.auth_at


async def test_one_round_trip(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check, a log-in and a rotation are one call to Redis each."""
    grant = await subject.log_in()
    await subject.store.check(grant.uid, grant.sid, 1)
    await spend(subject, grant)
    calls: list[str] = []
    original = subject.redis.client.evalsha

    async def counted(sha: str, numkeys: int, *rest: Any) -> Any:
        calls.append(sha)
        return await original(sha, numkeys, *rest)

    monkeypatch.setattr(subject.redis.client, "evalsha", counted)
    monkeypatch.setattr(subject.redis.client, "eval", None)
    await subject.store.check(grant.uid, grant.sid, 2)
    assert len(calls) == 1
    await spend(subject, grant)
    assert len(calls) == 2
    await subject.log_in()
    assert len(calls) == 3


def raw(subject: Subject) -> Any:
    """The plain Redis client."""
    return commands(subject.redis)
