"""Whether whoever shows a token that is bound to a key has the key (DPoP, RFC 9449 section 4.3)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any, Final

import jwt

from callers import Refused

# By a key's kind: what it signs with, and the members that its thumbprint is of (RFC 7638).
KINDS: Final = {
    "EC": ("ES256", ("crv", "kty", "x", "y")),
    "OKP": ("EdDSA", ("crv", "kty", "x")),
    "RSA": ("RS256", ("e", "kty", "n")),
}
CHALLENGE: Final = 'DPoP error="invalid_dpop_proof", algs="ES256 EdDSA RS256"'
LEEWAY: Final = 60.0  # seconds by which a proof's time may be off, either way
LONGEST: Final = 4096
LONGEST_NUMBER: Final = 200


class Proofs:
    """Looks at proofs, and remembers which were used. With several processes that belongs into a store of theirs."""

    def __init__(self, here: str) -> None:
        """`here` is what stands before a path as clients see it. Nothing is taken from `Host`: anybody writes that."""
        self._here = here.rstrip("/")
        self._used: dict[tuple[str, str], float] = {}  # and since when, the oldest first

    def check(self, method: str, path: str, given: list[str], token: str, jkt: str) -> None:
        """Use up the proof of a call that shows a token of this key. Raises Refused."""
        try:
            said = _read(given, jkt)
            address = str(said["htu"]).partition("?")[0].partition("#")[0]
            good = said["htm"] == method and address == self._here + path
            good = good and hmac.compare_digest(str(said["ath"]).encode(), _hash(token.encode()).encode())
            good = good and abs(time.time() - float(said["iat"])) <= LEEWAY
            number = str(said["jti"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise Refused(401, CHALLENGE) from error
        if not good or not 0 < len(number) <= LONGEST_NUMBER or not self._is_first((jkt, number)):
            raise Refused(401, CHALLENGE)

    def _is_first(self, use: tuple[str, str]) -> bool:
        now = time.monotonic()
        while self._used and now - self._used[oldest := next(iter(self._used))] > 2 * LEEWAY:
            del self._used[oldest]
        if use in self._used:
            return False
        self._used[use] = now
        return True


def _read(given: list[str], jkt: str) -> dict[str, Any]:
    """Return what the one proof says that is signed by this key. Raises ValueError, and what PyJWT raises."""
    if len(given) != 1 or len(given[0]) > LONGEST:
        raise ValueError("none, several, or too long")
    head = jwt.get_unverified_header(given[0])
    jwk = head["jwk"]
    algorithm, names = KINDS[jwk["kty"]]
    if head["typ"] != "dpop+jwt" or head["alg"] != algorithm or "d" in jwk:
        raise ValueError("another kind of thing")
    public = {name: jwk[name] for name in names}
    if _hash(json.dumps(public, sort_keys=True, separators=(",", ":")).encode()) != jkt:
        raise ValueError("another key")
    options = {"verify_aud": False, "verify_iat": False}
    return jwt.decode(given[0], jwt.PyJWK(public, algorithm), algorithms=[algorithm], options=options)


def _hash(data: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
