"""Whether a call comes from who has a key (DPoP, RFC 9449 section 4.3), whatever the call is.

A proof is looked at where the call begins, and used up where it counts: where a session is opened or refreshed with
it, or a bound access token is shown. Whoever has neither writes nothing into Redis, however many proofs they make.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.core.client import Client
from service.core.crypto.key_proofs import NoProof
from service.core.dpop.proofs import DpopProof, read_proof
from service.errors import InvalidDpopProof, InvalidDpopProofHere, UseDpopNonce
from service.runtime import Runtime
from service.sessions import possession_counting


def prove(runtime: Runtime, given: Sequence[str], method: str, path: str) -> DpopProof:
    """Return a call's proof, which says by which key it is. Raises `InvalidDpopProof` and `UseDpopNonce`."""
    possession_counting.count("offered")
    if len(given) != 1:
        raise refused("form")
    try:
        proof = read_proof(given[0])
    except NoProof as error:
        raise refused(error.reason) from None
    proofs = runtime.dpop_proofs
    if proof.method != method or not proofs.is_for(proof.address, path):
        raise refused("address")
    if not proofs.is_timely(proof.made_at):
        raise refused("time")
    if proof.nonce is None or not proofs.is_ours(proof.nonce):
        possession_counting.count("nonce")
        raise UseDpopNonce
    return proof


async def use_up(runtime: Runtime, client: Client) -> None:
    """Use up the proof that a call came with, if it came with one. To be called before a session is bound by it.

    (That of a refresh is used up by the refresh itself: `SessionStore.rotate`.)

    Raises `InvalidDpopProof` where it was used before; and `Unavailable`: never does a proof count because nobody could
    look.
    """
    if client.jkt and not await spend(runtime, client.jkt, client.proof_number, client.proven_at):
        raise refused("used")


async def spend(runtime: Runtime, jkt: bytes, number: str, made_at: float) -> bool:
    """Use a proof up; return whether it hadn't been. It is counted then. Raises `Unavailable`."""
    if await runtime.dpop_proofs.spend(jkt, number, made_at):
        possession_counting.count("used")
        return True
    return False


def refused(why: str, *, here: bool = False) -> InvalidDpopProof:
    """Return the refusal, `here` as it is beside an access token; it is counted then. The log alone says why."""
    possession_counting.count(f"refused_{why}")
    error = InvalidDpopProofHere() if here else InvalidDpopProof()
    error.why = why
    return error
