"""Passkeys that are not taken: each refused alike outside, each with its reason in the log; and counters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models import Credential, Passkey, SecurityEvent, User
from service.core.clock import Clock
from service.core.http.refusals import Refusals
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, Holder, add, holder_of, ok, session_of
from tests.support.authenticator import BE, BS, UP, UV, Authenticator, b64
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem

# What the authenticator or the browser says instead of the truth, and the reason in the log.
BENT: dict[str, tuple[dict[str, Any], str]] = {
    "another origin": ({"origin": "https://evil.example"}, "origin"),
    "an origin with a user": ({"origin": "http://localhost:8000@evil.example"}, "origin"),
    "no origin": ({"origin": None}, "origin"),
    "in a frame": ({"client_data": {"crossOrigin": True}}, "cross_origin"),
    "in a frame, as a text": ({"client_data": {"crossOrigin": "true"}}, "cross_origin"),
    "in a frame, by its top": ({"client_data": {"topOrigin": "http://localhost:8000"}}, "cross_origin"),
    "made for setting up": ({"type": "webauthn.create"}, "type"),
    "another RP ID": ({"rp_id": "evil.example"}, "rp_id"),
    "nobody touched it": ({"flags": UV | BE | BS}, "user_presence"),
    "nobody was verified": ({"flags": UP | BE | BS}, "user_verification"),
    "can't be synced any more": ({"flags": UP | UV}, "backup_eligible"),
    "synced, and can't be": ({"flags": UP | UV | BS}, "backup_state"),
    "nobody's handle": ({"user_handle": None}, "user_handle"),
    "another's handle": ({"user_handle": bytes(16)}, "user_handle"),
    "signed by nobody": ({"signature": bytes(70)}, "signature"),
    "no challenge of ours": ({"client_data": {"challenge": b64(bytes(56))}}, "challenge"),
    "no challenge at all": ({"client_data": {"challenge": None}}, "challenge"),
}


@pytest.fixture
def reasons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Why passkeys were refused, as the log is told: how many lines it writes of that is another story."""
    found: list[str] = []
    note = Refusals.note

    def listen(self: Refusals, line: str, **said: Any) -> None:
        if line == "refused.passkey":
            found.append(said["why"])
        note(self, line, **said)

    monkeypatch.setattr(Refusals, "note", listen)
    return found


@pytest.fixture
async def holder(ada: Person) -> Holder:
    return await holder_of(ada)


@pytest.mark.parametrize("bent", BENT)
async def test_refused(holder: Holder, runtime: Runtime, reasons: list[str], bent: str) -> None:
    """One answer for all; no session; the passkey is as good as before."""
    says, why = BENT[bent]
    before = len(await runtime.sessions.list_living(holder.person.id))
    refused = await holder.enter(holder.device.show(await holder.options(), **says))
    problem = assert_problem(refused, 400, "invalid_passkey")
    assert problem["detail"] == "This passkey can't be used here. Please try again, or another way."
    assert reasons[-1] == why
    assert len(await runtime.sessions.list_living(holder.person.id)) == before
    failed = await SecurityEvent.filter(type="login.failed").order_by("-created_at").first()
    assert failed is not None
    assert failed.detail["reason"] == "passkey"
    await holder.log_in()


async def test_unknown_altered_and_garbled(holder: Holder, grace: Person, clock: Clock, reasons: list[str]) -> None:
    """What nobody has, what says more than was signed, what is no base64url, what is too old."""
    stranger = Authenticator()
    await add_for_nobody(holder, stranger)
    tries: list[tuple[dict[str, Any], str]] = [(stranger.show(await holder.options()), "unknown")]
    altered = holder.device.show(await holder.options())
    altered["response"]["authenticatorData"] = holder.device.show(await holder.options(), counter=7)["response"][
        "authenticatorData"
    ]
    tries.append((altered, "signature"))
    for member, why in (("clientDataJSON", "encoding"), ("authenticatorData", "encoding"), ("signature", "encoding")):
        garbled = holder.device.show(await holder.options())
        garbled["response"][member] = "+/=="
        tries.append((garbled, why))
    short = holder.device.show(await holder.options())
    short["response"]["authenticatorData"] = b64(bytes(10))
    tries.append((short, "authenticator_data"))
    for credential, why in tries:
        refused = assert_problem(await holder.enter(credential), 400, "invalid_passkey")
        assert reasons[-1] == why
        # Whoever keeps it may forget that one, and no other.
        assert refused.get("unknown_credential") == (True if why == "unknown" else None)
    late = holder.device.show(await holder.options())
    clock.advance(301)
    assert_problem(await holder.enter(late), 400, "invalid_passkey")
    assert reasons[-1] == "challenge"


async def add_for_nobody(holder: Holder, device: Authenticator) -> None:
    """A passkey that is made, and never handed in."""
    device.make(await ok(holder.session.call("POST", f"{MINE}/options")))


async def test_replayed(holder: Holder, runtime: Runtime, reasons: list[str]) -> None:
    """A challenge is good once, also when the user's keys were deleted in between, and whatever was signed."""
    shown = holder.device.show(await holder.options())
    assert (await holder.enter(shown)).status_code == 200
    assert_problem(await holder.enter(shown), 400, "invalid_passkey")
    assert reasons[-1] == "replayed"
    redis: Any = runtime.redis.client
    async for key in redis.scan_iter("*user:*"):
        await redis.delete(key)
    assert_problem(await holder.enter(shown), 400, "invalid_passkey")
    await redis.flushall()  # the database knows what it was used for last
    assert_problem(await holder.enter(shown), 400, "invalid_passkey")
    assert reasons[-1] == "replayed"
    options = await holder.options()
    assert_problem(await holder.enter(holder.device.show(options, signature=bytes(70))), 400, "invalid_passkey")
    assert_problem(await holder.enter(holder.device.show(options)), 400, "invalid_passkey")
    assert reasons[-1] == "replayed"


async def test_a_challenge_is_for_one_thing(holder: Holder, reasons: list[str]) -> None:
    """That of the log-in page steps nothing up and is no second step, and the other way round."""
    page, second = await holder.options(), await holder.first()
    asked = await holder.second_options(second)
    step_up = await ok(holder.session.call("POST", "/auth/reauthenticate/options"))
    for options in (asked, step_up):
        assert_problem(await holder.enter(holder.device.show(options)), 400, "invalid_passkey")
        assert reasons[-1] == "challenge"
    for options in (page, step_up):
        assert_problem(await holder.second(second, holder.device.show(options)), 400, "invalid_passkey")
    for options in (page, asked):
        body = {"passkey": holder.device.show(options)}
        refused = await holder.session.call("POST", "/auth/reauthenticate", json=body)
        assert_problem(refused, 400, "invalid_passkey")
    assert (await holder.second(second, holder.device.show(asked))).status_code == 200


async def test_anothers(holder: Holder, grace: Person, reasons: list[str]) -> None:
    """In the second step and in a session only the account's own do; alone it is its owner who comes in."""
    other = await holder_of(grace)
    challenge = await holder.first()
    shown = other.device.show(await holder.second_options(challenge), other.device.key)
    assert_problem(await holder.second(challenge, shown), 400, "invalid_passkey")
    assert reasons[-1] == "unknown"
    options = await ok(holder.session.call("POST", "/auth/reauthenticate/options"))
    body = {"passkey": other.device.show(options, other.device.key)}
    assert_problem(await holder.session.call("POST", "/auth/reauthenticate", json=body), 400, "invalid_passkey")
    # The victim's name on the attacker's own passkey.
    taken = other.device.show(await holder.options(), user_handle=holder.person.id.bytes)
    assert_problem(await holder.enter(taken), 400, "invalid_passkey")
    entered = session_of(grace.client, await other.enter(other.device.show(await other.options())))
    assert entered.claims["sub"] == str(grace.id)


async def test_five_wrong_ones_end_the_log_in(holder: Holder) -> None:
    """As with codes."""
    challenge = await holder.first()
    for _ in range(5):
        wrong = holder.device.show(await holder.second_options(challenge), signature=bytes(70))
        assert_problem(await holder.second(challenge, wrong), 400, "invalid_passkey")
    refused = await holder.client.post("/api/auth/second-factor/options", json={"challenge": challenge})
    assert_problem(refused, 400, "invalid_challenge")


async def test_without_verification_it_is_one_factor(ada: Person, reasons: list[str]) -> None:
    """Nobody comes in with it alone, also when it says all at once that it has verified its user; after another factor
    that is believed, from then on.
    """
    holder = await holder_of(ada, Authenticator(verifies=False))
    assert_problem(await holder.enter(holder.device.show(await holder.options())), 400, "invalid_passkey")
    assert reasons[-1] == "user_verification"
    holder.device.key.verifies = True
    assert_problem(await holder.enter(holder.device.show(await holder.options())), 400, "invalid_passkey")
    assert reasons[-1] == "user_verification"
    assert (await holder.step_up(holder.session)).status_code == 204
    assert not (await Passkey.get(credential__user_id=ada.id)).uv_initialised
    challenge = await holder.first()
    entered = await holder.second(challenge, holder.device.show(await holder.second_options(challenge)))
    assert session_of(ada.client, entered).claims["amr"] == ["mfa", "pwd", "swk"]
    assert (await holder.log_in()).claims["acr"] == "phr"


async def test_a_synced_one_counts_nothing(holder: Holder) -> None:
    """Zero for ever, or back and forth: it is on several devices."""
    for counter in (0, 0, 9, 3, 0):
        shown = holder.device.show(await holder.options(), counter=counter)
        assert (await holder.enter(shown)).status_code == 200
    assert (await Passkey.get(credential__user_id=holder.person.id)).suspended_at is None


async def test_one_that_never_counts(ada: Person) -> None:
    """Bound to its device, and without a counter: zero is not a step back."""
    holder = await holder_of(ada, Authenticator(synced=False))
    for _ in range(2):
        assert (await holder.enter(holder.device.show(await holder.options(), counter=0))).status_code == 200


async def test_a_copy(ada: Person, mailbox: Mailbox, reasons: list[str]) -> None:
    """A counter that steps back: that log-in is refused, the passkey suspended, its owner told; no session ends."""
    holder = await holder_of(ada, Authenticator(synced=False))
    session = await holder.log_in()
    await mailbox.letters()
    copy = replace(holder.device.key)
    await holder.log_in()
    copied = Authenticator(synced=False, keys=[copy])
    assert_problem(await holder.enter(copied.show(await holder.options())), 400, "invalid_passkey")
    assert reasons[-1] == "counter"
    assert (await session.me()).status_code == (await holder.session.me()).status_code == 200
    (letter,) = await mailbox.letters(ada.email)
    assert letter.subject == "One of your passkeys does not work any more"
    assert "localhost" not in letter.subject
    assert len(await SecurityEvent.filter(type="passkey.suspended", user_id=ada.id)) == 1
    (listed,) = (await session.call("GET", "/users/me/factors")).json()["passkeys"]
    assert listed["suspended_at"]
    # Neither of both any more, anywhere; with a password the recovery codes are left, and another can be set up.
    for device in (holder.device, copied):
        assert_problem(await holder.enter(device.show(await holder.options())), 400, "invalid_passkey")
        assert reasons[-1] == "suspended"
    challenge = await holder.first()
    refused = await holder.client.post("/api/auth/second-factor/options", json={"challenge": challenge})
    assert_problem(refused, 404, "not_found")
    body = {"challenge": challenge, "recovery_code": holder.recovery_codes[0]}
    recovered = session_of(ada.client, await ada.client.post("/api/auth/second-factor", json=body))
    another = Authenticator(synced=False)
    await ok(add(recovered, another), 201)
    entered = replace(holder, device=another)
    assert (await (await entered.log_in()).me()).status_code == 200
    assert len(await SecurityEvent.filter(type="passkey.suspended")) == 1


async def test_an_altered_row_proves_nothing(holder: Holder, grace: Person) -> None:
    """Whoever is its owner by the table has to be by its handle as well."""
    await Credential.filter(user_id=holder.person.id, kind="passkey").update(user_id=grace.id)
    await User.filter(id=grace.id).update(factors=2)
    assert_problem(await holder.enter(holder.device.show(await holder.options())), 400, "invalid_passkey")


async def test_another_domain(holder: Holder) -> None:
    """After a change of PASSKEY_RP_ID those of before are refused, and not offered."""
    await Passkey.all().update(rp_id="old.example")
    assert_problem(await holder.enter(holder.device.show(await holder.options())), 400, "invalid_passkey")
    refused = await holder.session.call("POST", "/auth/reauthenticate/options")
    assert_problem(refused, 404, "not_found")
