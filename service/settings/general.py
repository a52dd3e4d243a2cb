"""What the service is called, and the secret that everything of its own is derived from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from service.settings import checks as check
from service.settings.guessing import DEVELOPMENT_SECRET


class GeneralSettings(BaseSettings, defer_build=True):
    """What the service is called, and the secret that everything of its own is derived from."""

    ENVIRONMENT: Literal["development", "production"] = Field(
        default="development", description="`production` refuses unsafe values and logs one JSON line an event."
    )
    PROJECT_NAME: Annotated[str, AfterValidator(check.check_name)] = Field(
        default="Latchkey", min_length=1, description="The name users see in documents and letters."
    )
    SECRET_KEY: Annotated[str, AfterValidator(check.check_secret)] = Field(
        default=DEVELOPMENT_SECRET,
        repr=False,
        description="At least 32 random bytes. Comma-separated for rotation: the first signs, all are accepted.",
    )
    NEW_SECRET: bool = Field(
        default=False,
        description="`yes` lets the service start with a SECRET_KEY that opens none of the database's signing keys: it "
        "is meant to be a new one. Until then that is taken for a mistake.",
    )
