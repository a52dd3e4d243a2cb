"""How tokens look from outside."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from pydantic import Field, model_validator

from service.accounts.views import UserResponse
from service.core.http.messages import RequestModel, ResponseModel
from service.core.http.operations import never_null
from service.signin.tokens import TokenPair


class NoTokenRequest(RequestModel):
    """The body of a call in cookie mode, where there is one: a token in it as well would be in two places (R51)."""

    @model_validator(mode="before")
    @classmethod
    def _no_token_is_none(cls, given: object) -> object:
        """Pass over a member for one that is empty: a client that has none."""
        if isinstance(given, dict) and given.get("refresh_token", "") in (None, ""):
            return {name: value for name, value in given.items() if name != "refresh_token"}
        return given


_User = Annotated[
    UserResponse | None,
    Field(
        description="Whose session it is: of a refresh with `opening`, and left out of every other answer",
        exclude_if=lambda user: user is None,
        json_schema_extra=never_null,
    ),
]


class TokenPairResponse(ResponseModel):
    """The tokens of a session; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer", "DPoP"] = "bearer"  # noqa: S105 - a token's type
    expires_in: int
    user: _User = None


class AccessTokenResponse(ResponseModel):
    """A TokenPair in cookie mode: the refresh token is in the cookie, where no script can read it (R51)."""

    access_token: str
    token_type: Literal["bearer", "DPoP"] = "bearer"  # noqa: S105 - a token's type
    expires_in: int
    user: _User = None


ReturnTo = Annotated[
    str | None,
    Field(
        description="Where the page is to go now: what was given at the start, and left out where nothing was",
        json_schema_extra=never_null,
        exclude_if=lambda path: path is None,
    ),
]


def written(tokens: TokenPair, *, in_cookie: bool) -> bytes:
    """Return what `TokenPairResponse`, or in cookie mode `AccessTokenResponse`, says of tokens and nothing else.

    Each refresh is answered so, and to have pydantic read and write it takes ten times as long.
    """
    refresh_token = {} if in_cookie else {"refresh_token": tokens.refresh_token}
    return orjson.dumps(
        {
            "access_token": tokens.access_token,
            **refresh_token,
            "token_type": tokens.token_type,
            "expires_in": tokens.expires_in,
        }
    )


class ReturningResponse(TokenPairResponse):
    """The tokens of a session that began at another provider."""

    return_to: ReturnTo = None


class ReturningInCookieResponse(AccessTokenResponse):
    """The same in cookie mode."""

    return_to: ReturnTo = None


RecoveryCodes = Annotated[
    list[str] | None,
    Field(
        description="Ten of them, each good once. They are never shown again: only where they were made just now.",
        json_schema_extra=never_null,
        exclude_if=lambda codes: codes is None,
    ),
]


class EnrolledResponse(TokenPairResponse):
    """The tokens of a session that began with setting up a second factor."""

    recovery_codes: RecoveryCodes = None


class EnrolledInCookieResponse(AccessTokenResponse):
    """The same in cookie mode."""

    recovery_codes: RecoveryCodes = None
