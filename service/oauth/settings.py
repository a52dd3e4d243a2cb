"""How often other services may ask."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class OAuthSettings(BaseSettings, defer_build=True):
    """How often other services may ask."""

    INTROSPECTIONS_PER_MINUTE: int = Field(
        default=600_000, ge=0, description="Introspections of one client in a minute and process; 0: any number."
    )
