"""Whether a call comes from who has a key (DPoP, RFC 9449 section 4.3), whatever the call is.

A proof is looked at where the call begins, and used up where it counts: where a session is opened or refreshed with
it, or a bound access token is shown. Whoever has neither writes nothing into Redis, however many proofs they make.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.core.client import Client
from service.core.crypto.key_proofs import NoProof
from service.core.dpop.proofs import DpopProof, read_proof
from service.errors import InvalidDpopProof, UseDpopNonce
from service.runtime import Runtime


def prove(runtime: Runtime, given: Sequence[str], method: str, path: str) -> DpopProof:
    """Return a call's proof, which says by which key it is. Raises `InvalidDpopProof` and `UseDpopNonce`."""
    if len(given) != 1:
        raise _refused("form")
    try:
        proof = read_proof(given[0])
    except NoProof as error:
        raise _refused(error.reason) from None
    proofs = runtime.dpop_proofs
    if proof.method != method or not proofs.is_for(proof.address, path):
        raise _refused("address")
    if not proofs.is_timely(proof.made_at):
        raise _refused("time")
    if proof.nonce is None or not proofs.is_ours(proof.nonce):
        raise UseDpopNonce
    return proof


async def use_up(runtime: Runtime, client: Client) -> None:
    """Use up the proof that a call came with, if it came with one. To be called before a session is bound by it.

    (That of a refresh is used up by the refresh itself: `SessionStore.rotate`.)

    Raises `InvalidDpopProof` where it was used before; and `Unavailable`: never does a proof count because nobody could
    look.
    """
    if client.jkt and not await runtime.dpop_proofs.spend(client.jkt, client.proof_number, client.proven_at):
        raise used()


def used() -> InvalidDpopProof:
    """Return the refusal of a proof that was used before."""
    return _refused("used")


def _refused(why: str) -> InvalidDpopProof:
    error = InvalidDpopProof()
    error.why = why
    return error
