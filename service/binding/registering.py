"""Binding a session to the key that a browser has made for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from service.audit import events
from service.binding import shown
from service.core.client import Client
from service.core.telemetry import metrics
from service.runtime import Runtime
from service.sessions.callers import cut_off, user_of
from service.signin.replacing import newest_of_each
from service.stores.sessions.bindings import Bound, name_of, tag_of


@dataclass(frozen=True, slots=True)
class Registered:
    """A session is bound to the key that was shown: what the browser calls it, and what its cookie says."""

    identifier: str
    cookie: str = field(repr=False)


async def register(runtime: Runtime, texts: Sequence[str], proof: str, client: Client) -> Registered:
    """Bind the session, of those whose refresh tokens a browser has sent, that the proof's challenge was made for.

    Once and for good: the same key again is an answer that got lost, another is refused, and on record. Raises
    `InvalidDeviceProof`; no session ends by it.
    """
    read = shown.read(proof)
    found = _challenged(runtime, texts, read.challenge)
    if found is None:  # first: whoever has nothing has nothing checked, either
        raise shown.refused("challenge")
    uid, sid, challenged_at = found
    key = shown.brought_key(read)
    if not await _is_good(runtime, uid, sid):
        raise shown.refused("session")
    match await runtime.sessions.bindings.bind(uid, sid, key, challenged_at):
        case None:
            raise shown.refused("session")
        case Bound.BEFORE:
            # One that is bound to its client's key has no room for a browser's, and nobody has tried anything.
            if not isinstance(await runtime.sessions.bindings.held(uid, sid), bool):
                await shown.by_another_key(runtime, uid, sid, client, "bound")
            raise shown.refused("bound")
        case Bound.NOW:
            metrics.device_bindings.labels("registered").inc()
            if runtime.settings.DEVICE_BINDING == "superusers":  # now it may do more: who has asked before asks again
                await runtime.users.tell(frozenset({uid}))
        case Bound.AGAIN if await _has_proven_since(runtime, uid, sid, challenged_at):
            raise shown.refused("challenge")
    # Also where the answer to the first got lost, or the event was.
    await events.record(runtime, events.SESSION_BOUND, user_id=uid, session_id=sid, client=client, once="", kind="dbsc")
    return Registered(name_of(sid, key), runtime.device_proofs.cookie(uid, sid, tag_of(key), challenged_at))


def _challenged(runtime: Runtime, texts: Sequence[str], challenge: str) -> tuple[UUID, UUID, int] | None:
    """Return the session that a challenge was made for, and when; None where it is none of these, or too long ago."""
    for token, _ in newest_of_each(runtime, texts).values():
        at = runtime.device_proofs.challenged_at(challenge, token.uid, token.sid, "registration")
        if at is not None:
            return token.uid, token.sid, at
    return None


async def _has_proven_since(runtime: Runtime, uid: UUID, sid: UUID, challenged_at: int) -> bool:
    """Return whether a session's browser has got the answer to its registration: then that isn't said again."""
    held = await runtime.sessions.bindings.held(uid, sid)
    return not isinstance(held, bool) and held.proven_at > challenged_at


async def _is_good(runtime: Runtime, uid: UUID, sid: UUID) -> bool:
    """Return whether a session's user may, and nothing in the database has ended it, whatever Redis says (R30, R31)."""
    user = await user_of(runtime, uid)
    if user is None or not user.is_active:
        return False
    standing = await runtime.sessions.permits.standing(uid, sid)
    return standing is not None and standing.valid_from >= cut_off(user)
