"""What a browser signs to prove that it has a session's key, and the cookie that says that it has, of late.

Neither is stored: each is a few fields and a MAC over them (Device Bound Session Credentials; R26). A challenge is
good for one session and one purpose; that it counts once is the session's to say (`sessions/bindings.py`). The cookie
is worth something only beside the session's own, and only while the key is the one that the session is bound to.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from service.core.clock import Clock, to_ms
from service.core.crypto.derivation import derive_keys
from service.core.text import base64url
from service.settings import Settings
from service.stores.sessions.bindings import TAG_BYTES

COOKIE: Final = "device-proof"  # with `__Host-` in front, see service.core.http.cookies
REGISTRATION_SECONDS: Final = 300
SPARE_SECONDS: Final = 600  # that a challenge outlives the cookie it came with: else each proof is asked for twice

Purpose = Literal["registration", "proof"]

_AHEAD: Final = 10_000  # ms that the clock of the instance which made it may be ahead of this one's
_TIME_BYTES: Final = 6
_MAC_BYTES: Final = 32
_CHALLENGE_BYTES: Final = _TIME_BYTES + _MAC_BYTES
_COOKIE_BYTES: Final = TAG_BYTES + 2 * _TIME_BYTES + _MAC_BYTES


class DeviceProofs:
    """Write and read both under keys derived from SECRET_KEY; several are valid at once for rotation."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._challenges = derive_keys(settings.secrets, "challenge of a device-bound session")
        self._cookies = derive_keys(settings.secrets, "proof of a device-bound session")
        self._clock = clock
        self.seconds = settings.DEVICE_PROOF_SECONDS

    def challenge(self, uid: UUID, sid: UUID, purpose: Purpose) -> str:
        """Return a new challenge for this session."""
        moment = self._now().to_bytes(_TIME_BYTES, "big")
        return base64url.encode(moment + _mac(self._challenges[0], purpose.encode(), uid.bytes, sid.bytes, moment))

    def challenged_at(self, text: str, uid: UUID, sid: UUID, purpose: Purpose) -> int | None:
        """Return when a challenge for this session and purpose was made, in ms; None for any other, or one too old."""
        raw = base64url.decode(text)
        if raw is None or len(raw) != _CHALLENGE_BYTES:
            return None
        moment, mac = raw[:_TIME_BYTES], raw[_TIME_BYTES:]
        said = purpose.encode(), uid.bytes, sid.bytes, moment
        if not any(hmac.compare_digest(_mac(key, *said), mac) for key in self._challenges):
            return None
        made_at = int.from_bytes(moment, "big")
        life = REGISTRATION_SECONDS if purpose == "registration" else self.seconds + SPARE_SECONDS
        return made_at if -_AHEAD <= self._now() - made_at < life * 1000 else None

    def cookie(self, uid: UUID, sid: UUID, tag: bytes, challenged_at: int) -> str:
        """Return the value of a cookie: this key was proven on this session just now, over that challenge."""
        ends_at = self._now() + self.seconds * 1000
        said = tag + b"".join(moment.to_bytes(_TIME_BYTES, "big") for moment in (challenged_at, ends_at))
        return base64url.encode(said + _mac(self._cookies[0], uid.bytes, sid.bytes, said))

    def proven(self, values: Sequence[str], uid: UUID, sid: UUID) -> tuple[bytes, int]:
        """Return the tag of the key that one of these cookies says was proven on this session of late, b"" for none.

        And the time in the challenge that was signed, in ms. Of several it is the newest.
        """
        newest = b"", 0
        for value in values:
            raw = base64url.decode(value)
            if raw is None or len(raw) != _COOKIE_BYTES:
                continue
            said, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
            if not any(hmac.compare_digest(_mac(key, uid.bytes, sid.bytes, said), mac) for key in self._cookies):
                continue
            challenged_at, ends_at = (
                int.from_bytes(said[start : start + _TIME_BYTES], "big")
                for start in range(TAG_BYTES, len(said), _TIME_BYTES)
            )
            if self._now() < ends_at and (not newest[0] or challenged_at > newest[1]):
                newest = said[:TAG_BYTES], challenged_at
        return newest

    def _now(self) -> int:
        return to_ms(self._clock.now())


def _mac(key: bytes, *fields: bytes) -> bytes:
    """Return the MAC over fields whose lengths are fixed, but for the first."""
    return hmac.digest(key, b"\0".join(fields), "sha256")
