"""Keys for one purpose each, derived from SECRET_KEY with HKDF-SHA256 (RFC 5869; SECURITY.md R42)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive_keys(secrets: tuple[str, ...], purpose: str) -> tuple[bytes, ...]:
    """Return a 32-byte key for `purpose` from each secret, in order: the first signs, all are accepted."""
    info = f"latchkey {purpose}".encode()
    return tuple(HKDF(SHA256(), length=32, salt=None, info=info).derive(secret.encode()) for secret in secrets)
