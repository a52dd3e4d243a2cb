"""The tokens of a session, as a client gets them."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.core.clock import to_ms
from service.runtime import Runtime
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Grant


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: `expires_in` is the access token's life in seconds, `idle_seconds` the refresh token's."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    idle_seconds: int


async def token_pair(runtime: Runtime, grant: Grant) -> TokenPair:
    """Return the tokens of a session's generation. The refresh token is always the same one for the same grant."""
    access_token, expires_in = await runtime.access_tokens.issue(
        grant.uid, grant.sid, grant.gen, grant.auth_at, grant.expires_at, assurance=grant.assurance
    )
    refresh_token = runtime.refresh_tokens.encode(RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at))
    idle_ms = max(0, grant.ends_at - to_ms(runtime.clock.now()))
    return TokenPair(access_token, refresh_token, expires_in, idle_ms // 1000)
