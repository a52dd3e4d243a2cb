"""A browser proves that it has the key of its session, and gets the cookie that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from service.binding import shown
from service.core.client import Client
from service.core.crypto import key_proofs
from service.core.crypto.key_proofs import Proof
from service.core.telemetry import metrics
from service.runtime import Runtime
from service.signin.replacing import newest_of_each
from service.stores.sessions.bindings import Held, name_of
from service.stores.sessions.bindings import Proven as Outcome


@dataclass(frozen=True, slots=True)
class Proven:
    """It has the key: what its cookie says from now on, and what it is to sign the next time."""

    cookie: str = field(repr=False)
    challenge: str


@dataclass(frozen=True, slots=True)
class Asked:
    """It is to sign this first."""

    challenge: str


@dataclass(frozen=True, slots=True)
class Over:
    """There is nothing to prove any more: the session is over, or this browser hasn't got it."""


async def prove(
    runtime: Runtime, texts: Sequence[str], identifier: str, proof: str | None, client: Client
) -> Proven | Asked | Over:
    """Look at a proof for the session of this identifier, one of those whose refresh tokens a browser has sent.

    A right signature over a challenge that is old, or has been used, is a race and never a theft: it is asked for
    another. Raises `InvalidDeviceProof` for one by another key, which is on record; the session lives.
    """
    found = await _named(runtime, texts, identifier) if identifier else None
    if found is None:
        return Over()
    if proof is None:
        return _asked(runtime, *found[:2])
    return await _look(runtime, found, shown.read(proof), client)


async def _look(runtime: Runtime, found: tuple[UUID, UUID, Held], read: Proof, client: Client) -> Proven | Asked | Over:
    uid, sid, held = found
    if not key_proofs.is_signed(read, held.key):
        await shown.by_another_key(runtime, uid, sid, client, "signature")
        raise shown.refused("signature")
    challenged_at = runtime.device_proofs.challenged_at(read.challenge, uid, sid, "proof")
    if challenged_at is None or challenged_at <= held.proven_at:
        return _asked(runtime, uid, sid)
    match await runtime.sessions.bindings.prove(uid, sid, held.tag, challenged_at):
        case None:
            return Over()
        case Outcome.STALE:
            return _asked(runtime, uid, sid)
        case Outcome.NEWEST:
            metrics.device_bindings.labels("proven").inc()
    return Proven(
        runtime.device_proofs.cookie(uid, sid, held.tag, challenged_at),
        runtime.device_proofs.challenge(uid, sid, "proof"),
    )


async def _named(runtime: Runtime, texts: Sequence[str], identifier: str) -> tuple[UUID, UUID, Held] | None:
    """Return the living session that the browser calls so, and its key."""
    for token, _ in newest_of_each(runtime, texts).values():
        held = await runtime.sessions.bindings.held(token.uid, token.sid)
        if not isinstance(held, bool) and name_of(token.sid, held.key) == identifier:
            return token.uid, token.sid, held
    return None


def _asked(runtime: Runtime, uid: UUID, sid: UUID) -> Asked:
    return Asked(runtime.device_proofs.challenge(uid, sid, "proof"))
