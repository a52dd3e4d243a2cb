"""What browsers hand in for a passkey, read and checked as far as that takes no store (WebAuthn L3, 7.1 and 7.2).

The library reads CBOR and COSE and checks signatures; the first passkey loads it. What it leaves to its caller is
checked here: the exact origin, that no other site has framed the page, the flags that contradict each other, and keys
that nobody asked for.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, cast

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from service.core.text import base64url

if TYPE_CHECKING:
    from fido2.webauthn import AuthenticatorData

EDDSA, ES256, RS256 = -8, -7, -257
ALGORITHMS: Final = (ES256, EDDSA, RS256)
"""COSE numbers of what is taken, the most wanted first."""

MOST_ID_BYTES: Final = 1023  # section 4, "credential ID"
# What fido2 and cryptography raise for what is no key or no signature.
_BROKEN: Final = (
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)


class Unacceptable(Exception):
    """What was handed in is no such thing, or isn't meant for us. `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks: the RP ID, and which origins' pages may ask for it."""

    rp_id: str
    admits: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a browser hands in to show a passkey, as it was sent: each in base64url."""

    raw_id: str
    client_data: str
    authenticator_data: str
    signature: str
    user_handle: str | None


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a browser hands in for a new passkey, as it was sent. `discoverable` is what it says of that, if it does."""

    raw_id: str
    client_data: str
    attestation: str
    transports: tuple[str, ...]
    discoverable: bool | None


@dataclass(frozen=True, slots=True)
class Flags:
    """What an authenticator says of this use: user verified, key may be synced, key is synced; and its counter."""

    verified: bool
    backup_eligible: bool
    backed_up: bool
    counter: int


@dataclass(frozen=True, slots=True)
class Read:
    """An assertion that is meant for us; whether it is signed by the right key has to be looked at yet."""

    raw_id: bytes
    user_handle: bytes | None
    challenge: str
    flags: Flags
    signed: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new passkey that is meant for us; its challenge has to be looked at yet. `public_key` is COSE in CBOR."""

    raw_id: bytes
    public_key: bytes
    challenge: str
    flags: Flags
    aaguid: bytes
    transports: tuple[str, ...]
    discoverable: bool | None


def read_assertion(shown: Assertion, party: Party) -> Read:
    """Return what an assertion says. Raises `Unacceptable`."""
    from fido2.webauthn import AuthenticatorData

    client_data = _bytes(shown.client_data)
    challenge = _challenge_of(client_data, "webauthn.get", party)
    try:
        data = AuthenticatorData(_bytes(shown.authenticator_data))
        flags = _flags_of(data, party)
    except _BROKEN:
        raise Unacceptable("authenticator_data") from None
    return Read(
        raw_id=_bytes(shown.raw_id),
        user_handle=_bytes(shown.user_handle) if shown.user_handle else None,
        challenge=challenge,
        flags=flags,
        signed=bytes(data) + sha256(client_data).digest(),
        signature=_bytes(shown.signature),
    )


def read_attestation(shown: Attestation, party: Party) -> NewKey:
    """Return what an attestation says. Raises `Unacceptable`.

    Who made the authenticator isn't asked (conveyance `none`), so its statement isn't looked at.
    """
    from fido2 import cbor
    from fido2.webauthn import AttestationObject

    challenge = _challenge_of(_bytes(shown.client_data), "webauthn.create", party)
    try:
        data = AttestationObject(_bytes(shown.attestation)).auth_data
        flags = _flags_of(data, party)
        made = data.credential_data
        if made is None or made.credential_id != _bytes(shown.raw_id) or len(made.credential_id) > MOST_ID_BYTES:
            raise Unacceptable("credential_id")
        if not _is_sound(made.public_key):
            raise Unacceptable("public_key")
        public_key = cbor.encode(made.public_key)
    except _BROKEN:
        raise Unacceptable("attestation") from None
    return NewKey(
        raw_id=made.credential_id,
        public_key=public_key,
        challenge=challenge,
        flags=flags,
        aaguid=bytes(made.aaguid),
        transports=shown.transports,
        discoverable=shown.discoverable,
    )


def is_signed(read: Read, public_key: bytes) -> bool:
    """Return whether an assertion is signed by this key."""
    from fido2 import cbor
    from fido2.cose import CoseKey

    try:
        CoseKey.parse(cast("Mapping[int, object]", cbor.decode(public_key))).verify(read.signed, read.signature)
    except (InvalidSignature, *_BROKEN):
        return False
    return True


def _challenge_of(client_data: bytes, kind: Literal["webauthn.create", "webauthn.get"], party: Party) -> str:
    """Return the challenge that was answered, where a page of ours asked, in no other's frame."""
    try:
        said = json.loads(client_data.decode("utf-8-sig"), object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise Unacceptable("client_data") from None
    if not isinstance(said, dict) or said.get("type") != kind:
        raise Unacceptable("type")
    origin, challenge = said.get("origin"), said.get("challenge")
    if not isinstance(origin, str) or not party.admits(origin):
        raise Unacceptable("origin")
    framed = said.get("crossOrigin")
    if (framed is not None and framed is not False) or said.get("topOrigin") is not None:
        raise Unacceptable("cross_origin")
    if not isinstance(challenge, str):
        raise Unacceptable("challenge")
    return challenge


def _each_once(members: list[tuple[str, object]]) -> dict[str, object]:
    """Return what a text says that says each thing once: of another, two readers don't read the same."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("A member is there twice.")
    return found


def _flags_of(data: AuthenticatorData, party: Party) -> Flags:
    if data.rp_id_hash != sha256(party.rp_id.encode()).digest():
        raise Unacceptable("rp_id")
    if not data.is_user_present():
        raise Unacceptable("user_presence")
    if data.extensions is not None and not isinstance(data.extensions, Mapping):  # what the library takes for `False`
        raise Unacceptable("authenticator_data")
    if data.is_backed_up() and not data.is_backup_eligible():
        raise Unacceptable("backup_state")
    return Flags(data.is_user_verified(), data.is_backup_eligible(), data.is_backed_up(), data.counter)


def _is_sound(key: Mapping[int, object]) -> bool:
    """Return whether a key is one of those that were asked for, of a size that is neither weak nor dear to check."""
    if key.get(3) == RS256:
        modulus, exponent = key.get(-1), key.get(-2)
        if not isinstance(modulus, bytes) or not isinstance(exponent, bytes) or key.get(1) != 3:
            return False
        bits = int.from_bytes(modulus).bit_length()  # noughts before it make it no longer
        return 2048 <= bits <= 8 * len(modulus) <= 4096 and len(exponent) <= 4 and _is_usable(key)
    kind = key.get(3), key.get(1), key.get(-1)
    return kind in ((ES256, 2, 1), (EDDSA, 1, 6)) and _is_usable(key)


def _is_usable(key: Mapping[int, object]) -> bool:
    """Return whether the library makes a key of it: signatures of others are none, and say no more than that."""
    from fido2.cose import CoseKey

    try:
        CoseKey.parse(key).verify(b"", b"")
    except InvalidSignature:
        return True
    except _BROKEN:
        return False
    return False


def _bytes(text: str) -> bytes:
    raw = base64url.decode(text)
    if raw is None:
        raise Unacceptable("encoding")
    return raw
