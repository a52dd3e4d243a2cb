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
from service.stores.sessions.bindings import Held
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
    found = _named(runtime, texts, identifier)
    if found is None:
        return Over()
    held = await runtime.sessions.bindings.held(*found)
    if isinstance(held, bool):
        return Over()
    if proof is None:
        return _asked(runtime, *found)
    return await _look(runtime, found, held, shown.read(proof), client)


async def _look(
    runtime: Runtime, found: tuple[UUID, UUID], held: Held, read: Proof, client: Client
) -> Proven | Asked | Over:
    uid, sid = found
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


def _named(runtime: Runtime, texts: Sequence[str], identifier: str) -> tuple[UUID, UUID] | None:
    for token, _ in newest_of_each(runtime, texts).values():
        if runtime.device_proofs.names(identifier, token.uid, token.sid):
            return token.uid, token.sid
    return None


def _asked(runtime: Runtime, uid: UUID, sid: UUID) -> Asked:
    return Asked(runtime.device_proofs.challenge(uid, sid, "proof"))
