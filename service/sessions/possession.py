"""Whether a call comes from who has a key (DPoP, RFC 9449 section 4.3), whatever the call is.

A proof is looked at where the call begins, and used up where it counts: where a session is opened or refreshed with
it, or a bound access token is shown. Whoever has neither writes nothing into Redis, however many proofs they make.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.core.client import Client
from service.core.crypto.key_proofs import NoProof
from service.core.dpop.proofs import hash_of, read_proof
from service.errors import InvalidDpopProof, InvalidDpopProofHere, UseDpopNonce
from service.runtime import Runtime
from service.sessions import possession_counting


@dataclass(frozen=True, slots=True)
class Possession:
    """The key of this thumbprint was proven for this call. `token_hash` says for which access token, if for any."""

    jkt: bytes
    number: str = field(repr=False)
    proven_at: float
    token_hash: str | None = field(default=None, repr=False)

    def is_for(self, token: str) -> bool:
        """Return whether it was proven for a call with this access token (`ath`)."""
        return self.token_hash is not None and hmac.compare_digest(
            self.token_hash.encode("utf-8", "surrogatepass"), hash_of(token).encode()
        )


def prove(runtime: Runtime, given: Sequence[str], method: str, path: str) -> Possession:
    """Return the key that a call's proof is by. Raises `InvalidDpopProof` and `UseDpopNonce`."""
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
    return Possession(proof.jkt, proof.number, proof.made_at, proof.token_hash)


async def use_up(runtime: Runtime, client: Client) -> None:
    """Use up the proof that a call came with, if it came with one. To be called before a session is bound by it.

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
