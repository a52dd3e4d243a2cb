"""Access tokens: JWTs by RFC 9068, signed with ES256, verified with one fixed algorithm (RFC 8725 section 3.1).

Times are compared with the service's own clock: `exp` exactly, `iat` and `nbf` with 60 seconds of leeway, for two
instances' clocks are never equal. A signature that was verified once isn't verified again; times always are.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from service.core.clock import Clock
from service.keys.keyring import ALGORITHM, Keyring
from service.settings import Settings

TYPE = "at+jwt"
CLIENT_ID = "web"  # the one first-party client: the front ends of this deployment
LEEWAY_SECONDS = 60
JITTER = 0.05
MAX_TOKEN_LENGTH = 2048
CACHE_SIZE = 8192
_REQUIRED = ["iss", "aud", "sub", "sid", "gen", "jti", "client_id", "iat", "exp", "auth_time"]

_random = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine access token says; times in seconds since the epoch."""

    uid: UUID
    sid: UUID
    gen: int
    not_before: int
    expires_at: int


class AccessTokens:
    """Issue and verify access tokens."""

    def __init__(self, keyring: Keyring, settings: Settings, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._issuer = settings.PUBLIC_URL
        self._audience = settings.ACCESS_TOKEN_AUDIENCE
        self._life = settings.access_token_life.total_seconds()
        self._verified: OrderedDict[str, tuple[str, AccessClaims]] = OrderedDict()

    async def issue(self, uid: UUID, sid: UUID, gen: int, auth_at: int, session_ends_at: int) -> tuple[str, int]:
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
            "jti": uuid4().hex,
            "client_id": CLIENT_ID,
            "iat": int(now),
            "exp": int(now) + expires_in,
            "auth_time": auth_at // 1000,
        }
        token = jwt.encode(claims, pair.private, algorithm=ALGORITHM, headers={"typ": TYPE, "kid": pair.kid})
        return token, expires_in

    async def verify(self, token: str, *, accept_expired: bool = False) -> AccessClaims | None:
        """Return what a genuine token in force says, None for anything else. `accept_expired` is for logging out."""
        claims = await self._genuine(token)
        if claims is None:
            return None
        now = self._clock.timestamp()
        if claims.not_before > now + LEEWAY_SECONDS or (claims.expires_at <= now and not accept_expired):
            return None
        return claims

    async def _genuine(self, token: str) -> AccessClaims | None:
        if len(token) > MAX_TOKEN_LENGTH:
            return None
        if known := self._verified.get(token):
            kid, claims = known
            return claims if await self._keyring.public_key(kid) is not None else None
        try:
            kid = _key_name(token)
            key = await self._keyring.public_key(kid)
            if key is None:
                return None
            claims = self._decode(token, key)
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            return None
        self._verified[token] = kid, claims
        if len(self._verified) > CACHE_SIZE:
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
    )
