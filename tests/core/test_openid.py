"""What other services say of somebody (OpenID Connect Core 1.0, Discovery 1.0): taken as it was meant, or refused."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from service.core.openid.documents import Nonsense
from service.core.openid.id_tokens import Expected, IdTokenRefused, UnknownKey, verify_id_token
from service.core.openid.keys import read_keys
from service.core.openid.metadata import address_of, read_metadata

NOW = 1_800_000_000
ISSUER = "https://id.example.com"
SAYS: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://id.example.com/authorize",
    "token_endpoint": "https://id.example.com/token",
    "jwks_uri": "https://keys.example.com/jwks",
}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "us",
    "sub": "248289761001",
    "iat": NOW - 1,
    "exp": NOW + 300,
    "nonce": "n-0S6",
}

RSA = rsa.generate_private_key(65537, 2048)
CURVE, EDWARDS = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
PEM = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


def published(kid: str | None, key: Any, **more: Any) -> dict[str, Any]:
    kind: dict[type, Any] = {
        rsa.RSAPublicKey: RSAKey,
        ec.EllipticCurvePublicKey: ECKey,
        ed25519.Ed25519PublicKey: OKPKey,
    }
    public = key.public_key()
    made = next(of for base, of in kind.items() if isinstance(public, base))
    return {
        **made.import_key(public.public_bytes(*PEM)).as_dict(private=False),
        **({"kid": kid} if kid else {}),
        **more,
    }


def key_set(*keys: Mapping[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


KEYS = read_keys(key_set(published("rsa", RSA), published("ec", CURVE), published("ed", EDWARDS)))


def token(key: Any = RSA, algorithm: str = "RS256", header: Mapping[str, Any] | None = None, **claims: Any) -> str:
    kid = {"RS256": "rsa", "ES256": "ec", "EdDSA": "ed"}.get(algorithm, "rsa")
    given = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not ...}
    return jwt.encode(given, key, algorithm, headers={"kid": kid, **(header or {})})


def expected(**changes: Any) -> Expected:
    return Expected(**{"issuer": ISSUER, "client_id": "us", "nonce": "n-0S6", "now": float(NOW), **changes})


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (CURVE, "ES256"), (EDWARDS, "EdDSA")])
def test_a_genuine_token(key: Any, algorithm: str) -> None:
    """By each algorithm that is taken."""
    assert verify_id_token(token(key, algorithm), KEYS, expected())["sub"] == "248289761001"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["us"]}, {"aud": ["us", "them"], "azp": "us"}, {"azp": "us"}, {"exp": NOW - 59}, {"iat": NOW + 59},
        {"exp": NOW + 0.5}, {"nbf": NOW + 30}, {"sub": "x" * 255}, {"jku": "https://evil.example/keys"},
    ],
)  # fmt: skip
def test_what_may_be_otherwise(claims: dict[str, Any]) -> None:
    """Lists, clocks that differ by a minute, whatever else is in it."""
    verify_id_token(token(**claims), KEYS, expected())


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://id.example.com/"}, {"iss": "https://evil.example"}, {"iss": ...}, {"iss": [ISSUER]},
        {"aud": "them"}, {"aud": ["them"]}, {"aud": ...}, {"aud": []}, {"aud": "us "}, {"aud": {"us": 1}},
        {"aud": ["us", 1]},
        {"aud": ["us", "them"]}, {"aud": ["us", "them"], "azp": "them"}, {"azp": "them"}, {"azp": 1},
        {"sub": ...}, {"sub": ""}, {"sub": 1}, {"sub": "x" * 256}, {"sub": None}, {"sub": ["a"]},
        {"exp": NOW - 60}, {"exp": ...}, {"exp": str(NOW + 300)}, {"exp": None}, {"exp": True},
        {"iat": NOW + 61}, {"iat": ...}, {"iat": "now"}, {"nbf": NOW + 61}, {"nbf": "later"},
        {"nonce": ...}, {"nonce": "other"}, {"nonce": 1}, {"nonce": "n-0S6 "}, {"nonce": ["n-0S6"]},
    ],
)  # fmt: skip
def test_what_is_refused(claims: dict[str, Any]) -> None:
    """Another's, for another, of another time, of another question."""
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not ...}
    made = f"{part({'alg': 'RS256', 'kid': 'rsa'})}.{part(said)}"  # by hand: libraries don't write such claims
    by_rsa = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    signed = f"{made}.{base64.urlsafe_b64encode(by_rsa.sign(made.encode(), RSA)).rstrip(b'=').decode()}"
    with pytest.raises(IdTokenRefused):
        verify_id_token(signed, KEYS, expected())


def test_algorithms_are_the_keys() -> None:
    """RFC 8725 2.1, 3.1: none, a public key as an HMAC secret, another key's algorithm, keys that the token brings."""
    good = token()
    _, body, signature = good.split(".")
    for algorithm in ("none", "None", "NONE", "", None, 1):
        for tail in ("", signature):
            with pytest.raises(IdTokenRefused):
                verify_id_token(f"{part({'alg': algorithm, 'kid': 'rsa'})}.{body}.{tail}", KEYS, expected())
    secret = RSA.public_key().public_bytes(*PEM)
    for kid in ("rsa", None):
        header = {"alg": "HS256", **({"kid": kid} if kid else {})}
        signed = f"{part(header)}.{body}"
        mac = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), sha256)).rstrip(b"=").decode()
        with pytest.raises(IdTokenRefused):
            verify_id_token(f"{signed}.{mac}", KEYS, expected())
    thief = rsa.generate_private_key(65537, 2048)
    brought: tuple[dict[str, Any], ...] = (
        {}, {"jwk": published("rsa", thief)}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example"},
    )  # fmt: skip
    for more in brought:
        with pytest.raises(IdTokenRefused, match="signature"):
            verify_id_token(token(thief, header=more), KEYS, expected())
    asking: tuple[dict[str, Any], ...] = ({"crit": ["exp"]}, {"b64": False}, {"crit": []})
    for more in asking:
        with pytest.raises(IdTokenRefused):
            verify_id_token(token(header=more), KEYS, expected())
    with pytest.raises(IdTokenRefused):  # PS256 by a key that signs RS256
        verify_id_token(token(RSA, "PS256"), KEYS, expected())


def test_which_key() -> None:
    """By its name; without one, the only one there is. An unknown one may be new, and that is told apart."""
    with pytest.raises(UnknownKey):
        verify_id_token(token(header={"kid": "new"}), KEYS, expected())
    with pytest.raises(UnknownKey):
        verify_id_token(token(), (), expected())
    alone = read_keys(key_set(published(None, RSA)))
    unnamed = jwt.encode(CLAIMS, RSA, "RS256")
    verify_id_token(unnamed, alone, expected())
    verify_id_token(unnamed, KEYS, expected())
    other = published("other", rsa.generate_private_key(65537, 2048))
    with pytest.raises(IdTokenRefused, match="which key"):
        verify_id_token(unnamed, read_keys(key_set(published("rsa", RSA), other)), expected())


@pytest.mark.parametrize("cut", ["", "a", "a.b", "a.b.c", "a.b.c.d", "....", "\n", " ", "ä.b.c"])
def test_no_token(cut: str) -> None:
    """Neither cut nor padded, nor ten times as long."""
    good = token()
    for text in (cut, good[:-4], f"{good}=", f" {good}", f"{good}\n", good.replace(".", ".."), good + "A" * 20_000):
        with pytest.raises(IdTokenRefused):
            verify_id_token(text, KEYS, expected())


def test_a_new_log_in() -> None:
    """Core 3.1.2.1: where `max_age` was asked for, `auth_time` is there, and recent."""
    for claims in ({}, {"auth_time": NOW - 62}, {"auth_time": NOW + 100}, {"auth_time": "now"}):
        with pytest.raises(IdTokenRefused):
            verify_id_token(token(**claims), KEYS, expected(max_age=0))
    verify_id_token(token(auth_time=NOW - 5), KEYS, expected(max_age=0))


def test_the_access_token_beside_it() -> None:
    """Core 3.1.3.8: where it is bound to one, that is what came."""
    half = base64.urlsafe_b64encode(sha256(b"theirs").digest()[:16]).rstrip(b"=").decode()
    verify_id_token(token(at_hash=half), KEYS, expected(access_token="theirs"))
    verify_id_token(token(), KEYS, expected(access_token="theirs"))
    for said in (half, 1, ""):
        with pytest.raises(IdTokenRefused):
            verify_id_token(token(at_hash=said), KEYS, expected(access_token="another"))


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_keys_that_sign() -> None:
    """What can't check one of our signatures is passed over: symmetric ones, weak ones, those for something else."""
    small = published("small", rsa.generate_private_key(65537, 1024))
    oct_key = OctKey.import_key(b"x" * 32).as_dict()
    private = {
        **RSAKey.import_key(
            RSA.private_bytes(PEM[0], serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        ).as_dict(private=True)
    }
    listed = [
        small, {**oct_key, "kid": "oct"}, published("enc", RSA, use="enc"), published("ps", RSA, alg="PS256"),
        published("384", ec.generate_private_key(ec.SECP384R1())), published("ops", RSA, key_ops=["encrypt"]),
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"}, {"kty": "RSA"}, {"kty": "EC", "crv": "P-256",
        "x": 1}, {},
        {"kty": ["RSA"]}, 1, None, "key", {**published("name", RSA), "kid": 7}, private | {"kid": "private",
        "use": "enc"},
        published("good", RSA, use="sig", alg="RS256"), published("ed", EDWARDS, alg="Ed25519"),
    ]  # fmt: skip
    assert [(key.name, key.algorithm) for key in read_keys(key_set(*listed))] == [("good", "RS256"), ("ed", "EdDSA")]  # type: ignore[arg-type]
    for document in (b"", b"[]", b"{}", b'{"keys": {}}', b"<html>", b"\xff", b'{"keys": null}'):
        with pytest.raises(Nonsense):
            read_keys(document)
    assert len(read_keys(key_set(*[published(str(n), CURVE) for n in range(60)]))) == 50


def test_metadata() -> None:
    """What a provider says of itself."""
    found = read_metadata(json.dumps(SAYS).encode(), ISSUER)
    assert (found.jwks_uri, found.userinfo_endpoint, found.says_iss) == ("https://keys.example.com/jwks", None, False)
    assert found.auth_methods == ("client_secret_basic",)
    more = {
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
    }
    found = read_metadata(json.dumps({**SAYS, **more}).encode(), ISSUER)
    assert (found.auth_methods, found.says_iss) == (("client_secret_post",), True)
    assert address_of(ISSUER) == address_of(f"{ISSUER}/") == f"{ISSUER}/.well-known/openid-configuration"
    assert address_of(f"{ISSUER}/realms/a") == f"{ISSUER}/realms/a/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": f"{ISSUER}/"}, {"issuer": "https://ID.example.com"}, {"issuer": None}, {"issuer": [ISSUER]},
        {"token_endpoint": None}, {"token_endpoint": "http://id.example.com/token"}, {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "/jwks"}, {"jwks_uri": "https://a@b.example/"}, {"jwks_uri": "https:///jwks"}, {"jwks_uri": 7},
        {"jwks_uri": "https://[::1"}, {"jwks_uri": "https://a.example/\n"}, {"token_endpoint": "http://127.0.0.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"}, {"authorization_endpoint": "https://a.example/#x"},
        {"userinfo_endpoint": "http://id.example.com/me"}, {"authorization_endpoint": "https://ä.example/"},
    ],
)  # fmt: skip
def test_metadata_that_mislead(change: dict[str, Any]) -> None:
    """Another issuer, by one letter; no TLS; what is no address."""
    with pytest.raises(Nonsense):
        read_metadata(json.dumps({**SAYS, **change}).encode(), ISSUER)


def test_a_provider_on_ones_own_machine() -> None:
    """In development, and nowhere else than there."""
    local = {name: value.replace("https://id.example.com", "http://localhost:9000") for name, value in SAYS.items()}
    read_metadata(json.dumps(local).encode(), "http://localhost:9000", plain=True)
    with pytest.raises(Nonsense):
        read_metadata(
            json.dumps({**local, "jwks_uri": "http://10.0.0.1/jwks"}).encode(), "http://localhost:9000", plain=True
        )
