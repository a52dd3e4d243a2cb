"""An authenticator made of software: passkeys with any flags and any counter, shown as a browser hands them in.

It knows nothing of the service but WebAuthn. What it makes and shows is judged besides by another library
(tests/factors/test_second_opinion.py).
"""

from __future__ import annotations

import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

Algorithm = Literal["ES256", "EdDSA", "RS256"]
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
ORIGIN = "http://localhost:8000"
RS256_KEY_BITS = 2048


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """A passkey in an authenticator: set what it is to say of itself the next time."""

    raw_id: bytes
    private: Any
    rp_id: str
    user_handle: bytes
    synced: bool
    verifies: bool
    counter: int

    @property
    def flags(self) -> int:
        return UP | (UV if self.verifies else 0) | (BE | BS if self.synced else 0)


@dataclass
class Authenticator:
    """One on somebody's desk. `synced` ones count nothing; the others count every use."""

    origin: str = ORIGIN
    algorithm: Algorithm = "ES256"
    synced: bool = True
    verifies: bool = True
    keys: list[Key] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """The one that was made last."""
        return self.keys[-1]

    def make(self, options: dict[str, Any], **says: Any) -> dict[str, Any]:
        """Make a passkey, as `navigator.credentials.create()` does; return it as JSON."""
        assert options["attestation"] == "none"
        private, cose = _new_key(self.algorithm)
        assert cose[3] in [wanted["alg"] for wanted in options["pubKeyCredParams"]]
        raw_id = says.get("raw_id", secrets.token_bytes(16))
        handle = unb64(options["user"]["id"])
        key = Key(raw_id, private, options["rp"]["id"], handle, self.synced, self.verifies, 0)
        self.keys.append(key)
        made = bytes(16) + struct.pack(">H", len(raw_id)) + raw_id + cbor2.dumps(says.get("cose", cose))
        data = self._data(key, says, AT) + made
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return {
            "id": b64(raw_id),
            "rawId": b64(raw_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": says.get("discoverable", True)}},
            "response": {
                "clientDataJSON": b64(self._client_data("webauthn.create", options["challenge"], says)),
                "attestationObject": b64(attestation),
                "transports": ["internal", "hybrid"],
                "publicKeyAlgorithm": cose[3],
            },
        }

    def show(self, options: dict[str, Any], key: Key | None = None, **says: Any) -> dict[str, Any]:
        """Show a passkey, as `navigator.credentials.get()` does; return it as JSON. `says` bends the truth."""
        if key is None:
            allowed = [known["id"] for known in options.get("allowCredentials", [])]
            key = next(one for one in reversed(self.keys) if not allowed or b64(one.raw_id) in allowed)
        if not key.synced:
            key.counter += 1
        client_data = self._client_data(says.get("type", "webauthn.get"), options["challenge"], says)
        data = self._data(key, says)
        signature = sign(key.private, data + sha256(client_data).digest())
        handle = says.get("user_handle", key.user_handle)
        return {
            "id": b64(key.raw_id),
            "rawId": b64(key.raw_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(client_data),
                "authenticatorData": b64(data),
                "signature": b64(says.get("signature", signature)),
                "userHandle": b64(handle) if handle is not None else None,
            },
        }

    def _data(self, key: Key, says: dict[str, Any], more: int = 0) -> bytes:
        rp_id = says.get("rp_id", key.rp_id)
        flags = says.get("flags", key.flags) | more
        return sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, says.get("counter", key.counter))

    def _client_data(self, kind: str, challenge: str, says: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": says.get("origin", self.origin), "crossOrigin": False}
        return json.dumps(said | says.get("client_data", {})).encode()


def _new_key(algorithm: Algorithm) -> tuple[Any, dict[int, Any]]:
    match algorithm:
        case "ES256":
            curve = ec.generate_private_key(ec.SECP256R1())
            point = curve.public_key().public_numbers()
            return curve, {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        case "EdDSA":
            edwards = ed25519.Ed25519PrivateKey.generate()
            return edwards, {1: 1, 3: -8, -1: 6, -2: edwards.public_key().public_bytes_raw()}
        case "RS256":
            big = rsa.generate_private_key(65537, RS256_KEY_BITS)
            modulus = big.public_key().public_numbers().n
            return big, {1: 3, 3: -257, -1: modulus.to_bytes(RS256_KEY_BITS // 8), -2: (65537).to_bytes(3)}


def sign(private: Any, message: bytes) -> bytes:
    """Sign as an authenticator does with this key."""
    signature: bytes
    if isinstance(private, ec.EllipticCurvePrivateKey):
        signature = private.sign(message, ec.ECDSA(SHA256()))
    elif isinstance(private, rsa.RSAPrivateKey):
        signature = private.sign(message, padding.PKCS1v15(), SHA256())
    else:
        signature = private.sign(message)
    return signature
