"""A user sees their devices and ends what they don't know."""

from __future__ import annotations

from uuid import uuid4

import pytest

from models import SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from service.stores.sessions.scripts.shared import KEPT_MS
from tests.support.people import Person, assert_problem

CHROME = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)


async def test_list(ada: Person, grace: Person, clock: Clock) -> None:
    """R32: own sessions only, the one used last first, the current one marked, never a token."""
    first = await ada.log_in(**{"User-Agent": CHROME})
    clock.advance(100)
    second = await ada.log_in()
    await grace.log_in()
    assert (await second.me()).status_code == 200
    clock.advance(30)
    assert (await first.me()).status_code == 200
    listed = (await second.call("GET", "/sessions")).json()
    assert [entry["id"] for entry in listed] == [str(first.sid), str(second.sid)]
    assert [entry["current"] for entry in listed] == [False, True]
    assert (listed[0]["device"], listed[0]["user_agent"], listed[0]["ip"]) == ("Chrome on macOS", CHROME, "127.0.0.1")
    assert set(listed[0]) == {
        "bound",
        "id", "created_at", "last_used_at", "expires_at", "ip", "user_agent", "device", "browser", "system",
        "name", "current", "methods", "level",
    }  # fmt: skip
    assert listed[0]["last_used_at"] > listed[0]["created_at"]


async def test_one_name(ada: Person, clock: Clock) -> None:
    """A device is called the same in the list of sessions and in every event; where there was none, it has no name."""
    session = await ada.log_in(**{"User-Agent": CHROME})
    await SecurityEvent.create(user_id=ada.id, type="user.updated", created_at=clock.now(), detail={})
    names = {event["type"]: event["device"] for event in (await session.call("GET", "/users/me/events")).json()}
    assert (names["login.succeeded"], names["user.updated"]) == ("Chrome on macOS", None)
    exported = (await session.call("GET", "/users/me/export")).json()["events"]
    assert {event["type"]: event["device"] for event in exported} == names


async def test_last_use_is_coarse(ada: Person, clock: Clock) -> None:
    """A plain request is a read: the time of use is written at most once a minute."""
    session = await ada.log_in()
    await session.me()  # acknowledges the generation: a write

    async def last_use() -> str:
        return str((await session.call("GET", "/sessions")).json()[0]["last_used_at"])

    before = await last_use()
    clock.advance(59)
    assert await last_use() == before
    clock.advance(2)
    assert await last_use() > before


async def test_expiry_shown_is_the_nearer_end(ada: Person, clock: Clock) -> None:
    """`expires_at` is the idle end, or the absolute end when that comes first."""
    session = await ada.log_in()
    for _ in range(14):
        clock.advance(6 * 86400)
        await session.advance()
    entry = (await session.call("GET", "/sessions")).json()[0]
    from datetime import datetime, timedelta

    assert datetime.fromisoformat(entry["expires_at"]) - datetime.fromisoformat(entry["created_at"]) == timedelta(90)


async def test_end_one(ada: Person, clock: Clock) -> None:
    """The device is out on its next request; the others stay."""
    session, lost = await ada.log_in(), await ada.log_in()
    assert (await session.call("DELETE", f"/sessions/{lost.sid}")).status_code == 204
    assert_problem(await lost.me(), 401, "invalid_token")
    assert [entry["id"] for entry in (await session.call("GET", "/sessions")).json()] == [str(session.sid)]
    clock.advance(KEPT_MS / 1000)
    assert_problem(await session.call("DELETE", f"/sessions/{lost.sid}"), 404, "not_found")


async def test_foreign_and_unknown_look_alike(ada: Person, grace: Person) -> None:
    """R60: another user's session, an unknown id and no id at all: one answer."""
    session, foreign = await ada.log_in(), await grace.log_in()
    answers = []
    for sid in (foreign.sid, uuid4(), "not-an-id", "{" + str(foreign.sid) + "}", f"urn:uuid:{foreign.sid}"):
        problem = assert_problem(await session.call("DELETE", f"/sessions/{sid}"), 404, "not_found")
        answers.append({name: value for name, value in problem.items() if name != "request_id"})
    assert all(answer == answers[0] for answer in answers)
    assert (await foreign.me()).status_code == 200


async def test_end_others(ada: Person, runtime: Runtime) -> None:
    """All others are over for certain, this one goes on and can still refresh."""
    session, *others = [await ada.log_in() for _ in range(4)]
    assert (await session.call("DELETE", "/sessions")).status_code == 204
    for other in others:
        assert_problem(await other.me(), 401, "invalid_token")
        assert assert_problem(await other.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    await session.advance()
    assert (await session.me()).status_code == 200
    assert (await User.get(id=ada.id)).sessions_valid_after is not None


async def test_forgotten_id_ends_nothing(ada: Person) -> None:
    """A client that forgets the id of the session it means asks for `/sessions/`: that isn't all the others."""
    tokens, other = await ada.log_in(), await ada.log_in()
    for path in ("/sessions/", "/sessions//"):
        assert_problem(await tokens.call("DELETE", path), 404, "not_found")
    assert (await other.me()).status_code == 200
    assert (await tokens.call("GET", "/sessions/")).status_code == 200  # reading harms nobody


async def test_session_cap(ada: Person, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """R35: past MAX_SESSIONS_PER_USER the session used longest ago goes."""
    monkeypatch.setattr(runtime.sessions._layout, "cap", 3)
    oldest, middle, newest = [await ada.log_in() for _ in range(3)]
    clock.advance(120)
    assert (await oldest.me()).status_code == 200
    fourth = await ada.log_in()
    assert_problem(await middle.me(), 401, "invalid_token")
    for session in (oldest, newest, fourth):
        assert (await session.me()).status_code == 200


async def test_session_of_a_failover_stays_dead(ada: Person, runtime: Runtime) -> None:
    """A session that a Redis failover brought back is refused everywhere: the cut-off in the database backs it up."""
    session = await ada.log_in()
    key = f"user:{{{ada.id}}}:session:{session.sid}"
    redis = runtime.redis.client
    kept = await redis.hgetall(key)  # type: ignore[attr-defined]
    await session.call("POST", "/auth/logout-all")
    await redis.hset(key, mapping=kept)  # type: ignore[attr-defined]
    await redis.zadd(f"user:{{{ada.id}}}:sessions", {str(session.sid): 1})  # type: ignore[attr-defined]
    assert_problem(await session.me(), 401, "invalid_token")
    again = await ada.log_in()
    assert [entry["id"] for entry in (await again.call("GET", "/sessions")).json()] == [str(again.sid)]
    assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    assert await redis.exists(key) == 0  # type: ignore[attr-defined]
