"""Why was I logged out? Five stories, and what can't be known."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from models import SecurityEvent
from service.audit import timeline
from service.core.clock import Clock
from service.runtime import Runtime
from tests.support.people import Person, Session


async def story(runtime: Runtime, session: Session) -> timeline.SessionStory:
    told = await timeline.explain(runtime, session_id=session.sid)
    assert [found.session_id for found in told.stories] == [session.sid]
    assert [entry.at for entry in told.entries] == sorted(entry.at for entry in told.entries)
    return told.stories[0]


async def delete_keys(runtime: Runtime, person: Person) -> None:
    """Do what `redis-cli --scan --pattern 'user:{ID}:*' | xargs redis-cli unlink` does."""
    redis: Any = runtime.redis.client
    async for key in redis.scan_iter(match=f"user:{{{person.id}}}:*"):
        await redis.unlink(key)


async def test_logged_out(ada: Person, runtime: Runtime) -> None:
    """R69: the user's own log-out is told from all else; before it the session lives."""
    session = await ada.log_in()
    assert (await story(runtime, session)).verdict == "living"
    await session.call("POST", "/auth/logout")
    found = await story(runtime, session)
    assert (found.verdict, found.text.startswith("Logged out, from 127.0.0.1")) == ("ended", True)


async def test_token_used_twice(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """Both addresses and times are told."""
    session = await ada.log_in()
    stolen = session.refresh_token
    await session.advance()
    await session.me()
    clock.advance(60)
    await session.refresh(stolen)
    found = await story(runtime, session)
    assert found.verdict == "ended"
    assert "used twice" in found.text
    assert "for 127.0.0.1, and the old one came back, from 127.0.0.1" in found.text
    event = await SecurityEvent.get(type="session.token_reused")
    assert set(event.detail) == {"presented_gen", "previous_at", "previous_ip", "previous_user_agent"}


async def test_not_used_for_too_long(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """A refresh that comes too late says so for good; without one it can only be guessed, and is."""
    tried, untried = await ada.log_in(), await ada.log_in()
    clock.advance(8 * 86_400)
    await tried.refresh()
    await delete_keys(runtime, ada)  # as Redis itself would
    assert (await story(runtime, tried)).verdict == "expired"
    assert (await story(runtime, untried)).verdict == "unknown"


async def test_ended_by_an_administrator(ada: Person, root: Person, runtime: Runtime) -> None:
    """The administrator is named as one."""
    session, admin = await ada.log_in(), await root.log_in()
    assert (await admin.call("DELETE", f"/users/{ada.id}/sessions")).status_code == 204
    found = await story(runtime, session)
    assert (found.verdict, "by an administrator" in found.text) == ("ended", True)


async def test_keys_deleted_outside_the_service(ada: Person, runtime: Runtime) -> None:
    """Nothing on record ended it, and it can't have expired; the first refused refresh records it, once."""
    untried, tried = await ada.log_in(), await ada.log_in()
    await delete_keys(runtime, ada)
    for session in (untried, tried):
        found = await story(runtime, session)
        assert (found.verdict, "deleted outside the service" in found.text) == ("deleted", True)
    for _ in range(3):
        await tried.refresh()
    assert await SecurityEvent.filter(type="session.vanished", session_id=tried.sid).count() == 1
    assert (await story(runtime, tried)).verdict == "deleted"


async def test_ends_on_record_are_no_mystery(ada: Person, runtime: Runtime) -> None:
    """A refused refresh of a session that something did end records nothing more."""
    kept, other, out = await ada.log_in(), await ada.log_in(), await ada.log_in()
    await kept.call("PUT", "/users/me", json={"password": "a new one altogether"})
    await other.refresh()
    await out.refresh()
    assert not await SecurityEvent.filter(type="session.vanished").exists()
    assert "password was changed" in (await story(runtime, other)).text
    assert (await story(runtime, kept)).verdict == "living"


async def test_displaced_by_a_newer_log_in(ada: Person, runtime: Runtime, monkeypatch: Any) -> None:
    """R35: the limit on sessions is told from a deletion."""
    monkeypatch.setattr(runtime.sessions, "_cap", 1)
    first = await ada.log_in()
    await ada.log_in()
    found = await story(runtime, first)
    assert (found.verdict, "too many sessions" in found.text) == ("ended", True)


async def test_by_request_and_by_user(client: httpx.AsyncClient, ada: Person, runtime: Runtime) -> None:
    """A request id from an error leads to its session; a user's story holds all of their sessions."""
    session, other = await ada.log_in(), await ada.log_in()
    answer = await client.post("/api/auth/logout", headers={**session.headers, "X-Request-ID": "ticket-7"})
    assert answer.status_code == 204
    told = await timeline.explain(runtime, request_id="ticket-7")
    assert [found.session_id for found in told.stories] == [session.sid]
    everything = await timeline.explain(runtime, user_id=ada.id)
    assert {found.session_id for found in everything.stories} == {session.sid, other.sid}


async def test_nothing_is_known(runtime: Runtime) -> None:
    """An unknown session is said to be one."""
    told = await timeline.explain(runtime, session_id=uuid4())
    assert told == timeline.Timeline([], [])
