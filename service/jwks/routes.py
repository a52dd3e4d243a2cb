"""/.well-known/jwks.json: the public signing keys (RFC 7517)."""

from __future__ import annotations

from typing import Literal

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import ResponseModel, json_answer
from service.core.http.operations import answer, problems
from service.errors import Unavailable
from service.jwks.rotation import JWKS_MAX_AGE_SECONDS
from service.runtime import runtime_of

blueprint = Blueprint("keys", url_prefix="/.well-known")


class JwkResponse(ResponseModel):
    """A public key (RFC 7517, RFC 7518 section 6.2.1)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class JwksResponse(ResponseModel):
    """The key set; keys are told apart by `kid`."""

    keys: list[JwkResponse]


_EXAMPLE = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "kid": "Vx1Qa4rmVEzUQlJ0cKX7iJ4nLJp1M8Pk4tJ7k7v2J2M",
            "use": "sig",
            "alg": "ES256",
        }
    ]
}


@blueprint.get("/jwks.json")
@openapi.definition(
    summary="The public signing keys",
    description="Other services verify access tokens with these, offline. Cache them; look again for an unknown `kid`.",
    response=[answer(200, JwksResponse, "The key set.", _EXAMPLE), *problems(Unavailable)],
)
async def jwks(request: Request) -> HTTPResponse:
    """Return the public signing keys."""
    keys = await runtime_of(request).keyring.published()
    body = JwksResponse(keys=[JwkResponse.model_validate(key) for key in keys])
    return json_answer(body, headers={"Cache-Control": f"public, max-age={JWKS_MAX_AGE_SECONDS}"})
