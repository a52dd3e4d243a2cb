"""The answer of /api/auth/options."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from service.core.http.messages import ResponseModel
from service.core.http.operations import never_null


def _is_left_out(value: object) -> bool:
    return value is None


_Flag = Annotated[bool | None, Field(exclude_if=_is_left_out, json_schema_extra=never_null)]

_Text = Annotated[str | None, Field(exclude_if=_is_left_out, json_schema_extra=never_null)]


class PasswordRules(ResponseModel):
    """How long a password is, in characters. What else is wrong with one is told when it is sent."""

    min_length: int
    max_length: int


class WayResponse(ResponseModel):
    """One way in. Each kind has members of its own; later versions have kinds and members that this one hasn't."""

    model_config = ConfigDict(extra="allow")

    kind: Annotated[
        str,
        Field(description="`password`, `mail`, `passkey`, `provider`. Later ones: pass by what you don't know"),
    ]
    code: Annotated[_Flag, Field(description="Of `mail`: its letters have a code")] = None
    link: Annotated[_Flag, Field(description="Of `mail`: its letters have a link")] = None
    registers: Annotated[
        _Flag, Field(description="Of `mail`, `passkey`, `provider`: who has no account gets one by it")
    ] = None
    id: Annotated[_Text, Field(description="Of `provider`: what the calls name it")] = None
    name: Annotated[_Text, Field(description="Of `provider`: what the button says")] = None
    brand: Annotated[_Text, Field(description="Of `provider`: whose mark belongs on the button, or `openid`")] = None


class SecondFactorRules(ResponseModel):
    """What there is of second factors. Whoever has one is asked for it, whatever this says."""

    set_up: Annotated[bool, Field(description="One can be set up (`SECOND_FACTOR`)")]
    trust_device: Annotated[bool, Field(description="A device can be trusted (`TRUST_DEVICE_DAYS`)")]
    recovery: Annotated[
        _Flag, Field(description="True where a lost one can be taken away (`SECOND_FACTOR_RECOVERY_HOURS`)")
    ] = None


class OptionsResponse(ResponseModel):
    """What there is to be offered to somebody who isn't logged in."""

    name: Annotated[str, Field(description="What the service is called")]
    registration: Annotated[
        Literal["open", "by_mail", "closed"],
        Field(description="`open`: with a form. `by_mail`: only by logging in by mail. `closed`: by administrators"),
    ]
    confirm_email: Annotated[bool, Field(description="Nobody logs in before the address is confirmed")]
    password: PasswordRules
    ways: list[WayResponse]
    second_factor: SecondFactorRules
    languages: Annotated[list[str], Field(description="Of the letters; the first is the one for everybody else")]


_PROVIDER: Final = {"kind": "provider", "id": "google", "name": "Google", "brand": "google", "registers": True}
EXAMPLE: Final = {
    "name": "Latchkey",
    "registration": "open",
    "confirm_email": True,
    "password": {"min_length": 8, "max_length": 256},
    "ways": [{"kind": "password"}, {"kind": "mail", "code": True, "link": True, "registers": False}, _PROVIDER],
    "second_factor": {"set_up": True, "trust_device": True},
    "languages": ["en", "de"],
}
