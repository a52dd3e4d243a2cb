"""Whether a call comes from who has a key (DPoP, RFC 9449 section 4.3), whatever the call is."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.core.crypto.key_proofs import NoProof
from service.core.dpop.proofs import hash_of, read_proof
from service.errors import InvalidDpopProof, UseDpopNonce
from service.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Possession:
    """The key of this thumbprint was proven for this call. `token_hash` says for which access token, if for any."""

    jkt: bytes
    token_hash: str | None = field(default=None, repr=False)

    def is_for(self, token: str) -> bool:
        """Return whether it was proven for a call with this access token (`ath`)."""
        return self.token_hash is not None and hmac.compare_digest(
            self.token_hash.encode("utf-8", "surrogatepass"), hash_of(token).encode()
        )


async def prove(runtime: Runtime, given: Sequence[str], method: str, path: str) -> Possession:
    """Return the key that a call's proof is by, and use the proof up.

    Raises `InvalidDpopProof` and `UseDpopNonce`; and `Unavailable`: never is a proof good because nobody could look
    whether it was used before.
    """
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
    if not await proofs.spend(proof.jkt, proof.number, proof.made_at):
        raise _refused("used")
    return Possession(proof.jkt, proof.token_hash)


def _refused(why: str) -> InvalidDpopProof:
    error = InvalidDpopProof()
    error.why = why
    return error
