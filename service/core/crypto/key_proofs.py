"""What a browser signs to prove that it has a session's key: a JWT of one kind, and of two algorithms (W3C DBSC, 9.10).

Nothing that it names decides what it is checked with, but for the key that a registration brings, which has to be of
the kind that the algorithm is for (RFC 8725 sections 3.1 to 3.3). Sizes are looked at before anything is parsed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from service.core.text import base64url

KIND: Final = "dbsc+jwt"
LONGEST: Final = 4096
POINT_BYTES: Final = 64
"""A point of P-256 as it is kept: x and y. A key of RSA is kept as SubjectPublicKeyInfo in DER, which is longer."""

Algorithm = Literal["ES256", "RS256"]
Reason = Literal["form", "algorithm", "key", "signature"]
ALGORITHMS: Final[tuple[Algorithm, ...]] = ("ES256", "RS256")

SHAPE: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_LONGEST_CHALLENGE: Final = 200
_LEAST_BITS, _MOST_BITS, _EXPONENT = 2048, 4096, 65537
_HALF: Final = POINT_BYTES // 2
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""The members of a JWK that nobody is to send: RFC 7518 sections 6.2.2, 6.3.2 and 6.4."""


class NoProof(Exception):
    """A text is no proof of any key. `reason` is for the log."""

    def __init__(self, reason: Reason) -> None:
        self.reason: Final = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that is well-formed; whether it is signed by the right key has to be looked at yet.

    `jwk` is the key that it brings along: a registration's only counts.
    """

    algorithm: Algorithm
    challenge: str
    jwk: object = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def read_proof(text: str) -> Proof:
    """Return what a proof says. Raises `NoProof`."""
    found = SHAPE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise NoProof("form")
    header, payload, signature = members_of(found[1]), members_of(found[2]), base64url.decode(found[3])
    if header.get("typ") != KIND or "crit" in header or "b64" in header or signature is None:
        raise NoProof("form")
    algorithm = next((known for known in ALGORITHMS if known == header.get("alg")), None)
    if algorithm is None:
        raise NoProof("algorithm")
    challenge = payload.get("jti")
    if not isinstance(challenge, str) or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        raise NoProof("form")
    return Proof(algorithm, challenge, header.get("jwk"), f"{found[1]}.{found[2]}".encode("ascii"), signature)


def brought_key(proof: Proof) -> bytes:
    """Return the public key that a proof brings along, as it is kept. Raises `NoProof`."""
    jwk = proof.jwk
    if not isinstance(jwk, dict) or not PRIVATE.isdisjoint(jwk) or jwk.get("alg", proof.algorithm) != proof.algorithm:
        raise NoProof("key")
    if jwk.get("use", "sig") != "sig":
        raise NoProof("key")
    try:
        return point_of(jwk) if proof.algorithm == "ES256" else rsa_of(jwk)
    except (ValueError, UnsupportedAlgorithm):
        raise NoProof("key") from None


def is_signed(proof: Proof, key: bytes) -> bool:
    """Return whether a proof is signed by this key, kept as `brought_key` returns it."""
    try:
        public = public_of(key)
        match public:
            case EllipticCurvePublicKey() if proof.algorithm == "ES256" and len(proof.signature) == POINT_BYTES:
                r, s = int.from_bytes(proof.signature[:_HALF]), int.from_bytes(proof.signature[_HALF:])
                public.verify(encode_dss_signature(r, s), proof.signed, ECDSA(SHA256()))
            case RSAPublicKey() if proof.algorithm == "RS256" and len(proof.signature) == (public.key_size + 7) // 8:
                public.verify(proof.signature, proof.signed, PKCS1v15(), SHA256())
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def members_of(part: str) -> dict[str, object]:
    """Return what a part of a JWT says, which is an object that says each thing once. Raises `NoProof`."""
    raw = base64url.decode(part)
    try:
        found = _READER.decode((raw or b"").decode("utf-8"))
    except (ValueError, RecursionError):
        raise NoProof("form") from None
    if not isinstance(found, dict):
        raise NoProof("form")
    return found


def _each_once(members: list[tuple[str, object]]) -> dict[str, object]:
    """Return what a text says that says each thing once: of another, two readers don't read the same."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("A member is there twice.")
    return found


_READER: Final = json.JSONDecoder(object_pairs_hook=_each_once)


def point_of(jwk: dict[str, object]) -> bytes:
    """Return the point of P-256 that a JWK is (RFC 7518 section 6.2.1). Raises `NoProof`, or ValueError."""
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise NoProof("key")
    x, y = _bytes(jwk.get("x")), _bytes(jwk.get("y"))
    if len(x) != _HALF or len(y) != _HALF:  # RFC 7518 section 6.2.1.2: the full size, with its noughts
        raise NoProof("key")
    EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()  # it is on the curve
    return x + y


def rsa_of(jwk: dict[str, object]) -> bytes:
    """Return the key of RSA that a JWK is, in DER, of a size that we check with. Raises `NoProof`, or ValueError."""
    if jwk.get("kty") != "RSA":
        raise NoProof("key")
    n, e = _bytes(jwk.get("n")), _bytes(jwk.get("e"))
    modulus = int.from_bytes(n)
    # Checking takes the longer the larger both are, and it is somebody else who chooses.
    fits = _LEAST_BITS <= modulus.bit_length() <= _MOST_BITS and n[0] != 0 and modulus % 2
    if not fits or int.from_bytes(e) != _EXPONENT or e[0] == 0:
        raise NoProof("key")
    public = RSAPublicNumbers(_EXPONENT, modulus).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _bytes(value: object) -> bytes:
    raw = base64url.decode(value) if isinstance(value, str) else None
    if not raw:
        raise NoProof("key")
    return raw


def public_of(key: bytes) -> object:
    """Return the key that is kept as these bytes."""
    if len(key) == POINT_BYTES:
        x, y = int.from_bytes(key[:_HALF]), int.from_bytes(key[_HALF:])
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    return load_der_public_key(key)
