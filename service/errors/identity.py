"""What those are answered who can't show who they are, or may not do what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from service.errors.base import ServiceError
from service.errors.end_reasons import EndReason

Reason = Literal["expired", "revoked", "reused"]


class InvalidGrant(ServiceError):
    """400: wrong e-mail or password (RFC 6749 section 5.2)."""

    status = 400
    code = "invalid_grant"
    title = "Invalid grant"
    default_detail = "Incorrect email or password"


class InvalidRefreshToken(InvalidGrant):
    """400: a refresh token that is not good; `reason` and `cause` only for one this service really issued."""

    title = "Invalid refresh token"
    default_detail = "The refresh token is not valid."
    details: ClassVar[Mapping[Reason, str]] = {
        "expired": "The session has expired. Please log in again.",
        "revoked": "The session has been ended. Please log in again.",
        "reused": "This refresh token was already used; the session has been ended to be safe. Please log in again.",
    }

    def __init__(self, reason: Reason | None = None, cause: EndReason | None = None) -> None:
        self.reason = reason
        self.cause = cause
        super().__init__(self.details[reason] if reason else None)

    @property
    def extra(self) -> dict[str, str]:
        """The members `reason`, and `cause`, the very reason of the session's end, when there are any."""
        return {name: said for name, said in (("reason", self.reason), ("cause", self.cause)) if said}


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


class LastSuperuser(ServiceError):
    """409: the last active superuser can't be demoted, disabled or deleted."""

    status = 409
    code = "last_superuser"
    title = "Last superuser"
    default_detail = "The last active superuser can't be demoted, disabled or deleted."
