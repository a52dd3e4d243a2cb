"""Open sessions bound and unbound, and write what they send: `python -m bench.bound_seed FILE THERE CLIENTS REDIS`.

So many users are `THERE` already. In the file is JSON then: the requests of so many clients by kind, the keys of those
that sign, and what a session takes in Redis by what it is bound to. That is told by another, empty Redis. The keys are
of nobody but these clients.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bench.generator import PROOF
from bench.seed import SHOWN, users
from bench.stage import request_of
from service.core.client import Client
from service.core.clock import Clock, to_ms
from service.core.dpop.proofs import thumbprint
from service.core.http import cookies
from service.core.redis.client import connect
from service.core.redis.usage import memory_in_use
from service.features import FEATURES, read_settings
from service.runtime import Runtime, open_runtime
from service.settings import Settings
from service.signin.tokens import TokenPair, token_pair
from service.stores.sessions.assurance import Assurance
from service.stores.sessions.bindings import tag_of
from service.stores.sessions.outcomes import Grant
from service.stores.sessions.store import SessionStore
from tests.support import bound, browsers

MANY = 1_000  # sessions of each kind, for their bytes
ME, REFRESH = "/api/users/me", "/api/auth/refresh"
_POINT = 65  # bytes: x and y behind the 4 of those that aren't compressed


async def main(there: int, clients: int, url: str) -> dict[str, Any]:
    """Open them; return what is to be in the file."""
    async with open_runtime(read_settings(), FEATURES) as runtime:
        rows = await users(runtime.settings.DATABASE_URL, clients, there=there, living=clients)
        keys = [bound.new_key() for _ in rows]
        told: dict[str, Any] = {
            "bytes": await _bytes(runtime.settings.model_copy(update={"REDIS_URL": url}), runtime.clock),
            "keys": [_written(key) for key in keys],
            "requests": await _requests(runtime, [uid for uid, _ in rows], keys),
        }
        told |= {"tokens": told["requests"].pop("tokens"), "origin": runtime.settings.PUBLIC_URL}
    return told


async def _requests(runtime: Runtime, ids: list[UUID], keys: list[EllipticCurvePrivateKey]) -> dict[str, list[str]]:
    """Open sessions of these users, one of each kind; return what they send."""
    settings, sessions = runtime.settings, runtime.sessions
    refresh_cookie, proof_cookie = (cookies.names_for(settings, name)[0] for name in (browsers.COOKIE, bound.PROOF))
    found: dict[str, list[str]] = {
        name: [] for name in ("cookie", "cookie, bound", "bearer", "bearer, bound", "me", "me, bound", "tokens")
    }

    def add(kind: str, grant: Grant, tokens: TokenPair, *more: str) -> None:
        if kind.startswith("cookie"):
            given = "; ".join([f"{refresh_cookie}={tokens.refresh_token}", *more])
            headers = f"X-Session-Transport: cookie\r\nSec-Fetch-Site: same-origin\r\nCookie: {given}\r\n"
            found[kind].append(request_of("POST", REFRESH, headers=f"{headers}Content-Length: 0\r\n"))
        elif kind.startswith("bearer"):
            body = f'{{"refresh_token":"{tokens.refresh_token}"}}'
            found[kind].append(request_of("POST", REFRESH, body, headers="".join(more)))
        else:
            scheme = "DPoP" if grant.jkt else "Bearer"
            headers = f"Authorization: {scheme} {tokens.access_token}\r\n"
            found[kind].append(request_of("GET", ME, headers=headers + "".join(more)))

    for uid, key in zip(ids, keys, strict=True):
        holder = replace(SHOWN, jkt=thumbprint(dict(bound.jwk_of(key))))
        for kind in list(found)[:-1]:
            is_bound = kind.endswith("bound")
            grant = await open_one(sessions, uid, holder if is_bound and not kind.startswith("cookie") else SHOWN)
            tokens, more = await token_pair(runtime, grant), list[str]()
            if kind == "cookie, bound":
                tag, at = await bind(sessions, grant, key, runtime.clock)
                more.append(f"{proof_cookie}={runtime.device_proofs.cookie(uid, grant.sid, tag, at)}")
            elif is_bound:
                more.append(f"DPoP: {PROOF}\r\n")
            if kind == "me, bound":
                found["tokens"].append(tokens.access_token)
            add(kind, grant, tokens, *more)
    return found


async def open_one(sessions: SessionStore, uid: UUID, client: Client) -> Grant:
    """Open a session, as the door opens it after a password."""
    return await sessions.log_in(uid, uuid4(), client, Assurance(("pwd",)), 0)


async def bind(sessions: SessionStore, grant: Grant, key: EllipticCurvePrivateKey, clock: Clock) -> tuple[bytes, int]:
    """Bind a session to a browser's key; return the key's tag, and the time in the challenge."""
    now = to_ms(clock.now())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:_POINT]
    await sessions.bindings.bind(grant.uid, grant.sid, point, now)
    return tag_of(point), now


async def _bytes(settings: Settings, clock: Clock) -> dict[str, float]:
    """Return what a session takes, with its share of all there is for it, each kind beginning with an empty Redis.

    The first of them also has the server read scripts and make room for what it reads.
    """
    redis, key = connect(settings), bound.new_key()
    sessions, client = SessionStore(redis, settings, clock), redis.client
    holder = replace(SHOWN, jkt=thumbprint(dict(bound.jwk_of(key))))
    found: dict[str, float] = {}
    try:
        for kind, shown in (("browser", SHOWN), ("unbound", SHOWN), ("browser", SHOWN), ("client", holder)):
            await client.flushall()  # type: ignore[attr-defined]  # it is redis-py's
            before = (await memory_in_use(redis)).used or 0
            for _ in range(MANY):
                grant = await open_one(sessions, uuid4(), shown)
                if kind == "browser":
                    await bind(sessions, grant, key, clock)
            found[kind] = ((await memory_in_use(redis)).used or 0) / MANY - before / MANY
    finally:
        await redis.close()
    return found


def _written(key: EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


if __name__ == "__main__":
    told = asyncio.run(main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
    Path(sys.argv[1]).write_text(json.dumps(told), encoding="utf-8")
