"""A DPoP proof: a JWT for one call, by a key that it brings along (RFC 9449 section 4.2).

What is looked at here needs neither a clock nor a store: the form, the key, the signature. Sizes come first. A client
sends the same header each time, so what was read of one is kept for a while: to read a key takes as long as to check a
signature by it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from math import isfinite
from typing import Final, cast

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from service.core.crypto.key_proofs import POINT_BYTES, PRIVATE, SHAPE, NoProof, members_of, point_of, public_of, rsa_of
from service.core.text import base64url

KIND: Final = "dpop+jwt"
ALGORITHMS: Final = ("ES256", "EdDSA", "Ed25519", "RS256")
"""`Ed25519` is what RFC 9864 calls the one kind of EdDSA that there is here."""
LONGEST: Final = 4096
THUMBPRINT_BYTES: Final = 32

_LONGEST_HEADER: Final = 2048  # a key of RSA's 4096 bits is 1100
_LONGEST_NUMBER: Final = 200
_ED25519_BYTES: Final = 32
_HALF: Final = POINT_BYTES // 2
_ES256: Final = ECDSA(SHA256())

_Checks = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class DpopProof:
    """What the key of this thumbprint (RFC 7638) has signed; times in seconds since the epoch.

    `number` is what makes it the only one (`jti`), `address` whatever it names as the call's.
    """

    jkt: bytes
    method: str
    address: str
    made_at: float
    number: str = field(repr=False)
    token_hash: str | None = field(repr=False)
    nonce: str | None = field(repr=False)

    def is_for(self, token: str) -> bool:
        """Return whether it was made for a call with this access token (`ath`)."""
        return self.token_hash is not None and hmac.compare_digest(
            self.token_hash.encode("utf-8", "surrogatepass"), hash_of(token).encode()
        )


def read_proof(text: str) -> DpopProof:
    """Return what a proof says that is signed by the key it brings along. Raises `NoProof`."""
    found = SHAPE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or len(found[1]) > _LONGEST_HEADER:
        raise NoProof("form")
    jkt, is_signed = _key_in(found[1])
    said, signature = members_of(found[2]), base64url.decode(found[3])
    if signature is None:
        raise NoProof("form")
    proof = DpopProof(
        jkt,
        _text(said.get("htm")),
        _text(said.get("htu")),
        _moment(said.get("iat")),
        _text(said.get("jti")),
        _text(said["ath"]) if "ath" in said else None,
        _text(said["nonce"]) if "nonce" in said else None,
    )
    if len(proof.number) > _LONGEST_NUMBER:
        raise NoProof("form")
    if not is_signed(signature, f"{found[1]}.{found[2]}".encode("ascii")):
        raise NoProof("signature")
    return proof


def hash_of(token: str) -> str:
    """Return what a proof has to say of the access token that it comes with (`ath`)."""
    return base64url.encode(sha256(token.encode("utf-8", "surrogateescape")).digest())


def thumbprint(members: dict[str, object]) -> bytes:
    """Return the thumbprint of a key by the members that are required of its kind (RFC 7638 section 3)."""
    return sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).digest()


@lru_cache(maxsize=1024)
def _key_in(part: str) -> tuple[bytes, _Checks]:
    """Return the thumbprint of the key in a header, and what checks a signature by it. Raises `NoProof`."""
    header = members_of(part)
    if header.get("typ") != KIND or "crit" in header or "b64" in header:
        raise NoProof("form")
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise NoProof("algorithm")
    jwk = header.get("jwk")
    if not isinstance(jwk, dict) or not PRIVATE.isdisjoint(jwk):
        raise NoProof("key")
    if jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig":
        raise NoProof("key")
    check: _Checks
    names: tuple[str, ...]
    try:
        match algorithm:
            case "ES256":
                check, names = (
                    _by_point(cast("EllipticCurvePublicKey", public_of(point_of(jwk)))),
                    ("crv", "kty", "x", "y"),
                )
            case "RS256":
                check, names = _by_rsa(cast("RSAPublicKey", public_of(rsa_of(jwk)))), ("e", "kty", "n")
            case _:
                check, names = _by_ed25519(_ed25519(jwk)), ("crv", "kty", "x")
    except (ValueError, UnsupportedAlgorithm):
        raise NoProof("key") from None
    return thumbprint({name: jwk[name] for name in names}), check  # of members that were just read as that key


def _ed25519(jwk: dict[str, object]) -> Ed25519PublicKey:
    x = jwk.get("x")
    raw = base64url.decode(x) if isinstance(x, str) else None
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or raw is None or len(raw) != _ED25519_BYTES:
        raise NoProof("key")
    return Ed25519PublicKey.from_public_bytes(raw)


def _by_point(key: EllipticCurvePublicKey) -> _Checks:
    def is_signed(signature: bytes, signed: bytes) -> bool:
        if len(signature) != POINT_BYTES:
            return False
        r, s = int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:])
        try:
            key.verify(encode_dss_signature(r, s), signed, _ES256)
        except (InvalidSignature, ValueError):
            return False
        return True

    return is_signed


def _by_rsa(key: RSAPublicKey) -> _Checks:
    def is_signed(signature: bytes, signed: bytes) -> bool:
        if len(signature) != (key.key_size + 7) // 8:
            return False
        try:
            key.verify(signature, signed, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    return is_signed


def _by_ed25519(key: Ed25519PublicKey) -> _Checks:
    def is_signed(signature: bytes, signed: bytes) -> bool:
        try:
            key.verify(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True

    return is_signed


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise NoProof("form")
    return value


def _moment(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not -1e15 < value < 1e15 or not isfinite(value):
        raise NoProof("form")
    return value
