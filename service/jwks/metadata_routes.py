"""/.well-known/oauth-authorization-server and openid-configuration: where libraries look for the keys (RFC 8414).

Most libraries that check tokens are told an issuer, and look under one of the two names for where its keys are.
Latchkey is no OpenID provider: it says where the keys are and with what it signs, and promises no way of logging in but
its own.
"""

from __future__ import annotations

from typing import Final

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import ResponseModel, json_answer
from service.jwks.rotation import JWKS_MAX_AGE_SECONDS
from service.runtime import runtime_of

blueprint = Blueprint("metadata", url_prefix="/.well-known")

ALGORITHM: Final = "ES256"


class MetadataResponse(ResponseModel):
    """What RFC 8414 has of this service. The lists that are empty are what its section 2 wants to be there."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)
    grant_types_supported: tuple[str, ...] = ("password",)
    response_types_supported: tuple[str, ...] = ()
    subject_types_supported: tuple[str, ...] = ("public",)
    id_token_signing_alg_values_supported: tuple[str, ...] = (ALGORITHM,)


@blueprint.get("/oauth-authorization-server", name="oauth")
@blueprint.get("/openid-configuration", name="openid")
@openapi.definition(exclude=True)
async def metadata(request: Request) -> HTTPResponse:
    """Return where the keys are. Everything in it is of PUBLIC_URL: who asks has no say (R23)."""
    issuer = runtime_of(request).settings.PUBLIC_URL
    body = MetadataResponse(
        issuer=issuer, jwks_uri=f"{issuer}/.well-known/jwks.json", token_endpoint=f"{issuer}/api/auth/login"
    )
    return json_answer(body, headers={"Cache-Control": f"public, max-age={JWKS_MAX_AGE_SECONDS}"})
