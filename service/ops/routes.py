"""/api/health."""

from __future__ import annotations

from typing import Literal

from sanic import Blueprint, HTTPResponse, Request
from sanic_ext import openapi

from service.core.http.messages import ResponseModel, json_answer
from service.core.http.operations import answer
from service.ops import flows
from service.runtime import runtime_of

blueprint = Blueprint("ops", url_prefix="/api/health")


class HealthResponse(ResponseModel):
    """The process is alive."""

    status: Literal["healthy"] = "healthy"


class ChecksResponse(ResponseModel):
    """`pending`: `latchkey db upgrade` has to run. `misconfigured`: `latchkey doctor` says what to mend."""

    database: flows.State
    redis: flows.State
    migrations: flows.State


class ReadinessResponse(ResponseModel):
    """Whether requests can be served, and what stands in the way. `stopping`: they are, but this instance ends soon."""

    status: Literal["ready", "unavailable", "stopping"]
    checks: ChecksResponse


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
            {"status": "ready", "checks": {"database": "ok", "redis": "ok", "migrations": "ok"}},
        ),
        answer(
            503,
            ReadinessResponse,
            "Not now.",
            {"status": "unavailable", "checks": {"database": "ok", "redis": "unavailable", "migrations": "ok"}},
        ),
    ],
)
async def ready(request: Request) -> HTTPResponse:
    """Say whether requests can be served."""
    found = await flows.readiness(runtime_of(request))
    checks = ChecksResponse.model_validate(found)
    if request.app.ctx.crowd.leaving:
        return json_answer(ReadinessResponse(status="stopping", checks=checks), 503, {"Retry-After": "1"})
    if not found.ready:
        return json_answer(ReadinessResponse(status="unavailable", checks=checks), 503, {"Retry-After": "1"})
    return json_answer(ReadinessResponse(status="ready", checks=checks))
