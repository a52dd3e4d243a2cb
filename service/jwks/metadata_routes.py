"""/.well-known/oauth-authorization-server and openid-configuration: where libraries look first (RFC 8414).

Most libraries that check tokens are told an issuer, and look under one of the two names for where its keys are; those
that get tokens find the calls of OAuth 2 there. Latchkey is no OpenID provider: it promises no way of logging in but
its own.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

from sanic import HTTPResponse, Request

from service.core.dpop.proofs import ALGORITHMS
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import ResponseModel, json_answer
from service.errors import NotFound
from service.jwks.rotation import JWKS_MAX_AGE_SECONDS
from service.runtime import runtime_of

blueprint = Blueprint("metadata", url_prefix="/.well-known")

ALGORITHM: Final = "ES256"
_WITH_SECRET: Final = ("client_secret_basic", "client_secret_post")


class MetadataResponse(ResponseModel):
    """What RFC 8414 has of this service. The lists that are empty are what its section 2 wants to be there."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)
    revocation_endpoint: str
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = ("none", *_WITH_SECRET)
    introspection_endpoint: str
    introspection_endpoint_auth_methods_supported: tuple[str, ...] = _WITH_SECRET
    grant_types_supported: tuple[str, ...] = ("password", "refresh_token")
    response_types_supported: tuple[str, ...] = ()
    subject_types_supported: tuple[str, ...] = ("public",)
    id_token_signing_alg_values_supported: tuple[str, ...] = (ALGORITHM,)
    dpop_signing_alg_values_supported: tuple[str, ...] = ALGORITHMS  # RFC 9449 section 5.1


@blueprint.get("/oauth-authorization-server", name="oauth")
@blueprint.get("/openid-configuration", name="openid")
@openapi.definition(exclude=True)
async def metadata(request: Request) -> HTTPResponse:
    """Return where everything is."""
    return _told(request)


@blueprint.get("/oauth-authorization-server/<path:path>", name="oauth_of_a_path")
@blueprint.get("/openid-configuration/<path:path>", name="openid_of_a_path")
@openapi.definition(exclude=True)
async def metadata_of_a_path(request: Request, path: str) -> HTTPResponse:
    """Return the same for a PUBLIC_URL with a path, which stands behind the name (RFC 8414 section 3.1).

    Raises `NotFound` for another path: that would be another issuer.
    """
    own = urlsplit(runtime_of(request).settings.PUBLIC_URL).path.strip("/")
    if not own or unquote(path.strip("/")) != unquote(own):
        raise NotFound
    return _told(request)


def _told(request: Request) -> HTTPResponse:
    """Return it. All of it is of PUBLIC_URL: who asks has no say (R23)."""
    issuer = runtime_of(request).settings.PUBLIC_URL
    body = MetadataResponse(
        issuer=issuer,
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        token_endpoint=f"{issuer}/oauth/token",
        revocation_endpoint=f"{issuer}/oauth/revoke",
        introspection_endpoint=f"{issuer}/oauth/introspect",
    )
    return json_answer(body, headers={"Cache-Control": f"public, max-age={JWKS_MAX_AGE_SECONDS}"})
