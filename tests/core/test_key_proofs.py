"""What a browser signs: one kind of JWT, two algorithms, keys of a size; whatever else it is, is no proof."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from service.core.crypto.key_proofs import KIND, LONGEST, NoProof, brought_key, is_signed, read_proof
from service.core.text import base64url
from service.stores.sessions.bindings import MOST_KEY_BYTES
from tests.support.bound import Key, jwk_of, jwt, new_key

POINT = new_key()
RSA_2048 = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def rsa_key(bits: int, exponent: int = 65537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=exponent, key_size=bits)


def why(text: str) -> str | None:
    """Return why that isn't a proof by the key it brings along; None where it is one."""
    try:
        proof = read_proof(text)
        return None if is_signed(proof, brought_key(proof)) else "signature"
    except NoProof as error:
        return error.reason


def parts(*objects: object, signature: bytes = b"x" * 64) -> str:
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in objects]
    return ".".join(base64url.encode(text) for text in (*texts, signature))


@pytest.mark.parametrize("key", [POINT, RSA_2048], ids=["ES256", "RS256"])
def test_a_proof(key: Key) -> None:
    """The key that a registration brings is kept as it is checked with, and fits into a session."""
    proof = read_proof(jwt(key, "challenge", brings=True))
    kept = brought_key(proof)
    assert proof.challenge == "challenge"
    assert len(kept) <= MOST_KEY_BYTES
    assert is_signed(proof, kept)
    later = read_proof(jwt(key, "another"))
    assert is_signed(later, kept)
    with pytest.raises(NoProof):
        brought_key(later)


def test_the_largest_key() -> None:
    """4096 bits of RSA, their signature and their key in one header: it is read, and there is room for it."""
    text = jwt(rsa_key(4096), "c" * 51, brings=True)
    assert len(text) < LONGEST
    assert why(text) is None
    assert len(brought_key(read_proof(text))) <= MOST_KEY_BYTES


def test_another_key_has_signed() -> None:
    """Of the same kind, or of the other: the algorithm that a proof names doesn't choose the key."""
    proof = read_proof(jwt(POINT, "c", brings=True))
    for other in (new_key(), RSA_2048):
        kept = brought_key(read_proof(jwt(other, "c", brings=True)))
        assert not is_signed(proof, kept)
        assert not is_signed(read_proof(jwt(other, "c", header={"alg": "RS256"})), brought_key(proof))
        assert not is_signed(read_proof(jwt(other, "c", header={"alg": "ES256"})), brought_key(proof))


def test_every_bit_counts() -> None:
    """What was signed is what was sent."""
    text = jwt(POINT, "challenge", brings=True)
    signed, _, signature = text.rpartition(".")
    raw = base64url.decode(signature)
    assert raw is not None
    bent = [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(len(raw))]
    wrong = [*bent, raw[:-1], raw + b"\0", b"\0" * 64, raw[32:] + raw[:32]]
    assert [why(f"{signed}.{base64url.encode(one)}") for one in wrong] == ["signature"] * len(wrong)
    header, _ = signed.split(".")
    other = base64url.encode(json.dumps({"jti": "another"}).encode())
    assert why(f"{header}.{other}.{signature}") == "signature"
    # JOSE has r and s, one behind the other (RFC 7518 section 3.4): what others write is no signature here.
    der = POINT.sign(signed.encode(), ec.ECDSA(SHA256()))
    assert why(f"{signed}.{base64url.encode(der)}") == "signature"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "None"}, "algorithm"),
        ({"alg": None}, "algorithm"),
        ({"alg": "HS256"}, "algorithm"),
        ({"alg": "ES384"}, "algorithm"),
        ({"alg": "PS256"}, "algorithm"),
        ({"alg": "EdDSA"}, "algorithm"),
        ({"alg": ["ES256"]}, "algorithm"),
        ({"alg": {"ES256": 1}}, "algorithm"),
        ({"alg": "es256"}, "algorithm"),
        ({"alg": "RS256"}, "key"),
        ({"typ": None}, "form"),
        ({"typ": "JWT"}, "form"),
        ({"typ": "dpop+jwt"}, "form"),
        ({"typ": "DBSC+JWT"}, "form"),
        ({"typ": ["dbsc+jwt"]}, "form"),
        ({"crit": ["exp"]}, "form"),
        ({"b64": False}, "form"),
    ],
)
def test_headers(header: dict[str, Any], reason: str) -> None:
    """One type, two algorithms (RFC 8725 sections 3.1, 3.11); nothing that has to be understood and isn't."""
    assert why(jwt(POINT, "c", brings=True, header=header)) == reason


def test_a_key_that_everybody_has() -> None:
    """A public key is no secret of HMAC's: nobody signs with that (RFC 8725 section 2.1)."""
    kept = brought_key(read_proof(jwt(POINT, "c", brings=True)))
    signed = parts({"alg": "HS256", "typ": KIND, "jwk": jwk_of(POINT)}, {"jti": "c"}).rpartition(".")[0]
    mac = hmac.digest(kept, signed.encode(), "sha256")
    assert why(f"{signed}.{base64url.encode(mac)}") == "algorithm"
    assert why(f"{parts({'alg': 'none', 'typ': KIND}, {'jti': 'c'}).rpartition('.')[0]}.") == "form"


def of(key: Key, **changes: Any) -> str:
    """Return a proof whose key is written otherwise."""
    jwk = {name: value for name, value in (jwk_of(key) | changes).items() if value is not None}
    return jwt(key, "c", header={"jwk": jwk})


ZERO, FIELD = base64url.encode(b"\0" * 32), base64url.encode(b"\xff" * 32)


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "RSA"}, {"kty": "OKP"}, {"kty": "oct", "k": "AAAA"}, {"kty": None}, {"kty": ["EC"]},
        {"crv": "P-384"}, {"crv": "P-521"}, {"crv": "secp256k1"}, {"crv": "Ed25519"}, {"crv": None},
        {"x": None}, {"y": None}, {"x": 1}, {"x": ""}, {"x": "!"}, {"x": "A" * 42}, {"x": "A" * 44},
        {"x": ZERO, "y": ZERO}, {"x": FIELD, "y": FIELD}, {"x": base64url.encode(b"\0" * 31 + b"\x05")},
        {"d": "AAAA"}, {"k": "AAAA"}, {"alg": "RS256"}, {"alg": "none"}, {"alg": ["ES256"]}, {"use": "enc"},
    ],
    ids=str,
)  # fmt: skip
def test_points(jwk: dict[str, Any]) -> None:
    """A point of P-256, on the curve, in its full size, the public half alone (RFC 7518 section 6.2)."""
    assert why(of(POINT, **jwk)) == "key"


def test_points_of_other_curves() -> None:
    """However they are called."""
    for curve in (ec.SECP384R1(), ec.SECP256K1()):
        key = ec.generate_private_key(curve)
        assert why(of(key)) == "key"
        assert why(of(key, crv="P-256")) == "key"


def number(value: int, spare: int = 0) -> str:
    return base64url.encode(value.to_bytes((value.bit_length() + 7) // 8 + spare))


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "EC"}, {"n": None}, {"e": None}, {"e": ""}, {"e": "AQ"}, {"e": "Aw"}, {"e": "AAEAAQ"},
        {"e": number(2**2000 + 1)}, {"e": 65537}, {"n": number(2**4096 + 1)}, {"n": number(2**2046 + 1)},
        {"n": number(2**2047 + 2)}, {"n": number(2**2047 + 1, spare=1)}, {"d": "AAAA"}, {"p": "AQAB"}, {"oth": []},
        {"alg": "ES256"}, {"alg": "PS256"}, {"use": "enc"},
    ],
    ids=str,
)  # fmt: skip
def test_keys_of_rsa(jwk: dict[str, Any]) -> None:
    """2048 to 4096 bits, the usual exponent, the public half alone: others are weak, or dear to check."""
    assert why(of(RSA_2048, **jwk)) == "key"


def test_weak_keys_of_rsa() -> None:
    """Whole ones, rightly signed by."""
    assert why(of(rsa_key(1024))) == "key"
    assert why(of(rsa_key(2048, exponent=3))) == "key"


WELL = {"alg": "ES256", "typ": KIND, "jwk": jwk_of(POINT)}


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "é.é.é", " " + jwt(POINT, "c"), jwt(POINT, "c") + "\n",
        jwt(POINT, "c") + "=", "A" * (LONGEST + 1), f"{'A' * LONGEST}.A.A",
        parts(WELL, {}), parts(WELL, {"jti": ""}), parts(WELL, {"jti": 1}), parts(WELL, {"jti": None}),
        parts(WELL, {"jti": ["c"]}), parts(WELL, {"jti": "c" * 201}), parts(WELL, []), parts(WELL, "c"),
        parts([], {"jti": "c"}), parts(b"null", {"jti": "c"}), parts(b"\xff", {"jti": "c"}), parts(b"{", b"}"),
        parts(b'{"typ":"JWT","typ":"dbsc+jwt","alg":"ES256"}', {"jti": "c"}), parts(WELL, b'{"jti":"a","jti":"c"}'),
        parts(b"[" * 2000, {"jti": "c"}), parts(WELL, b'{"jti":NaN}'),
    ],
)  # fmt: skip
def test_what_is_no_jwt(text: str) -> None:
    """Bytes of any kind are refused, and never a fault of ours; a member that is there twice has two readings."""
    assert why(text) == "form"


def test_no_key_at_all() -> None:
    """Or one that is no object."""
    given: list[object] = [None, [], "jwk", 1, {}]
    for jwk in given:
        assert why(parts({"alg": "ES256", "typ": KIND, "jwk": jwk}, {"jti": "c"})) == "key"
