"""Every error a client can see: code, status and title (RFC 9457). This file is the API's error table.

Flows raise these; `service.core.problems` renders them. `code` is stable, clients switch on it;
`detail` is one sentence a person can read. Nothing here ever carries a secret or an internal name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

Reason = Literal["expired", "revoked", "reused"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in a request that isn't acceptable; `pointer` is an RFC 6901 JSON pointer."""

    pointer: str
    detail: str


class ServiceError(Exception):
    """An answer >= 400. Subclasses fix `status`, `code` and `title`; an instance may word its `detail`.

    `line` is what the log calls it where it is worth a line, `why` the log's reason: clients see neither. `nonsense` is
    what no client of ours sends: it counts against who sent it (`service.core.refusals`).
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    default_detail: ClassVar[str] = "Something went wrong on our side; it has been logged."
    nonsense: ClassVar[bool] = False
    line: str = ""
    why: str = ""

    def __init__(
        self,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Fault] = (),
    ) -> None:
        self.detail = detail or self.default_detail
        self.headers: dict[str, str] = dict(headers or {})
        self.cookies: list[str] = []  # Set-Cookie lines, which can't be one header
        self.errors = tuple(errors)
        super().__init__(self.detail)

    @property
    def extra(self) -> dict[str, str]:
        """Further members of the problem document."""
        return {}

    def noted(self, line: str, why: str = "") -> Self:
        """Have the log say `line`, one of `service.core.refusals.LINES`; return the error."""
        self.line, self.why = line, why
        return self


class InternalError(ServiceError):
    """500: ours to mend; logged with the request id."""


class BadRequest(ServiceError):
    """400: the body can't be read at all."""

    status = 400
    code = "bad_request"
    nonsense = True
    title = "Bad request"
    default_detail = "The request could not be read."


class InvalidGrant(ServiceError):
    """400: wrong e-mail or password (RFC 6749 section 5.2)."""

    status = 400
    code = "invalid_grant"
    title = "Invalid grant"
    default_detail = "Incorrect email or password"


class InvalidRefreshToken(InvalidGrant):
    """400: a refresh token that is not good; `reason` only for one this service really issued."""

    title = "Invalid refresh token"
    default_detail = "The refresh token is not valid."
    details: ClassVar[Mapping[Reason, str]] = {
        "expired": "The session has expired. Please log in again.",
        "revoked": "The session has been ended. Please log in again.",
        "reused": "This refresh token was already used; the session has been ended to be safe. Please log in again.",
    }

    def __init__(self, reason: Reason | None = None) -> None:
        self.reason = reason
        super().__init__(self.details[reason] if reason else None)

    @property
    def extra(self) -> dict[str, str]:
        """The `reason` member, when there is one."""
        return {"reason": self.reason} if self.reason else {}


class InactiveUser(ServiceError):
    """400: right password, account disabled."""

    status = 400
    code = "inactive_user"
    title = "Inactive user"
    default_detail = "This account has been disabled."


class EmailNotVerified(InvalidGrant):
    """400: right password, address not confirmed. From outside it is a wrong password (SECURITY.md R17, R18).

    Whoever registers an address that isn't theirs knows the password: they must not learn whether it had an account.
    """


class InvalidToken(ServiceError):
    """400: the token of a link in a letter is unknown, used or expired: one answer for all."""

    status = 400
    code = "invalid_token"
    line = "refused.link"
    title = "Invalid token"
    default_detail = "This link is not valid any more. Please ask for a new one."


class EmailTaken(ServiceError):
    """400: the e-mail address has an account already."""

    status = 400
    code = "email_taken"
    title = "Email taken"
    default_detail = "A user with this email already exists."


class NotAuthenticated(ServiceError):
    """401: no access token. RFC 6750 section 3.1: no error code in the challenge."""

    status = 401
    code = "not_authenticated"
    title = "Not authenticated"
    default_detail = "Not authenticated"

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class InvalidAccessToken(ServiceError):
    """401: an access token that is not good (RFC 9068 section 4). To a client it means: refresh."""

    status = 401
    code = "invalid_token"
    title = "Invalid access token"
    default_detail = "Could not validate credentials"

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class Forbidden(ServiceError):
    """403: authenticated, not allowed."""

    status = 403
    code = "forbidden"
    line = "refused.forbidden"
    title = "Forbidden"
    default_detail = "Not enough permissions"


class ReauthenticationRequired(ServiceError):
    """403: the session isn't fresh enough for this; the password is needed again."""

    status = 403
    code = "reauthentication_required"
    line = "refused.reauthentication"
    title = "Reauthentication required"
    default_detail = "Please confirm your password to continue."


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


class LastSuperuser(ServiceError):
    """409: the last active superuser can't be demoted, disabled or deleted."""

    status = 409
    code = "last_superuser"
    title = "Last superuser"
    default_detail = "The last active superuser can't be demoted, disabled or deleted."


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
        super().__init__("; ".join(fault.detail for fault in errors[:3]) or None, errors=errors)


class RateLimited(ServiceError):
    """429: throttled; the headers say when to come back (RFC 6585; draft-ietf-httpapi-ratelimit-headers-10)."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"
    default_detail = "Too many attempts. Please wait a while and try again."

    def __init__(self, policy: str = "requests", *, quota: int = 1, window: int = 1, retry_after: int = 1) -> None:
        """`policy` names the budget that is used up: `quota` in `window` seconds, again in `retry_after` seconds."""
        self.policy = policy
        super().__init__(
            headers={
                "Retry-After": str(retry_after),
                "RateLimit-Policy": f'"{policy}";q={quota};w={window}',
                "RateLimit": f'"{policy}";r=0;t={retry_after}',
            }
        )


class Unavailable(ServiceError):
    """503: a store is out of reach or the service sheds load; nothing was lost, try again."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
    default_detail = "The service is temporarily unavailable. Please try again."
    outage: ClassVar[bool] = True  # something is away or overloaded: worth a warning each time

    def __init__(self, what: str = "", *, retry_after: int = 1) -> None:
        """`what` names the part for our log ("redis", "database", "passwords"); clients never see it."""
        self.what = what
        super().__init__(headers={"Retry-After": str(retry_after)})


class NoStream(Unavailable):
    """503: no place for one more session stream. Everything works; clients ask now and then instead."""

    outage = False

    def __init__(self, share: str) -> None:
        """`share` is what is used up, for our own counting: the session's, the user's, the network's, or all places."""
        self.share = share
        super().__init__("streams", retry_after=10)
