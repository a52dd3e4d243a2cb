"""A thief has a copy of a browser's tokens: who is noticed when, over HTTP (R27, R77)."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from models import SecurityEvent
from service.core.client import Client
from service.core.clock import Clock
from service.errors import Unavailable
from service.signin import copies
from tests.support.people import Person, Session, assert_problem

THIEF = {"User-Agent": "Thief/1.0"}
MINUTE = 60
DAY = 24 * 60 * MINUTE


def copy_of(session: Session) -> Session:
    return Session(session.client, session.access_token, session.refresh_token)


async def refresh(session: Session, headers: dict[str, str] | None = None) -> httpx.Response:
    """Refresh and keep the answer, as a client does."""
    response = await session.client.post(
        "/api/auth/refresh", json={"refresh_token": session.refresh_token}, headers=headers or {}
    )
    if response.status_code == 200:
        session.refresh_token, session.access_token = response.json()["refresh_token"], response.json()["access_token"]
    return response


async def is_over(*sessions: Session) -> bool:
    """Say whether every holder is refused, with each kind of token."""
    calls = [(await session.me()).status_code for session in sessions]
    refreshes = [(await session.refresh()).status_code for session in sessions]
    return {*calls} == {401} and {*refreshes} == {400}


@pytest.mark.parametrize("cycle", range(8))
async def test_a_thief_who_goes_first_and_keeps_still(ada: Person, clock: Clock, cycle: int) -> None:
    """He refreshes and makes no call; the owner comes later and goes on; when he shows what he got, it is over."""
    owner = await ada.log_in()
    for _ in range(cycle):  # however long the chain is by then
        clock.advance(15 * MINUTE)
        await refresh(owner)
    clock.advance(15 * MINUTE)
    thief = copy_of(owner)
    assert (await refresh(thief)).status_code == 200
    clock.advance(MINUTE)
    assert (await refresh(owner)).status_code == 200
    assert owner.refresh_token != thief.refresh_token
    assert (await owner.me()).status_code == 200
    assert (await thief.me()).status_code == 200
    clock.advance(15 * MINUTE)
    problem = assert_problem(await refresh(thief), 400, "invalid_grant")
    assert problem["reason"] == "reused"
    assert await is_over(owner, thief)
    assert await SecurityEvent.filter(type="session.token_reused", session_id=owner.sid).count() == 1


async def test_a_thief_who_goes_first_and_the_owner_comes_back_first(ada: Person, clock: Clock) -> None:
    """The same; the owner refreshes once more, and the thief later."""
    owner = await ada.log_in()
    thief = copy_of(owner)
    await refresh(thief)
    for _ in range(3):
        clock.advance(15 * MINUTE)
        assert (await refresh(owner)).status_code == 200
        assert (await owner.me()).status_code == 200
    assert_problem(await refresh(thief), 400, "invalid_grant")
    assert await is_over(owner, thief)


async def test_a_thief_who_calls_too(ada: Person, clock: Clock) -> None:
    """He also makes calls before the owner is back: then the owner's old token tells."""
    owner = await ada.log_in()
    thief = copy_of(owner)
    await refresh(thief)
    assert (await thief.me()).status_code == 200
    clock.advance(MINUTE)
    assert_problem(await refresh(owner), 400, "invalid_grant")
    assert await is_over(owner, thief)


@pytest.mark.parametrize("calls", [True, False])
async def test_a_thief_who_asks_again_where_the_grace_ends(ada: Person, clock: Clock, calls: bool) -> None:
    """He has the current token handed out once more, moves on from it a second later, and waits for the owner."""
    owner = await ada.log_in()
    await refresh(owner)
    thief = copy_of(owner)
    clock.advance(9.5)
    await refresh(thief)
    clock.advance(1)
    await refresh(thief)
    if calls:
        assert (await thief.me()).status_code == 200
    clock.advance(15 * MINUTE)
    first = await refresh(owner)
    if first.status_code == 200:
        assert (await owner.me()).status_code == 200
        clock.advance(15 * MINUTE)
        await refresh(thief)
        clock.advance(15 * MINUTE)
        await refresh(owner)
    assert await is_over(owner, thief)


async def test_a_thief_who_keeps_the_first_copy(ada: Person, clock: Clock) -> None:
    """He never shows what he gets, always the token he took: it is worth nothing once the owner has moved on."""
    owner = await ada.log_in()
    thief = copy_of(owner)
    await refresh(copy_of(thief))
    clock.advance(MINUTE)
    await refresh(owner)
    assert (await owner.me()).status_code == 200
    clock.advance(MINUTE)
    assert_problem(await refresh(thief), 400, "invalid_grant")
    assert await is_over(owner)


async def test_a_copy_that_is_used_right_after_the_owner(ada: Person, clock: Clock) -> None:
    """Within the grace, from another browser: it looks like a second tab, so nobody is logged out, and it is told.

    Once a day, by the calendar: this one begins after the next midnight.
    """
    clock.advance(DAY - clock.timestamp() % DAY)
    owner = await ada.log_in()
    for _ in range(4):
        thief = copy_of(owner)
        assert (await refresh(owner)).status_code == 200
        clock.advance(2)
        assert (await refresh(thief, THIEF)).status_code == 200
        assert thief.refresh_token == owner.refresh_token
        assert (await owner.me()).status_code == 200
        clock.advance(15 * MINUTE)
    await refresh(owner)
    event = await SecurityEvent.get(type="session.token_shared")
    assert (event.session_id, event.user_agent) == (owner.sid, "Thief/1.0")
    assert str(event.detail["previous_user_agent"]).startswith("python-httpx")
    mine = (await owner.call("GET", "/users/me/events")).json()
    assert "session.token_shared" in [row["type"] for row in mine]


async def test_two_tabs_are_told_of_nothing(ada: Person, clock: Clock) -> None:
    """One browser's duplicates are its own."""
    owner = await ada.log_in()
    for _ in range(3):
        tab = copy_of(owner)
        await refresh(owner)
        await refresh(tab)
        clock.advance(15 * MINUTE)
    assert not await SecurityEvent.filter(type__startswith="session.token_").exists()


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("192.0.2.7", "192.0.2.200", False),  # one network that gives out several
        ("192.0.2.7", "2001:db8::7", False),  # the same host by its other name
        ("2001:db8::7", "2001:db8:0:5::1", False),
        ("192.0.2.7", "198.51.100.7", True),
        ("2001:db8::7", "2001:db8:1::7", True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.200", False),  # a socket of both families shows IPv4 like this
        ("::ffff:192.0.2.7", "192.0.2.7", False),
        ("::ffff:192.0.2.7", "::ffff:198.51.100.7", True),
        ("::ffff:192.0.2.7", "198.51.100.7", True),
        ("64:ff9b::c000:207", "64:ff9b::c633:6407", True),
        ("not an address", "192.0.2.7", True),
    ],
)
def test_which_addresses_are_two_places(first: str, second: str, told: bool) -> None:
    """Another address with the same browser counts where it is far from the other one."""
    assert copies._elsewhere(Client(second, "One/1.0"), Client(first, "One/1.0")) == told


async def test_one_spent_token_that_is_shown_again_and_again(ada: Person, clock: Clock) -> None:
    """Twelve graces, twelve access tokens, and the successors never used: a bad network, or a copy. It is told."""
    owner = await ada.log_in()
    for _ in range(12):
        assert (await owner.refresh()).status_code == 200
        clock.advance(11)
    found = await SecurityEvent.filter(type="session.token_repeated", session_id=owner.sid)
    assert sorted(int(event.detail["unanswered"]) for event in found) == [3, 10]
    await owner.advance()
    assert (await owner.me()).status_code == 200


async def test_nobody_buries_the_owner_in_events(ada: Person, clock: Clock) -> None:
    """R69: whoever has a token can show it as often as they like; what is told of it grows by far more slowly."""
    owner = await ada.log_in()
    for _ in range(105):
        assert (await owner.refresh()).status_code == 200
        clock.advance(11)
    found = await SecurityEvent.filter(type="session.token_repeated", session_id=owner.sid).order_by("created_at")
    assert [event.detail["unanswered"] for event in found] == [3, 10, 100]


async def test_moving_on_now_and_then_makes_no_more_of_them(ada: Person, clock: Clock) -> None:
    """R69: the same, where the count begins anew again and again."""
    owner = await ada.log_in()
    for _ in range(12):
        for _ in range(3):
            assert (await owner.refresh()).status_code == 200
            clock.advance(11)
        await owner.advance()
        clock.advance(11)
    assert await SecurityEvent.filter(type="session.token_repeated").count() == 1


@pytest.mark.parametrize("sign", ["shared", "repeated"])
async def test_a_sign_that_the_database_cannot_take(
    ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, sign: str
) -> None:
    """R73: a refresh that was done is answered, and the log has the line."""
    owner = await ada.log_in()
    for _ in range(3 if sign == "repeated" else 1):
        thief = copy_of(owner)
        await refresh(copy_of(owner))
        clock.advance(11 if sign == "repeated" else 1)

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    with monkeypatch.context() as broken:
        broken.setattr(SecurityEvent, "exists", away)
        broken.setattr("service.audit.events.insert", away)
        assert (await refresh(thief, THIEF if sign == "shared" else None)).status_code == 200
    assert f"session.token_{sign}" in [record.getMessage() for record in caplog.records]


async def test_many_copies_at_once_are_one_event(ada: Person, caplog: pytest.LogCaptureFixture) -> None:
    """R69: who comes second with the same event finds it stored: that is no failure."""
    owner = await ada.log_in()
    thief = copy_of(owner)
    await refresh(owner)
    answers = await asyncio.gather(*(refresh(copy_of(thief), THIEF) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert await SecurityEvent.filter(type="session.token_shared").count() == 1
    assert "security_event.not_stored" not in [record.getMessage() for record in caplog.records]
