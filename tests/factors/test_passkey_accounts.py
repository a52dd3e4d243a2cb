"""Accounts that have a passkey and no password; what is the last way in; what ends what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from models import Credential, Passkey, User
from service.core.clock import Clock
from service.factors import passkey_checks
from service.feature.doctor import Deployment
from service.feature.findings import Level
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, Holder, add, enter, holder_of, log_in_options, ok, session_of
from tests.factors.support import STEP, owner_of
from tests.http.support import another
from tests.mail_login.support import APART, Desk, code_in
from tests.support.authenticator import Authenticator
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, address_token, post, reset, reset_token
from tests.support.people import Person, Session, assert_problem

EVE = "eve@example.com"


async def without_password(client: httpx.AsyncClient, mailbox: Mailbox) -> tuple[Session, Desk]:
    """Register by mail; return the session, and whom to ask for the next letter."""
    desk = Desk(client, mailbox)
    challenge, letter = await desk.asked_and_sent(EVE)
    return session_of(client, await desk.by_code(challenge, code_in(letter))), desk


async def test_registered_used_and_deleted(runtime: Runtime, mailbox: Mailbox, clock: Clock) -> None:
    """A mailbox and a passkey are all that it ever has: it is logged in with, stepped up by, and deleted."""
    async with (
        another(runtime, REGISTER_BY_EMAIL=True) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        session, _ = await without_password(client, mailbox)
        device = Authenticator()
        done = await ok(add(session, device), 201)
        user = await User.get(email=EVE)
        assert await Credential.filter(user_id=user.id, kind="password").count() == 0
        person = Person(client, user.id, EVE)
        holder = Holder(person, session, device, done["id"], done["recovery_codes"])
        entered = await holder.log_in()
        clock.advance(3600)
        await entered.advance()
        asked = assert_problem(await entered.call("DELETE", "/users/me"), 403, "reauthentication_required")
        assert asked["methods"] == ["passkey", "recovery_code"]
        assert (await holder.step_up(entered)).status_code == 204
        assert (await entered.call("DELETE", "/users/me")).status_code == 204
        assert not await Passkey.all().exists()
        assert_problem(await holder.enter(device.show(await holder.options())), 400, "invalid_passkey")


async def test_recovered_by_mail_and_a_recovery_code(runtime: Runtime, mailbox: Mailbox, clock: Clock) -> None:
    """The passkey is lost: the mailbox is one factor, a recovery code the other, and a new passkey takes its place."""
    async with (
        another(runtime, REGISTER_BY_EMAIL=True) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        session, desk = await without_password(client, mailbox)
        lost = await ok(add(session, Authenticator()), 201)
        clock.advance(APART)
        client.cookies.clear()
        await mailbox.letters()
        challenge, letter = await desk.asked_and_sent(EVE)
        owed = assert_problem(await desk.by_code(challenge, code_in(letter)), 403, "second_factor_required")
        assert owed["methods"] == ["passkey", "recovery_code"]
        body = {"challenge": owed["challenge"], "recovery_code": lost["recovery_codes"][0]}
        recovered = session_of(client, await client.post("/api/auth/second-factor", json=body))
        device = Authenticator()
        await ok(add(recovered, device), 201)
        assert_problem(await session.me(), 401, "invalid_token")  # what a recovery code replaces may be in other hands
        assert (await recovered.call("DELETE", f"{MINE}/{lost['id']}")).status_code == 204
        entered = session_of(client, await enter(client, device.show(await log_in_options(client))))
        assert (await entered.me()).status_code == 200


async def test_a_password_is_set_by_mail(ada: Person, mailbox: Mailbox) -> None:
    """A reset gives a password, and takes nothing away: a mailbox is one factor."""
    holder = await holder_of(ada)
    await Credential.filter(user_id=ada.id, kind="password").delete()
    assert (await reset(ada.client, await reset_token(ada, mailbox))).status_code == 204
    ada.password = NEW_PASSWORD
    challenge = await holder.first()
    entered = await holder.second(challenge, holder.device.show(await holder.second_options(challenge)))
    assert entered.status_code == 200
    await holder.log_in()


@pytest.mark.parametrize("mail", ["off", "code"])
async def test_the_last_way_in(ada: Person, runtime: Runtime, mail: str) -> None:
    """Where nothing else opens the account the passkey stays, and nothing is changed. Mail is something else."""
    holder = await holder_of(ada)
    await Credential.filter(user_id=ada.id, kind="password").delete()
    async with another(runtime, EMAIL_SIGN_IN=mail) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        session = replace(holder.session, client=client)
        key = Authenticator(verifies=False)
        second = await ok(add(session, key), 201)  # it opens nothing alone
        answer = await session.call("DELETE", f"{MINE}/{holder.passkey}")
        if mail == "code":
            assert answer.status_code == 204
            return
        assert "no password" in assert_problem(answer, 409, "last_way_in")["detail"]
        assert await Passkey.all().count() == 2
        assert (await session.call("DELETE", f"{MINE}/{second['id']}")).status_code == 204
        third = await ok(add(session, Authenticator()), 201)
        assert (await session.call("DELETE", f"{MINE}/{holder.passkey}")).status_code == 204
        assert_problem(await session.call("DELETE", f"{MINE}/{third['id']}"), 409, "last_way_in")


async def test_where_one_has_to_have_one(ada: Person, runtime: Runtime) -> None:
    """The last factor stays; and a passkey alone fulfils the demand at the door."""
    holder = await holder_of(ada)
    async with another(runtime, SECOND_FACTOR="everyone") as url, httpx.AsyncClient(base_url=url) as client:
        entered = session_of(client, await enter(client, holder.device.show(await log_in_options(client))))
        assert_problem(await entered.call("DELETE", f"{MINE}/{holder.passkey}"), 409, "last_way_in")


async def test_switched_off(ada: Person, runtime: Runtime) -> None:
    """Nobody sets one up, and the log-in page doesn't offer it; those that there are work."""
    holder = await holder_of(ada)
    async with another(runtime, SECOND_FACTOR="off") as url, httpx.AsyncClient(base_url=url) as client:
        session = replace(holder.session, client=client)
        assert_problem(await session.call("POST", f"{MINE}/options"), 404, "not_found")
        assert {"kind": "passkey"} not in (await client.get("/api/auth/options")).json()["ways"]
        shown = holder.device.show(await log_in_options(client))
        assert (await enter(client, shown)).status_code == 200


async def test_a_recovery_code_removes_no_passkey(ada: Person, clock: Clock) -> None:
    """For a day: whoever has found one is seen first."""
    holder = await holder_of(ada)
    body = {"challenge": await holder.first(), "recovery_code": holder.recovery_codes[0]}
    session = session_of(ada.client, await ada.client.post("/api/auth/second-factor", json=body))
    assert_problem(await session.call("DELETE", f"{MINE}/{holder.passkey}"), 403, "forbidden")
    clock.advance(86_401)
    entered = await holder.log_in()
    assert (await entered.call("DELETE", f"{MINE}/{holder.passkey}")).status_code == 204


async def test_what_a_set_up_ends(ada: Person, clock: Clock, runtime: Runtime) -> None:
    """Log-ins under way and the trust of devices; other sessions if asked for."""
    owner = await owner_of(ada, clock)
    other = await owner.log_in(trust_device=True)
    await owner.step_up(owner.session)
    clock.advance(STEP)
    cookies = dict(ada.client.cookies)
    ada.client.cookies.clear()
    challenge = await owner.challenge()
    await ok(add(owner.session, Authenticator()), 201)
    assert_problem(await owner.second(challenge), 400, "invalid_challenge")
    for name, value in cookies.items():
        ada.client.cookies.set(name, value)
    assert_problem(await owner.first(), 403, "second_factor_required")
    assert (await other.me()).status_code == 200
    options = await ok(owner.session.call("POST", f"{MINE}/options"))
    made = {"credential": Authenticator().make(options), "end_other_sessions": True}
    await ok(owner.session.call("POST", MINE, json=made), 201)
    assert_problem(await other.me(), 401, "invalid_token")
    assert (await owner.session.me()).status_code == 200


async def test_a_set_up_raises_the_session(ada: Person) -> None:
    """Whoever sets one up is of two factors from then on, and fresh."""
    holder = await holder_of(ada)
    await holder.session.advance()
    assert holder.session.claims["acr"] == "phr"
    assert (await holder.session.call("GET", "/users/me/export")).status_code == 200


async def test_trusted_by_a_passkey(ada: Person) -> None:
    """As by a code: this device isn't asked again."""
    holder = await holder_of(ada)
    challenge = await holder.first()
    shown = holder.device.show(await holder.second_options(challenge))
    assert (await holder.second(challenge, shown, trust_device=True)).status_code == 200
    body = {"email": ada.email, "password": ada.password}
    assert (await ada.client.post("/api/auth/login", json=body)).status_code == 200


async def test_reset_by_an_administrator(ada: Person, root: Person, mailbox: Mailbox) -> None:
    """It is shown, and gone with all the rest, and its sessions with it."""
    holder = await holder_of(ada)
    admin = await root.log_in()
    shown = await ok(admin.call("GET", f"/users/{ada.id}/factors"))
    assert [passkey["id"] for passkey in shown["passkeys"]] == [holder.passkey]
    receipt = await ok(admin.call("DELETE", f"/users/{ada.id}/factors", json={"reason": "lost"}))
    assert receipt["factors"] == ["passkey"]
    assert_problem(await holder.session.me(), 401, "invalid_token")
    assert_problem(await holder.enter(holder.device.show(await holder.options())), 400, "invalid_passkey")
    assert not await Passkey.all().exists()


async def test_the_thiefs_goes_with_his_address(ada: Person, clock: Clock, mailbox: Mailbox) -> None:
    """The change is taken back: what was added since is gone, what is older stays."""
    holder = await holder_of(ada)
    clock.advance(60)
    token = await address_token(holder.session, mailbox, "thief@example.org")
    assert (await post(ada.client, "email/confirm", token=token)).status_code == 204
    undo = (await mailbox.letter("ada@example.com")).token
    clock.advance(60)
    thiefs = Authenticator()
    await ok(add(holder.session, thiefs), 201)
    assert (await post(ada.client, "email/undo", token=undo)).status_code == 204
    assert_problem(await holder.enter(thiefs.show(await holder.options())), 400, "invalid_passkey")
    assert (await User.get(id=ada.id)).has_factor
    await holder.log_in()


async def test_disabled(ada: Person) -> None:
    """The passkey is right, and the account isn't open."""
    holder = await holder_of(ada)
    await User.filter(id=ada.id).update(is_active=False)
    assert_problem(await holder.enter(holder.device.show(await holder.options())), 400, "inactive_user")


async def test_other_sites_are_told(runtime: Runtime) -> None:
    """Front ends on other domains may use the passkeys of this one, and browsers are told which."""
    origins = ("https://id.example.com", "https://app.example.com", "https://example.org")
    settings: dict[str, Any] = {
        "ENVIRONMENT": "production",
        "PUBLIC_URL": origins[0],
        "BACKEND_CORS_ORIGINS": origins,
        "PASSKEY_RP_ID": "example.com",
    }
    async with another(runtime, **settings) as url, httpx.AsyncClient(base_url=url) as client:
        assert await ok(client.get("/.well-known/webauthn")) == {"origins": ["https://example.org"]}
        assert (await log_in_options(client))["rpId"] == "example.com"


async def test_the_check_up(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """Which domain passkeys are bound to, whether pages may use it, and those that are bound to another."""

    async def found(**changes: object) -> list[tuple[Level, str]]:
        given = {
            "ENVIRONMENT": "production",
            "FRONTEND_URL": "https://id.example.com",
            "PUBLIC_URL": "https://id.example.com",
            **changes,
        }
        changed = runtime.settings.model_copy(update=given)
        said = await passkey_checks.check_up(Deployment(changed, runtime.redis, clock, {}))
        return [(finding.level, finding.says) for finding in said]

    assert await found(ENVIRONMENT="development") == await found(SECOND_FACTOR="off") == []
    reached = {"BACKEND_CORS_ORIGINS": ("https://other.example",), "PUBLIC_URL": "https://id.example.com"}
    assert [level for level, _ in await found(**reached)] == [Level.OK]
    fine, (level, says) = await found(**reached | {"PUBLIC_URL": "https://api.example.com"})
    assert (fine[0], level, "https://other.example can ask" in says) == (Level.OK, Level.WARNING, "https://id." in says)
    assert await found(PASSKEY_RP_ID="example.com") == [(Level.OK, "Passkeys are bound to example.com.")]
    for settings, level, says in (
        ({"PASSKEY_RP_ID": "example.org"}, Level.ERROR, "may not use"),
        ({"PASSKEY_RP_ID": "d.example.com"}, Level.ERROR, "may not use"),
        ({"FRONTEND_URL": "https://192.0.2.1"}, Level.WARNING, "no passkey to an address"),
        ({"FRONTEND_URL": "https://mine.herokuapp.com"}, Level.WARNING, "a platform's"),
        ({"FRONTEND_URL": "https://app.mine.up.railway.app"}, Level.WARNING, "a platform's"),
        ({"FRONTEND_URL": "https://mine.koyeb.app", "PASSKEY_RP_ID": "koyeb.app"}, Level.ERROR, "platform's own"),
    ):
        ((is_level, is_said),) = await found(**settings)
        assert is_level is level
        assert says in is_said
    await holder_of(ada)  # bound to localhost
    assert (Level.ERROR, True) in [(level, "another domain" in says) for level, says in await found()]
