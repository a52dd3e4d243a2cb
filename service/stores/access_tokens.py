"""Access tokens: JWTs by RFC 9068, signed with ES256, verified with one fixed algorithm (RFC 8725 section 3.1).

Times are compared with the service's own clock: `exp` exactly, `iat` and `nbf` with 60 seconds of leeway, for two
instances' clocks are never equal. A signature that was verified once isn't verified again; times always are.

A token has one spelling: base64url as we write it, and the lower of the two values that make an ECDSA signature good
(whoever sees (r, s) can write (r, n-s), which verifies as well).
"""

from __future__ import annotations

import random
import re
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from secrets import token_hex
from typing import Any, Final, Literal
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from service.core.clock import Clock
from service.core.dpop.proofs import THUMBPRINT_BYTES
from service.core.text import base64url
from service.settings import Settings
from service.stores.keyring import ALGORITHM, Keyring, SigningPair
from service.stores.sessions.assurance import Assurance

TYPE = "at+jwt"
CLIENT_ID = "web"  # the one first-party client: the front ends of this deployment
LEEWAY_SECONDS = 60
JITTER = 0.05
MAX_TOKEN_LENGTH = 2048
_REQUIRED = ["iss", "aud", "sub", "sid", "gen", "jti", "client_id", "iat", "exp", "auth_time"]

_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}")
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256's group

_ES256: Final = ECDSA(SHA256())

_random = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine access token says; times in seconds since the epoch.

    `jkt` is the thumbprint of the key that it is bound to (RFC 9449 section 6.1), b"" where it is bound to none.
    """

    uid: UUID
    sid: UUID
    gen: int
    not_before: int
    expires_at: int
    jkt: bytes = b""


Forgery = Literal["spelling", "header", "key", "signature", "claims"]
"""What gives away a token that this service never issued."""


class AccessTokens:
    """Issue and verify access tokens."""

    def __init__(self, keyring: Keyring, settings: Settings, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._issuer = settings.PUBLIC_URL
        self._audience = settings.ACCESS_TOKEN_AUDIENCE
        self._life = settings.access_token_life.total_seconds()
        self._most = settings.SESSION_CACHE_SIZE
        self._verified: OrderedDict[str, tuple[str, AccessClaims]] = OrderedDict()

    async def issue(
        self,
        uid: UUID,
        sid: UUID,
        gen: int,
        auth_at: int,
        session_ends_at: int,
        *,
        assurance: Assurance,
        jkt: bytes = b"",
    ) -> tuple[str, int]:
        """Return a token and its life in whole seconds. `auth_at` and `session_ends_at` in ms since the epoch.

        The life is jittered by up to 5 %, so that clients who logged in together don't refresh together, and never
        reaches beyond the session's absolute end: another service that verifies offline sees no later one.
        """
        pair = await self._keyring.signing_pair()
        now = self._clock.timestamp()
        life = min(self._life * (1 - JITTER * _random.random()), session_ends_at / 1000 - now)
        expires_in = max(1, round(life))
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(uid),
            "sid": str(sid),
            "gen": gen,
            "jti": token_hex(16),
            "client_id": CLIENT_ID,
            "iat": int(now),
            "exp": int(now) + expires_in,
            "auth_time": auth_at // 1000,
            # For other services: ours ask the session. So nothing here wants them, and tokens of before go on working.
            "amr": assurance.methods,
            "acr": assurance.acr,
        }
        if jkt:
            claims["cnf"] = {"jkt": base64url.encode(jkt)}
        return _signed(claims, pair), expires_in

    def in_force(self, claims: AccessClaims) -> bool:
        """Return whether it is the time that a genuine token is for."""
        now = self._clock.timestamp()
        return claims.not_before <= now + LEEWAY_SECONDS and now < claims.expires_at

    async def examine(self, token: str) -> AccessClaims | Forgery:
        """Return what a genuine token says, in force or not: for logging out, one that has expired does.

        For any other, return what gave it away.
        """
        if known := self._verified.get(token):  # by its text: only what is well spelt is among them
            kid, claims = known
            if self._keyring.knows(kid):
                return claims
            return claims if await self._keyring.public_key(kid) is not None else "key"
        return await self._examine_anew(token) if _well_spelt(token) else "spelling"

    async def _examine_anew(self, token: str) -> AccessClaims | Forgery:
        try:
            kid = _key_name(token)
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            return "header"
        key = await self._keyring.public_key(kid)
        if key is None:
            return "key"
        try:
            claims = self._decode(token, key)
        except jwt.InvalidSignatureError:
            return "signature"
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            return "claims"
        self._verified[token] = kid, claims
        if len(self._verified) > self._most:
            self._verified.popitem(last=False)
        return claims

    def _decode(self, token: str, key: EllipticCurvePublicKey) -> AccessClaims:
        payload = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=self._audience,
            issuer=self._issuer,
            options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        return _read(payload)


def _well_spelt(token: str) -> bool:
    """Return whether a token is written the one way that we write one. Says nothing of what it says."""
    if len(token) > MAX_TOKEN_LENGTH or not _SHAPE.fullmatch(token):
        return False
    *parts, signature = map(base64url.decode, token.split("."))
    return all(parts) and signature is not None and 0 < int.from_bytes(signature[32:], "big") <= _ORDER // 2


def _signed(claims: dict[str, Any], pair: SigningPair) -> str:
    """Return the token (RFC 7515 section 7.1), with the lower of the two values that make its signature good.

    Written here and not by PyJWT, which takes half as long again as the signature itself.
    """
    signed = f"{_header(pair.kid)}.{base64url.encode(orjson.dumps(claims))}"
    r, s = decode_dss_signature(pair.private.sign(signed.encode(), _ES256))
    return f"{signed}.{base64url.encode(r.to_bytes(32, 'big') + min(s, _ORDER - s).to_bytes(32, 'big'))}"


@lru_cache(maxsize=8)
def _header(kid: str) -> str:
    return base64url.encode(orjson.dumps({"typ": TYPE, "alg": ALGORITHM, "kid": kid}))


def _key_name(token: str) -> str:
    """Return the `kid` of a header that names our type and our algorithm (R38, R41); the rest is ignored (R43).

    Raises ValueError or a PyJWTError for any other.
    """
    header = jwt.get_unverified_header(token)
    kid = header.get("kid")
    if header.get("typ", "").lower() not in (TYPE, f"application/{TYPE}"):
        raise ValueError("not an access token")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str):
        raise ValueError("not signed the way we sign")
    return kid


def _read(payload: dict[str, Any]) -> AccessClaims:
    numbers = [payload["gen"], payload["iat"], payload["exp"], payload.get("nbf", 0)]
    if not all(type(number) is int for number in numbers):
        raise ValueError("times and generation are whole numbers")
    return AccessClaims(
        uid=UUID(payload["sub"]),
        sid=UUID(payload["sid"]),
        gen=payload["gen"],
        not_before=max(payload["iat"], payload.get("nbf", 0)),
        expires_at=payload["exp"],
        jkt=_holder(payload["cnf"]) if "cnf" in payload else b"",
    )


def _holder(confirmed: object) -> bytes:
    """Return the thumbprint in `cnf` (RFC 7800). A token that is bound in a way that we don't know is no good."""
    text = confirmed.get("jkt") if isinstance(confirmed, dict) and len(confirmed) == 1 else None
    raw = base64url.decode(text) if isinstance(text, str) else None
    if raw is None or len(raw) != THUMBPRINT_BYTES:
        raise ValueError("no thumbprint")
    return raw
