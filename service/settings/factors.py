"""Who has to have a second factor, and for how long a device may do without."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from service.settings import checks as check


class FactorSettings(BaseSettings):
    """Who has to have a second factor, and for how long a device may do without."""

    SECOND_FACTOR: Literal["off", "optional", "superusers", "everyone"] = Field(
        default="optional",
        description="Who has to have a second factor; with `off` nobody can set one up. Who has one is always asked.",
    )
    TRUST_DEVICE_DAYS: float = Field(
        default=30,
        ge=0,
        le=365,
        description="How long a device that its user trusts isn't asked for the second factor at log-in; 0: never.",
    )
    PASSKEY_RP_ID: Annotated[str, AfterValidator(check.check_domain)] = Field(
        default="",
        description="The domain that passkeys are bound to; it must never change. Empty: FRONTEND_URL's.",
    )
