"""What operators see of it: events, metrics, the log."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from service.settings import addresses
from service.settings import checks as check


class WatchingSettings(BaseSettings, defer_build=True):
    """What operators see of it: events, metrics, the log."""

    EVENT_RETENTION_DAYS: float = Field(
        default=400, gt=0, le=4000, description="Security events older than this go; a worker looks daily."
    )
    STATISTICS_RETENTION_DAYS: float = Field(
        default=1100, gt=0, le=10_000, description="Numbers of the administrators' charts older than this go; as above."
    )
    METRICS_PORT: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port of `/metrics`, for all workers of the instance; `latchkey worker` has one too. 0: none.",
    )
    METRICS_HOST: Annotated[str, AfterValidator(addresses.check_host)] = Field(
        default="127.0.0.1", description="Address that METRICS_PORT listens on."
    )
    METRICS_TOKEN: Annotated[str, AfterValidator(check.check_token)] = Field(
        default="", repr=False, description="Answers `GET /metrics` on PORT too, to who sends it as a Bearer token."
    )
    ACCESS_LOG: bool = Field(default=False, description="Also log one line a request.")
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least severe lines to log."
    )
