"""Every way in which a session ends says its own reason: to the open tab, to the refused refresh, and to operators."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from models import SecurityEvent, User
from service.accounts.traces import finish
from service.audit import timeline
from service.auth.flows import register_quietly
from service.core.client import Client
from service.core.text.email_address import parse_email
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.sessions import receipts, watch
from service.users import administration
from service.users.administration import Change
from tests.sessions.test_operators import delete_keys
from tests.support.browsers import Browser
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, post, reset, reset_token, undo_token, verify_token
from tests.support.people import PASSWORD, Person, Session, assert_problem, confirmed
from tests.support.streams import listening


@dataclass
class Stage:
    """Ada with two sessions, an administrator, and whatever a way needs besides."""

    ada: Person
    session: Session
    other: Session
    admin: Session
    runtime: Runtime
    mailbox: Mailbox
    monkeypatch: pytest.MonkeyPatch
    watched: bool = False

    async def change(self, **members: object) -> None:
        """Have the administrator change Ada."""
        assert (await self.admin.call("PATCH", f"/users/{self.ada.id}", json=members)).status_code == 200

    async def seen_alive(self) -> None:
        """Where a tab listens, wait until its session has been looked at once more."""
        looked, look = asyncio.Event(), watch.SessionWatch._look_at

        async def looking(looks: watch.SessionWatch, batch: dict[UUID, UUID]) -> None:
            await look(looks, batch)
            if self.session.sid in batch:
                looked.set()

        if self.watched:
            with self.monkeypatch.context() as seen:
                seen.setattr(watch.SessionWatch, "_look_at", looking)
                async with asyncio.timeout(30):
                    await looked.wait()


async def log_out(stage: Stage) -> None:
    await stage.session.call("POST", "/auth/logout")


async def end_from_another_device(stage: Stage) -> None:
    assert (await stage.other.call("DELETE", f"/sessions/{stage.session.sid}")).status_code == 204


async def end_all_others(stage: Stage) -> None:
    assert (await stage.other.call("DELETE", "/sessions")).status_code == 204


async def log_out_everywhere(stage: Stage) -> None:
    assert (await stage.session.call("POST", "/auth/logout-all")).status_code == 204


async def log_out_everywhere_elsewhere(stage: Stage) -> None:
    assert (await stage.other.call("POST", "/auth/logout-all")).status_code == 204


async def log_in_anew_in_the_same_browser(stage: Stage) -> None:
    browser = Browser(stage.ada.client, stage.session.refresh_token)
    assert (await browser.log_in(stage.ada.email, PASSWORD)).status_code == 200


async def too_many_log_ins(stage: Stage) -> None:
    stage.monkeypatch.setattr(stage.runtime.sessions._layout, "cap", 2)
    await stage.other.advance()
    await stage.ada.log_in()


async def a_token_comes_back(stage: Stage) -> None:
    old = stage.session.refresh_token
    for _ in range(2):
        await stage.session.advance()
        stage.runtime.clock.advance(60)
    assert (await stage.session.refresh(old)).json()["reason"] == "reused"


async def not_used_for_long(stage: Stage) -> None:
    await stage.seen_alive()
    stage.runtime.clock.advance(8 * 86_400)


async def too_long_after_the_log_in(stage: Stage) -> None:
    for _ in range(17):
        stage.runtime.clock.advance(5 * 86_400)
        await stage.session.advance()
    await stage.seen_alive()
    stage.runtime.clock.advance(6 * 86_400)


async def change_the_password(stage: Stage) -> None:
    answer = await stage.other.call("PUT", "/users/me", json={"password": NEW_PASSWORD})
    assert answer.status_code == 200


async def reset_the_password(stage: Stage) -> None:
    assert (await reset(stage.ada.client, await reset_token(stage.ada, stage.mailbox))).status_code == 204


async def claim_it_with_a_reset(stage: Stage) -> None:
    token = await reset_token(stage.ada, stage.mailbox)
    await confirmed(stage.ada, yes=False)
    assert (await reset(stage.ada.client, token)).status_code == 204


async def claim_it_with_a_new_password(stage: Stage) -> None:
    token = await verify_token(stage.ada, stage.mailbox)
    assert (await post(stage.ada.client, "email/verify", token=token, new_password=NEW_PASSWORD)).status_code == 204


async def confirm_it_as_somebody_else(stage: Stage) -> None:
    await confirmed(stage.ada, yes=False)
    client = Client("203.0.113.9", "somebody else's browser")
    await register_quietly(stage.runtime, parse_email(stage.ada.email), NEW_PASSWORD, "Somebody else", client)
    token = (await stage.mailbox.letters(stage.ada.email))[-1].token
    assert (await post(stage.ada.client, "email/verify", token=token, password=NEW_PASSWORD)).status_code == 204


async def take_a_change_of_address_back(stage: Stage) -> None:
    token = await undo_token(stage.ada, stage.mailbox)
    assert (await post(stage.ada.client, "email/undo", token=token)).status_code == 204


async def an_administrator_ends_all(stage: Stage) -> None:
    assert (await stage.admin.call("DELETE", f"/users/{stage.ada.id}/sessions")).status_code == 204


async def an_administrator_disables(stage: Stage) -> None:
    await stage.change(is_active=False)


async def an_administrator_disables_and_sets_a_password(stage: Stage) -> None:
    await stage.change(is_active=False, password=NEW_PASSWORD)


async def an_administrator_sets_a_password(stage: Stage) -> None:
    await stage.change(password=NEW_PASSWORD)


async def an_administrator_demotes(stage: Stage) -> None:
    await User.filter(id=stage.ada.id).update(is_superuser=True)
    await stage.change(is_superuser=False)


async def an_administrator_deletes(stage: Stage) -> None:
    assert (await stage.admin.call("DELETE", f"/users/{stage.ada.id}")).status_code == 204


async def delete_the_own_account(stage: Stage) -> None:
    assert (await stage.other.call("DELETE", "/users/me")).status_code == 204


async def a_command_disables(stage: Stage) -> None:
    await administration.change_user(stage.runtime, stage.ada.id, Change(is_active=False), actor=None)


async def a_command_sets_a_password(stage: Stage) -> None:
    await administration.change_user(stage.runtime, stage.ada.id, Change(password=NEW_PASSWORD), actor=None)


async def a_command_ends_it(stage: Stage) -> None:
    await receipts.revoke(stage.runtime, receipts.Wanted(session_id=stage.session.sid))


async def a_command_ends_all_of_the_user(stage: Stage) -> None:
    await receipts.revoke(stage.runtime, receipts.Wanted(user_id=stage.ada.id))


async def a_command_ends_all_there_are(stage: Stage) -> None:
    await receipts.revoke(stage.runtime, receipts.Wanted())


async def an_operator_deletes_its_key(stage: Stage) -> None:
    await delete_keys(stage.runtime, f"user:{{*}}:session:{stage.session.sid}")


async def an_operator_deletes_the_users_keys(stage: Stage) -> None:
    await delete_keys(stage.runtime, f"user:{{{stage.ada.id}}}:*")


async def redis_is_flushed(stage: Stage) -> None:
    redis: Any = stage.runtime.redis.client
    await redis.flushall()


async def _gone(*_: object, **__: object) -> int:
    raise Unavailable("redis")


async def the_password_changes_while_redis_is_away(stage: Stage) -> None:
    with stage.monkeypatch.context() as broken:
        broken.setattr(stage.runtime.sessions, "end_all", _gone)
        await change_the_password(stage)
    assert_problem(await stage.session.me(), 401, "invalid_token")
    assert_problem(await stage.session.refresh(), 400, "invalid_grant")


async def an_administrator_disables_while_redis_is_away(stage: Stage) -> None:
    with stage.monkeypatch.context() as broken:
        broken.setattr(stage.runtime.sessions, "end_all", _gone)
        await stage.change(is_active=False)
    assert_problem(await stage.session.refresh(), 400, "invalid_grant")


async def it_is_deleted_while_redis_is_away(stage: Stage) -> None:
    with stage.monkeypatch.context() as broken:
        broken.setattr(stage.runtime.sessions, "end_all", _gone)
        await an_administrator_deletes(stage)
    await finish(stage.runtime, stage.ada.id)  # the worker


async def a_cut_off_is_set_by_hand(stage: Stage) -> None:
    stage.runtime.clock.advance(60)
    await User.filter(id=stage.ada.id).update(sessions_valid_after=stage.runtime.clock.now())
    assert_problem(await stage.session.refresh(), 400, "invalid_grant")


Way = Callable[[Stage], Awaitable[None]]

# The way, its reason, what `latchkey explain` says; None: nothing is left on record of a deleted account.
WAYS: dict[Way, tuple[EndReason, str | None]] = {
    log_out: (EndReason.LOGGED_OUT, "Logged out, from"),
    end_from_another_device: (EndReason.ENDED_ELSEWHERE, "ended by the user from another device, from"),
    end_all_others: (EndReason.OTHERS_ENDED, "All sessions but one were ended by the user"),
    log_out_everywhere: (EndReason.LOGGED_OUT_EVERYWHERE, "The user logged out everywhere, from"),
    log_out_everywhere_elsewhere: (EndReason.LOGGED_OUT_EVERYWHERE, "The user logged out everywhere, from"),
    log_in_anew_in_the_same_browser: (EndReason.REPLACED, "logged in anew in the same browser"),
    too_many_log_ins: (EndReason.DISPLACED, "too many sessions"),
    a_token_comes_back: (EndReason.REUSED, "used twice"),
    not_used_for_long: (EndReason.EXPIRED, "had not been used for too long"),
    too_long_after_the_log_in: (EndReason.TOO_OLD, "had reached its greatest age when"),
    change_the_password: (EndReason.PASSWORD_CHANGED, "The password was changed, from"),
    reset_the_password: (EndReason.PASSWORD_RESET, "A new password was set with a link from a letter"),
    claim_it_with_a_reset: (EndReason.ACCOUNT_CLAIMED, "didn't have the account's password (reset)"),
    claim_it_with_a_new_password: (EndReason.ACCOUNT_CLAIMED, "didn't have the account's password (link)"),
    confirm_it_as_somebody_else: (EndReason.CONFIRMED_BY_ANOTHER, "didn't have the account's password (registration)"),
    take_a_change_of_address_back: (EndReason.EMAIL_CHANGE_UNDONE, "The change of the e-mail address was taken back"),
    an_administrator_ends_all: (EndReason.ENDED_BY_ADMINISTRATOR, "Every session was ended by an administrator"),
    an_administrator_disables: (EndReason.USER_DISABLED, "An administrator disabled the account"),
    an_administrator_disables_and_sets_a_password: (EndReason.USER_DISABLED, "An administrator disabled the account"),
    an_administrator_sets_a_password: (EndReason.PASSWORD_SET, "An administrator set a new password"),
    an_administrator_demotes: (EndReason.ROLE_CHANGED, "An administrator took the rights of a superuser away"),
    an_administrator_deletes: (EndReason.USER_DELETED, None),
    delete_the_own_account: (EndReason.USER_DELETED, None),
    a_command_disables: (EndReason.USER_DISABLED, "An operator disabled the account"),
    a_command_sets_a_password: (EndReason.PASSWORD_SET, "An operator set a new password"),
    a_command_ends_it: (EndReason.REVOKED, "ended by an operator (session)"),
    a_command_ends_all_of_the_user: (EndReason.REVOKED, "ended by an operator (user)"),
    a_command_ends_all_there_are: (EndReason.REVOKED, "ended by an operator (all)"),
    an_operator_deletes_its_key: (EndReason.REVOKED, "deleted outside the service"),
    an_operator_deletes_the_users_keys: (EndReason.REVOKED, "deleted outside the service"),
    redis_is_flushed: (EndReason.REVOKED, "deleted outside the service"),
    the_password_changes_while_redis_is_away: (EndReason.PASSWORD_CHANGED, "The password was changed, from"),
    an_administrator_disables_while_redis_is_away: (EndReason.USER_DISABLED, "An administrator disabled the account"),
    it_is_deleted_while_redis_is_away: (EndReason.USER_DELETED, None),
    a_cut_off_is_set_by_hand: (EndReason.REVOKED, "ended by the cut-off in the database"),
}

COARSE = {EndReason.EXPIRED: "expired", EndReason.TOO_OLD: "expired"}
"""What `reason` says of a refused refresh; of all others, that the session was revoked."""


@pytest.fixture
async def stage(
    ada: Person, root: Person, runtime: Runtime, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> Stage:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.05)
    session = await ada.log_in()
    return Stage(ada, session, await ada.log_in(), await root.log_in(), runtime, mailbox, monkeypatch)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_every_way_says_its_reason(stage: Stage, way: Way) -> None:
    """R29, R31, R69: every open tab hears why, the next refresh is refused with it, and `explain` has a sentence."""
    reason, told = WAYS[way]
    stage.watched = True
    async with listening(stage.session) as first, listening(stage.session) as second:
        await way(stage)
        assert [await first.ended(), await second.ended()] == [reason, reason]
    problem = assert_problem(await stage.session.refresh(), 400, "invalid_grant")
    assert (problem["reason"], problem["cause"]) == (COARSE.get(reason, "revoked"), reason)
    found = await timeline.explain(stage.runtime, session_id=stage.session.sid)
    if told is None:
        assert found == timeline.Timeline([], [])
        return
    (story,) = found.stories
    assert (story.reason, told in story.text) == (reason, True), story


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_the_reason_is_known_for_good(stage: Stage, way: Way) -> None:
    """A tab that slept through it hears the same when it wakes up, long after what the end has left in Redis."""
    reason, _ = WAYS[way]
    await way(stage)
    stage.runtime.clock.advance(3600)
    for _ in range(2):
        problem = assert_problem(await stage.session.refresh(), 400, "invalid_grant")
        assert problem["cause"] == reason
    assert await SecurityEvent.filter(type="session.vanished").count() <= (reason is EndReason.REVOKED)


async def test_what_was_before_the_log_in_has_not_ended_it(stage: Stage) -> None:
    """That all sessions were ended once says nothing of one that was opened later."""
    await log_out_everywhere(stage)
    stage.runtime.clock.advance(1)
    later = await stage.ada.log_in()
    await delete_keys(stage.runtime, f"user:{{{stage.ada.id}}}:*")
    assert assert_problem(await later.refresh(), 400, "invalid_grant")["cause"] == EndReason.REVOKED


def test_no_reason_is_forgotten() -> None:
    """Every reason there is has a way that leads to it."""
    assert {reason for reason, _ in WAYS.values()} == set(EndReason)


async def test_explained_in_german(stage: Stage) -> None:
    """The same in another language."""
    await log_out(stage)
    (story,) = (await timeline.explain(stage.runtime, session_id=stage.session.sid, language="de")).stories
    assert story.text.startswith("Abgemeldet, von 127.0.0.1")


async def test_old_events_stay_readable(stage: Stage) -> None:
    """Rows of earlier versions say less: they still tell how a session ended; what isn't known any more is named."""
    runtime, ada = stage.runtime, stage.ada
    runtime.clock.advance(1)
    await SecurityEvent.filter(type="user.registered").update(type="user.of_yesterday")
    await delete_keys(runtime, f"user:{{{ada.id}}}:*")
    for event, detail, reason in (
        ("user.updated", {"changed": "is_active", "sessions_ended": True}, EndReason.ENDED_BY_ADMINISTRATOR),
        ("sessions.ended", {"ended": 2, "way": "everywhere"}, EndReason.LOGGED_OUT_EVERYWHERE),
        ("session.expired", {}, EndReason.EXPIRED),
    ):
        row = await SecurityEvent.get(type="login.succeeded", session_id=stage.session.sid)
        row.id, row.type, row.detail = uuid4(), event, detail
        row.session_id = row.session_id if event == "session.expired" else None
        row.created_at += timedelta(milliseconds=500)
        await SecurityEvent.bulk_create([row])
        told = await timeline.explain(runtime, user_id=ada.id)
        assert "user.of_yesterday" in [entry.text for entry in told.entries]
        assert {story.reason for story in told.stories if story.session_id == stage.session.sid} == {reason}
        await SecurityEvent.filter(id=row.id).delete()


async def test_events_without_a_database(stage: Stage) -> None:
    """A tab hears the reason from Redis alone."""
    with stage.monkeypatch.context() as broken:
        broken.setattr("service.audit.events.insert", _gone)
        async with listening(stage.session) as stream:
            await log_out(stage)
            assert await stream.ended() == "logged_out"
