"""What the document says of answers below `/oauth/`: the same refusals, in OAuth 2's form (RFC 6749 section 5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from service.core.http.messages import JSON
from service.core.http.oauth_errors import OAuthProblem, described, status_of, word_of
from service.core.http.operations import ERRORS, HEADERS, Shape
from service.documents.responses import STATUS_HEADERS, headers_of
from service.errors import ServiceError

_CLIENTS: Final[Mapping[str, str]] = {"WWW-Authenticate": "`Basic`: how a client says which it is"}

_Object = dict[str, Any]  # a JSON object under construction


def join_oauth_responses(declared: _Object, implied: Iterable[type[ServiceError]]) -> _Object:
    """Join what the route declared with what is implied: under the statuses that OAuth 2 has for it."""
    told: _Object = {}
    errors: dict[type[ServiceError], None] = {}  # for its order
    for status, response in declared.items():
        named = response.get(ERRORS)
        if named:
            errors.update(dict.fromkeys(named))
            continue
        told[str(status)] = {name: part for name, part in response.items() if name not in (ERRORS, HEADERS) and part}
        if headers := response.get(HEADERS):
            told[str(status)]["headers"] = headers_of(headers)
    errors.update(dict.fromkeys(implied))
    by_status: dict[str, list[type[ServiceError]]] = {}
    for error in errors:
        by_status.setdefault(str(status_of(error)), []).append(error)
    for status, group in by_status.items():
        told[status] = _refusals(status, group)
    return dict(sorted(told.items()))


def _refusals(status: str, errors: Iterable[type[ServiceError]]) -> _Object:
    response: _Object = {
        "description": " ".join(
            f"`{word_of(error)}`: {described(error.default_detail).rstrip('.')}." for error in errors
        ),
        "content": {
            JSON: {
                "schema": Shape(OAuthProblem, "validation"),
                "examples": {error.__name__: {"summary": error.title, "value": _example(error)} for error in errors},
            }
        },
    }
    if headers := _CLIENTS if status == "401" else STATUS_HEADERS.get(status):
        response["headers"] = headers_of(headers)
    return response


def _example(error: type[ServiceError]) -> _Object:
    return {
        "error": word_of(error),
        "error_description": described(error.default_detail),
        "code": error.code,
        "request_id": "5f1c7f0e9a3b4c2d",
        **error.shown,
    }
