"""Passkeys as no browser hands them in: bent in their bytes, their JSON, their origins. Refused alike, never an error.

What was signed is signed again after it was bent, unless that is what is tried: a strange browser on a good key.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from webauthn import verify_authentication_response
from webauthn.helpers.exceptions import InvalidAuthenticationResponse

from models import Passkey
from service.core.clock import Clock
from service.core.webauthn import ceremonies
from service.core.webauthn.ceremonies import Party, Unacceptable
from service.credentials import passkeys
from service.runtime import Runtime
from service.settings import Settings
from tests.factors.passkey_support import MINE, Holder, add, holder_of, ok
from tests.factors.test_passkeys_refused import reasons
from tests.factors.test_second_opinion import CHALLENGE, CREATION, REQUEST, assertion, attestation
from tests.support.authenticator import AT, BE, BS, ORIGIN, UP, UV, Authenticator, b64, sign, unb64
from tests.support.people import Person, assert_problem

assert reasons  # a fixture
ED = 0x80
FRONT = "https://example.com"
NOT_OURS = [
    "http://example.com", "https://example.com:443", "https://example.com:8443", "https://example.com.",
    "https://EXAMPLE.com", "https://www.example.com", "https://example.com/", "https://example.com@evil.example",
    "https://example.com.evil.example", "https://evil-example.com", "https://ex\u0430mple.com",
    "https://xn--exmple-4nf.com", "http://localhost:8000", "https://com", "https://example", "null", "",
]  # fmt: skip

ORIGINS = [
    "https://localhost:8000", "http://localhost.:8000", "http://LOCALHOST:8000", "HTTP://localhost:8000",
    "http://www.localhost:8000", "http://localhost:8000/", "http://localhost:08000", " http://localhost:8000",
    "http://localhost:8000 ", "http://localhost:8000#", "http://localhost:8000\u0000", "http://l\u043ecalhost:8000",
    "http://xn--lcalhost-o4g:8000", "null", "", "android:apk-key-hash:AAAA", "\ud800",
]  # fmt: skip


def flipped(data: bytes, bits: int) -> bytes:
    return data[:32] + bytes([data[32] ^ bits]) + data[33:]


def with_flags(data: bytes, bits: int) -> bytes:
    return data[:32] + bytes([data[32] | bits]) + data[33:]


def said(**changes: Any) -> Callable[[dict[str, Any]], bytes]:
    """Client data with members changed; those that are `...` are left out."""

    def change(members: dict[str, Any]) -> bytes:
        return json.dumps({name: what for name, what in (members | changes).items() if what is not ...}).encode()

    return change


def twice(name: str, first: Any) -> Callable[[dict[str, Any]], bytes]:
    """Client data with a member that is there twice: as `first`, and as it should be."""

    def change(members: dict[str, Any]) -> bytes:
        return b"{%b:%b,%b" % (json.dumps(name).encode(), json.dumps(first).encode(), json.dumps(members).encode()[1:])

    return change


def challenge(change: Callable[[str], Any]) -> Callable[[dict[str, Any]], bytes]:
    return lambda members: json.dumps(members | {"challenge": change(members["challenge"])}).encode()


def other_end(text: str) -> str:
    """The same bytes, spelled with other bits at the end that nobody reads."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + letters[letters.index(text[-1]) ^ 1]


# What is bent in the client data, and why it is refused.
CLIENT_DATA: dict[str, tuple[Callable[[dict[str, Any]], bytes], str]] = {
    **{f"origin {origin!a}": (said(origin=origin), "origin") for origin in ORIGINS},
    "origins": (said(origin=[ORIGIN]), "origin"),
    "no origin": (said(origin=...), "origin"),
    "ours, then another": (lambda m: json.dumps(m).encode()[:-1] + b',"origin":"https://evil.example"}', "client_data"),
    "another, then ours": (twice("origin", "https://evil.example"), "client_data"),
    "two challenges": (twice("challenge", b64(bytes(56))), "client_data"),
    "in a frame, then not": (twice("crossOrigin", True), "client_data"),
    "cross origin 1": (said(crossOrigin=1), "cross_origin"),
    "cross origin 0": (said(crossOrigin=0), "cross_origin"),
    "cross origin as a text": (said(crossOrigin=""), "cross_origin"),
    "cross origin as a list": (said(crossOrigin=[]), "cross_origin"),
    "a top that is nobody": (said(topOrigin=""), "cross_origin"),
    "a top that is ours": (said(topOrigin=ORIGIN, crossOrigin=False), "cross_origin"),
    "another case": (said(type="WebAuthn.Get"), "type"),
    "types": (said(type=["webauthn.get"]), "type"),
    "no type": (said(type=...), "type"),
    "paid with": (said(type="payment.get"), "type"),
    "no challenge": (said(challenge=...), "challenge"),
    "a challenge in a list": (challenge(lambda text: [text]), "challenge"),
    "padded": (challenge(lambda text: text + "="), "challenge"),
    "cut": (challenge(lambda text: text[:-1]), "challenge"),
    "spelled otherwise": (challenge(other_end), "challenge"),
    "another time": (challenge(lambda text: b64(unb64(text)[:16] + bytes(8) + unb64(text)[24:])), "challenge"),
    "no letters": (challenge(lambda text: "\ud800" * 75), "challenge"),
    "a list": (lambda _: b"[]", "type"),
    "nothing": (lambda _: b"null", "type"),
    "a number that takes its time": (lambda _: b"1" * 6000, "client_data"),
    "no end": (lambda _: b"[" * 6000, "client_data"),
    "two texts": (lambda m: json.dumps(m).encode() * 2, "client_data"),
    "UTF-16": (lambda m: json.dumps(m).encode("utf-16"), "client_data"),
    "UTF-32": (lambda m: json.dumps(m).encode("utf-32"), "client_data"),
    "no UTF": (lambda m: json.dumps(m).encode()[:-1] + b',"x":"\xff"}', "client_data"),
}  # fmt: skip

# What is bent in the authenticator's data, and signed.
AUTHENTICATOR_DATA: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "one byte more": (lambda data: data + b"\0", "authenticator_data"),
    "one byte less": (lambda data: data[:-1], "authenticator_data"),
    "extensions that aren't there": (lambda data: with_flags(data, ED), "authenticator_data"),
    "extensions, and more": (lambda data: with_flags(data, ED) + b"\xa0\xa0", "authenticator_data"),
    "extensions that are no CBOR": (lambda data: with_flags(data, ED) + b"\xff", "authenticator_data"),
    "extensions without an end": (lambda data: with_flags(data, ED) + b"\x81" * 5000, "authenticator_data"),
    "as many as there are numbers": (lambda data: with_flags(data, ED) + b"\x9b" + b"\xff" * 8, "authenticator_data"),
    "a key that is announced": (lambda data: with_flags(data, AT), "authenticator_data"),
    "another RP ID": (lambda data: sha256(b"LOCALHOST").digest() + data[32:], "rp_id"),
    "nobody there": (lambda data: flipped(data, UP), "user_presence"),
    "not verified": (lambda data: flipped(data, UV), "user_verification"),
    "not synced, and can't be": (lambda data: flipped(data, BE | BS), "backup_eligible"),
    "synced, and can't be": (lambda data: flipped(data, BE), "backup_state"),
}

# What is bent after it was signed.
AFTERWARDS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "synced no more": (lambda data: flipped(data, BS), "signature"),
    "another counter": (lambda data: data[:-1] + b"\x09", "signature"),
    "bits that nobody knows": (lambda data: flipped(data, 0x22), "signature"),
}


def we_take(shown: dict[str, Any], key: bytes, party: Party) -> bool:
    try:
        return ceremonies.is_signed(ceremonies.read_assertion(assertion(shown), party), key)
    except Unacceptable:
        return False


def they_take(shown: dict[str, Any], key: bytes) -> bool:
    try:
        verify_authentication_response(
            credential=shown,
            credential_public_key=key,
            credential_current_sign_count=0,
            expected_challenge=unb64(CHALLENGE),
            expected_rp_id="example.com",
            expected_origin=FRONT,
        )
    except InvalidAuthenticationResponse:
        return False
    return True


@pytest.mark.parametrize("origin", [FRONT, *NOT_OURS])
def test_origins_in_production(settings: Settings, origin: str) -> None:
    """The one that is set, letter by letter, also to the other library; where it isn't development, no neighbour."""
    changes = {"ENVIRONMENT": "production", "FRONTEND_URL": FRONT, "PUBLIC_URL": FRONT, "BACKEND_CORS_ORIGINS": []}
    front = settings.model_copy(update=changes)
    device = Authenticator(origin=FRONT)
    creation = CREATION | {"rp": {"id": front.passkey_rp_id}}
    made, shown = device.make(creation), device.show(REQUEST, origin=origin)
    party = passkeys.party_of(front)
    key = ceremonies.read_attestation(attestation(made), party).public_key
    assert we_take(shown, key, party) == they_take(shown, key) == (origin == FRONT)


@dataclass
class Bench:
    """Where things are bent."""

    holder: Holder

    async def shown(self, client: Any = None, data: Any = None, after: Any = None, **response: Any) -> dict[str, Any]:
        """An answer to a new challenge of the log-in page, bent and signed, or signed and bent."""
        key = self.holder.device.key
        good = self.holder.device.show(await self.holder.options())
        members = json.loads(unb64(good["response"]["clientDataJSON"]))
        client_data = client(members) if client else unb64(good["response"]["clientDataJSON"])
        authenticator_data = unb64(good["response"]["authenticatorData"])
        if data:
            authenticator_data = data(authenticator_data)
        signature = sign(key.private, authenticator_data + sha256(client_data).digest())
        if after:
            authenticator_data = after(authenticator_data)
        good["response"] |= {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(authenticator_data),
            "signature": b64(signature),
        } | response
        return good


@pytest.fixture
async def bench(ada: Person) -> Bench:
    return Bench(await holder_of(ada))


async def test_bent(bench: Bench, runtime: Runtime, reasons: list[str]) -> None:
    """Each has its reason; none gets in, none is an error, and none leaves the passkey the worse for it."""
    holder = bench.holder
    before = len(await runtime.sessions.list_living(holder.person.id))
    found, wanted = {}, {}
    for part, table in (("client", CLIENT_DATA), ("data", AUTHENTICATOR_DATA), ("after", AFTERWARDS)):
        for name, (bend, why) in table.items():
            reasons.clear()
            answer = await holder.enter(await bench.shown(**{part: bend}))
            found[name], wanted[name] = (answer.status_code, reasons[-1:]), (400, [why])
    assert found == wanted
    assert len(await runtime.sessions.list_living(holder.person.id)) == before
    await holder.log_in()


async def test_spelled(bench: Bench, runtime: Runtime) -> None:
    """One spelling of each member: not padded, no other letters, no other last bits; and nothing that is too long."""
    holder = bench.holder
    options = await holder.options()
    good = holder.device.show(options)
    raw = good["rawId"]
    tries: dict[str, dict[str, Any]] = {}
    for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for change in ("{}=", "{}==", "{} ", " {}", "{}\n", "{}\u00e9", "\ud800{}"):
            bent = {**good, "response": {**good["response"], name: change.format(good["response"][name])}}
            tries[f"{name} {change!a}"] = bent
    tries |= {f"raw id {bent!a}": {**good, "rawId": bent} for bent in (raw + "=", other_end(raw), b64(bytes(1024)), "")}
    tries["no raw id"] = {name: what for name, what in good.items() if name != "rawId"}
    handles = ("", b64(bytes(16)), b64(bytes(64)), b64(bytes(96)), b64(holder.person.id.bytes + b"\0"), 5)
    tries |= {f"handle {bent}": {**good, "response": {**good["response"], "userHandle": bent}} for bent in handles}
    tries["another type"] = {**good, "type": "password"}
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        tries[f"a long {name}"] = {**good, "response": {**good["response"], name: "A" * (1 << 20)}}
        tries[f"an empty {name}"] = {**good, "response": {**good["response"], name: ""}}
        tries[f"{name} as a list"] = {**good, "response": {**good["response"], name: [1]}}
    statuses = {name: (await enter_raw(holder, bent)).status_code for name, bent in tries.items()}
    assert {name: status for name, status in statuses.items() if status not in (400, 413, 422)} == {}
    assert len(await runtime.sessions.list_living(holder.person.id)) == 1
    # None of them has used the challenge up but those that were about the passkey's own owner; `id` says nothing.
    again = holder.device.show(await holder.options())
    assert (await holder.enter({**again, "id": "another"})).status_code == 200


async def enter_raw(holder: Holder, credential: dict[str, Any]) -> Any:
    """Hand in what no JSON of ours would hold."""
    body = json.dumps({"credential": credential}).encode()
    headers = {"Content-Type": "application/json"}
    return await holder.client.post("/api/auth/passkeys", content=body, headers=headers)


async def test_odd_and_good(bench: Bench) -> None:
    """What is allowed and rare is taken: extensions, a byte order mark, unknown members, a key told once more."""
    made = bytes(16) + struct.pack(">H", 16) + bytes(16) + cbor2.dumps({1: 1, 3: -8, -1: 6, -2: bytes(32)})
    odd: list[dict[str, Any]] = [
        {"data": lambda data: with_flags(data, ED) + cbor2.dumps({"credProtect": 2})},
        {"data": lambda data: with_flags(data, AT) + made},
        {"client": lambda members: b"\xef\xbb\xbf" + json.dumps(members).encode()},
        {"client": said(tokenBinding={"status": "supported"}, other_keys_can_be_added_here="see w3.org")},
        {"client": said(crossOrigin=...)},
        {"client": lambda members: json.dumps(members, ensure_ascii=False, indent=1).encode()},
    ]
    for bend in odd:
        answer = await bench.holder.enter(await bench.shown(**bend))
        assert answer.status_code == 200, (bend, answer.text)


async def test_the_time_of_a_challenge(bench: Bench, clock: Clock, reasons: list[str]) -> None:
    """Good for five minutes, and not a second more; one of a clock that is far ahead isn't good at all."""
    holder = bench.holder
    in_time, late = holder.device.show(await holder.options()), holder.device.show(await holder.options())
    clock.advance(299)
    assert (await holder.enter(in_time)).status_code == 200
    clock.advance(2)
    assert_problem(await holder.enter(late), 400, "invalid_passkey")
    assert reasons[-1] == "challenge"
    ahead = holder.device.show(await holder.options())
    clock.advance(-11)
    assert_problem(await holder.enter(ahead), 400, "invalid_passkey")
    assert reasons[-1] == "challenge"


async def test_a_challenge_of_another_purpose_or_person(bench: Bench, grace: Person, reasons: list[str]) -> None:
    """Of a set-up, of a log-in, of another session's or user's: for nothing else, in any direction."""
    holder, other = bench.holder, await holder_of(grace)
    making = await ok(holder.session.call("POST", f"{MINE}/options"))
    shown = holder.device.show({"challenge": making["challenge"]})
    assert_problem(await holder.enter(shown), 400, "invalid_passkey")
    second = await holder.first()
    asked, page = await holder.second_options(second), await holder.options()
    theirs = await ok(other.session.call("POST", f"{MINE}/options"))
    again = await holder.log_in()
    elsewhere = await ok(again.call("POST", f"{MINE}/options"))
    step_up = await ok(again.call("POST", "/auth/reauthenticate/options"))
    for options in (asked, page, theirs, elsewhere, step_up):
        made = Authenticator().make(making | {"challenge": options["challenge"]})
        refused = await holder.session.call("POST", MINE, json={"credential": made})
        assert_problem(refused, 400, "invalid_passkey")
        assert reasons[-1] == "challenge"
    for options in (making, theirs, page, step_up):
        bent = holder.device.show({"challenge": options["challenge"]})
        assert_problem(await holder.second(second, bent), 400, "invalid_passkey")
        second = await holder.first() if options is page else second
    for options in (making, theirs, page, asked, step_up):
        body = {"passkey": holder.device.show({"challenge": options["challenge"]})}
        refused = await holder.session.call("POST", "/auth/reauthenticate", json=body)
        assert_problem(refused, 400, "invalid_passkey")
    assert await Passkey.all().count() == 2


def attested(made: dict[str, Any], bend: Callable[[dict[str, Any]], bytes]) -> dict[str, Any]:
    """A new passkey with another attestation."""
    told = cbor2.loads(unb64(made["response"]["attestationObject"]))
    return {**made, "response": {**made["response"], "attestationObject": b64(bend(told))}}


def data_of(told: dict[str, Any], change: Callable[[bytes], bytes]) -> bytes:
    return cbor2.dumps({**told, "authData": change(told["authData"])})


SET_UPS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "more behind it": lambda told: cbor2.dumps(told) + b"\0",
    "more in it": lambda told: data_of(told, lambda data: data + b"\0"),
    "no key in it": lambda told: data_of(told, lambda data: flipped(data[:37], AT)),
    "announced, and not there": lambda told: data_of(told, lambda data: data[:37]),
    "half a key": lambda told: data_of(told, lambda data: data[:-20]),
    "without a name": lambda told: data_of(told, lambda data: data[:53] + b"\0\0" + data[71:]),
    "another's name": lambda told: data_of(told, lambda data: data[:55] + bytes(16) + data[71:]),
    "an endless name": lambda told: data_of(told, lambda data: data[:53] + b"\xff\xff" + data[55:]),
    "extensions that aren't there": lambda told: data_of(told, lambda data: with_flags(data, ED)),
    "nobody there": lambda told: data_of(told, lambda data: flipped(data, UP)),
    "no data": lambda told: cbor2.dumps({"fmt": "none", "attStmt": {}}),
    "no form": lambda told: cbor2.dumps({"authData": told["authData"], "attStmt": {}}),
    "a text": lambda told: cbor2.dumps({**told, "authData": "x"}),
    "a list": lambda told: cbor2.dumps([1, 2]),
    "a number": lambda told: cbor2.dumps(7),
    "a map of lists": lambda told: b"\xa1\x80\x80",
    "an endless list": lambda told: b"\x9b" + b"\xff" * 8,
    "a deep list": lambda told: b"\x81" * 18_000,
    "a wide list": lambda told: b"\x99\x46\x50" + b"\0" * 18_000,
}
UNPRINTABLE = ("\ud800", "\u0000", "a\nb", "123456\n")
KEYS: dict[str, dict[Any, Any]] = {
    "nought before a short RSA key": {1: 3, 3: -257, -1: bytes(128) + b"\xff" * 128, -2: b"\x01\x00\x01"},
    "an exponent of one": {1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x01"},
    "an even exponent": {1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x04"},
    "RSA with SHA-1": {1: 3, 3: -65535, -1: b"\xff" * 256, -2: b"\x01\x00\x01"},
    "the point at infinity": {1: 2, 3: -7, -1: 1, -2: b"", -3: b""},
    "numbers as texts": {1: 2, 3: -7, -1: 1, -2: "x" * 32, -3: "y" * 32},
    "a short EdDSA key": {1: 1, 3: -8, -1: 6, -2: bytes(31)},
    "an algorithm as a text": {1: 2, 3: "ES256", -1: 1, -2: bytes(32), -3: bytes(32)},
    "ES256K": {1: 2, 3: -47, -1: 8, -2: bytes(32), -3: bytes(32)},
    "an algorithm that is true": {1: 2, 3: True, -1: 1, -2: bytes(32), -3: bytes(32)},
}


async def test_odd_ones_are_not_set_up(bench: Bench, reasons: list[str]) -> None:
    """Attestations and keys that no authenticator makes, and names that are too long."""
    session, found = bench.holder.session, {}
    for name, bend in SET_UPS.items():
        made = attested(Authenticator().make(await ok(session.call("POST", f"{MINE}/options"))), bend)
        found[name] = (await session.call("POST", MINE, json={"credential": made})).status_code
    for name, cose in KEYS.items():
        found[name] = (await add(session, Authenticator(), cose=cose)).status_code
    found["a long name"] = (await add(session, Authenticator(), raw_id=bytes(1024))).status_code
    found["a longer name"] = (await add(session, Authenticator(), raw_id=bytes(1100))).status_code
    found["ours once more, by another key"] = -1
    device = Authenticator()
    made = device.make(await ok(session.call("POST", f"{MINE}/options")), raw_id=bench.holder.device.key.raw_id)
    found["ours once more, by another key"] = (await session.call("POST", MINE, json={"credential": made})).status_code
    wanted = dict.fromkeys(found, 400) | {"a longer name": 422, "ours once more, by another key": 201}
    assert found == wanted
    assert await Passkey.all().count() == 1
    # It says that it is there, and the key that it had is the one that it has.
    assert_problem(await bench.holder.enter(device.show(await bench.holder.options())), 400, "invalid_passkey")
    await bench.holder.log_in()
    await ok(add(session, Authenticator(), raw_id=bytes(1023)), 201)


async def test_texts_that_are_none(bench: Bench) -> None:
    """Half a surrogate, a nought, a name of many lines: 4xx, wherever a text is taken."""
    session, client = bench.holder.session, bench.holder.client
    second = await bench.holder.first()
    shown = bench.holder.device.show(await bench.holder.options())
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/auth/second-factor", {"challenge": second, "recovery_code": "?"}),
        ("POST", "/auth/second-factor", {"challenge": "?", "code": "123456"}),
        ("POST", "/auth/second-factor", {"challenge": second, "code": "?23456"}),
        ("POST", "/auth/second-factor/options", {"challenge": "?"}),
        ("POST", "/auth/second-factor/enrol", {"challenge": "?", "kind": "totp"}),
        ("POST", "/auth/second-factor/enrol/confirm", {"challenge": second, "enrolment": "?", "code": "123456"}),
        ("POST", "/auth/reauthenticate", {"recovery_code": "?"}),
        ("POST", "/auth/reauthenticate", {"code": "?"}),
        ("POST", "/users/me/factors/totp/confirm", {"enrolment": "?", "code": "123456"}),
        ("PATCH", f"{MINE}/{bench.holder.passkey}", {"name": "?"}),
        ("POST", "/auth/passkeys", {"credential": shown | {"rawId": "?"}}),
    ]
    headers = session.headers | {"Content-Type": "application/json"}
    for text in (*UNPRINTABLE, "\u0661" * 6, "\uff11" * 6):
        for method, path, body in calls:
            if path.startswith(MINE) and text not in UNPRINTABLE:
                continue  # names have letters of any language
            content = json.dumps(body).replace('"?', '"' + json.dumps(text)[1:-1]).encode()
            answer = await client.request(method, f"/api{path}", content=content, headers=headers)
            assert 400 <= answer.status_code < 500, (text, path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


async def test_a_device_with_a_long_name(bench: Bench) -> None:
    """An app's name is as long as it likes: the passkey is called by the beginning of it."""
    agent = {"User-Agent": "A" * 200 + "/1.0 CFNetwork/1220.1 Darwin/20.3.0"}
    session = bench.holder.session
    made = Authenticator().make(await ok(session.call("POST", f"{MINE}/options")))
    headers = session.headers | agent
    answer = await session.client.post(f"/api{MINE}", json={"credential": made}, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "A" * 100
