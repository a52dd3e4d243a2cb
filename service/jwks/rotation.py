"""Changing the signing key: publish a new one, let it take over, retire the old one; nobody is logged out (R44)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from models import SigningKey
from service.audit import events
from service.core.sql.transactions import transaction
from service.core.text.moments import written
from service.errors import NotFound
from service.jwks import catalogue
from service.runtime import Runtime
from service.stores.keyring import STALE_SECONDS

JWKS_MAX_AGE_SECONDS = 300
"""How long verifiers elsewhere may keep the key set."""

SETTLE_SECONDS = 15
"""How long until every instance has looked at the keys again (STALE_SECONDS), and some: sooner, one would refuse
tokens that another has signed already."""

KeyState = Literal["waiting", "signing", "accepted", "retired"]


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A signing key. `free_at` is when the last token it may have signed has run out; None while it may still sign."""

    kid: str
    state: KeyState
    created_at: datetime
    active_from: datetime
    free_at: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class StillNeeded:
    """A key that can't be retired, and why not."""

    reason: str


async def list_keys(runtime: Runtime) -> list[KeyInfo]:
    """Return all keys, the newest first."""
    rows = await SigningKey.all().order_by("-created_at", "kid")
    now = runtime.clock.now()
    signing = await runtime.keyring.signing_kid()
    # A few seconds for every instance to notice, and the longest life of a token.
    slack = runtime.settings.access_token_life + timedelta(seconds=STALE_SECONDS)
    found: list[KeyInfo] = []
    followed_at: datetime | None = None  # when the next newer key took over
    for row in rows:
        active_from = row.active_from or row.created_at
        free_at = followed_at + slack if followed_at else None
        found.append(KeyInfo(row.kid, _state(row, signing, now), row.created_at, active_from, free_at, row.retired_at))
        if row.retired_at is None and active_from <= now:
            followed_at = active_from
    return found


async def rotate(runtime: Runtime, *, at_once: bool) -> str:
    """Make a new key, and return its name. It signs once verifiers elsewhere must have seen it.

    With `at_once` it waits for our own instances only: verifiers elsewhere must look again for an unknown `kid`.
    Raises `Misconfigured` where SECRET_KEY is a wrong one, unless it is said to be new.
    """
    await runtime.keyring.demand_fit()
    delay = timedelta(seconds=SETTLE_SECONDS + (0 if at_once else JWKS_MAX_AGE_SECONDS))
    async with transaction():
        kid = await runtime.keyring.add(runtime.clock.now() + delay)
        await events.record(runtime, catalogue.KEY_ROTATED, user_id=None, kid=kid, at_once=at_once)
    await runtime.keyring.load()
    return kid


async def retire(runtime: Runtime, kid: str, *, force: bool) -> StillNeeded | None:
    """Stop publishing and accepting a key. Clients whose access tokens it signed refresh, and stay logged in.

    The key that signs is still needed, and, unless `force`, one whose tokens may still live. Raises `NotFound`, and
    `Misconfigured`: who can't open any key doesn't know which one that is.
    """
    await runtime.keyring.demand_fit()
    key = next((found for found in await list_keys(runtime) if found.kid == kid), None)
    if key is None or key.state == "retired":
        raise NotFound("There is no such key.")
    if key.state == "signing":
        return StillNeeded("It is the key that signs. Rotate first; with --now the new one takes over in seconds.")
    if not force and key.state == "accepted" and (key.free_at is None or key.free_at > runtime.clock.now()):
        until = f" until {written(key.free_at)}" if key.free_at else ""
        return StillNeeded(f"Access tokens that it signed may live{until}. With --force their clients refresh at once.")
    async with transaction():
        await SigningKey.filter(kid=kid).update(retired_at=runtime.clock.now())
        await events.record(runtime, catalogue.KEY_RETIRED, user_id=None, kid=kid, forced=force)
    await runtime.keyring.load()
    return None


def _state(row: SigningKey, signing: str | None, now: datetime) -> KeyState:
    if row.retired_at is not None:
        return "retired"
    if row.kid == signing:
        return "signing"
    return "waiting" if row.active_from and row.active_from > now else "accepted"
