"""/metrics on the main listener, for who has the token; only there when METRICS_TOKEN is set (R67)."""

from __future__ import annotations

import hmac
import os
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.requests import bearer_token
from service.core.telemetry import metrics
from service.errors import InvalidAccessToken, NotAuthenticated
from service.runtime import runtime_of
from service.settings import Settings

blueprint = Blueprint("metrics")


def offer_metrics(app: Sanic[Any, Any], settings: Settings) -> None:
    """Serve the page where there is a token for it."""
    if settings.METRICS_TOKEN:
        app.blueprint(blueprint)


@blueprint.get("/metrics")
@openapi.definition(exclude=True)
async def read_metrics(request: Request) -> HTTPResponse:
    """Return the numbers of all workers of this instance."""
    token = bearer_token(request.headers)
    if not token:
        raise NotAuthenticated
    expected = runtime_of(request).settings.METRICS_TOKEN
    # A header's bytes that aren't UTF-8 are lone surrogates here.
    if not hmac.compare_digest(token.encode("utf-8", "surrogatepass"), expected.encode()):
        raise InvalidAccessToken().noted("refused.metrics_token")
    page = metrics.page(metrics.registry_of(os.environ.get(metrics.DIRECTORY)))
    return HTTPResponse(page, content_type=metrics.CONTENT_TYPE)
