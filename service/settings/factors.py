"""Who has to have a second factor, and for how long a device may do without."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from service.settings import addresses


class FactorSettings(BaseSettings, defer_build=True):
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
    SECOND_FACTOR_RECOVERY_HOURS: float = Field(
        default=0,
        ge=0,
        le=24 * 60,
        description="How long somebody waits who has lost the second factor, and asks to have it taken away, with "
        "password and mailbox; 0: never.",
    )
    PASSKEY_RP_ID: Annotated[str, AfterValidator(addresses.check_domain)] = Field(
        default="",
        description="The domain that passkeys are bound to; it must never change. Empty: FRONTEND_URL's.",
    )
