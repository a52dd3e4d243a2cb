"""By Latchkey's public keys alone: nothing is asked, and an ended session's token is good until its `exp`."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

import httpx
import jwt

from callers import AUDIENCE, ISSUER, LATCHKEY, LONGEST_TOKEN, Caller, Refused

LEEWAY: Final = 5.0  # seconds by which clocks may differ
LIFE: Final = 300.0  # for so long keys may be kept: a new one is published as long before it signs
STALE: Final = 3600.0  # for so long they serve while new ones can't be had
PAUSE: Final = 10.0  # whoever makes names of keys up has us ask so often, and no more
PAUSE_AFTER_FAILURE: Final = 1.0


class ByKeys:
    """Checks what RFC 9068 (section 4) has one check."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._keys = Keys(http)

    async def caller_of(self, token: str) -> Caller:
        """Return whose token it is. Raises Refused."""
        try:
            head = jwt.get_unverified_header(token if len(token) <= LONGEST_TOKEN else "")
            if head.get("typ") != "at+jwt":
                raise Refused(401)
            claims = jwt.decode(
                token,
                await self._keys.get(str(head.get("kid"))),
                algorithms=["ES256"],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "sid"]},
            )
        except jwt.PyJWTError as error:
            raise Refused(401) from error
        return Caller(claims["sub"], claims["sid"], claims["exp"])


class Keys:
    """Latchkey's key set, kept for as long as it may be."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._known: dict[str, jwt.PyJWK] = {}
        self._read_at = self._again_at = -STALE
        self._failed = False
        self._reading = asyncio.Lock()

    async def get(self, name: str) -> jwt.PyJWK:
        """Return the key of that name. Raises Refused: 401 where there is none, 503 where that can't be known."""
        if self._wanted(name):
            async with self._reading:
                if self._wanted(name):  # still, after whoever was before us
                    await self._read()
        if (key := self._known.get(name)) is not None and monotonic() - self._read_at < STALE:
            return key
        raise Refused(503 if self._failed else 401)

    def _wanted(self, name: str) -> bool:
        now = monotonic()
        return (now - self._read_at >= LIFE or name not in self._known) and now >= self._again_at

    async def _read(self) -> None:
        try:
            found = (await self._http.get(f"{LATCHKEY}/.well-known/jwks.json")).raise_for_status().json()
            self._known = {key.key_id: key for key in jwt.PyJWKSet.from_dict(found) if key.key_id}
        except (httpx.HTTPError, ValueError, jwt.PyJWTError):
            self._failed, self._again_at = True, monotonic() + PAUSE_AFTER_FAILURE
        else:
            self._failed, self._read_at = False, monotonic()
            self._again_at = self._read_at + PAUSE
