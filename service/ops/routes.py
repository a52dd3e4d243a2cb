"""/api/health."""

from __future__ import annotations

from typing import Literal

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import ResponseModel, json_answer
from service.core.http.operations import answer
from service.ops import flows
from service.runtime import runtime_of

blueprint = Blueprint("ops", url_prefix="/api/health")


class HealthResponse(ResponseModel):
    """The process is alive."""

    status: Literal["healthy"] = "healthy"


class ChecksResponse(ResponseModel):
    """`pending`: `latchkey db upgrade` has to run. `misconfigured`: `latchkey doctor` says what to mend.

    `secret` says whether SECRET_KEY is the one that belongs to the database.
    """

    database: flows.State
    redis: flows.State
    migrations: flows.State
    secret: flows.State


class ReadinessResponse(ResponseModel):
    """Whether requests can be served, and what stands in the way. `stopping`: they are, but this instance ends soon.

    `letters` that are `late` have waited for a worker, or a mail server, for more than ten minutes: requests are served
    all the same. `reasons` has plain words for each part that isn't well.
    """

    status: Literal["ready", "unavailable", "stopping"]
    checks: ChecksResponse
    letters: Literal["ok", "late", "unknown"]
    reasons: dict[str, str]


@blueprint.get("/")
@openapi.definition(
    summary="Is the process alive?", response=[answer(200, HealthResponse, "Yes.", {"status": "healthy"})]
)
async def health(request: Request) -> HTTPResponse:
    """Say that the process is alive; touches no store."""
    return json_answer(HealthResponse())


@blueprint.get("/ready")
@openapi.definition(
    summary="Can requests be served?",
    response=[
        answer(
            200,
            ReadinessResponse,
            "Yes.",
            {
                "status": "ready",
                "checks": {"database": "ok", "redis": "ok", "migrations": "ok", "secret": "ok"},
                "letters": "ok",
                "reasons": {},
            },
        ),
        answer(
            503,
            ReadinessResponse,
            "Not now.",
            {
                "status": "unavailable",
                "checks": {"database": "ok", "redis": "unavailable", "migrations": "ok", "secret": "ok"},
                "letters": "ok",
                "reasons": {"redis": "it can't write to its disk, and takes no writes"},
            },
        ),
    ],
)
async def ready(request: Request) -> HTTPResponse:
    """Say whether requests can be served."""
    found = await flows.readiness(runtime_of(request))
    checks = ChecksResponse.model_validate(found)
    status: Literal["ready", "unavailable", "stopping"] = "ready" if found.ready else "unavailable"
    if request.app.ctx.crowd.leaving:
        status = "stopping"
    said = ReadinessResponse(status=status, checks=checks, letters=found.letters, reasons=found.reasons)
    return json_answer(said) if status == "ready" else json_answer(said, 503, {"Retry-After": "1"})
