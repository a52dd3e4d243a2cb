"""Which features of one's own are served beside Latchkey's."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode

from service.settings import checks as check

Modules = Annotated[tuple[str, ...], NoDecode, BeforeValidator(check.split_list), AfterValidator(check.check_modules)]


class FeatureSettings(BaseSettings, defer_build=True):
    """Which features of one's own are served beside Latchkey's."""

    FEATURES: Modules = Field(
        default=(),
        description="Modules with features of your own, comma-separated: `myapp.features` (docs/building-on-it.md).",
    )
