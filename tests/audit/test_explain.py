"""Why was I logged out? Five stories, and what can't be known."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models import SecurityEvent, User
from service.audit import events, timeline
from service.audit.catalogue.copies import TOKEN_SHARED
from service.audit.stories import SessionStory
from service.core.clock import Clock
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions import receipts
from tests.support.people import Person, Session


async def story(runtime: Runtime, session: Session) -> SessionStory:
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
    previous = datetime.fromisoformat(event.detail["previous_at"])
    assert event.detail["previous_at"] == previous.isoformat(timespec="milliseconds")
    assert timedelta(seconds=59) < event.created_at - previous < timedelta(hours=1)


async def test_not_used_for_too_long(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """A refresh that comes too late says so for good; without one it can only be guessed, and is."""
    tried, untried = await ada.log_in(), await ada.log_in()
    clock.advance(8 * 86_400)
    await tried.refresh()
    await delete_keys(runtime, ada)  # as Redis itself would
    assert (await story(runtime, tried)).verdict == "expired"
    assert (await story(runtime, untried)).verdict == "unknown"


async def test_over_by_time_and_gone(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """Where Redis has dropped what was over by time, the next refresh says which of its two ends it was, and once."""
    unused, old = await ada.log_in(), await ada.log_in()
    for _ in range(15):
        clock.advance(5.9 * 86_400)
        await old.advance()
    clock.advance(5.9 * 86_400)
    await delete_keys(runtime, ada)
    for session, reason, told in ((unused, "expired", "not been used"), (old, "too_old", "greatest age")):
        for _ in range(2):
            assert (await session.refresh()).json()["cause"] == reason
        assert await SecurityEvent.filter(type="session.expired", session_id=session.sid).count() == 1
        found = await story(runtime, session)
        assert (found.verdict, found.reason, told in found.text) == ("expired", reason, True)


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


async def test_deleted_keys_stay_so(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """What was found deleted once is still that when it would be over by time; nothing more is recorded."""
    session = await ada.log_in()
    await delete_keys(runtime, ada)
    await session.refresh()
    clock.advance(8 * 86_400)
    assert (await session.refresh()).json()["cause"] == "revoked"
    assert not await SecurityEvent.filter(type="session.expired").exists()
    found = await story(runtime, session)
    assert (found.verdict, "nothing had ended it" in found.text) == ("deleted", True)


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
    monkeypatch.setattr(runtime.sessions._layout, "cap", 1)
    first = await ada.log_in()
    await ada.log_in()
    found = await story(runtime, first)
    assert (found.verdict, "too many sessions" in found.text) == ("ended", True)
    event = await SecurityEvent.get(type="session.displaced")  # by whom it was, who logged in
    assert (event.ip, event.user_agent) == ("127.0.0.1", ada.client.headers["user-agent"])


async def test_by_request_and_by_user(client: httpx.AsyncClient, ada: Person, grace: Person, runtime: Runtime) -> None:
    """A request id from an error leads to its session; a user's story holds all of their sessions, and no others."""
    await grace.log_in()
    session, other = await ada.log_in(), await ada.log_in()
    answer = await client.post("/api/auth/logout", headers={**session.headers, "X-Request-ID": "ticket-7"})
    assert answer.status_code == 204
    told = await timeline.explain(runtime, request_id="ticket-7")
    assert [found.session_id for found in told.stories] == [session.sid]
    everything = await timeline.explain(runtime, user_id=ada.id)
    assert {found.session_id for found in everything.stories} == {session.sid, other.sid}
    assert len(everything.entries) == await SecurityEvent.filter(user_id=ada.id).count()


async def test_what_a_sessions_story_holds(ada: Person, runtime: Runtime) -> None:
    """What happened in it, and what ended it elsewhere; nothing of the user's other sessions."""
    ended, other = await ada.log_in(), await ada.log_in()
    await other.call("POST", "/auth/reauthenticate", json={"password": ada.password})
    await other.call("PUT", "/users/me", json={"password": "a new one altogether"})
    told = await timeline.explain(runtime, session_id=ended.sid)
    assert [(entry.event, entry.session_id) for entry in told.entries] == [
        ("login.succeeded", ended.sid),
        ("password.changed", other.sid),
    ]


async def test_nothing_is_known(ada: Person, runtime: Runtime) -> None:
    """An unknown session is said to be one, and tells nothing of others."""
    session = await ada.log_in()
    await session.call("PUT", "/users/me", json={"password": "a new one altogether"})
    told = await timeline.explain(runtime, session_id=uuid4())
    assert told == timeline.Timeline([], [])


async def test_no_beginning_is_on_record(ada: Person, runtime: Runtime) -> None:
    """What happened in a session whose log-in isn't on record any more: nobody knows how it ended."""
    sid = uuid4()
    await events.record(runtime, TOKEN_SHARED, user_id=ada.id, session_id=sid)
    (story,) = (await timeline.explain(runtime, session_id=sid)).stories
    assert (story.session_id, story.verdict, story.reason) == (sid, "unknown", None)


async def test_logged_out_everywhere(ada: Person, runtime: Runtime) -> None:
    """The session that asked for it ended as well: its keys were not deleted by somebody else."""
    caller, other = await ada.log_in(), await ada.log_in()
    assert (await caller.call("POST", "/auth/logout-all")).status_code == 204
    for session in (caller, other):
        await session.refresh()
        assert (await story(runtime, session)).verdict == "ended"
    assert not await SecurityEvent.filter(type="session.vanished").exists()


async def test_a_kept_session_that_is_deleted_later(ada: Person, runtime: Runtime) -> None:
    """Ending all others explains the others, and not the one that was kept."""
    kept, other = await ada.log_in(), await ada.log_in()
    assert (await kept.call("DELETE", "/sessions")).status_code == 204
    assert (await story(runtime, other)).verdict == "ended"
    await delete_keys(runtime, ada)
    assert (await story(runtime, kept)).verdict == "deleted"
    await kept.refresh()
    assert await SecurityEvent.filter(type="session.vanished", session_id=kept.sid).exists()


async def test_a_revocation_explains_what_it_ended(ada: Person, runtime: Runtime) -> None:
    """One by user agent ends some of a user's sessions: another that vanishes later is not put down to it."""
    phone, laptop = await ada.log_in(**{"User-Agent": "Phone/1.0"}), await ada.log_in(**{"User-Agent": "Laptop/1.0"})
    await receipts.revoke(runtime, receipts.Wanted(user_agent="phone"))
    assert "by an operator (user agent)" in (await story(runtime, phone)).text
    await delete_keys(runtime, ada)
    assert (await story(runtime, laptop)).verdict == "deleted"


async def test_an_enabled_account_ends_nothing(ada: Person, root: Person, runtime: Runtime) -> None:
    """Only changes that end sessions explain the end of one."""
    session, admin = await ada.log_in(), await root.log_in()
    assert (await admin.call("PATCH", f"/users/{ada.id}", json={"is_active": True})).status_code == 200
    await delete_keys(runtime, ada)
    assert (await story(runtime, session)).verdict == "deleted"


async def test_a_cut_off_set_by_hand(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """The runbook's SQL ends sessions without an event: that isn't taken for deleted keys."""
    session = await ada.log_in()
    clock.advance(60)
    await User.filter(id=ada.id).update(sessions_valid_after=clock.now())
    assert (await session.refresh()).json()["reason"] == "revoked"
    found = await story(runtime, session)
    assert (found.verdict, "cut-off in the database" in found.text) == ("ended", True)
    assert not await SecurityEvent.filter(type="session.vanished").exists()


async def test_a_cut_off_explains_what_is_gone(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """Nor where the keys are gone as well, or the log-in isn't on record any more."""
    gone, unknown = await ada.log_in(), await ada.log_in()
    clock.advance(60)
    await User.filter(id=ada.id).update(sessions_valid_after=clock.now())
    redis: Any = runtime.redis.client
    await redis.unlink(f"user:{{{ada.id}}}:session:{gone.sid}")
    await SecurityEvent.filter(session_id=unknown.sid).delete()
    for session in (gone, unknown):
        assert (await session.refresh()).json()["reason"] == "revoked"
    assert not await SecurityEvent.filter(type="session.vanished").exists()


async def test_noticed_once_by_many(ada: Person, runtime: Runtime) -> None:
    """Race: many refused refreshes of a vanished session record it once."""
    session = await ada.log_in()
    await delete_keys(runtime, ada)
    await asyncio.gather(*(session.refresh() for _ in range(8)))
    assert await SecurityEvent.filter(type="session.vanished").count() == 1


async def test_displaced_by_a_log_in_that_fails(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new session comes to nothing, for a store goes away; the one that made room for it is over all the same."""
    monkeypatch.setattr(runtime.sessions._layout, "cap", 1)
    first = await ada.log_in()

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    with monkeypatch.context() as broken:
        broken.setattr("service.signin.door.token_pair", away)
        form = {"username": ada.email, "password": ada.password}
        assert (await first.client.post("/api/auth/login", data=form)).status_code == 503
    await delete_keys(runtime, ada)
    assert (await first.refresh()).json()["cause"] == "displaced"
    found = await story(runtime, first)
    assert (found.verdict, "too many sessions" in found.text) == ("ended", True)


async def test_a_bulk_end_claims_what_it_ended(ada: Person, root: Person, runtime: Runtime) -> None:
    """Sessions that were gone before, noticed or not, are put down to no later end of others, whoever ended those."""
    noticed, unnoticed, other = await ada.log_in(), await ada.log_in(), await ada.log_in()
    redis: Any = runtime.redis.client
    for gone in (noticed, unnoticed):
        await redis.unlink(f"user:{{{ada.id}}}:session:{gone.sid}")
    await noticed.refresh()
    admin = await root.log_in()
    await admin.call("DELETE", f"/users/{ada.id}/sessions")
    await receipts.revoke(runtime, receipts.Wanted(user_id=ada.id))
    assert [(await story(runtime, one)).verdict for one in (noticed, unnoticed, other)] == [
        "deleted",
        "deleted",
        "ended",
    ]
    event = await SecurityEvent.get(type="sessions.ended")
    assert (event.detail["sessions"], event.detail["ended"]) == (str(other.sid), 1)


async def test_more_sessions_than_an_event_names(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how many more they were; of those it is known that they were over by then."""
    monkeypatch.setattr(events, "MOST_NAMED", 1)
    kept, *others = [await ada.log_in() for _ in range(4)]
    await kept.call("DELETE", "/sessions")
    event = await SecurityEvent.get(type="sessions.ended")
    assert (len(event.detail["sessions"].split()), event.detail["more"]) == (1, 2)
    found = [await story(runtime, one) for one in others]
    assert sorted(one.verdict for one in found) == ["ended", "unknown", "unknown"]
    assert all(one.reason == "others_ended" for one in found)
    assert sum("at the latest" in one.text for one in found) == 2
    assert [(await one.refresh()).json()["cause"] for one in others] == ["others_ended"] * 3


async def test_disabled_by_hand_and_gone_accounts(ada: Person, grace: Person, runtime: Runtime) -> None:
    """What the runbook's SQL does leaves no event: that, too, isn't taken for deleted keys."""
    disabled, flushed, gone = await ada.log_in(), await ada.log_in(), await grace.log_in()
    await User.filter(id=ada.id).update(is_active=False)
    redis: Any = runtime.redis.client
    await redis.unlink(f"user:{{{ada.id}}}:session:{flushed.sid}")
    await User.filter(id=grace.id).delete()
    verdicts = [(await story(runtime, one)).verdict for one in (disabled, flushed, gone)]
    assert verdicts == ["ended", "unknown", "unknown"]
