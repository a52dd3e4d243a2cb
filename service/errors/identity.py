"""What those are answered who can't show who they are, or may not do what they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
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
    def extra(self) -> Mapping[str, object]:
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
    So a wrong password is answered in these words, too, where addresses have to be confirmed.
    """

    default_detail = "Incorrect email or password, or the address is not confirmed yet."


class InvalidChallenge(ServiceError):
    """400: the challenge of a log-in that still owes something is unknown, used or over: one answer for all."""

    status = 400
    code = "invalid_challenge"
    title = "Invalid challenge"
    default_detail = "This log-in can't be continued. Please begin again."


class InvalidCode(ServiceError):
    """400: a code that somebody had to type is wrong, used or too old: never told apart. Some may be left to try."""

    status = 400
    code = "invalid_code"
    title = "Invalid code"
    default_detail = "This code is not valid."
    shown = {"attempts_left": 4}  # noqa: RUF012 - a constant, as its declaration says
    attempts_left = 0
    """How many more will be looked at: the door says so, which counts them."""

    @property
    def extra(self) -> Mapping[str, object]:
        """The member `attempts_left`."""
        return {"attempts_left": self.attempts_left}


class InvalidPasskey(ServiceError):
    """400: a passkey that was shown, or that is to be set up, is not taken: one answer for all reasons."""

    status = 400
    code = "invalid_passkey"
    title = "Invalid passkey"
    default_detail = "This passkey can't be used here. Please try again, or another way."
    unknown_credential = False
    """Nobody has it, or not any more: whoever keeps it for its owner needn't offer it again."""

    @property
    def extra(self) -> Mapping[str, object]:
        """The member `unknown_credential`, where it is so."""
        return {"unknown_credential": True} if self.unknown_credential else {}


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


class SecondFactorRequired(ServiceError):
    """403: the first factor was right, and a second one is owed. Only the door (`service.signin`) raises it.

    Not 401, which means "refresh", nor a 2xx, which would be taken for a session.
    """

    status = 403
    code = "second_factor_required"
    title = "Second factor required"
    default_detail = "Please confirm this log-in with your second factor."
    shown = {  # noqa: RUF012 - a constant, as its declaration says
        "challenge": "lkc_AfMkv7Q0VE2pqvJrFbIHEM...",
        "methods": ["totp", "recovery_code"],
        "expires_at": "2026-11-23T09:10:00Z",
    }

    def __init__(self, challenge: str, methods: Sequence[str], expires_at: datetime) -> None:
        """`challenge` is shown with one of `methods` before `expires_at`."""
        self.challenge = challenge
        self.methods = tuple(methods)
        self.expires_at = expires_at
        super().__init__()

    @property
    def extra(self) -> Mapping[str, object]:
        """How the log-in goes on."""
        expires_at = self.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"challenge": self.challenge, "methods": self.methods, "expires_at": expires_at}


class EnrolmentRequired(SecondFactorRequired):
    """403: the first factor was right, and this account must set up a second one now. Only the door raises it."""

    code = "enrolment_required"
    title = "Enrolment required"
    default_detail = "Please set up a second factor to finish this log-in."
    shown = {  # noqa: RUF012 - a constant, as its declaration says
        "challenge": "lkc_AfMkv7Q0VE2pqvJrFbIHEM...",
        "methods": ["totp", "passkey"],
        "expires_at": "2026-11-23T09:10:00Z",
    }


class AddressUnconfirmed(ServiceError):
    """403: nothing lasting is added to an account whose address nobody has confirmed: it may be somebody else's."""

    status = 403
    code = "email_unverified"
    title = "E-mail address not confirmed"
    default_detail = "Please confirm your e-mail address first."


class LastWayIn(ServiceError):
    """409: it can't be taken away: without it the account could not be opened, or not as it has to be."""

    status = 409
    code = "last_way_in"
    title = "Last way in"
    default_detail = "This account has to have a second factor. Add another one first."


class TooManyPasskeys(ServiceError):
    """409: an account has as many passkeys as it may have."""

    status = 409
    code = "too_many_passkeys"
    title = "Too many passkeys"
    default_detail = "This account has ten passkeys. Remove one first."


class ReauthenticationRequired(ServiceError):
    """403: the session isn't fresh enough for this: its user has to prove again to be there, at `level`.

    `methods` are the ways in which this user can, as the API names them; none of who has neither a password nor a
    second factor.
    """

    status = 403
    code = "reauthentication_required"
    line = "refused.reauthentication"
    title = "Reauthentication required"
    default_detail = "Please confirm your password to continue."
    shown = {"methods": ["password"], "level": 1}  # noqa: RUF012 - a constant, as its declaration says

    def __init__(self, methods: Sequence[str] = ("password",), level: int = 1) -> None:
        self.methods = tuple(methods)
        self.level = level
        detail = "Please confirm your second factor to continue." if level > 1 else None
        super().__init__(detail if methods or level > 1 else "Please log in again to continue.")

    @property
    def extra(self) -> Mapping[str, object]:
        """What to ask for."""
        return {"methods": self.methods, "level": self.level}


class LastSuperuser(ServiceError):
    """409: the last active superuser can't be demoted, disabled or deleted."""

    status = 409
    code = "last_superuser"
    title = "Last superuser"
    default_detail = "The last active superuser can't be demoted, disabled or deleted."
