"""A provider's public keys (RFC 7517): those that a signature may be checked with, and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from service.core.openid.documents import Nonsense, read_object

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

MOST_KEYS: Final = 50
LEAST_RSA_BITS: Final = 2048
MOST_RSA_BITS: Final = 8192  # checking takes the longer, and it is somebody else who chooses


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, the name it has, and the one algorithm that it is for. `issuer`: whose it says that it is."""

    name: str | None
    algorithm: str
    public: PublicKey
    issuer: str | None = None


def read_keys(document: bytes) -> tuple[Key, ...]:
    """Return the keys of a key set that sign by RS256, ES256 or EdDSA. Raises `Nonsense` where it is no key set.

    What isn't one of them is passed over, symmetric keys above all (RFC 8725 section 3.2): providers publish more.
    """
    listed = read_object(document).get("keys")
    if not isinstance(listed, list):
        raise Nonsense("it has no list of keys")
    found = (_key(each) for each in listed[:MOST_KEYS] if isinstance(each, dict))
    return tuple(key for key in found if key is not None)


def _key(given: dict[str, object]) -> Key | None:
    name, algorithm = given.get("kid"), _algorithm(given)
    if algorithm is None or given.get("use") not in (None, "sig") or not isinstance(name, str | None):
        return None
    operations = given.get("key_ops")
    if operations is not None and not (isinstance(operations, list) and "verify" in operations):
        return None
    try:
        public = jwt.PyJWK({**given, "alg": algorithm}).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    fits = {
        "RS256": isinstance(public, RSAPublicKey) and LEAST_RSA_BITS <= public.key_size <= MOST_RSA_BITS,
        "ES256": isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1),
        "EdDSA": isinstance(public, Ed25519PublicKey),
    }
    issuer = given.get("issuer")
    return Key(name, algorithm, public, issuer if isinstance(issuer, str) else None) if fits[algorithm] else None


def _algorithm(given: dict[str, object]) -> str | None:
    """Return the one algorithm of ours that a key is for: by its kind, and by what it says itself."""
    kind = given.get("kty"), given.get("crv")
    fitting = {("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
    algorithm = "RS256" if kind[0] == "RSA" else fitting.get((str(kind[0]), str(kind[1])))
    said = given.get("alg")
    return algorithm if said in (None, algorithm) or (said == "Ed25519" and algorithm == "EdDSA") else None
