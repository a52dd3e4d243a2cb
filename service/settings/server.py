"""Where the service listens, who stands in front of it, and what it serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode

from service.settings import addresses
from service.settings import checks as check

Origins = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(check.split_list), AfterValidator(addresses.check_origins)
]
WebUrl = Annotated[str, AfterValidator(addresses.check_web_url)]
Host = Annotated[str, AfterValidator(addresses.check_host)]


_THIS_MACHINE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 - what people give for it


def _where_it_listens(given: Mapping[str, Any]) -> str:
    """Return the address at which a developer's browser finds the service."""
    host, port = given["HOST"], given["PORT"]
    named = "localhost" if host in _THIS_MACHINE else f"[{host.partition('%')[0]}]" if ":" in host else host
    return f"http://{named}" if port in (0, 80) else f"http://{named}:{port}"  # 0: whichever it will be


class ServingSettings(BaseSettings, defer_build=True):
    """Where the service listens, who stands in front of it, and what it serves."""

    HOST: Host = Field(
        default="127.0.0.1", description="Address to listen on; `0.0.0.0` for a platform or a container."
    )
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
        default_factory=_where_it_listens,
        description="Where clients reach the service: the `iss` claim and links. Unset, in development, it follows "
        "`HOST` and `PORT`.",
    )
    BACKEND_CORS_ORIGINS: Origins = Field(
        default=(),
        description="Front ends that may call from a browser: a JSON list or comma-separated, exact, never `*`. Unset, "
        "in development: `http://localhost`, `127.0.0.1` and `[::1]` on any port.",
    )
    HSTS_SECONDS: int = Field(
        default=63_072_000,
        ge=0,
        le=315_360_000,
        description="In production: how long browsers, once they were here, come by https alone "
        "(`Strict-Transport-Security`); 0 has them forget it.",
    )
    HSTS_SUBDOMAINS: bool = Field(
        default=True,
        description="That goes for every name below that of `PUBLIC_URL` too; off where one of these has no https.",
    )
    DOCS_ENABLED: bool = Field(default=True, description="Publish the OpenAPI document and its pages.")
