"""/api/admin/statistics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import Field
from sanic import HTTPResponse, Request

from service.admin import statistics
from service.admin.statistics import Step
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.fields import Moment
from service.core.http.messages import RequestModel, ResponseModel, json_answer
from service.core.http.operations import answer, problems, query
from service.core.http.reading import read_query
from service.errors import DeviceBindingRequired, Fault, Forbidden, ValidationFailed
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import superuser

blueprint = Blueprint("admin_statistics", url_prefix="/api/admin/statistics")

# The default, and the most that is drawn at once.
_SPANS: dict[Step, tuple[timedelta, timedelta]] = {
    "hour": (timedelta(days=1), timedelta(days=14)),
    "day": (timedelta(days=30), timedelta(days=92)),
}


class StatisticsQuery(RequestModel):
    """Which time, and how fine."""

    since: Moment | None = Field(default=None, alias="from", description="Left out: a day, or thirty, before.")
    to: Moment | None = Field(default=None, description="Left out: now.")
    step: Step = Field(default="hour", description="At most 14 days by hour, 92 by day.")


class PointResponse(ResponseModel):
    """A value, and the beginning of the hour or day it is of (UTC)."""

    at: datetime
    value: int


class SeriesResponse(ResponseModel):
    """One line of a chart."""

    name: str
    points: list[PointResponse]


class StatisticsResponse(ResponseModel):
    """Every series, each with a point for every step."""

    step: Step
    series: list[SeriesResponse]


@blueprint.get("/")
@openapi.definition(
    summary="Read the numbers by hour or day",
    description="Superusers only. Written about once a minute; a day's `sessions.active` is that of its busiest hour.",
    parameter=query(StatisticsQuery),
    response=[
        answer(
            200,
            StatisticsResponse,
            "The series.",
            {
                "step": "hour",
                "series": [{"name": "login.succeeded", "points": [{"at": "2026-11-24T09:00:00Z", "value": 42}]}],
            },
        ),
        *problems(Forbidden, DeviceBindingRequired),
    ],
)
@superuser
async def read_statistics(request: Request, caller: Caller) -> HTTPResponse:
    """Return the series."""
    wanted = read_query(request, StatisticsQuery)
    runtime = runtime_of(request)
    until = wanted.to or runtime.clock.now()
    usual, longest = _SPANS[wanted.step]
    # The year 1 has no day before it.
    since = wanted.since or until - min(usual, until - datetime.min.replace(tzinfo=UTC))
    if not timedelta() <= until - since <= longest:
        raise ValidationFailed([Fault("/from", f"Ask for at most {longest.days} days, the earlier end first.")])
    found = await statistics.read(runtime, since, until, wanted.step)
    return json_answer(
        StatisticsResponse(step=wanted.step, series=[SeriesResponse.model_validate(one) for one in found])
    )
