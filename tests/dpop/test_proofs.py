"""What a proof has to be: one kind of JWT, three algorithms, a public key that fits; whatever else it is, is none."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import assume, given
from hypothesis import strategies as st

from service.core.crypto.key_proofs import NoProof
from service.core.dpop.proofs import ALGORITHMS, LONGEST, hash_of, read_proof, thumbprint
from service.core.text import base64url
from service.errors.dpop import ALGS
from tests.support.bound import new_key
from tests.support.dpop import Key, jwk_of, signed, thumbprint_of

POINT = new_key()
RSA_2048 = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EDWARDS = ed25519.Ed25519PrivateKey.generate()
P384 = ec.generate_private_key(ec.SECP384R1())
RSA_1024 = rsa.generate_private_key(public_exponent=65537, key_size=1024)
RSA_ODD = rsa.generate_private_key(public_exponent=3, key_size=2048)
KEYS: dict[str, Key] = {"ES256": POINT, "EdDSA": EDWARDS, "Ed25519": EDWARDS, "RS256": RSA_2048}

NAMES = {"typ", "alg", "jwk", "kty", "crv", "x", "y", "n", "e", "d", "jti", "htm", "htu", "iat", "ath", "nonce", "crit"}
SAID: dict[str, Any] = {
    "jti": "a number",
    "htm": "POST",
    "htu": "https://id.example.com/oauth/token",
    "iat": 1_795_000_000,
}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(NAMES)), inner, max_size=8),
    max_leaves=12,
)


def head(key: Key = POINT, **more: Any) -> dict[str, Any]:
    alg = next(alg for alg, known in KEYS.items() if type(known) is type(key))
    return {"typ": "dpop+jwt", "alg": alg, "jwk": jwk_of(key)} | more


def why(text: str) -> str | None:
    """Why that is no proof; None where it is one."""
    try:
        read_proof(text)
    except NoProof as error:
        return error.reason
    return None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_proof(algorithm: str) -> None:
    """What it says is returned, with the thumbprint of its key (RFC 7638)."""
    key = KEYS[algorithm]
    proof = read_proof(signed(key, head(key, alg=algorithm), SAID | {"ath": "hash", "nonce": "once"}))
    assert base64url.encode(proof.jkt) == thumbprint_of(key)
    assert (proof.number, proof.method, proof.address) == (SAID["jti"], SAID["htm"], SAID["htu"])
    assert (proof.made_at, proof.token_hash, proof.nonce) == (SAID["iat"], "hash", "once")
    bare = read_proof(signed(key, head(key), SAID))
    assert (bare.token_hash, bare.nonce) == (None, None)
    assert str(SAID["jti"]) not in repr(proof)


def test_what_the_challenge_says() -> None:
    """Clients are told the algorithms that are taken."""
    assert ALGS.split() == list(ALGORITHMS)


def test_examples_of_the_standards() -> None:
    """RFC 7638 section 3.1, RFC 8037 appendix A.3, RFC 9449 sections 4.1 and 7.1."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
        "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
        "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
        "nqDKgw"
    )
    assert base64url.encode(thumbprint({"n": n, "kty": "RSA", "e": "AQAB"})) == (
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    )
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert base64url.encode(thumbprint({"kty": "OKP", "crv": "Ed25519", "x": x})) == (
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )
    text = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
        "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJq"
        "dGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0Ijox"
        "NTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    )
    proof = read_proof(text)
    assert base64url.encode(proof.jkt) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    assert (proof.number, proof.made_at) == ("-BwC3ESc6acc2lTc", 1562262616)
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    assert hash_of(token) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


def bent(part: int, text: str) -> str:
    parts = signed(POINT, head(), SAID).split(".")
    parts[part] = text
    return ".".join(parts)


def by_secret(secret: bytes) -> str:
    """HS256, by what everybody knows: the public key."""
    text = signed(POINT, head(alg="HS256"), SAID).rpartition(".")[0]
    return f"{text}.{base64url.encode(hmac.digest(secret, text.encode(), sha256))}"


def raw(header: str, payload: str) -> str:
    return f"{base64url.encode(header.encode())}.{base64url.encode(payload.encode())}.{'A' * 86}"


JWK = jwk_of(POINT)
NONE: list[tuple[str, str]] = [
    ("", "form"),
    ("x", "form"),
    ("a.b", "form"),
    ("a.b.c.d", "form"),
    ("a.b.", "form"),
    ("é.b.c", "form"),
    (f"{signed(POINT, head(), SAID)}\n", "form"),
    (f" {signed(POINT, head(), SAID)}", "form"),
    (signed(POINT, head(), SAID | {"more": "x" * LONGEST}), "form"),
    (signed(POINT, head(kid="x" * 2000), SAID), "form"),
    (raw("[]", json.dumps(SAID)), "form"),
    (raw("1", json.dumps(SAID)), "form"),
    (raw('{"typ":"dpop+jwt","typ":"dpop+jwt"}', json.dumps(SAID)), "form"),
    (raw(json.dumps(head()), "null"), "form"),
    (raw(json.dumps(head()), '{"jti":"a","jti":"b"}'), "form"),
    (raw(json.dumps(head()), "{" * 3000), "form"),
    (signed(POINT, head(typ=None), SAID), "form"),
    (signed(POINT, head(typ="JWT"), SAID), "form"),
    (signed(POINT, head(typ="dbsc+jwt"), SAID), "form"),
    (signed(POINT, head(typ="at+jwt"), SAID), "form"),
    (signed(POINT, head(crit=["b64"]), SAID), "form"),
    (signed(POINT, head(b64=True), SAID), "form"),
    (signed(POINT, head(alg="none"), SAID), "algorithm"),
    (signed(POINT, head(alg=None), SAID), "algorithm"),
    (signed(POINT, head(alg=["ES256"]), SAID), "algorithm"),
    (signed(POINT, head(alg="ES384"), SAID), "algorithm"),
    (signed(POINT, head(alg="es256"), SAID), "algorithm"),
    (signed(RSA_2048, head(RSA_2048, alg="PS256"), SAID), "algorithm"),
    (by_secret(json.dumps(JWK).encode()), "algorithm"),
    (signed(POINT, head(jwk=None), SAID), "key"),
    (signed(POINT, head(jwk="key"), SAID), "key"),
    (signed(POINT, head(jwk=[JWK]), SAID), "key"),
    (signed(POINT, head(jwk={}), SAID), "key"),
    (signed(POINT, head(alg="RS256"), SAID), "key"),
    (signed(POINT, head(alg="EdDSA"), SAID), "key"),
    (signed(POINT, head(alg="Ed25519"), SAID), "key"),
    (signed(EDWARDS, head(EDWARDS, jwk=jwk_of(EDWARDS) | {"alg": "RS256"}), SAID), "key"),
    (signed(EDWARDS, head(EDWARDS, alg="ES256"), SAID), "key"),
    (signed(RSA_2048, head(RSA_2048, alg="ES256"), SAID), "key"),
    (signed(P384, head(P384), SAID), "key"),
    (signed(RSA_1024, head(RSA_1024), SAID), "key"),
    (signed(RSA_ODD, head(RSA_ODD), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"d": JWK["x"]}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"k": "c2VjcmV0"}), SAID), "key"),
    (signed(EDWARDS, head(EDWARDS, jwk=jwk_of(EDWARDS) | {"d": jwk_of(EDWARDS)["x"]}), SAID), "key"),
    (signed(RSA_2048, head(RSA_2048, jwk=jwk_of(RSA_2048) | {"p": "AQAB"}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"crv": "P-384"}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"kty": "RSA"}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"x": JWK["y"]}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"x": JWK["x"] + "="}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"x": "AA"}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"x": 1}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"x": "\ud800"}), SAID), "key"),
    (signed(RSA_2048, head(RSA_2048, jwk=jwk_of(RSA_2048) | {"e": 10**30}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"kty": ["EC"]}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"alg": "RS256"}), SAID), "key"),
    (signed(POINT, head(jwk=JWK | {"use": "enc"}), SAID), "key"),
    (signed(EDWARDS, head(EDWARDS, jwk=jwk_of(EDWARDS) | {"crv": "X25519"}), SAID), "key"),
    (signed(EDWARDS, head(EDWARDS, jwk=jwk_of(EDWARDS) | {"x": "AA"}), SAID), "key"),
    (signed(POINT, head(), SAID | {"jti": None}), "form"),
    (signed(POINT, head(), SAID | {"jti": ""}), "form"),
    (signed(POINT, head(), SAID | {"jti": 7}), "form"),
    (signed(POINT, head(), SAID | {"jti": "x" * 201}), "form"),
    (signed(POINT, head(), SAID | {"htm": None}), "form"),
    (signed(POINT, head(), SAID | {"htm": ["POST"]}), "form"),
    (signed(POINT, head(), SAID | {"htu": None}), "form"),
    (signed(POINT, head(), SAID | {"htu": {}}), "form"),
    (signed(POINT, head(), SAID | {"iat": None}), "form"),
    (signed(POINT, head(), SAID | {"iat": "1795000000"}), "form"),
    (signed(POINT, head(), SAID | {"iat": True}), "form"),
    (signed(POINT, head(), SAID | {"iat": float("nan")}), "form"),
    (signed(POINT, head(), SAID | {"iat": float("inf")}), "form"),
    (signed(POINT, head(), SAID | {"iat": 10**400}), "form"),
    (signed(POINT, head(), SAID | {"ath": 1}), "form"),
    (signed(POINT, head(), SAID | {"nonce": []}), "form"),
    (signed(new_key(), head(), SAID), "signature"),
    (bent(2, "A" * 86), "signature"),
    (bent(2, base64url.encode(b"\1" * 63)), "signature"),
    (bent(2, base64url.encode(b"\1" * 65)), "signature"),
    (bent(1, base64url.encode(json.dumps(SAID | {"htm": "GET"}).encode())), "signature"),
    (signed(POINT, head(jwk=jwk_of(new_key())), SAID), "signature"),
    (signed(RSA_2048, head(RSA_2048), SAID).rpartition(".")[0] + "." + base64url.encode(b"\1" * 255), "signature"),
    (signed(EDWARDS, head(EDWARDS), SAID).rpartition(".")[0] + "." + "A" * 86, "signature"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), NONE, ids=range(len(NONE)))
def test_what_is_none(text: str, reason: str) -> None:
    """RFC 9449 section 4.3, RFC 8725; and the same when it comes again, for what was read of a header is kept."""
    assert why(text) == reason
    assert why(text) == reason


@given(header=JSON, payload=JSON, signature=st.binary(max_size=80))
def test_whatever_comes(header: object, payload: object, signature: bytes) -> None:
    """Whatever it says, in whatever types, it is no proof, and nothing worse."""
    parts = (json.dumps(header), json.dumps(payload))
    text = ".".join(base64url.encode(part.encode("utf-8", "surrogatepass")) for part in parts)
    assert why(f"{text}.{base64url.encode(signature)}") is not None


@given(
    name=st.sampled_from(["kty", "crv", "x", "y", "n", "e", "alg", "use"]), value=JSON, kind=st.sampled_from(list(KEYS))
)
def test_whatever_a_key_says(name: str, value: object, kind: str) -> None:
    """A member of another type, or of another value, makes it another key, or none: never the same one."""
    key, own = KEYS[kind], jwk_of(KEYS[kind])
    text = signed(key, head(key, alg=kind, jwk=own | {name: value}), SAID)
    assume(len(text.partition(".")[0]) <= 2048)
    allowed = value == own.get(name, value) if name in own else name not in ("alg", "use")
    assert (why(text) is None) == (allowed or (name, value) in (("alg", kind), ("use", "sig")))


@given(text=st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Nor is any other text one."""
    assert why(text) is not None


def test_every_bit_counts() -> None:
    """What was signed is what was sent; and what a header was found to be says nothing about another signature."""
    text = signed(EDWARDS, head(EDWARDS), SAID)
    assert why(text) is None
    told, _, signature = text.rpartition(".")
    given = base64url.decode(signature)
    assert given is not None
    for at in range(len(given)):
        wrong = given[:at] + bytes([given[at] ^ 1]) + given[at + 1 :]
        assert why(f"{told}.{base64url.encode(wrong)}") == "signature"


def test_the_largest_key() -> None:
    """4096 bits of RSA, their signature and their key in one header."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    text = signed(key, head(key), SAID | {"ath": hash_of("x"), "nonce": "n" * 40})
    assert len(text) < LONGEST
    assert why(text) is None
