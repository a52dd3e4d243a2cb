"""A provider of the operator's choice: what it is asked, what of its answers is believed, and what it may do to us."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.core.telemetry import metrics
from service.providers import registry, watching
from service.providers.parties import AnswerRefused, PartyFailed
from service.runtime import Runtime
from tests.providers.parties_support import Trip, came_from, party_of
from tests.support.providers import Account, Fakes, Said

pytestmark = pytest.mark.embedded_only

WELL_KNOWN = "/.well-known/openid-configuration"


async def test_what_is_asked(runtime: Runtime, providers: Fakes) -> None:
    """OpenID Connect Core 3.1.2.1, RFC 7636: a code, with PKCE, state and nonce, and nothing secret."""
    trip = Trip(runtime, providers.corp, language="de")
    url = await trip.url()
    asked = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{providers.corp.url}/authorize?")
    assert asked == {
        "response_type": "code", "client_id": "latchkey", "scope": "openid email profile", "ui_locales": "de",
        "redirect_uri": "http://localhost:8000/login/callback/corp", "state": trip.question.state,
        "nonce": trip.question.nonce, "code_challenge": trip.question.challenge, "code_challenge_method": "S256",
    }  # fmt: skip


async def test_who_is_there(runtime: Runtime, providers: Fakes) -> None:
    """Issuer and subject, the address and whose word it is, the name."""
    found = await came_from(runtime, providers.corp)
    external = found.external
    assert (external.provider, external.issuer, external.subject) == ("corp", providers.corp.url, "248289761001")
    assert (external.email, found.vouched, found.full_name, found.level) == (
        "ada@example.com", True, "Ada Lovelace", 1,
    )  # fmt: skip
    assert "248289761001" not in repr(found)
    assert "ada@example.com" not in repr(found)


async def test_an_address_in_the_endpoint_of_a_query(runtime: Runtime, providers: Fakes) -> None:
    """Endpoints may have a query of their own (RFC 6749 section 3.1)."""
    providers.corp.metadata = {"authorization_endpoint": f"{providers.corp.url}/authorize?realm=corp"}
    assert "/authorize?realm=corp&response_type=code" in await Trip(runtime, providers.corp).url()


@pytest.mark.parametrize(
    ("verified", "email", "vouched"),
    [
        (True, "ada@example.com", True), (False, "ada@example.com", False), ("true", "ada@example.com", False),
        (1, "ada@example.com", False), (None, "ada@example.com", False), (True, None, False),
        (True, "no address", False), (True, "Ada <ada@example.com>", False), (True, "a@b@example.com", False),
        (True, "ада@example.com", False), (True, "a" * 300 + "@example.com", False),
    ],
)  # fmt: skip
async def test_whose_address_it_is(
    runtime: Runtime, providers: Fakes, verified: object, email: str | None, vouched: bool
) -> None:
    """The boolean, and an address that is one: nothing else is a provider's word."""
    providers.corp.account = Account("1", email, verified)
    found = await came_from(runtime, providers.corp)
    assert found.vouched is vouched
    assert found.external.email == (email if email == "ada@example.com" else None)


async def test_nobody_believes_addresses_unasked(runtime: Runtime, providers: Fakes) -> None:
    """Unless the operator says so, a provider of their choice vouches for nothing."""
    runtime = _with(runtime, PROVIDER_CORP_EMAILS="untrusted")
    found = await came_from(runtime, providers.corp)
    assert (found.external.email, found.vouched) == ("ada@example.com", False)


def _with(runtime: Runtime, **changes: object) -> Runtime:
    from tests.providers.parties_support import with_settings

    return with_settings(runtime, **changes)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({"amr": ["mfa"]}, 2), ({"amr": ["pwd", "otp"]}, 2), ({"amr": ["face", "hwk"]}, 2), ({"acr": "aal2"}, 2),
        ({"acr": "phr"}, 2), ({"amr": ["pwd"]}, 1), ({"amr": ["otp", "hwk"]}, 1), ({"amr": ["pwd", "pin"]}, 1),
        ({"amr": "mfa"}, 1), ({"amr": [["mfa"]]}, 1), ({"amr": {"mfa": True}}, 1), ({"acr": "1"}, 1), ({"acr": 2}, 1),
        ({"acr": ["aal2"]}, 1), ({"acr": "urn:mace:incommon:iap:silver"}, 1), ({}, 1),
    ],
)  # fmt: skip
async def test_its_second_factor(runtime: Runtime, providers: Fakes, said: dict[str, Any], level: int) -> None:
    """RFC 8176: `mfa`, or two methods of different kinds; and `acr` where its name means it everywhere."""
    providers.corp.claims = said
    assert (await came_from(runtime, providers.corp)).level == level
    unbelieving = _with(runtime, PROVIDER_CORP_TRUST_MFA=False)
    assert (await came_from(unbelieving, providers.corp)).level == 1


async def test_userinfo(runtime: Runtime, providers: Fakes) -> None:
    """Some say in the ID token who it is, and no more (Core 5.4): then userinfo is asked, about the same person."""
    corp = providers.corp
    corp.in_token = ()
    found = await came_from(runtime, corp)
    assert (found.external.email, found.vouched, found.full_name) == ("ada@example.com", True, "Ada Lovelace")
    corp.instead["/userinfo"] = Said(200, {"sub": "another", "email": "grace@example.com", "email_verified": True})
    with pytest.raises(PartyFailed, match="somebody else"):
        await came_from(runtime, corp)
    corp.instead["/userinfo"] = Said(200, b"<html>")
    with pytest.raises(PartyFailed, match="JSON"):
        await came_from(runtime, corp)
    corp.instead["/userinfo"] = Said(500, {})
    with pytest.raises(PartyFailed, match="500"):
        await came_from(runtime, corp)
    corp.instead.clear()
    corp.metadata = {"userinfo_endpoint": ...}
    registry._kept.clear()
    found = await came_from(runtime, corp)
    assert (found.external.email, found.vouched) == (None, False)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"name": "  Ada\u200b Lovelace "}, "Ada Lovelace"), ({"name": ..., "given_name": "Ada"}, "Ada"),
        ({"name": "", "given_name": "Ada", "family_name": "L."}, "Ada L."), ({"name": ["Ada"]}, None),
        ({"name": "Ada\x07"}, None), ({"name": "\u200b"}, None), ({"name": "x" * 500}, "x" * 200),
    ],
)  # fmt: skip
async def test_names(runtime: Runtime, providers: Fakes, said: dict[str, Any], name: str | None) -> None:
    """As people see them, and nothing that would be refused of anybody else."""
    providers.corp.claims = said
    assert (await came_from(runtime, providers.corp)).full_name == name


async def test_a_new_log_in(runtime: Runtime, providers: Fakes) -> None:
    """Core 3.1.2.1: asked for by `prompt` and `max_age`, and believed by `auth_time` alone."""
    corp = providers.corp
    trip = Trip(runtime, corp, fresh=True)
    asked = parse_qs(urlsplit(await trip.url()).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    await trip.identify()
    now = int(runtime.clock.timestamp())
    for auth_time in (..., now - 121, now + 120, str(now), None, True):
        corp.claims = {"auth_time": auth_time}
        with pytest.raises(AnswerRefused):
            await came_from(runtime, corp, fresh=True)
        if auth_time in (..., now - 121):
            await came_from(runtime, corp)  # nobody asked
    assert party_of(runtime, "corp").proves_fresh


async def test_the_answer_of_another_provider(runtime: Runtime, providers: Fakes) -> None:
    """RFC 9207: `iss` has to be there where it is promised, and right wherever it is; before the code goes anywhere."""
    corp = providers.corp
    for issuer in (None, "", providers.google.url, f"{corp.url}/", corp.url.upper()):
        with pytest.raises(AnswerRefused):
            await came_from(runtime, corp, issuer=issuer)
    assert not corp.asked("/token")
    registry._kept.clear()
    corp.says_iss = False
    await came_from(runtime, corp, issuer=None)
    sent = len(corp.asked("/token"))
    with pytest.raises(AnswerRefused):
        await came_from(runtime, corp, issuer=providers.google.url)
    assert len(corp.asked("/token")) == sent


async def test_codes(runtime: Runtime, providers: Fakes) -> None:
    """A code is good once, for who asked for it, with the verifier and the address of the question."""
    trip = Trip(runtime, providers.corp)
    reply = trip.reply(await trip.back())
    await trip.party.identify(runtime, reply)
    with pytest.raises(AnswerRefused, match="spent"):
        await trip.party.identify(runtime, reply)
    changes: list[dict[str, Any]] = [
        {"code": "made-up"},
        {"verifier": "another"},
        {"redirect_uri": "https://evil.example/"},
    ]
    for change in changes:
        with pytest.raises(AnswerRefused):
            await came_from(runtime, providers.corp, **change)
    with pytest.raises(AnswerRefused, match="another question"):
        await came_from(runtime, providers.corp, nonce="another")


def _none(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{_part({**header, 'alg': 'none'})}.{_part(claims)}."


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _with_public_key(fakes: Fakes) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        public = fakes.corp.keys["one"].public_key()
        form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        signed = f"{_part({**header, 'alg': 'HS256'})}.{_part(claims)}"
        mac = hmac.digest(public.public_bytes(*form), signed.encode(), sha256)
        return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    return sign


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"}, {"iss": ...}, {"aud": "another"}, {"aud": ["latchkey", "another"]},
        {"azp": "another"}, {"exp": 1}, {"exp": ...}, {"nonce": "another"}, {"nonce": ...}, {"sub": ""},
        {"sub": "x" * 256}, {"sub": 1}, {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, {"iat": 99_999_999_999},
    ],
)  # fmt: skip
async def test_tokens_that_are_not_for_us(runtime: Runtime, providers: Fakes, claims: dict[str, Any]) -> None:
    """Core 3.1.3.7: another's, for another, of another time, of another question."""
    providers.corp.claims = claims
    with pytest.raises(AnswerRefused, match="its ID token"):
        await came_from(runtime, providers.corp)


async def test_tokens_of_another_make(runtime: Runtime, providers: Fakes) -> None:
    """RFC 8725: none, HS256 with the public key, a key that nobody published, no token at all."""
    corp = providers.corp
    for sign in (_none, _with_public_key(providers), lambda *_: "x", lambda *_: "a.b.c", lambda *_: "x" * 20_000):
        corp.sign = sign
        with pytest.raises(AnswerRefused, match="its ID token"):
            await came_from(runtime, corp)
    corp.sign = corp.signed
    await came_from(runtime, corp)
    corp.keys["one"] = ec.generate_private_key(ec.SECP256R1())  # the name is known, the key another
    with pytest.raises(AnswerRefused, match="signature"):
        await came_from(runtime, corp)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (WELL_KNOWN, Said(200, {"issuer": "https://evil.example"})), (WELL_KNOWN, Said(200, b"<html>hello</html>")),
        (WELL_KNOWN, Said(404, {})), (WELL_KNOWN, Said(302, b"", {"Location": "http://127.0.0.1:1/"})),
        (WELL_KNOWN, Said(200, b"x" * 10_000_000)), (WELL_KNOWN, Said(200, [])),
        ("/token", Said(500, b"oops")), ("/token", Said(200, b"<html>")), ("/token", Said(200, {})),
        ("/token", Said(400, {"error": "unauthorized_client"})), ("/token", Said(200, b"x" * 10_000_000)),
        ("/token", Said(307, b"", {"Location": "http://127.0.0.1:1/"})),
        ("/token", Said(200, {"id_token": "a.b.c", "access_token": "line\nfeed"})),
        ("/token", Said(200, {"id_token": "a.b.c", "access_token": "ü"})),
        ("/token", Said(200, {"id_token": ["a.b.c"], "access_token": "x"})),
        ("/token", Said(200, b"[" * 50_000)), ("/jwks", Said(200, {"keys": "none"})), ("/jwks", Said(503, {})),
        ("/jwks", Said(200, b"\xff\xfe")),
    ],
)  # fmt: skip
async def test_a_provider_that_lies(runtime: Runtime, providers: Fakes, path: str, said: Said) -> None:
    """Whatever it says, it is the provider that has failed, and nobody is led elsewhere."""
    providers.corp.instead[path] = said
    with pytest.raises(PartyFailed):
        await came_from(runtime, providers.corp)


@pytest.mark.parametrize("path", [WELL_KNOWN, "/token", "/jwks", "/userinfo"])
@pytest.mark.parametrize("manner", ["hangs", "drips", "cuts"])
async def test_a_provider_that_is_slow(
    runtime: Runtime, providers: Fakes, monkeypatch: pytest.MonkeyPatch, path: str, manner: str
) -> None:
    """The whole of it has an end, whichever of its answers doesn't come, or comes a byte at a time."""
    corp = providers.corp
    corp.in_token = ()
    back = None
    trip = Trip(runtime, corp)
    if path != WELL_KNOWN:
        back = await trip.back()
    monkeypatch.setattr(watching, "SECONDS", 0.3)
    if manner == "hangs":
        corp.hangs = {path}
    elif manner == "drips":
        corp.instead[path] = Said(200, {"a": "b" * 1000}, drip=True)
    else:
        corp.instead[path] = lambda _: 1 / 0  # type: ignore[assignment,return-value]  # the thread dies of it
    began = monotonic()
    with pytest.raises(PartyFailed):
        await (trip.party.identify(runtime, trip.reply(back)) if back else trip.url())
    assert monotonic() - began < 3, "however busy this machine is"


def test_its_limits() -> None:
    """Whoever waits is told within six seconds."""
    assert watching.SECONDS < 6


async def test_many_at_once(runtime: Runtime, providers: Fakes) -> None:
    """Fifty who come at once are all let through, and metadata and keys are asked for once."""
    found = await asyncio.gather(*(came_from(runtime, providers.corp) for _ in range(50)))
    assert len(found) == 50
    assert [len(providers.corp.asked(path)) for path in (WELL_KNOWN, "/jwks", "/token")] == [1, 1, 50]


async def test_many_at_once_while_it_is_away(runtime: Runtime, providers: Fakes) -> None:
    """Fifty are told so by one question, and none of them waits for the others; who comes later asks anew."""
    corp = providers.corp
    corp.instead[WELL_KNOWN] = Said(503, {})
    trips = [Trip(runtime, corp) for _ in range(50)]
    said = await asyncio.gather(*(trip.url() for trip in trips), return_exceptions=True)
    assert [type(one) for one in said] == [PartyFailed] * 50
    assert len(corp.asked(WELL_KNOWN)) == 1
    corp.instead.clear()
    await trips[0].identify()


async def test_a_code_fifty_times_at_once(runtime: Runtime, providers: Fakes) -> None:
    """The provider gives it to one, and all others are refused."""
    trip = Trip(runtime, providers.corp)
    reply = trip.reply(await trip.back())
    said = await asyncio.gather(*(trip.party.identify(runtime, reply) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(one, AnswerRefused) for one in said) == 49


async def test_while_it_is_away(runtime: Runtime, providers: Fakes) -> None:
    """What it has said is used for an hour and on, and it is back as soon as it is back."""
    corp = providers.corp
    await came_from(runtime, corp)
    corp.instead[WELL_KNOWN] = corp.instead["/jwks"] = Said(503, {})
    runtime.clock.advance(3601)
    await came_from(runtime, corp)
    corp.instead.clear()
    await came_from(runtime, corp)


async def test_who_goes_while_it_is_asked(runtime: Runtime, providers: Fakes) -> None:
    """A browser that is closed ends its own question, and nobody else's."""
    corp = providers.corp
    corp.hangs = {WELL_KNOWN}
    waiting = asyncio.ensure_future(Trip(runtime, corp).url())
    await asyncio.sleep(0.05)
    other = asyncio.ensure_future(Trip(runtime, corp).url())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    corp.hangs = set()
    assert (await other).startswith(corp.url)


async def test_what_is_told(runtime: Runtime, providers: Fakes, caplog: pytest.LogCaptureFixture) -> None:
    """Timed by provider and outcome; what went wrong stands in the log, and nothing secret beside it."""

    def count(outcome: str, what: str = "identify") -> float:
        labels = {"provider": "corp", "what": what, "outcome": outcome}
        return metrics.REGISTRY.get_sample_value("latchkey_provider_seconds_count", labels) or 0

    before = {outcome: count(outcome) for outcome in ("ok", "failed", "refused")}
    trip = Trip(runtime, providers.corp)
    back = await trip.back()
    reply = trip.reply(back)
    await trip.party.identify(runtime, reply)
    with pytest.raises(AnswerRefused):
        await trip.party.identify(runtime, reply)
    providers.corp.instead["/token"] = Said(500, {"error": back.code})
    with pytest.raises(PartyFailed):
        await trip.party.identify(runtime, reply)
    assert {outcome: count(outcome) - had for outcome, had in before.items()} == dict.fromkeys(before, 1)
    told = [
        (record.getMessage(), str(record.__dict__)) for record in caplog.records if "provider" in record.getMessage()
    ]
    assert [name for name, _ in told] == ["provider.answer_refused", "provider.failed"]
    for secret in (back.code, trip.verifier, trip.question.nonce, trip.question.state, providers.corp.client_secret):
        assert not [line for _, line in told if secret in line]
        assert secret not in repr(reply) + repr(trip.question)
