"""Refusals in OAuth 2's own form: RFC 6749 section 5.2, for what is under `/oauth/` (docs/decisions/110).

A library that speaks OAuth 2 reads `error` of an `application/json` answer with status 400 or 401, and nothing else.
The words are given by class, so that the API's document says them as the answers do.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, Literal

import orjson
from pydantic import BaseModel, Field
from sanic import HTTPResponse, Request

from service.core.http.messages import JSON
from service.core.http.operations import OAuthError, known_codes, never_null
from service.errors import (
    InactiveUser,
    InvalidClient,
    InvalidDpopProof,
    InvalidGrant,
    RateLimited,
    Reason,
    SecondFactorRequired,
    ServiceError,
    UnauthorizedClient,
    Unavailable,
    UnsupportedGrantType,
    UseDpopNonce,
)
from service.errors.end_reasons import EndReason

ROOM: Final = "/oauth"
"""Below it every answer is OAuth 2's."""

OAuthWord = Literal[OAuthError, "invalid_client", "unauthorized_client"]

_WORDS: Final[tuple[tuple[tuple[type[ServiceError], ...], OAuthWord], ...]] = (
    ((InvalidGrant, InactiveUser, SecondFactorRequired), "invalid_grant"),
    ((InvalidClient,), "invalid_client"),
    ((UnauthorizedClient,), "unauthorized_client"),
    ((UnsupportedGrantType,), "unsupported_grant_type"),
    ((InvalidDpopProof,), "invalid_dpop_proof"),  # RFC 9449 section 5
    ((UseDpopNonce,), "use_dpop_nonce"),  # section 8
    ((RateLimited, Unavailable), "temporarily_unavailable"),
)
_AS_400: Final = (403, 409, 422)
_NOT_ALLOWED: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class OAuthProblem(BaseModel, defer_build=True):
    """An error answer of OAuth 2's own calls (RFC 6749 section 5.2); beside it what our problems have."""

    error: OAuthWord = Field(
        description="OAuth 2's word; `temporarily_unavailable` and `server_error` are those of section 4.1.2.1"
    )
    error_description: str = Field(description="One sentence for who writes a client, in ASCII")
    code: str = Field(
        description="What it is called elsewhere in the API: more exact than `error`",
        json_schema_extra=known_codes,
    )
    request_id: str = Field(description="The same as in `X-Request-ID`")
    reason: Reason | None = Field(
        default=None,
        description="Only for a refresh token this service really issued",
        json_schema_extra=never_null,
    )
    cause: EndReason | None = Field(
        default=None, description="With `reason`: what ended the session", json_schema_extra=never_null
    )
    challenge: str | None = Field(
        default=None,
        description="Of `second_factor_required` and `enrolment_required`: go on with it at /api/auth/second-factor",
        json_schema_extra=never_null,
    )
    methods: list[str] | None = Field(
        default=None, description="Beside `challenge`: in which ways", json_schema_extra=never_null
    )
    expires_at: datetime | None = Field(
        default=None, description="When the `challenge` is over", json_schema_extra=never_null
    )


def is_oauth(path: str) -> bool:
    """Return whether what is at `path` is answered in OAuth 2's form, whether there is anything or not."""
    return path == ROOM or path.startswith(f"{ROOM}/")


def word_of(error: type[ServiceError]) -> OAuthWord:
    """Return OAuth 2's word for a class of errors."""
    for kinds, word in _WORDS:
        if issubclass(error, kinds):
            return word
    return "invalid_request" if error.status < 500 else "server_error"


def status_of(error: type[ServiceError]) -> int:
    """Return the status: 400 for all that section 5.2 has a word for, but for a client that isn't known (401).

    What is wrong with the request as HTTP, and what isn't the request's fault, keeps its own.
    """
    return 400 if error.status in _AS_400 else error.status


def described(text: str) -> str:
    """Return a sentence in the characters that section 5.2 allows: no quotes, no backslash, nothing beyond ASCII."""
    return _NOT_ALLOWED.sub(lambda found: "'" if found[0] == '"' else "?", text)


def render_oauth(request: Request, error: ServiceError) -> HTTPResponse:
    """Return `error` as OAuth 2 has it, with the members that our problems have beside."""
    document = {
        "error": word_of(type(error)),
        "error_description": described(error.detail),
        "code": error.code,
        "request_id": str(request.id),
        **error.extra,
    }
    return HTTPResponse(orjson.dumps(document), status_of(type(error)), error.headers, content_type=JSON)
