"""What both calls begin with: whose session, what was signed; and what is noted where it is no proof."""

from __future__ import annotations

from uuid import UUID

from service.core.client import Client
from service.core.crypto import key_proofs
from service.core.crypto.key_proofs import NoProof, Proof
from service.core.telemetry import metrics
from service.errors import InvalidDeviceProof
from service.runtime import Runtime
from service.signin import unproven


def read(text: str) -> Proof:
    """Return what a proof says. Raises `InvalidDeviceProof`."""
    try:
        return key_proofs.read_proof(text)
    except NoProof as error:
        raise refused(error.reason) from None


def brought_key(proof: Proof) -> bytes:
    """Return the key that a proof brings along and is signed by. Raises `InvalidDeviceProof`."""
    try:
        key = key_proofs.brought_key(proof)
    except NoProof as error:
        raise refused(error.reason) from None
    if not key_proofs.is_signed(proof, key):
        raise refused("signature")
    return key


def refused(reason: str) -> InvalidDeviceProof:
    """Return the refusal; it is counted then. All reasons are one answer: the log says which."""
    metrics.device_bindings.labels(f"refused_{reason}").inc()
    error = InvalidDeviceProof()
    error.why = reason
    return error


async def by_another_key(runtime: Runtime, uid: UUID, sid: UUID, client: Client, why: unproven.Why) -> None:
    """Record that another key was shown for a session."""
    await unproven.note(runtime, uid, sid, client, kind="dbsc", why=why)
