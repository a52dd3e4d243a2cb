"""What clients are answered whose proof of possession (DPoP, RFC 9449) is none, is missing, or is to be made anew."""

from __future__ import annotations

from typing import Final

from service.errors.base import ServiceError

ALGS: Final = "ES256 EdDSA Ed25519 RS256"
"""What a proof may be signed with, as the challenges say it (RFC 9449 section 7.1)."""


def challenge(error: str) -> dict[str, str]:
    """Return the header by which a client learns what is wrong with its token, or with the proof beside it."""
    return {"WWW-Authenticate": f'DPoP error="{error}", algs="{ALGS}"'}


class InvalidDpopProof(ServiceError):
    """400: a DPoP proof that is none, was used before, or is by another key than the session's; or it is missing.

    One answer for all reasons (RFC 9449 section 5). Nothing has changed: the session lives, no token is spent.
    """

    status = 400
    code = "invalid_dpop_proof"
    line = "refused.device_proof"
    title = "Invalid DPoP proof"
    default_detail = "The DPoP header is missing, or it is no proof for this call by the session's key."


class UseDpopNonce(ServiceError):
    """400: sign the nonce that is in the header `DPoP-Nonce`, and ask again (RFC 9449 section 8)."""

    status = 400
    code = "use_dpop_nonce"
    title = "Use the DPoP nonce"
    default_detail = "Please sign the nonce in DPoP-Nonce."


class InvalidDpopProofHere(InvalidDpopProof):
    """401: the same beside an access token (RFC 9449 section 7.1)."""

    status = 401

    def __init__(self) -> None:
        super().__init__(headers=challenge(self.code))


class UseDpopNonceHere(UseDpopNonce):
    """401: the same beside an access token (RFC 9449 section 9)."""

    status = 401

    def __init__(self) -> None:
        super().__init__(headers=challenge(self.code))
