"""What any request may be answered, whatever it is about."""

from __future__ import annotations

from collections.abc import Sequence

from service.errors.base import Fault, ServiceError


class BadRequest(ServiceError):
    """400: the body can't be read at all."""

    status = 400
    code = "bad_request"
    nonsense = True
    title = "Bad request"
    default_detail = "The request could not be read."


class NotFound(ServiceError):
    """404: no such route or object; a malformed id is an unknown one."""

    status = 404
    code = "not_found"
    title = "Not found"
    default_detail = "Not found"


class MethodNotAllowed(ServiceError):
    """405, with `Allow`."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    default_detail = "This method is not allowed here."


class RequestTimedOut(ServiceError):
    """408: the client took too long to send its request."""

    status = 408
    code = "request_timeout"
    title = "Request timeout"
    default_detail = "The request took too long to arrive."


class TooLarge(ServiceError):
    """413: the body is too large."""

    status = 413
    code = "too_large"
    nonsense = True
    line = "refused.too_large"
    title = "Too large"
    default_detail = "The request is too large."


class UriTooLong(TooLarge):
    """414: a request-target longer than any of ours (RFC 9112 section 3)."""

    status = 414
    code = "uri_too_long"
    title = "URI too long"
    default_detail = "The address is too long."


class HeadTooLarge(TooLarge):
    """431: the fields of the head are too large, one or all together (RFC 6585 section 5)."""

    status = 431
    code = "head_too_large"
    title = "Request header fields too large"
    default_detail = "The head of the request is too large."


class UnsupportedMediaType(ServiceError):
    """415: a body in a media type this call doesn't take."""

    status = 415
    code = "unsupported_media_type"
    nonsense = True
    title = "Unsupported media type"
    default_detail = "The media type of the body is not supported here."


class ExpectationFailed(ServiceError):
    """417: an `Expect` header that asks for something else than `100-continue`."""

    status = 417
    code = "expectation_failed"
    title = "Expectation failed"
    default_detail = "The only expectation that is met is 100-continue."


class ValidationFailed(ServiceError):
    """422: well-formed but not acceptable; `errors` says where."""

    status = 422
    code = "validation_error"
    nonsense = True
    title = "Validation error"
    default_detail = "The request is not acceptable."

    def __init__(self, errors: Sequence[Fault]) -> None:
        said = "; ".join(_by_itself(fault) for fault in errors[:3])
        super().__init__(said.replace(".; ", "; ") or None, errors=errors)


def _by_itself(fault: Fault) -> str:
    """Return what can be read where nothing shows the place: a sentence says what it is about, other words don't."""
    name = fault.pointer[1:].replace("/", ".").replace("~1", "/").replace("~0", "~")
    return fault.detail if fault.detail.endswith(".") or not name else f"{name}: {fault.detail}"
