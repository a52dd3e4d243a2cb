"""Sealing: values that are stored encrypted (AES-256-GCM) under keys derived from SECRET_KEY, one for each purpose."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.core.crypto.derivation import derive_keys

_NONCE_BYTES = 12


class Sealer:
    """Seal and open values. Several secrets are valid at once for rotation: the first seals, all open."""

    def __init__(self, secrets: tuple[str, ...], purpose: str) -> None:
        self._ciphers = [AESGCM(key) for key in derive_keys(secrets, purpose)]

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Return `plain` sealed. It opens only with the same `context`: no value can be moved to another row."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes | None:
        """Return what was sealed; None when it was changed or moved, or its secret isn't given any more."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
            except (InvalidTag, ValueError):  # ValueError: there isn't even a nonce left of it
                continue
        return None
