"""Bodies of the calls that letters lead to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.core.http.fields import NewPasswordField, PasswordField
from service.core.http.messages import RequestModel
from service.core.text.email_address import EmailField

TokenField = Annotated[str, Field(min_length=1, max_length=4096, description="From the link, after `#token=`.")]


class AddressRequest(RequestModel):
    """An e-mail address."""

    email: EmailField


class TokenRequest(RequestModel):
    """The token of a link."""

    token: TokenField


class VerifyRequest(TokenRequest):
    """The token of a link, and who is there: the password of the registration, or one that is chosen now."""

    password: PasswordField | None = None
    new_password: NewPasswordField | None = None


class ResetRequest(TokenRequest):
    """The token of a link, and the new password."""

    password: NewPasswordField
