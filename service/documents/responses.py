"""What the document says of answers: what a route declared, and what follows from the shape of its call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from sanic_ext.extensions.openapi.types import Definition

from service.core.http.operations import ERRORS, HEADERS, RATE_LIMIT_HEADERS, problems
from service.errors import (
    BadRequest,
    ExpectationFailed,
    HeadTooLarge,
    InternalError,
    InvalidAccessToken,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    RequestTimedOut,
    ServiceError,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
    UriTooLong,
    ValidationFailed,
)

STATUS_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "401": {"WWW-Authenticate": "`Bearer`, with `error` when a token was given (RFC 6750)"},
    "429": RATE_LIMIT_HEADERS,
    "503": {"Retry-After": "Seconds to wait"},
}
"""Headers that come with a status, whatever the operation."""

_NUMBERS: Final = frozenset({"Retry-After", "X-Total-Count"})

# The component that describes a status which no route has to declare.
_SHARED: Final = {
    "400": "BadRequest", "401": "Unauthorized", "413": "TooLarge", "415": "UnsupportedMediaType",
    "422": "ValidationFailed", "503": "Unavailable",
}  # fmt: skip

# What any call may answer, for reasons that are not its own; no operation names them.
_ANYWHERE: Final = (
    BadRequest, NotFound, MethodNotAllowed, RequestTimedOut, TooLarge, UriTooLong, ExpectationFailed, RateLimited,
    HeadTooLarge, InternalError,
)  # fmt: skip

_Object = dict[str, Any]  # a JSON object under construction


def implied_by(operation: _Object, *, needs_token: bool) -> list[type[ServiceError]]:
    """Name the errors that follow from the shape of an operation, so that no route has to."""
    has_body = "requestBody" in operation
    parameters = operation.get("parameters", [])
    has_query = any(parameter["in"] == "query" for parameter in parameters)
    has_choice = any(parameter["in"] == "header" and "enum" in parameter["schema"] for parameter in parameters)
    errors: list[type[ServiceError]] = []
    if has_body:
        errors += [BadRequest, TooLarge, UnsupportedMediaType]
    elif has_choice:  # a header with another value is refused
        errors += [BadRequest]
    if has_body or has_query:
        errors += [ValidationFailed]
    if needs_token:
        errors += [NotAuthenticated, InvalidAccessToken]
    if has_body or needs_token:  # both mean that a store is asked
        errors += [Unavailable]
    return errors


def join_responses(declared: _Object, implied: Iterable[type[ServiceError]]) -> _Object:
    """Join what the route declared with what is implied; a status that is only implied is a shared component."""
    told: _Object = {str(status): dict(response) for status, response in declared.items()}
    extra: dict[str, list[type[ServiceError]]] = {}
    for error in implied:
        extra.setdefault(str(error.status), []).append(error)
    for status, response in told.items():
        named: list[type[ServiceError]] = response.pop(ERRORS, [])
        if named:
            _tell_errors(response, [*named, *(error for error in extra.get(status, []) if error not in named)])
        headers = {**STATUS_HEADERS.get(status, {}), **response.pop(HEADERS, {})}
        if headers:
            response["headers"] = headers_of(headers)
        if not response["content"]:
            del response["content"]
    for status in extra.keys() - told.keys():
        told[status] = {"$ref": f"#/components/responses/{_SHARED[status]}"}
    return dict(sorted(told.items()))


def shared_responses() -> _Object:
    """Describe each status that may be implied, once."""
    everything: _Object = {"requestBody": {}}
    declared = {response.pop("status"): response for response in problems(*implied_by(everything, needs_token=True))}
    return {_SHARED[status]: response for status, response in join_responses(declared, ()).items()}


def about_errors() -> str:
    """Return the introduction: what any call may answer."""
    anywhere = "\n".join(f"- {error.status} `{error.code}`: {error.default_detail}" for error in _ANYWHERE)
    return (
        "Errors are `application/problem+json` (RFC 9457): switch on `code`, show `detail`. Those of `/oauth/` are "
        "`application/json`, as OAuth 2 has them (RFC 6749 section 5.2).\n\n"
        f"Besides what each call names, any call may answer:\n\n{anywhere}\n"
    )


def _tell_errors(response: _Object, errors: list[type[ServiceError]]) -> None:
    response["description"] = " ".join(f"`{error.code}`: {error.default_detail.rstrip('.')}." for error in errors)
    for media in response["content"].values():
        media["examples"] = {error.__name__: {"summary": error.title, "value": _example(error)} for error in errors}


def _example(error: type[ServiceError]) -> _Object:
    return {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.default_detail,
        **error.shown,
        "request_id": "5f1c7f0e9a3b4c2d",
    }


def headers_of(descriptions: Mapping[str, str]) -> _Object:
    """Return the headers of an answer, from what each says."""
    return {
        name: {
            "description": text,
            "schema": {"type": "integer", "minimum": 0} if name in _NUMBERS else {"type": "string"},
        }
        for name, text in sorted(descriptions.items())
    }


def serialized(definition: Definition) -> _Object:
    """Return what sanic-ext has built as plain data."""
    return cast(_Object, definition.serialize())  # type: ignore[no-untyped-call] # sanic-ext
