"""Bodies and answers of /api/auth/email."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from service.core.http.fields import CodeField
from service.core.http.messages import RequestModel, ResponseModel
from service.core.text.email_address import EmailField

TokenField = Annotated[str, Field(min_length=1, max_length=4096, description="From the link, after `#token=`.")]


class OfferResponse(ResponseModel):
    """Whether one can log in by mail, and with what; whether an address without an account gets one."""

    code: bool
    link: bool
    registers: bool


class StartRequest(RequestModel):
    """Whose mailbox it is."""

    email: EmailField


class StartedResponse(ResponseModel):
    """A log-in under way. Keep `challenge` in this browser: a code works with it alone, for `expires_in` seconds."""

    challenge: str
    expires_in: int


class LookRequest(RequestModel):
    """A link that isn't pressed yet."""

    token: TokenField


class AskedResponse(ResponseModel):
    """Who has asked for the link: to be shown before it is pressed."""

    email: str
    at: datetime
    ip: str
    browser: str


class FinishRequest(RequestModel):
    """A code, with the challenge of the browser that asked for it; or the token of a link, from wherever."""

    also_needed: ClassVar[str] = "`challenge` and `code`, or `token`"

    challenge: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    code: CodeField | None = None
    token: TokenField | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.challenge is None) != (self.code is None) or (self.code is None) == (self.token is None):
            raise ValueError("give either challenge and code, or token")
        return self
