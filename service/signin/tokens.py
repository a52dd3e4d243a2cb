"""The tokens of a session, as a client gets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from service.core.clock import to_ms
from service.runtime import Runtime
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Grant


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: `expires_in` is the access token's life in seconds, `idle_seconds` the refresh token's.

    Both are worth nothing without the client's key where they are `bound` (RFC 9449).
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    idle_seconds: int
    bound: bool = False

    @property
    def token_type(self) -> Literal["bearer", "DPoP"]:
        """How the access token is to be shown."""
        return "DPoP" if self.bound else "bearer"


async def token_pair(runtime: Runtime, grant: Grant) -> TokenPair:
    """Return the tokens of a session's generation. The refresh token is always the same one for the same grant."""
    access_token, expires_in = await runtime.access_tokens.issue(
        grant.uid, grant.sid, grant.gen, grant.auth_at, grant.expires_at, assurance=grant.assurance, jkt=grant.jkt
    )
    refresh_token = runtime.refresh_tokens.encode(RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at))
    idle_ms = max(0, grant.ends_at - to_ms(runtime.clock.now()))
    return TokenPair(access_token, refresh_token, expires_in, idle_ms // 1000, bool(grant.jkt))
