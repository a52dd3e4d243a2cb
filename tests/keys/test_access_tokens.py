"""Access tokens: what they say, and which are refused (RFC 9068, RFC 8725)."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet

from service.core.clock import Clock
from service.runtime import Runtime
from service.stores.access_tokens import AccessClaims, AccessTokens
from tests.support.people import Person, Session, assert_problem
from tests.support.spelling import canonical
from tests.support.stores import Stores


async def test_header_and_claims(ada: Person) -> None:
    """R38, R39, R46, R47: the type, every required claim, a short life, and nothing about the person."""
    session = await ada.log_in()
    header, claims = jwt.get_unverified_header(session.access_token), session.claims
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    assert set(claims) == {
        "iss", "aud", "sub", "sid", "gen", "jti", "client_id", "iat", "exp", "auth_time", "amr", "acr",
    }  # fmt: skip
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("http://localhost:8000", "latchkey", str(ada.id))
    assert 0.94 * 900 <= claims["exp"] - claims["iat"] <= 900
    assert claims["auth_time"] <= claims["iat"]


async def test_lives_are_jittered(ada: Person) -> None:
    """Clients that logged in together don't refresh together."""
    session = await ada.log_in()
    lives = {(await session.refresh()).json()["expires_in"] for _ in range(20)}
    assert len(lives) > 3


async def test_offline_verification(ada: Person) -> None:
    """An independent library verifies our tokens with the published keys alone."""
    session = await ada.log_in()
    response = await ada.client.get("/.well-known/jwks.json")
    assert response.headers["cache-control"] == "public, max-age=300"
    assert all("d" not in key for key in response.json()["keys"])
    token = joserfc_jwt.decode(session.access_token, KeySet.import_key_set(response.json()), algorithms=["ES256"])
    assert token.claims["sub"] == str(ada.id)


@pytest.mark.parametrize("name", ["openid-configuration", "oauth-authorization-server"])
async def test_libraries_find_the_keys(ada: Person, runtime: Runtime, name: str) -> None:
    """RFC 8414: a library that is told the issuer alone finds the keys, whatever Host it is asked under (R23)."""
    session = await ada.log_in()
    issuer = session.claims["iss"]
    for host in ({}, {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}):
        answer = await ada.client.get(f"/.well-known/{name}", headers=host)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "public, max-age=300"
        found = answer.json()
        assert found["issuer"] == issuer == runtime.settings.PUBLIC_URL
        assert found["id_token_signing_alg_values_supported"] == ["ES256"]
        assert "evil" not in answer.text
    keys = await ada.client.get(found["jwks_uri"].removeprefix(issuer))
    token = joserfc_jwt.decode(session.access_token, KeySet.import_key_set(keys.json()), algorithms=["ES256"])
    assert token.claims["sub"] == str(ada.id)
    form = {"grant_type": found["grant_types_supported"][0], "username": ada.email, "password": ada.password}
    granted = await ada.client.post(found["token_endpoint"].removeprefix(issuer), data=form)
    assert granted.json()["token_type"] == "Bearer"


async def test_expiry_is_exact(ada: Person, clock: Clock) -> None:
    """R40: no leeway on `exp`."""
    session = await ada.log_in()
    life = session.claims["exp"] - session.claims["iat"]
    clock.advance(life - 2)
    assert (await session.me()).status_code == 200
    clock.advance(3)
    assert_problem(await session.me(), 401, "invalid_token")


async def test_clocks_a_minute_apart(ada: Person, clock: Clock) -> None:
    """A token of a server whose clock is up to 60 s ahead is accepted; a minute and a half is too much."""
    session = await ada.log_in()
    clock.advance(-59)
    assert (await session.me()).status_code == 200
    clock.advance(-31)
    assert_problem(await session.me(), 401, "invalid_token")


async def forge(runtime: Runtime, session: Session, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Sign with our real key, changing what the token says; None removes.

    It is spelt as ours are: half of what is signed isn't, and would be refused before anything else is looked at.
    """
    pair = await runtime.keyring.signing_pair()
    payload = {name: value for name, value in {**session.claims, **claims}.items() if value is not None}
    head = {"typ": "at+jwt", "kid": pair.kid, **(header or {})}
    return canonical(jwt.encode(payload, pair.private, algorithm="ES256", headers=head))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-service"}, {"iss": "https://elsewhere.example"}, {"exp": None}, {"iat": None}, {"sub": None},
        {"sid": None}, {"gen": None}, {"jti": None}, {"client_id": None}, {"auth_time": None}, {"aud": None},
        {"iss": None}, {"sub": "not-a-uuid"}, {"sid": 7}, {"gen": "1"}, {"exp": 1e300}, {"exp": "never"},
        {"iat": True}, {"nbf": 99999999999}, {"exp": 10**30, "gen": 1.0},
    ],
)  # fmt: skip
async def test_claims_that_are_refused(ada: Person, runtime: Runtime, claims: dict[str, Any]) -> None:
    """R39, R40: wrong or missing claims, even under our own signature."""
    session = await ada.log_in()
    session.access_token = await forge(runtime, session, **claims)
    found = await runtime.access_tokens.examine(session.access_token)
    assert found == "claims" or (isinstance(found, AccessClaims) and not runtime.access_tokens.in_force(found))
    assert_problem(await session.me(), 401, "invalid_token")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"}, {"typ": None}, {"typ": 7}, {"kid": None}, {"kid": 7}, {"kid": "unknown"}, {"kid": ""},
        {"kid": "../../etc/passwd"},
    ],
)  # fmt: skip
async def test_headers_that_are_refused(ada: Person, runtime: Runtime, header: dict[str, Any]) -> None:
    """R38, R43: another type, or a key we don't know."""
    session = await ada.log_in()
    pair = await runtime.keyring.signing_pair()
    head = {"alg": "ES256", "typ": "at+jwt", "kid": pair.kid, **header}
    session.access_token = _sign(pair.private, head, session.claims)
    assert await runtime.access_tokens.examine(session.access_token) in ("header", "key")
    assert_problem(await session.me(), 401, "invalid_token")


async def test_foreign_keys_and_algorithms(ada: Person, runtime: Runtime) -> None:
    """R41, R43: no `none`, no HMAC with the public key, no key brought along, no other key under our kid."""
    session = await ada.log_in()
    pair = await runtime.keyring.signing_pair()
    other = generate_private_key(SECP256R1())
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(other.public_key()))
    published = (await runtime.keyring.published())[0]
    head = {"typ": "at+jwt", "kid": pair.kid}
    claims = session.claims
    tokens = [
        jwt.encode(claims, None, algorithm="none", headers=head),  # type: ignore[arg-type]  # what attackers send
        jwt.encode(claims, json.dumps(published).encode() * 2, algorithm="HS256", headers=head),
        *(
            canonical(jwt.encode(claims, other, algorithm="ES256", headers={**head, **more}))
            for more in ({}, {"jwk": jwk}, {"jku": "https://evil.example/jwks.json"})
        ),
        session.access_token[:-4] + "AAAA",
        session.access_token.rpartition(".")[0] + ".",
        session.access_token + "x" * 3000,
    ]
    for token in tokens:
        session.access_token = token
        assert_problem(await session.me(), 401, "invalid_token")


async def test_another_instance_accepts_our_tokens(ada: Person, runtime: Runtime, stores: Stores) -> None:
    """Instances share keys through the database; one with another SECRET_KEY still verifies, and signs with its own."""
    from service.stores.keyring import Keyring

    session = await ada.log_in()
    twin = AccessTokens(Keyring(runtime.settings.secrets, runtime.clock), runtime.settings, runtime.clock)
    assert isinstance(await twin.examine(session.access_token), AccessClaims)
    stranger_ring = Keyring(("another secret, as long as any of them",), runtime.clock, new_secret=True)
    stranger = AccessTokens(stranger_ring, runtime.settings, runtime.clock)
    assert isinstance(await stranger.examine(session.access_token), AccessClaims)
    assert (await stranger_ring.signing_pair()).kid != (await runtime.keyring.signing_pair()).kid
    from models import SigningKey

    await SigningKey.filter(kid=(await stranger_ring.signing_pair()).kid).delete()


async def test_verification_is_remembered_but_not_trusted(
    ada: Person, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A remembered signature doesn't outlive the token's time; the memory is bounded."""
    monkeypatch.setattr(runtime.access_tokens, "_most", 2)
    remembered = runtime.access_tokens._verified
    remembered.clear()
    sessions = [await ada.log_in() for _ in range(3)]
    for session in sessions:
        assert (await session.me()).status_code == 200
        assert session.access_token in remembered
    assert len(remembered) == 2
    clock.advance(901)
    for session in sessions:
        assert_problem(await session.me(), 401, "invalid_token")


def _sign(private: Any, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Sign by hand: PyJWT won't write the headers that attackers do."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    def part(value: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part(header) + b"." + part(claims)
    r, s = decode_dss_signature(private.sign(signed, ECDSA(SHA256())))
    signature = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=")
    return canonical((signed + b"." + signature).decode())
