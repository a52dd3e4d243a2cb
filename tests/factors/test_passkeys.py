"""Passkeys: set up, logged in with alone and as the second factor, stepped up by, named, removed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from models import Credential, OutboxMail, Passkey, SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, Holder, add, enter, holder_of, log_in_options, ok, session_of
from tests.factors.support import Owner
from tests.support.authenticator import UP, UV, Authenticator, b64
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, assert_problem, confirmed


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
async def test_set_up_and_logged_in_with(ada: Person, mailbox: Mailbox, algorithm: Any) -> None:
    """No address, no password: the session is of two factors, and of one that no phisher gets."""
    await confirmed(ada)
    session = await ada.log_in()
    options = await ok(session.call("POST", f"{MINE}/options"))
    assert options["rp"] == {"id": "localhost", "name": "Latchkey"}
    assert options["user"] == {"id": b64(ada.id.bytes), "name": ada.email, "displayName": "Ada Lovelace"}
    assert options["excludeCredentials"] == []
    device = Authenticator(algorithm=algorithm)
    done = await ok(session.call("POST", MINE, json={"credential": device.make(options), "name": "iPhone"}), 201)
    assert (done["name"], done["synced"], done["suspended_at"], len(done["recovery_codes"])) == (
        "iPhone",
        True,
        None,
        10,
    )
    assert [letter.subject for letter in await mailbox.letters(ada.email)][-1] == "A second factor was set up"
    there = (await session.call("GET", "/users/me/factors")).json()
    assert [passkey["id"] for passkey in there["passkeys"]] == [done["id"]]
    assert there["recovery_codes"]["left"] == 10

    asked = await log_in_options(ada.client)
    assert (asked["rpId"], asked["userVerification"]) == ("localhost", "required")
    assert "allowCredentials" not in asked
    entered = session_of(ada.client, await enter(ada.client, device.show(asked)))
    assert entered.claims["acr"] == "phr"
    assert entered.claims["amr"] == ["mfa", "swk"]
    assert (await entered.me()).status_code == 200
    (event,) = await SecurityEvent.filter(type="login.succeeded", session_id=entered.sid)
    assert event.detail["methods"] == "mfa swk"
    again = await ok(session.call("POST", f"{MINE}/options"))
    assert [known["id"] for known in again["excludeCredentials"]] == [b64(device.key.raw_id)]


async def test_as_the_second_factor(ada: Person, clock: Clock) -> None:
    """The password alone opens nothing; the same answer again gives the same session, another log-in takes it not."""
    holder = await holder_of(ada, Authenticator(synced=False, verifies=False))
    challenge, other = await holder.first(), await holder.first()
    asked = await holder.second_options(challenge)
    assert [known["id"] for known in asked["allowCredentials"]] == [b64(holder.device.key.raw_id)]
    assert asked["allowCredentials"][0]["transports"] == ["internal", "hybrid"]
    shown = holder.device.show(asked)
    assert_problem(await holder.second(other, shown), 400, "invalid_passkey")
    first, again = await holder.second(challenge, shown), await holder.second(challenge, shown)
    assert first.json()["refresh_token"] == again.json()["refresh_token"]
    session = session_of(ada.client, first)
    assert (session.claims["amr"], session.claims["acr"]) == (["hwk", "pwd"], "phr")
    assert len(await SecurityEvent.filter(type="login.succeeded", session_id=session.sid)) == 1
    clock.advance(61)
    assert_problem(await holder.second(challenge, shown), 400, "invalid_challenge")


async def test_another_way_beside_it(owner: Owner, clock: Clock) -> None:
    """With an app as well either does; a right passkey opens the codes again that somebody has used up by guessing."""
    device = Authenticator()
    done = await add(owner.session, device)
    assert "recovery_codes" not in done.json()
    owner.client.cookies.clear()
    clock.advance(30)
    asked = await owner.first()
    assert asked.json()["methods"] == ["totp", "passkey", "recovery_code"]
    challenge = asked.json()["challenge"]
    for number in range(5):
        await owner.second(challenge, owner.app.wrong(number * 20))
    assert_problem(await owner.second(await owner.challenge()), 429, "rate_limited")
    challenge = await owner.challenge()
    holder = Holder(owner.person, owner.session, device, done.json()["id"])
    entered = await holder.second(challenge, device.show(await holder.second_options(challenge)))
    assert entered.status_code == 200, entered.text
    owner.client.cookies.clear()
    assert (await owner.second(await owner.challenge())).status_code == 200


async def test_stepping_up(ada: Person, clock: Clock) -> None:
    """A password makes nothing fresh any more; a passkey does, once for each challenge, in this session alone."""
    holder = await holder_of(ada)
    session, other = await holder.log_in(), await holder.log_in()
    clock.advance(3600)
    await session.advance()
    await other.advance()
    asked = assert_problem(await session.call("GET", "/users/me/export"), 403, "reauthentication_required")
    assert (asked["methods"], asked["level"]) == (["passkey", "recovery_code"], 2)
    refused = await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})
    assert_problem(refused, 403, "reauthentication_required")
    options = await ok(session.call("POST", "/auth/reauthenticate/options"))
    shown = {"passkey": holder.device.show(options)}
    assert_problem(await other.call("POST", "/auth/reauthenticate", json=shown), 400, "invalid_passkey")
    assert (await session.call("POST", "/auth/reauthenticate", json=shown)).status_code == 204
    assert_problem(await session.call("POST", "/auth/reauthenticate", json=shown), 400, "invalid_passkey")
    exported = await ok(session.call("GET", "/users/me/export"))
    assert exported["features"]["factors"]["passkeys"][0]["rp_id"] == "localhost"
    assert (await holder.step_up(session)).status_code == 204


async def test_named(ada: Person, grace: Person) -> None:
    """Named after the device, if nothing is said; renamed by its owner alone."""
    holder = await holder_of(ada)
    (listed,) = (await holder.session.call("GET", "/users/me/factors")).json()["passkeys"]
    assert listed["name"]
    path = f"{MINE}/{holder.passkey}"
    assert (await ok(holder.session.call("PATCH", path, json={"name": "the blue one"})))["name"] == "the blue one"
    stranger = await grace.log_in()
    assert_problem(await stranger.call("PATCH", path, json={"name": "mine"}), 404, "not_found")
    assert_problem(await stranger.call("DELETE", path), 404, "not_found")
    assert_problem(await holder.session.call("PATCH", path, json={"name": "a\nb"}), 422, "validation_error")
    assert_problem(await holder.session.call("PATCH", f"{MINE}/nothing", json={"name": "x"}), 404, "not_found")


async def test_removed(ada: Person, mailbox: Mailbox) -> None:
    """Others end, recovery codes go with the last, it opens nothing any more, and the password is enough again."""
    holder = await holder_of(ada)
    other = await holder.log_in()
    session = await holder.log_in()
    second = await ok(add(session, Authenticator()), 201)
    await mailbox.letters()
    path = f"{MINE}/{holder.passkey}"
    assert (await session.call("DELETE", path)).status_code == 204
    assert_problem(await other.me(), 401, "invalid_token")
    assert (await User.get(id=ada.id)).factor_methods == ("passkey", "recovery_code")
    assert [letter.subject for letter in await mailbox.letters(ada.email)] == ["A second factor was removed"]
    assert_problem(await holder.enter(holder.device.show(await holder.options())), 400, "invalid_passkey")
    assert_problem(await session.call("DELETE", path), 404, "not_found")
    assert (await session.call("DELETE", f"{MINE}/{second['id']}")).status_code == 204
    assert (await User.get(id=ada.id)).factors == 0
    assert not await Credential.filter(user_id=ada.id, kind__in=["passkey", "recovery_code"]).exists()
    assert not await Passkey.all().exists()
    await ada.log_in()


async def test_ten_are_enough(ada: Person) -> None:
    """More are refused, before and after the browser has made one."""
    holder = await holder_of(ada)
    early = await ok(holder.session.call("POST", f"{MINE}/options"))
    for _ in range(9):
        await ok(add(holder.session, Authenticator()), 201)
    assert_problem(await holder.session.call("POST", f"{MINE}/options"), 409, "too_many_passkeys")
    made = {"credential": Authenticator().make(early)}
    assert_problem(await holder.session.call("POST", MINE, json=made), 409, "too_many_passkeys")
    assert await Passkey.all().count() == 10


async def test_set_up_where_it_was_asked_for(ada: Person, grace: Person, clock: Clock) -> None:
    """In that session, within five minutes, once; the same again says that it is done; nobody's twice."""
    await confirmed(ada)
    await confirmed(grace)
    session, other = await ada.log_in(), await ada.log_in()
    options = await ok(session.call("POST", f"{MINE}/options"))
    device = Authenticator()
    made = {"credential": device.make(options)}
    assert_problem(await other.call("POST", MINE, json=made), 400, "invalid_passkey")
    done = await ok(session.call("POST", MINE, json=made), 201)
    again = await ok(session.call("POST", MINE, json=made), 201)
    assert (again["id"], "recovery_codes" in done, "recovery_codes" in again) == (done["id"], True, False)
    assert_problem(
        await session.call("POST", MINE, json={"credential": Authenticator().make(options)}), 400, "invalid_passkey"
    )
    theirs = await add(await grace.log_in(), Authenticator(), raw_id=device.key.raw_id)
    assert_problem(theirs, 400, "invalid_passkey")
    late = await ok(session.call("POST", f"{MINE}/options"))
    clock.advance(301)
    assert_problem(
        await session.call("POST", MINE, json={"credential": Authenticator().make(late)}), 400, "invalid_passkey"
    )
    assert await Passkey.all().count() == 1


async def test_who_may_set_one_up(ada: Person, clock: Clock, runtime: Runtime) -> None:
    """Whose address is confirmed, in a fresh session."""
    await confirmed(ada, yes=False)
    session = await ada.log_in()
    assert_problem(await session.call("POST", f"{MINE}/options"), 403, "email_unverified")
    await confirmed(ada)
    clock.advance(3600)
    await session.advance()
    assert_problem(await session.call("POST", f"{MINE}/options"), 403, "reauthentication_required")


KEYS = {
    "another algorithm": {1: 2, 3: -35, -1: 2, -2: bytes(48), -3: bytes(48)},
    "not on the curve": {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(31) + b"\x01"},
    "another curve": {1: 2, 3: -7, -1: 2, -2: bytes(32), -3: bytes(32)},
    "short RSA": {1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x01\x00\x01"},
    "long RSA": {1: 3, 3: -257, -1: b"\xff" * 1024, -2: b"\x01\x00\x01"},
    "a dear exponent": {1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x7f" + b"\xff" * 255},
    "no key": {3: -8},
}
ODD_SET_UPS: dict[str, dict[str, Any]] = {
    **{name: {"cose": cose} for name, cose in KEYS.items()},
    "another origin": {"origin": "https://evil.example"},
    "an origin that begins like ours": {"origin": "http://localhost:8000.evil.example"},
    "in a frame of others": {"client_data": {"crossOrigin": True}},
    "in a frame, by its top": {"client_data": {"topOrigin": "https://evil.example"}},
    "another type": {"client_data": {"type": "webauthn.get"}},
    "another RP ID": {"rp_id": "evil.example"},
    "nobody there": {"flags": UV},
    "synced, and can't be": {"flags": UP | UV | 0x10},
    "a challenge of its own": {"client_data": {"challenge": b64(bytes(56))}},
}


@pytest.mark.parametrize("odd", ODD_SET_UPS)
async def test_odd_ones_are_not_set_up(ada: Person, odd: str) -> None:
    """Each refused alike, and nothing is there afterwards."""
    await confirmed(ada)
    session = await ada.log_in()
    assert_problem(await add(session, Authenticator(), **ODD_SET_UPS[odd]), 400, "invalid_passkey")
    assert await Passkey.all().count() == await Credential.filter(kind="passkey").count() == 0
    assert (await User.get(id=ada.id)).factors == 0


@pytest.mark.parametrize(
    "garbage",
    [{"attestationObject": "AAAA"}, {"attestationObject": b64(b"\x9f" * 3000)}, {"clientDataJSON": b64(b"[")}],
)
async def test_garbage(ada: Person, garbage: dict[str, str]) -> None:
    """What is no CBOR, and no JSON."""
    await confirmed(ada)
    session = await ada.log_in()
    made = Authenticator().make(await ok(session.call("POST", f"{MINE}/options")))
    made["response"] |= garbage
    assert_problem(await session.call("POST", MINE, json={"credential": made}), 400, "invalid_passkey")


async def test_options_write_nothing(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """A log-in page that lies open costs nothing: no key, no row."""
    redis: Any = runtime.redis.client
    before = {key async for key in redis.scan_iter("*")}
    for _ in range(20):
        await log_in_options(client)
    assert {key async for key in redis.scan_iter("*")} == before
    assert not await OutboxMail.all().exists()
    assert not await SecurityEvent.all().exists()


async def test_offered(client: httpx.AsyncClient) -> None:
    """Log-in pages are told."""
    assert {"kind": "passkey"} in (await client.get("/api/auth/options")).json()["ways"]


async def test_other_sites(client: httpx.AsyncClient) -> None:
    """There are none here; where there are browsers are told."""
    assert_problem(await client.get("/.well-known/webauthn"), 404, "not_found")


async def test_what_is_no_passkey_is_none(ada: Person, clock: Clock) -> None:
    """The number of another credential, or of another's passkey, names none; nor is there an app where there is none.
    That is said to anybody who has a session, fresh or not.
    """
    holder = await holder_of(ada)
    clock.advance(700)
    password = await Credential.get(user_id=ada.id, kind="password")
    code = await Credential.filter(user_id=ada.id, kind="recovery_code").first()
    assert code is not None
    session = await holder.log_in()
    for number in (password.id, code.id, ada.id):
        for call in (
            session.call("DELETE", f"{MINE}/{number}"),
            session.call("PATCH", f"{MINE}/{number}", json={"name": "mine"}),
        ):
            assert_problem(await call, 404, "not_found")
    clock.advance(700)
    await session.advance()
    assert_problem(await session.call("DELETE", "/users/me/factors/totp"), 404, "not_found")
    assert_problem(await session.call("DELETE", f"{MINE}/{ada.id}"), 404, "not_found")
    assert (await Credential.get(id=password.id)).label is None
