"""Traces: what a request is made of, without anything that it holds."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from service.core.telemetry import tracing
from service.errors import Unavailable
from service.settings import Settings
from tests.support.people import PASSWORD, Person

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.fixture
async def spans(settings: Settings) -> AsyncIterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    async with tracing.opened(settings, exporter):
        yield exporter


def by_name(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


async def test_what_a_request_is_made_of(ada: Person, client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    """A refresh: one span for the request, under it the statement, the script; all in the caller's trace."""
    session = await ada.log_in()
    spans.clear()
    answer = await client.post(
        "/api/auth/refresh",
        json={"refresh_token": session.refresh_token},
        headers={"traceparent": f"00-{TRACE}-{PARENT}-01"},
    )
    assert answer.status_code == 200
    found = by_name(spans)
    request = found["POST /api/auth/refresh"]
    assert request.context
    assert f"{request.context.trace_id:032x}" == TRACE
    assert request.parent
    assert f"{request.parent.span_id:016x}" == PARENT
    assert request.attributes
    assert request.attributes["http.response.status_code"] == 200
    for name in ("redis rotate", "SELECT"):
        part = found[name]
        assert part.parent
        assert part.parent.span_id == request.context.span_id


async def test_hashing_and_other_routes(ada: Person, spans: InMemorySpanExporter) -> None:
    """A log-in shows what its hash took; routes are templates."""
    session = await ada.log_in()
    await session.call("GET", f"/users/{ada.id}")
    expected = {"POST /api/auth/login", "password hashing", "redis log_in", "GET /api/users/{user_id}"}
    assert expected <= set(by_name(spans))


async def test_no_values(ada: Person, client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    """R70: no password, token, address, id or path of anybody is in a trace."""
    session = await ada.log_in(**{"User-Agent": "telling-agent"})
    await session.advance()
    await session.call("GET", f"/users/{ada.id}")
    await client.get("/api/secret-path?secret=query")
    await client.post("/api/auth/register", json={"email": ada.email, "password": PASSWORD})
    text = " ".join(span.to_json() for span in spans.get_finished_spans())
    assert "SELECT" in text
    for never in (PASSWORD, session.refresh_token, session.access_token, ada.email, str(ada.id), str(session.sid),
                  "secret", "telling-agent"):  # fmt: skip
        assert never not in text


async def test_failures(spans: InMemorySpanExporter) -> None:
    """What fails is marked with its kind, and not with its words."""
    request = tracing.begin(None, "GET")
    assert request
    with pytest.raises(Unavailable), tracing.span("redis check"):
        raise Unavailable("redis")
    request.end("/api/users/me", "GET", 503)
    part, whole = spans.get_finished_spans()
    assert part.attributes
    assert part.attributes["error.type"] == "Unavailable"
    assert part.status.status_code is whole.status.status_code is StatusCode.ERROR
    assert not part.events


async def test_nothing_outside_a_request(spans: InMemorySpanExporter) -> None:
    """Work in the background is no trace of its own."""
    with tracing.span("redis check"):
        pass
    assert not spans.get_finished_spans()


@pytest.mark.embedded_only
async def test_off(ada: Person, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Off by default; where the extra isn't installed, the service runs without it."""
    assert tracing.begin(f"00-{TRACE}-{PARENT}-01", "GET") is None
    assert tracing.span("redis check") is tracing.span("SELECT")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    wanted = settings.model_copy(update={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
    async with tracing.opened(wanted):
        assert (await (await ada.log_in()).me()).status_code == 200
        assert tracing.begin(None, "GET") is None


@pytest.mark.embedded_only
async def test_a_collector_that_is_away(ada: Person, settings: Settings) -> None:
    """R73: nobody waits for it, and the end comes all the same."""
    wanted = settings.model_copy(update={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
    async with tracing.opened(wanted):
        assert tracing.begin(None, "GET") is not None
