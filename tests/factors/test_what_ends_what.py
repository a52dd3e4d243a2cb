"""What ends what: sessions, log-ins under way, the trust of devices, factors. A row for each deed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from models import Credential, User
from service.core.clock import Clock
from service.credentials import factor_resets, recovery_codes, trusted_devices
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions import receipts
from tests.factors.support import STEP, App, Owner, owner_of, set_up
from tests.signin.support import delete_keys
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, address_token, post, reset, reset_token
from tests.support.people import Person, Session, assert_problem


@dataclass
class Stage:
    """Ada with a factor, two sessions, a log-in under way, a trusted device, a second factor half set up."""

    owner: Owner
    other: Session
    challenge: str
    enrolment: str
    coming: App
    admin: Session
    runtime: Runtime
    mailbox: Mailbox

    @property
    def session(self) -> Session:
        return self.owner.session


@pytest.fixture
async def stage(ada: Person, root: Person, clock: Clock, runtime: Runtime, mailbox: Mailbox) -> Stage:
    from tests.factors.support import app_of

    owner = await owner_of(ada, clock)
    other = await owner.log_in(trust_device=True)
    ada.client.cookies.clear()
    await owner.step_up(owner.session)
    admin = await root.log_in()
    ada.client.cookies.clear()
    begun = await owner.session.call("POST", "/users/me/factors/totp")
    clock.advance(STEP)
    challenge = await owner.challenge()
    found = Stage(owner, other, challenge, begun.json()["enrolment"], app_of(begun, clock), admin, runtime, mailbox)
    assert await state(found) == (True, True, True, True, 1)
    return found


async def state(stage: Stage) -> tuple[bool, bool, bool, bool, int]:
    """Whether this session and the other live, the log-in goes on, a device is trusted; how many factors."""
    from service.errors import InvalidChallenge
    from service.signin import pending

    try:
        found = await pending.waiting(stage.runtime, stage.challenge)
        under_way = found.user is not None and found.user.is_active
    except InvalidChallenge:
        under_way = False
    user = await User.get_or_none(id=stage.owner.person.id)
    trusted = bool(await trusted_devices.list_trusted(stage.runtime, user)) if user else False
    factors = await Credential.filter(user_id=stage.owner.person.id, kind="totp").count()
    lives = [(await session.me()).status_code == 200 for session in (stage.session, stage.other)]
    return lives[0], lives[1], under_way, trusted, factors


async def log_out(stage: Stage) -> None:
    assert (await stage.session.call("POST", "/auth/logout")).status_code == 204


async def log_out_everywhere(stage: Stage) -> None:
    assert (await stage.session.call("POST", "/auth/logout-all")).status_code == 204


async def end_the_others(stage: Stage) -> None:
    assert (await stage.session.call("DELETE", "/sessions")).status_code == 204


async def an_administrator_ends_all(stage: Stage) -> None:
    assert (await stage.admin.call("DELETE", f"/users/{stage.owner.person.id}/sessions")).status_code == 204


async def a_command_revokes(stage: Stage) -> None:
    await receipts.revoke(stage.runtime, receipts.Wanted(user_id=stage.owner.person.id))


async def the_keys_are_deleted(stage: Stage) -> None:
    await delete_keys(stage.runtime, f"user:{{{stage.owner.person.id}}}:*")


async def redis_is_flushed(stage: Stage) -> None:
    redis: Any = stage.runtime.redis.client
    await redis.flushall()


async def change_the_password(stage: Stage) -> None:
    answer = await stage.session.call("PATCH", "/users/me", json={"password": NEW_PASSWORD})
    assert answer.status_code == 200, answer.text


async def reset_the_password(stage: Stage) -> None:
    assert (await reset(stage.owner.client, await reset_token(stage.owner.person, stage.mailbox))).status_code == 204


async def an_administrator_sets_a_password(stage: Stage) -> None:
    path = f"/users/{stage.owner.person.id}"
    assert (await stage.admin.call("PATCH", path, json={"password": NEW_PASSWORD})).status_code == 200


async def replace_the_factor(stage: Stage) -> None:
    await set_up(stage.session, stage.runtime.clock)


async def replace_it_and_end_the_others(stage: Stage) -> None:
    await set_up(stage.session, stage.runtime.clock, end_other_sessions=True)


async def new_recovery_codes(stage: Stage) -> None:
    assert (await stage.session.call("POST", "/users/me/recovery-codes")).status_code == 200


async def remove_the_factor(stage: Stage) -> None:
    assert (await stage.session.call("DELETE", "/users/me/factors/totp")).status_code == 204


async def an_administrator_resets(stage: Stage) -> None:
    answer = await stage.admin.call(
        "DELETE", f"/users/{stage.owner.person.id}/factors", json={"reason": "lost the phone"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"factors": ["totp"], "recovery_codes": 10, "trusted_devices": 1, "sessions": 2}


async def an_operator_resets(stage: Stage) -> None:
    await factor_resets.reset(stage.runtime, stage.owner.person.id, actor=None, reason="")


async def change_the_address(stage: Stage) -> None:
    token = await address_token(stage.session, stage.mailbox, "ada@example.org")
    assert (await post(stage.owner.client, "email/confirm", token=token)).status_code == 204


async def take_it_back(stage: Stage) -> None:
    await change_the_address(stage)
    token = (await stage.mailbox.letter("ada@example.com")).token
    assert (await post(stage.owner.client, "email/undo", token=token)).status_code == 204


async def disable(stage: Stage) -> None:
    path = f"/users/{stage.owner.person.id}"
    assert (await stage.admin.call("PATCH", path, json={"is_active": False})).status_code == 200


async def disable_and_enable(stage: Stage) -> None:
    await disable(stage)
    path = f"/users/{stage.owner.person.id}"
    assert (await stage.admin.call("PATCH", path, json={"is_active": True})).status_code == 200


async def delete(stage: Stage) -> None:
    assert (await stage.session.call("DELETE", "/users/me")).status_code == 204


LIVES, ENDS = True, False
Deed = Callable[[Stage], Awaitable[None]]
# deed: this session, the other, log-ins under way, trust, factors
TABLE: dict[Deed, tuple[bool, bool, bool, bool, int]] = {
    log_out: (ENDS, LIVES, LIVES, LIVES, 1),
    log_out_everywhere: (ENDS, ENDS, ENDS, ENDS, 1),
    end_the_others: (LIVES, ENDS, ENDS, ENDS, 1),
    an_administrator_ends_all: (ENDS, ENDS, ENDS, ENDS, 1),
    a_command_revokes: (ENDS, ENDS, ENDS, ENDS, 1),
    the_keys_are_deleted: (ENDS, ENDS, ENDS, ENDS, 1),
    redis_is_flushed: (ENDS, ENDS, ENDS, ENDS, 1),
    change_the_password: (LIVES, ENDS, ENDS, ENDS, 1),
    reset_the_password: (ENDS, ENDS, ENDS, ENDS, 1),  # a mailbox is one factor
    an_administrator_sets_a_password: (ENDS, ENDS, ENDS, ENDS, 1),
    replace_the_factor: (LIVES, LIVES, ENDS, ENDS, 1),
    replace_it_and_end_the_others: (LIVES, ENDS, ENDS, ENDS, 1),
    new_recovery_codes: (LIVES, LIVES, ENDS, ENDS, 1),
    remove_the_factor: (LIVES, ENDS, ENDS, ENDS, 0),
    an_administrator_resets: (ENDS, ENDS, ENDS, ENDS, 0),
    an_operator_resets: (ENDS, ENDS, ENDS, ENDS, 0),
    change_the_address: (LIVES, LIVES, ENDS, ENDS, 1),
    take_it_back: (ENDS, ENDS, ENDS, ENDS, 1),  # what is older than the change stays
    disable: (ENDS, ENDS, ENDS, ENDS, 1),
    disable_and_enable: (ENDS, ENDS, ENDS, ENDS, 1),
    delete: (ENDS, ENDS, ENDS, ENDS, 0),
}


@pytest.mark.parametrize("deed", TABLE, ids=lambda deed: deed.__name__)
async def test_what_ends(stage: Stage, deed: Deed) -> None:
    """Each cell of the row; and with the sessions what was half set up in them."""
    await deed(stage)
    assert await state(stage) == TABLE[deed]
    if not TABLE[deed][0]:
        return
    body = {"enrolment": stage.enrolment, "code": stage.coming.code()}
    confirmed_ = await stage.session.call("POST", "/users/me/factors/totp/confirm", json=body)
    ended_meanwhile = deed in (end_the_others, change_the_password, replace_it_and_end_the_others, remove_the_factor)
    assert confirmed_.status_code == (400 if ended_meanwhile else 200), confirmed_.text


async def test_a_cut_off_is_enough(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis away while somebody is thrown out: what is left there is worth nothing when it is back."""

    async def gone(*_: object, **__: object) -> int:
        raise Unavailable("redis")

    with monkeypatch.context() as broken:
        broken.setattr(stage.runtime.sessions, "end_all", gone)
        broken.setattr("service.credentials.trusted_devices.forget_all", gone)
        await an_administrator_resets_quietly(stage)
    assert await state(stage) == (False, False, False, False, 0)


async def an_administrator_resets_quietly(stage: Stage) -> None:
    await stage.admin.call("DELETE", f"/users/{stage.owner.person.id}/factors", json={"reason": "x"})


@pytest.mark.parametrize("what", ["factor", "codes"])
async def test_what_a_thief_has_added_goes_with_his_address(
    ada: Person, clock: Clock, runtime: Runtime, mailbox: Mailbox, what: str
) -> None:
    """The address is changed, a factor or recovery codes are made, the change is taken back: they are gone."""
    owner = await owner_of(ada, clock)
    clock.advance(60)
    await owner.step_up(owner.session)
    token = await address_token(owner.session, mailbox, "thief@example.org")
    assert (await post(ada.client, "email/confirm", token=token)).status_code == 204
    undo = (await mailbox.letter("ada@example.com")).token
    clock.advance(60)
    await owner.step_up(owner.session)
    if what == "factor":
        await set_up(owner.session, clock)
    else:
        assert (await owner.session.call("POST", "/users/me/recovery-codes")).status_code == 200
    assert (await post(ada.client, "email/undo", token=undo)).status_code == 204
    user = await User.get(id=ada.id)
    kept = {row.kind for row in await Credential.filter(user_id=ada.id)}
    assert kept == (set() if what == "factor" else {"totp"})
    assert user.factors == (0 if what == "factor" else 1)
    assert (await recovery_codes.left(user)).number == 0


async def test_a_deleted_account_leaves_no_trust(stage: Stage, runtime: Runtime) -> None:
    """Of the keys that say which devices were trusted none is left."""
    await delete(stage)
    redis: Any = runtime.redis.client
    assert [key async for key in redis.scan_iter("*:trusted:*")] == []


async def test_the_reset_is_told(stage: Stage, grace: Person) -> None:
    """A letter, an event with who and why, and nobody but a superuser, just there, may."""
    await stage.mailbox.letters()
    path = f"/users/{stage.owner.person.id}/factors"
    session = await grace.log_in()
    for method in ("GET", "DELETE"):
        body = {"json": {"reason": "x"}} if method == "DELETE" else {}
        assert_problem(await session.call(method, path, **body), 403, "forbidden")
    assert (await stage.admin.call("GET", path)).json()["recovery_codes"]["left"] == 10
    await an_administrator_resets(stage)
    letter = [found for found in await stage.mailbox.letters(stage.owner.person.email) if "taken away" in found.subject]
    assert len(letter) == 1
    from models import SecurityEvent

    event = await SecurityEvent.get(type="factors.reset")
    assert (event.detail["reason"], event.detail["kinds"]) == ("lost the phone", "totp")
    assert (await stage.owner.first()).status_code == 200
    own = (await stage.admin.me()).json()["id"]
    refused = await stage.admin.call("DELETE", f"/users/{own}/factors", json={"reason": "x"})
    assert_problem(refused, 403, "forbidden")
    stage.runtime.clock.advance(601)
    await stage.admin.advance()
    answer = await stage.admin.call("DELETE", path, json={"reason": "x"})
    assert_problem(answer, 403, "reauthentication_required")
    unknown = await stage.admin.call("GET", "/users/00000000-0000-4000-8000-000000000000/factors")
    assert_problem(unknown, 404, "not_found")
