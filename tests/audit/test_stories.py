"""Five ways in which a session ends, and what `latchkey explain` says of each."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from models import SecurityEvent, User
from service.audit import events, stories, wording
from service.core.clock import Clock, from_ms
from service.runtime import Runtime
from tests.support.commands import latchkey
from tests.support.people import Person, Session
from tests.support.stores import Stores

DAY = 86_400


async def told(runtime: Runtime, session: Session) -> tuple[stories.Story, str]:
    story = await stories.of_session(runtime, session.sid)
    return story, wording.of_story(story)


async def delete_key(runtime: Runtime, person: Person, session: Session) -> None:
    redis: Any = runtime.redis.client
    assert await redis.unlink(f"user:{{{person.id}}}:session:{session.sid}") == 1


async def test_logout(ada: Person, runtime: Runtime) -> None:
    """R69: a session that its owner ended; while it lived, that was the answer."""
    session, other = await ada.log_in(), await ada.log_in()
    assert (await told(runtime, session))[0].state == "alive"
    await session.call("POST", "/auth/logout")
    story, words = await told(runtime, session)
    assert (story.state, story.cause.type if story.cause else None) == ("ended", events.LOGGED_OUT)
    assert "logged out, from 127.0.0.1" in words
    assert [event.type for event in story.timeline] == [
        events.LOGIN_SUCCEEDED,
        events.LOGGED_OUT,
    ]
    assert (await told(runtime, other))[0].state == "alive"


async def test_reuse(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """R69: a stolen token: both addresses and both times are in the answer."""
    session = await ada.log_in()
    stolen = session.refresh_token
    await session.advance()
    clock.advance(60)
    await session.me()  # the owner has the successor
    clock.advance(317)
    user = await User.get(id=ada.id)
    token = runtime.refresh_tokens.decode(stolen)
    assert token is not None
    await session.refresh(stolen)
    event = await SecurityEvent.get(type=events.TOKEN_REUSED)
    # Over HTTP every test comes from one address: the thief's is put in afterwards.
    await SecurityEvent.filter(id=event.id).update(ip="198.51.100.66")
    story, words = await told(runtime, session)
    assert story.user_id == user.id
    assert "refresh token used twice, from two addresses (127.0.0.1 and 198.51.100.66), " in words
    times = [f"{moment:%H:%M:%S}" for moment in (from_ms(event.detail["refreshed_at"]), event.created_at)]
    assert times[0] in words
    assert times[1] in words
    assert abs((event.created_at - from_ms(event.detail["refreshed_at"])).total_seconds() - 377) < 60
    assert "session ended" in words


async def test_idle_expiry(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """A session that nobody used: what is certain depends on whether the client came back; it is recorded once."""
    session, silent = await ada.log_in(), await ada.log_in()
    clock.advance(7 * DAY + 60)
    for _ in range(3):
        assert (await session.refresh()).json()["reason"] == "expired"
    assert await SecurityEvent.filter(type=events.SESSION_EXPIRED).count() == 1
    story, words = await told(runtime, session)
    assert (story.state, story.certain) == ("expired", True)
    assert "Expired at" in words
    assert "was not used in time" in words
    story, words = await told(runtime, silent)
    assert (story.state, story.certain) == ("unclear", False)
    assert "can't be known" in words
    clock.advance(90 * DAY)
    story, words = await told(runtime, silent)
    assert (story.state, story.exact) == ("expired", False)
    assert "at the latest" in words


async def test_administrators_revocation(ada: Person, root: Person, runtime: Runtime) -> None:
    """R31, R69: who ended it is in the answer."""
    session = await ada.log_in()
    administrator = await root.log_in()
    await administrator.call("DELETE", f"/users/{ada.id}/sessions")
    story, words = await told(runtime, session)
    assert story.state == "ended"
    assert f"sessions ended by administrator {root.id} (1)" in words
    assert (await session.refresh()).json()["reason"] == "revoked"
    assert not await SecurityEvent.filter(type=events.SESSION_VANISHED).exists()


async def test_bare_deletion(ada: Person, runtime: Runtime) -> None:
    """R31: keys deleted with redis-cli tell nobody, and are noticed all the same, once, when the client comes back."""
    session = await ada.log_in()
    await delete_key(runtime, ada, session)
    story, words = await told(runtime, session)
    assert (story.state, story.exact, story.cause) == ("deleted_outside", False, None)
    assert "keys were deleted outside the service" in words
    assert "at the latest" in words
    for _ in range(3):
        assert (await session.refresh()).json()["reason"] == "revoked"
    assert await SecurityEvent.filter(type=events.SESSION_VANISHED, session_id=session.sid).count() == 1
    story, words = await told(runtime, session)
    assert (story.state, story.cause.type if story.cause else None) == ("deleted_outside", events.SESSION_VANISHED)
    assert "keys were deleted outside the service" in words


async def test_a_kept_session_that_is_deleted_later(ada: Person, runtime: Runtime) -> None:
    """Ending all others doesn't explain the one that was kept; the others are explained by it."""
    session, other = await ada.log_in(), await ada.log_in()
    await session.call("DELETE", "/sessions")
    assert "ended all other sessions (1)" in (await told(runtime, other))[1]
    assert (await told(runtime, session))[0].state == "alive"
    await delete_key(runtime, ada, session)
    assert (await told(runtime, session))[0].state == "deleted_outside"
    await session.refresh()
    assert await SecurityEvent.filter(type=events.SESSION_VANISHED, session_id=session.sid).exists()


async def test_a_cut_off_set_by_hand(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """The runbook's SQL ends sessions without an event: that isn't taken for deleted keys."""
    session = await ada.log_in()
    clock.advance(60)
    await User.filter(id=ada.id).update(sessions_valid_after=clock.now())
    assert (await session.refresh()).json()["reason"] == "revoked"
    story, words = await told(runtime, session)
    assert (story.state, story.by_cut_off) == ("ended", True)
    assert "sessions_valid_after" in words
    assert not await SecurityEvent.filter(type=events.SESSION_VANISHED).exists()


async def test_displaced(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R35: the session that a log-in beyond the cap ended says so."""
    monkeypatch.setattr(runtime.sessions, "_cap", 1)
    session = await ada.log_in()
    await ada.log_in()
    assert "make room for a newer log-in" in (await told(runtime, session))[1]


async def test_by_user_and_by_request(ada: Person, runtime: Runtime) -> None:
    """All of a user's sessions, the newest first; a request's own doings."""
    first, second = await ada.log_in(), await ada.log_in()
    found = await stories.of_user(runtime, await User.get(id=ada.id))
    assert [story.session_id for story in found] == [second.sid, first.sid]
    answer = await first.client.post("/api/auth/logout", headers={**first.headers, "X-Request-ID": "the-one"})
    assert answer.status_code == 204
    did, about = await stories.of_request(runtime, "the-one")
    assert [event.type for event in did] == [events.LOGGED_OUT]
    assert [story.session_id for story in about] == [first.sid]


async def test_nothing_on_record(runtime: Runtime) -> None:
    """An unknown id is said to be one."""
    story = await stories.of_session(runtime, uuid4())
    assert wording.of_story(story) == "Nothing is on record about this session."


@pytest.mark.real_only
async def test_the_command(ada: Person, stores: Stores, runtime: Runtime) -> None:
    """`latchkey explain` prints the same, in words and as JSON."""
    session = await ada.log_in()
    await session.call("POST", "/auth/logout")
    environment = stores.environment()
    done = latchkey("explain", "--session", str(session.sid), "--json", **environment)
    assert done.returncode == 0, done.stderr
    story = json.loads(done.stdout)["sessions"][0]
    assert (story["state"], story["cause"], story["ended_at_is"]) == ("ended", "session.logged_out", "exact")
    words = latchkey("explain", "--email", ada.email, **environment).stdout
    assert story["summary"] in words.replace("\n", " ") or "logged out" in words
    assert latchkey("explain", **environment).returncode == 2


def test_every_event_has_words() -> None:
    """No event is told by its bare name, and none can put a line break into what is told (R71)."""
    for name, value in vars(events).items():
        if name.isupper() and isinstance(value, str):
            event = SecurityEvent(type=value, detail={}, user_agent="a\nb", ip="192.0.2.1", created_at=Clock().now())
            assert value not in wording.of_event(event), value
            assert "\n" not in wording.of_event(event)


async def test_at_most_one_row_at_once(ada: Person, runtime: Runtime) -> None:
    """Race: many refused refreshes of a vanished session record it once."""
    session = await ada.log_in()
    await delete_key(runtime, ada, session)
    await asyncio.gather(*(session.refresh() for _ in range(8)))
    assert await SecurityEvent.filter(type=events.SESSION_VANISHED).count() == 1
