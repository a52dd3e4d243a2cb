"""The header `DPoP` of a request: looked at before any route is, so that none can forget it (RFC 9449)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sanic import Request

from service.core.dpop.proofs import DpopProof
from service.core.http.operations import header
from service.core.http.requests import LatchkeyRequest
from service.errors import InvalidDpopProof, InvalidDpopProofHere, UseDpopNonce, UseDpopNonceHere
from service.runtime import runtime_of
from service.sessions.possession import prove, refused, spend

HEADER: Final = "DPoP"
NONCE: Final = "DPoP-Nonce"
SCHEME: Final = "dpop"

LOG_OUTS: Final = frozenset({"/api/auth/logout", "/oauth/revoke"})
"""What whoever has found a token may do: a proof counts for nothing there, so a stale one keeps nobody logged in."""

DPOP_HEADER: Final = header(
    HEADER,
    {"type": "string"},
    "A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are "
    "refused without. Not in cookie mode.",
)


def take_proof(request: LatchkeyRequest, for_tokens: Callable[[LatchkeyRequest], bool]) -> None:
    """Look at the proof of a request, if it has one.

    Raises `InvalidDpopProof` or `UseDpopNonce`: 400 where it is one `for_tokens` (RFC 9449 sections 5 and 8), and 401
    where an access token comes along (sections 7.1 and 9).
    """
    if HEADER not in request.headers or request.path in LOG_OUTS:  # as nearly always
        return
    given = request.headers.getall(HEADER)
    try:
        request.ctx.possession = prove(runtime_of(request), given, request.method, request.path)
    except (InvalidDpopProof, UseDpopNonce) as error:
        if for_tokens(request) or not _has_token(request):
            raise
        here = InvalidDpopProofHere() if isinstance(error, InvalidDpopProof) else UseDpopNonceHere()
        here.why = error.why
        raise here from None


def next_nonce(request: Request) -> str:
    """Return the line of an answer that tells who sent a proof what the next one is to sign (RFC 9449 section 8.2)."""
    return f"{NONCE}: {runtime_of(request).dpop_proofs.nonce()}\r\n" if HEADER in request.headers else ""


def proven(request: Request) -> tuple[bytes, str, float]:
    """Return the thumbprint of the key that a request has proven to have, the proof's number, and when it was made.

    The first is b"" where it has proven none.
    """
    found = _possession(request)
    return (b"", "", 0.0) if found is None else (found.jkt, found.number, found.made_at)


async def holder_of(request: Request, token: str) -> bytes:
    """Return the thumbprint of the key that was proven for a call with this access token; use the proof up.

    It is used up only if the token is bound to that key: any other is refused by whoever asked. Raises
    `InvalidDpopProofHere` where none was proven, or the proof was used before, and `Unavailable`.
    """
    found, runtime = _possession(request), runtime_of(request)
    if found is None or not found.is_for(token):
        raise refused("token", here=True)
    claims = await runtime.access_tokens.examine(token)
    if isinstance(claims, str) or claims.jkt != found.jkt or getattr(request.ctx, "proof_used", False):
        return found.jkt
    if not await spend(runtime, found.jkt, found.number, found.made_at):
        raise refused("used", here=True)
    request.ctx.proof_used = True
    return found.jkt


def _possession(request: Request) -> DpopProof | None:
    if HEADER not in request.headers:
        return None
    found = getattr(request.ctx, "possession", None)
    return found if isinstance(found, DpopProof) else None


def _has_token(request: Request) -> bool:
    given = request.headers.getall("authorization", [])
    return any(value.partition(" ")[0].lower() == SCHEME for value in given)
