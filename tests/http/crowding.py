"""An application with other seconds, and a look at its connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sanic import Sanic

from service.app import create_app
from service.runtime import Runtime
from tests.http.support import logging_kept
from tests.support.serving import served


@asynccontextmanager
async def strict(runtime: Runtime, *, proxies: int = 0, **config: float) -> AsyncIterator[tuple[Sanic[Any, Any], str]]:
    """Serve an application with other seconds; yield it too, to look at its connections."""
    settings = runtime.settings.model_copy(update={"PROXIES_COUNT": proxies})
    with logging_kept():
        app = create_app(runtime=replace(runtime, settings=settings))
        app.config.update(config)
        async with served(app) as url:
            yield app, url
