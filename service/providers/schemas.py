"""Bodies and answers of /api/auth/providers, and of one's own accounts there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from service.core.http.fields import CodeField, PasswordField
from service.core.http.messages import RequestModel, ResponseModel
from service.core.http.operations import never_null
from service.core.text.email_address import EmailField
from service.core.text.printable import PLAIN_PATTERN
from service.signin.passkey_schemas import PasskeyField

_VISIBLE: Final = r"^[\x20-\x7e]*$"  # RFC 6749, A.5 and A.11
ChallengeField = Annotated[str, Field(min_length=1, max_length=4096)]
ReturnTo = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r"^/([^/\\\x00-\x1f\x7f-\x9f][^\\\x00-\x1f\x7f-\x9f]*)?$",
        description="A path on the front end, where the page is to go afterwards: `/…`, and nowhere else.",
    ),
]
"""No address of another site can be made of it: neither `//host` nor `/\\host`, nor what a browser leaves out."""


class OfferedResponse(ResponseModel):
    """A provider. `brand`: `google`, `github`, `microsoft`, `apple`, or `openid` for any other."""

    id: str
    name: str
    brand: str


class ProviderStartRequest(RequestModel):
    """What is to be done by this provider."""

    intent: Literal["login", "link", "reauthenticate"] = "login"
    return_to: ReturnTo | None = None


class ProviderStartedResponse(ResponseModel):
    """Where to send the browser. Keep `flow` in this very tab: it finishes what was begun, until `expires_at`."""

    url: str
    flow: str
    expires_at: datetime


class ProviderFinishRequest(RequestModel):
    """What the provider has sent along, and the `flow` that was kept."""

    code: Annotated[str, Field(min_length=1, max_length=4096, pattern=_VISIBLE)]
    state: Annotated[str, Field(min_length=1, max_length=512, pattern=_VISIBLE)]
    flow: Annotated[str, Field(min_length=1, max_length=512, pattern=_VISIBLE)]
    iss: Annotated[str, Field(max_length=2048, pattern=_VISIBLE, description="RFC 9207: if it came along")] | None = (
        None
    )
    user: (
        Annotated[str, Field(max_length=4096, pattern=PLAIN_PATTERN, description="Of Apple, the first time")] | None
    ) = None
    trust_device: Annotated[
        bool,
        Field(description="Where the provider's second factor counts: don't ask for one on this device for a while"),
    ] = False


class ProviderLinkRequest(RequestModel):
    """The challenge of a 400 `account_not_linked`, and something of the account: a password, a code, a passkey."""

    also_needed: ClassVar[str] = "`password`, `code` or `passkey`"

    challenge: ChallengeField
    password: Annotated[PasswordField | None, Field(json_schema_extra=never_null)] = None
    code: Annotated[CodeField | None, Field(json_schema_extra=never_null)] = None
    passkey: Annotated[PasskeyField | None, Field(json_schema_extra=never_null)] = None
    trust_device: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if [self.password, self.code, self.passkey].count(None) != 2:
            raise ValueError("give one of password, code and passkey")
        return self


class ProviderLinkMailRequest(RequestModel):
    """The challenge, and an address where the provider has said none."""

    challenge: ChallengeField
    email: EmailField | None = None


class ProviderLinkMailResponse(ResponseModel):
    """A code is on its way, if it may be. Go on with this `challenge`: the code works with it alone."""

    challenge: str
    expires_at: datetime


class ProviderLinkOptionsRequest(RequestModel):
    """The challenge of a 400 `account_not_linked`."""

    challenge: ChallengeField


class CallbackForm(RequestModel):
    """What a provider has a browser post: an answer, or an error. Whatever else it sends is passed by."""

    model_config = ConfigDict(extra="ignore")

    code: Annotated[str, Field(max_length=4096)] | None = None
    state: Annotated[str, Field(max_length=512)] | None = None
    user: Annotated[str, Field(max_length=4096)] | None = None
    error: Annotated[str, Field(max_length=200)] | None = None
    iss: Annotated[str, Field(max_length=2048)] | None = None


OFFERED_EXAMPLE = [
    {"id": "google", "name": "Google", "brand": "google"},
    {"id": "corp", "name": "Example Ltd", "brand": "openid"},
]
STARTED_EXAMPLE = {
    "url": "https://accounts.google.com/o/oauth2/v2/auth?client_id=...",
    "flow": "3Vt0m1Yp3xTt2cD8jJm6o0bP8b2Q1k9f7s5n4u3a2xE",
    "expires_at": "2026-11-27T09:10:00Z",
}
FINISH_EXAMPLE = {
    "code": "4/0AfJohXk...",
    "state": "8fZk2m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs",
    "iss": "https://accounts.google.com",
    "flow": STARTED_EXAMPLE["flow"],
}
CHALLENGE_EXAMPLE = "lkl_0yqf6m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs..."
