"""The one renderer of errors: every answer >= 400 is application/problem+json (RFC 9457), and is logged here.

But for what is under `/oauth/`, which is answered as RFC 6749 section 5.2 has it (`service.core.http.oauth_errors`).
"""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections.abc import Collection

import orjson
from sanic import HTTPResponse, Request
from sanic.exceptions import RequestCancelled, SanicException
from sanic.handlers import ErrorHandler

from service.core.faults import tell
from service.core.http.oauth_errors import OAuthWord, is_oauth, render_oauth, word_of
from service.core.http.operations import PROBLEM
from service.core.http.refusals import take_note
from service.core.telemetry.logs import log_event, request_id
from service.errors import (
    BadRequest,
    InternalError,
    MethodNotAllowed,
    Misconfigured,
    NotFound,
    RequestTimedOut,
    ServiceError,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)

_BY_STATUS: dict[int, type[ServiceError]] = {
    400: BadRequest,
    404: NotFound,
    405: MethodNotAllowed,
    408: RequestTimedOut,
    413: TooLarge,
    415: UnsupportedMediaType,
    503: Unavailable,
}

_log = logging.getLogger("latchkey.errors")


class ProblemRenderer(ErrorHandler):
    """Sanic's error handler, replaced: nothing it would say of its own ever reaches a client."""

    def __init__(self, *, token_endpoints: Collection[str] = ()) -> None:
        """At `token_endpoints`, paths without a slash at the end, problems have OAuth 2's `error` as well."""
        super().__init__()
        self._token_endpoints = token_endpoints

    def default(self, request: Request, exception: BaseException) -> HTTPResponse:
        """Answer `exception`."""
        request_id.set(str(request.id))  # a request that couldn't be read never got as far as its middleware
        error = as_service_error(exception)
        take_note(request, exception, error)
        if isinstance(error, MethodNotAllowed):
            error.headers["Allow"] = ", ".join(allowed_methods(request))
        if is_oauth(request.path):
            return render_oauth(request, error)
        return render(request, error, oauth_error(error) if request.path in self._token_endpoints else None)

    @staticmethod
    def log(request: Request, exception: Exception) -> None:
        """Say nothing: `as_service_error` and `render` log what is worth logging."""


def allowed_methods(request: Request) -> list[str]:
    """Return the methods that the path of `request` takes. Sanic doesn't say for paths that hold an id."""
    found = []
    for method in request.app.router.ALLOWED_METHODS:
        try:
            request.app.router.get(request.path, method, None)
        except SanicException:
            continue
        found.append(method)
    return sorted(found)


def as_service_error(exception: BaseException) -> ServiceError:
    """Return the error a client may see for `exception`; log what is ours to mend."""
    match exception:
        case RequestCancelled():  # the client is gone: nobody reads this, and it is no fault of ours
            return BadRequest()
        case CancelledError():  # the server is stopping
            return Unavailable("server")
        case Unavailable():
            _log_outage(exception)
            return exception
        case ServiceError():
            return exception
        case SanicException() if exception.status_code < 500 or exception.status_code == 503:
            return _BY_STATUS.get(exception.status_code, BadRequest)()
        case _:
            _log.error("internal_error", exc_info=exception)
            return InternalError()


def _log_outage(outage: Unavailable) -> None:
    if isinstance(outage, Misconfigured):
        tell(outage)
    elif outage.outage:
        cause = outage.__cause__
        text = f"{type(cause).__name__}: {cause}"[:300] if cause else None
        log_event("unavailable", logging.WARNING, what=outage.what, cause=text)


def oauth_error(error: ServiceError) -> OAuthWord:
    """Return OAuth 2's word for `error` at a call that takes the password grant with other bodies than OAuth 2's."""
    if any(fault.pointer == "/grant_type" for fault in error.errors):
        return "unsupported_grant_type"
    return word_of(type(error))


def render(request: Request | None, error: ServiceError, oauth: OAuthWord | None = None) -> HTTPResponse:
    """Return `error` as a problem document, with OAuth 2's `error` where there is one."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        **error.extra,
    }
    if oauth is not None:
        document["error"] = oauth
    if request is not None:
        document["request_id"] = str(request.id)
    if error.errors:
        document["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.errors]
    response = HTTPResponse(orjson.dumps(document), error.status, error.headers, content_type=PROBLEM)
    for line in error.cookies:
        response.headers.add("Set-Cookie", line)
    return response
