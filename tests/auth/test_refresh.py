"""A client refreshes: exactly once, and safe to repeat (DESIGN.md, the rotation table)."""

from __future__ import annotations

import httpx
import pytest

from models import SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.support.people import Person, Session, assert_problem


async def refused(response: httpx.Response, reason: str | None) -> None:
    problem = assert_problem(response, 400, "invalid_grant")
    assert problem.get("reason") == reason


async def test_refresh_rotates(ada: Person) -> None:
    """R27: the refresh token changes at every use; the old access token stays good until it expires."""
    session = await ada.log_in()
    before = Session(session.client, session.access_token, session.refresh_token)
    await session.advance()
    assert session.refresh_token != before.refresh_token
    assert session.sid == before.sid
    assert session.claims["gen"] == before.claims["gen"] + 1
    assert (await session.me()).status_code == 200
    assert (await before.me()).status_code == 200


async def test_duplicate_within_the_grace_gets_the_same_successor(ada: Person, clock: Clock) -> None:
    """Two tabs: both get the identical successor, even after it was used."""
    session = await ada.log_in()
    old = session.refresh_token
    await session.advance()
    assert (await session.me()).status_code == 200
    clock.advance(9.5)
    again = await session.refresh(old)
    assert again.json()["refresh_token"] == session.refresh_token
    assert (await session.refresh()).status_code == 200


async def test_lost_answer_gets_another_one(ada: Person, clock: Clock) -> None:
    """The laptop lid: the successor was never used, so the client never had it; three days later the old one works.

    It gets a new successor: who holds the lost one has it from a theft.
    """
    session = await ada.log_in()
    lost = (await session.refresh()).json()["refresh_token"]
    clock.advance(3 * 86400)
    again = await session.refresh()
    assert again.status_code == 200
    assert again.json()["refresh_token"] != lost
    duplicate = await session.refresh()
    assert duplicate.json()["refresh_token"] == again.json()["refresh_token"]
    session.refresh_token, session.access_token = again.json()["refresh_token"], again.json()["access_token"]
    assert (await session.me()).status_code == 200


async def test_lost_answers_without_limit(ada: Person, clock: Clock) -> None:
    """However often the answer gets lost, the token that is there works, and so does what comes at last."""
    session = await ada.log_in()
    for _ in range(12):
        assert (await session.refresh()).status_code == 200
        clock.advance(11)
    await session.advance()
    assert (await session.me()).status_code == 200
    assert await SecurityEvent.filter(type="session.token_reused").count() == 0


async def test_replay_after_the_successor_was_used_ends_the_session(ada: Person, clock: Clock) -> None:
    """R27: past the grace a spent token is theft: that session dies, access token too; others live; it is recorded."""
    session, other = await ada.log_in(), await ada.log_in()
    spent = session.refresh_token
    await session.advance()
    assert (await session.me()).status_code == 200  # acknowledges the new generation
    clock.advance(10.1)
    await refused(await session.refresh(spent), "reused")
    assert_problem(await session.me(), 401, "invalid_token")
    await refused(await session.refresh(), "revoked")
    assert (await other.me()).status_code == 200
    event = await SecurityEvent.get(type="session.token_reused")
    assert (event.session_id, event.detail["presented_gen"]) == (session.sid, 1)


async def test_refresh_acknowledges_too(ada: Person, clock: Clock) -> None:
    """The successor's own refresh shows that the client had it: then its predecessor is spent."""
    session = await ada.log_in()
    first = session.refresh_token
    await session.advance()
    assert (await session.refresh()).status_code == 200
    clock.advance(10.1)
    await refused(await session.refresh(first), "reused")


async def test_a_newborn_token_stays(ada: Person, clock: Clock) -> None:
    """Within the grace of its birth a token gets itself again: calls that ran at once cost one rotation."""
    session = await ada.log_in()
    first = session.refresh_token
    await session.advance()
    clock.advance(9.5)
    assert (await session.refresh()).json()["refresh_token"] == session.refresh_token
    assert (await session.refresh(first)).json()["refresh_token"] == session.refresh_token
    clock.advance(1)
    assert (await session.refresh()).json()["refresh_token"] != session.refresh_token


async def test_two_generations_late_is_reuse_even_in_the_grace(ada: Person, clock: Clock) -> None:
    """Only the immediate predecessor has a grace: that is the price of noticing a thief."""
    session = await ada.log_in()
    first = session.refresh_token
    await session.advance()
    clock.advance(11)
    await session.advance()
    await refused(await session.refresh(first), "reused")
    assert_problem(await session.me(), 401, "invalid_token")


async def test_the_window_does_not_slide(ada: Person, clock: Clock) -> None:
    """Replays don't prolong the grace."""
    session = await ada.log_in()
    old = session.refresh_token
    await session.advance()
    assert (await session.me()).status_code == 200
    for _ in range(3):
        clock.advance(3)
        assert (await session.refresh(old)).status_code == 200
    clock.advance(3)
    await refused(await session.refresh(old), "reused")


async def test_idle_end(ada: Person, clock: Clock) -> None:
    """R28: unused for seven days, a session has expired; each refresh gives seven more."""
    session = await ada.log_in()
    clock.advance(6.9 * 86400)
    await session.advance()
    clock.advance(6.9 * 86400)
    await session.advance()
    clock.advance(7.1 * 86400)
    await refused(await session.refresh(), "expired")


async def test_absolute_end(ada: Person, clock: Clock) -> None:
    """R28: ninety days after log-in it is over, however busy; no access token reaches beyond."""
    session = await ada.log_in()
    for _ in range(14):
        clock.advance(6 * 86400)
        await session.advance()
    clock.advance(6 * 86400 - 60)
    response = await session.refresh()
    assert response.status_code == 200
    assert response.json()["expires_in"] <= 60
    clock.advance(61)
    await refused(await session.refresh(response.json()["refresh_token"]), "expired")


async def test_expired_and_gone_is_still_expired(ada: Person, clock: Clock, runtime: Runtime) -> None:
    """When Redis has dropped the key, the token itself says that its time had come."""
    session = await ada.log_in()
    await runtime.sessions.end(ada.id, session.sid, None)
    await refused(await session.refresh(), "revoked")
    clock.advance(7.1 * 86400)
    await refused(await session.refresh(), "expired")


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token[4:],
        lambda token: "lkr_" + "A" * 100,
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token[:50] + ("A" if token[50] != "A" else "B") + token[51:],
        lambda token: token.replace("lkr_", "LKR_"),
        lambda token: "é" * 104,
        lambda token: "x",
    ],
)
async def test_token_that_is_not_ours(ada: Person, change: object) -> None:
    """A forged, cut or foreign token gets no reason, and costs its session nothing."""
    session = await ada.log_in()
    await refused(await session.refresh(change(session.refresh_token)), None)  # type: ignore[operator]
    assert (await session.refresh()).status_code == 200


async def test_access_token_is_no_refresh_token(ada: Person) -> None:
    """R38: token types don't stand in for one another, in either direction."""
    session = await ada.log_in()
    await refused(await session.refresh(session.access_token), None)
    swapped = Session(session.client, session.refresh_token, session.access_token)
    assert_problem(await swapped.me(), 401, "invalid_token")


async def test_disabled_or_deleted_user(ada: Person, grace: Person) -> None:
    """R30: a disabled or deleted user can't refresh."""
    hers, theirs = await ada.log_in(), await grace.log_in()
    await User.filter(id=ada.id).update(is_active=False)
    await User.filter(id=grace.id).delete()
    for session in (hers, theirs):
        await refused(await session.refresh(), "revoked")
        assert_problem(await session.me(), 401, "invalid_token")


async def test_a_store_that_lost_a_rotation_catches_up(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """A failover may forget a rotation that was answered; the newer token is genuine, so nobody is logged out."""
    session = await ada.log_in()
    key = f"user:{{{ada.id}}}:session:{session.sid}"
    await session.advance()
    clock.advance(11)
    await session.advance()
    await runtime.redis.client.hset(key, "gen", 2)  # type: ignore[attr-defined]
    await session.advance()
    assert session.claims["gen"] == 4
    assert (await session.me()).status_code == 200


async def test_calls_on_either_side_of_the_end_of_the_grace(ada: Person, clock: Clock) -> None:
    """One call gets the current token again, the next rotates it, the first answer is stored last: still logged in."""
    session = await ada.log_in()
    await session.advance()
    clock.advance(9.5)
    stored_last = (await session.refresh()).json()["refresh_token"]
    assert stored_last == session.refresh_token
    clock.advance(1)
    await session.advance()
    assert session.refresh_token != stored_last
    assert (await session.me()).status_code == 200
    overwritten = session.refresh_token
    clock.advance(900)
    session.refresh_token = stored_last
    await session.advance()
    assert (await session.me()).status_code == 200
    clock.advance(900)
    await refused(await session.refresh(overwritten), "reused")  # of the two, only one can be an honest client's


async def test_refresh_keeps_the_time_of_login(ada: Person, clock: Clock) -> None:
    """`auth_time` is when the password was given, not when the token was made (RFC 9068 section 2.2.1)."""
    session = await ada.log_in()
    before = session.claims
    clock.advance(3600)
    await session.advance()
    assert session.claims["auth_time"] == before["auth_time"]
    assert session.claims["iat"] >= before["iat"] + 3600
