"""Who has to have a second factor, and for how long a device may do without."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


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
