"""Log-ins by other providers that are under way: what was asked, kept while the browser is there.

    flow:<sha256(state)>     STRING  what was asked, sealed, for ten minutes

It belongs to nobody yet. `state` (RFC 6749 section 10.12) comes back with the answer; `flow` is a secret that never
leaves the browser which has begun: both are needed, so nobody is logged in by a link that somebody else has sent them,
and no cookie is (RFC 9700 section 4.7). Taken once: of however many that show a state, one gets it.

Where a store or the provider was away after that, it is put back for what is left of its time, with what the provider
has said by then: the same answer can be shown again.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal, cast
from uuid import UUID

import orjson

from service.core.clock import from_ms, to_ms
from service.core.crypto.sealing import Sealer
from service.core.redis.scripts import MUST_BE, Script
from service.core.text import base64url
from service.credentials.identities import External
from service.errors import InvalidGrant
from service.providers.parties import Identified
from service.runtime import Runtime

LIFE: Final = timedelta(minutes=10)
Intent = Literal["login", "link", "reauthenticate"]

_STRINGS_ONLY: Final = Script("cure_flow", MUST_BE + "for _, key in ipairs(KEYS) do must_be(key, 'string') end")

# KEYS flow. ARGV what was asked, life ms.
_NOTE: Final = Script(
    "flow_note", "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\nreturn 1", _STRINGS_ONLY, deed=True
)
_LOOK: Final = Script("flow_look", "return redis.call('GET', KEYS[1])", _STRINGS_ONLY)

# KEYS flow. Returns what was asked, to the first who comes.
_TAKE: Final = Script(
    "flow_take",
    "local found = redis.call('GET', KEYS[1])\nredis.call('UNLINK', KEYS[1])\nreturn found",
    _STRINGS_ONLY,
    deed=True,
)


@dataclass(frozen=True, slots=True)
class Whose:
    """The session that a flow was begun in, which is to link an account or to be made fresh."""

    uid: UUID
    sid: UUID


@dataclass(frozen=True, slots=True)
class Answered:
    """What a provider has said before a store went away; `code` is a fingerprint of the code that it said it for."""

    code: str = field(repr=False)
    who: Identified


@dataclass(frozen=True, slots=True)
class Flow:
    """What was asked. `secret` is the hash of what the browser keeps; `whose` is None of a log-in."""

    provider: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    secret: str = field(repr=False)
    intent: Intent
    whose: Whose | None
    return_to: str | None
    ends_at: datetime
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is drawn for one flow: 256 bits each."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    flow: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """PKCE by S256 (RFC 7636 section 4.2)."""
        return base64url.encode(sha256(self.verifier.encode()).digest())


def draw() -> Secrets:
    """Draw what one flow needs."""
    return Secrets(*(secrets.token_urlsafe(32) for _ in range(4)))


def hashed(secret: str) -> str:
    """Return what is stored of the browser's secret."""
    return b64encode(sha256(secret.encode("utf-8", "replace")).digest()).decode()


async def note(runtime: Runtime, state: str, flow: Flow) -> None:
    """Keep what was asked until its end. Raises `Unavailable`, as all of these do."""
    key, name = _key(runtime, state)
    left = (flow.ends_at - runtime.clock.now()) // timedelta(milliseconds=1)
    if left > 0:
        sealed = _sealer(runtime.settings.secrets).seal(_written(flow), name)
        await runtime.redis.run(_NOTE, [key], sealed.hex(), left)


async def look(runtime: Runtime, provider: str, state: str, secret: str) -> Flow:
    """Return what was asked, and leave it. Raises `InvalidGrant` where it is over, or shown by another browser or with
    another provider's name (RFC 9207 section 4): then it is spent.
    """
    flow = await _read(runtime, state, _LOOK)
    if flow is None:
        raise over()
    if not _belongs(flow, provider, secret):
        await spend(runtime, state)
        raise over()
    return flow


async def take(runtime: Runtime, provider: str, state: str, secret: str) -> Flow:
    """Return what was asked to one of all who show this state. Raises what `look` raises, to all the others, too."""
    flow = await _read(runtime, state, _TAKE)
    if flow is None or not _belongs(flow, provider, secret):
        raise over()
    return flow


async def spend(runtime: Runtime, state: str) -> None:
    """Leave nothing of a flow."""
    await _read(runtime, state, _TAKE)


def over() -> InvalidGrant:
    """Return the error for whatever doesn't belong to a flow that is there."""
    error = InvalidGrant("This log-in is over, or was begun elsewhere. Please begin again.")
    error.noted("refused.challenge")
    return error


def _belongs(flow: Flow, provider: str, secret: str) -> bool:
    return flow.provider == provider and hmac.compare_digest(flow.secret, hashed(secret))


async def _read(runtime: Runtime, state: str, script: Script) -> Flow | None:
    key, name = _key(runtime, state)
    found = cast("bytes | None", await runtime.redis.run(script, [key]))
    plain = _sealer(runtime.settings.secrets).open(bytes.fromhex(found.decode()), name) if found else None
    flow = _opened(plain) if plain else None
    return flow if flow is not None and runtime.clock.now() < flow.ends_at else None


def _written(flow: Flow) -> bytes:
    whose = [str(flow.whose.uid), str(flow.whose.sid)] if flow.whose else None
    kept = [flow.provider, flow.nonce, flow.verifier, flow.secret, flow.intent, whose, flow.return_to]
    return orjson.dumps([*kept, to_ms(flow.ends_at), _answer_written(flow.answered)])


def _answer_written(answered: Answered | None) -> list[object] | None:
    if answered is None:
        return None
    who = answered.who
    said = who.external
    external = [said.provider, said.issuer, said.subject, said.email]
    return [answered.code, external, who.vouched, who.full_name, who.level]


def _opened(plain: bytes) -> Flow:
    provider, nonce, verifier, secret, intent, whose, return_to, ends_at, answered = orjson.loads(plain)
    found = None
    if answered is not None:
        code, external, *rest = answered
        found = Answered(code, Identified(External(*external), *rest))
    session = Whose(UUID(whose[0]), UUID(whose[1])) if whose else None
    return Flow(provider, nonce, verifier, secret, intent, session, return_to, from_ms(ends_at), found)


def _key(runtime: Runtime, state: str) -> tuple[str, bytes]:
    name = sha256(state.encode("utf-8", "replace")).hexdigest()
    return f"{runtime.settings.REDIS_KEY_PREFIX}flow:{name}", name.encode()


@lru_cache(maxsize=4)  # a process has one set of secrets; tests have a few
def _sealer(given: tuple[str, ...]) -> Sealer:
    return Sealer(given, "log-in by another provider, under way")
