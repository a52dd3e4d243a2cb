"""What sessions are bound to, so that a copied cookie or token opens nothing elsewhere."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class BindingSettings(BaseSettings, defer_build=True):
    """What sessions are bound to, so that a copied cookie or token opens nothing elsewhere."""

    DEVICE_BINDING: Literal["off", "prefer", "superusers"] = Field(
        default="prefer",
        description="Whether browsers that can bind a session to a key they can't give away; with `superusers` an "
        "administrator's calls need a session that is bound.",
    )
    DEVICE_PROOF_SECONDS: int = Field(
        default=600,
        ge=10,
        le=86_400,
        description="For how long a browser's proof that it has the session's key is good. Browsers ration proofs.",
    )
