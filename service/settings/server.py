"""Where the service listens, who stands in front of it, and what it serves."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode

from service.settings import checks as check

Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(check.split_list), AfterValidator(check.check_origins)]
WebUrl = Annotated[str, AfterValidator(check.check_web_url)]


class ServingSettings(BaseSettings):
    """Where the service listens, who stands in front of it, and what it serves."""

    HOST: str = Field(default="127.0.0.1", description="Address to listen on; `0.0.0.0` for a platform or a container.")
    PORT: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    WEB_CONCURRENCY: int = Field(default=1, ge=1, le=64, description="Worker processes of this instance.")
    INSTANCES: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="Instances that run at a time; `latchkey doctor` counts connections by it.",
    )
    STOP_DELAY_SECONDS: float = Field(
        default=3,
        ge=0,
        le=120,
        description="How long a stopping instance says that it isn't ready, and serves on, so that balancers notice; "
        "in development not at all, unless set.",
    )
    PROXIES_COUNT: int = Field(
        default=0, ge=0, le=10, description="Trusted proxies in front; each adds one address to X-Forwarded-For."
    )
    PUBLIC_URL: WebUrl = Field(
        default="http://localhost:8000", description="Where clients reach the service: the `iss` claim and links."
    )
    BACKEND_CORS_ORIGINS: Origins = Field(
        default=("http://localhost:3000", "http://localhost:8000"),
        description="Front ends that may call from a browser: a JSON list or comma-separated, exact, never `*`.",
    )
    DOCS_ENABLED: bool = Field(default=True, description="Publish the OpenAPI document and its pages.")
