"""Where a worker's jobs are done."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class WorkSettings(BaseSettings, defer_build=True):
    """Where a worker's jobs are done."""

    RUN_WORKER: Literal["auto", "yes", "no"] = Field(
        default="auto",
        description="Do a worker's jobs (letters, purging) in the serving process too; `auto`: in development only.",
    )
