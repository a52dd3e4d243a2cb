"""Bodies and answers of /api/auth."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, SecretStr, WithJsonSchema, model_validator

from service.core.http.fields import CodeField, FullNameField, NewPasswordField, PasswordField, RecoveryCodeField
from service.core.http.messages import RequestModel, ResponseModel
from service.core.http.operations import never_null, of_a_form
from service.core.text.email_address import EmailField
from service.signin.passkey_schemas import PasskeyField


class RegisterRequest(RequestModel):
    """A new account."""

    email: EmailField
    password: NewPasswordField
    full_name: FullNameField | None = None


class _Tolerated(RequestModel):
    """Members that OAuth 2 clients send along with the password grant; they change nothing here."""

    sent_along: ClassVar[bool] = True

    grant_type: Literal["password", ""] | None = None
    scope: Annotated[str, Field(max_length=1000)] | None = None
    client_id: Annotated[str, Field(max_length=200)] | None = None
    client_secret: Annotated[SecretStr, Field(max_length=200)] | None = None


class LoginForm(_Tolerated):
    """The form that clients of OAuth 2 send for the password grant."""

    model_config = ConfigDict(json_schema_extra=of_a_form)

    username: Annotated[str, Field(min_length=1, max_length=320)]
    password: PasswordField


class LoginRequest(_Tolerated):
    """The same as JSON; `email` may be said for `username`."""

    also_needed: ClassVar[str] = "`username` or `email`"

    username: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    email: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    password: PasswordField

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.username is None) == (self.email is None):
            raise ValueError("give either username or email")
        return self

    @property
    def name(self) -> str:
        """The address given."""
        return self.username or self.email or ""


# A client that has lost its token sends null or an empty text: that is a token that is no good, and no other mistake.
def _or_nothing(value: object) -> object:
    return "" if value is None else value


class RefreshRequest(RequestModel):
    """A refresh token to spend."""

    refresh_token: Annotated[
        str,
        Field(max_length=4096),
        BeforeValidator(_or_nothing),
        WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 4096}),
    ]


class RefreshQuery(RequestModel):
    """What a page asks that has just been opened, and knows nothing yet."""

    opening: Annotated[
        bool,
        Field(
            description="By a page that has just been opened: it gets the `user` as well; and without a cookie, in "
            "cookie mode, 204: that nobody is logged in is no error then."
        ),
    ] = False


def _none_for_empty(value: object) -> object:
    return None if value == "" else value


class KeptResponse(ResponseModel):
    """Whether the browser has brought the session's cookie."""

    kept: bool


class LogoutRequest(RequestModel):
    """The refresh token of the session to end; it may be left out where an access token is sent."""

    refresh_token: Annotated[
        Annotated[str, Field(min_length=1, max_length=4096)] | None, BeforeValidator(_none_for_empty)
    ] = None


class ReauthenticateRequest(RequestModel):
    """The user's password once more; or a code, a recovery code or a passkey, where there is a second factor."""

    also_needed: ClassVar[str] = "`password`, `code`, `recovery_code` or `passkey`"

    password: Annotated[PasswordField | None, Field(json_schema_extra=never_null)] = None
    code: Annotated[CodeField | None, Field(json_schema_extra=never_null)] = None
    recovery_code: Annotated[RecoveryCodeField | None, Field(json_schema_extra=never_null)] = None
    passkey: Annotated[PasskeyField | None, Field(json_schema_extra=never_null)] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if [self.password, self.code, self.recovery_code, self.passkey].count(None) != 3:
            raise ValueError("give one of password, code, recovery_code and passkey")
        return self
