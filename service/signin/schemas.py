"""How tokens look from outside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.accounts.views import UserResponse
from service.core.http.messages import RequestModel, ResponseModel
from service.core.http.operations import never_null


class NoTokenRequest(RequestModel):
    """The body of a call in cookie mode, where there is one: a token in it as well would be in two places (R51)."""


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
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a token's type
    expires_in: int
    user: _User = None


class AccessTokenResponse(ResponseModel):
    """A TokenPair in cookie mode: the refresh token is in the cookie, where no script can read it (R51)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a token's type
    expires_in: int
    user: _User = None
