"""Traces: what a request is made of, without anything that it holds."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from service.core.telemetry import tracing
from service.core.telemetry.logs import JsonFormatter, ReadableFormatter, log_event
from service.errors import Unavailable
from service.settings import Settings, load_settings
from service.settings.checks import ConfigurationError
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


@pytest.mark.embedded_only
async def test_what_the_usual_variables_say(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that spans go by: the service's own, unless one of the usual variables gives another."""
    for variables, name in (
        ({}, "latchkey"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=id,deployment.environment=test"}, "id"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=id", "OTEL_SERVICE_NAME": "identity"}, "identity"),
    ):
        for variable, value in variables.items():
            monkeypatch.setenv(variable, value)
        exporter = InMemorySpanExporter()
        async with tracing.opened(settings, exporter):
            if begun := tracing.begin(None, "GET"):
                begun.end("/api", "GET", 200)
        (span,) = exporter.get_finished_spans()
        assert span.resource.attributes["service.name"] == name
        assert "service.version" in span.resource.attributes


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ({}, ""),
        ({"ENDPOINT": "http://collector:4318"}, "http://collector:4318/v1/traces"),
        ({"ENDPOINT": "http://collector:4318/\n"}, "http://collector:4318/v1/traces"),
        ({"ENDPOINT": "https://otlp.example.com/otlp"}, "https://otlp.example.com/otlp/v1/traces"),
        ({"TRACES_ENDPOINT": "http://tempo:4318/v1/traces"}, "http://tempo:4318/v1/traces"),
        ({"TRACES_ENDPOINT": "http://tempo/x", "ENDPOINT": "http://collector:4318"}, "http://tempo/x"),
        ({"ENDPOINT": "http://c", "PROTOCOL": "grpc", "TRACES_PROTOCOL": "http/protobuf"}, "http://c/v1/traces"),
        ({"PROTOCOL": "grpc"}, ""),
        ({"ENDPOINT": "http://c", "PROTOCOL": "grpc", "EXPORTER": "none"}, ""),
        ({"ENDPOINT": "127.0.0.1:4318"}, None),
        ({"ENDPOINT": "collector:4318"}, None),
        ({"ENDPOINT": "grpc://collector:4317"}, None),
        ({"ENDPOINT": "http://collector:4318/v1/traces"}, None),
        ({"ENDPOINT": "http://collector:4318/v1/traces/"}, None),
        ({"TRACES_ENDPOINT": "tempo:4318/v1/traces"}, None),
        ({"ENDPOINT": "http://c", "PROTOCOL": "grpc"}, None),
        ({"ENDPOINT": "http://c", "PROTOCOL": "http/json"}, None),
        ({"TRACES_ENDPOINT": "http://c", "TRACES_PROTOCOL": "grpc"}, None),
        ({"ENDPOINT": "http://c", "EXPORTER": "console"}, None),
    ],
)
def test_where_traces_go(given: dict[str, str], target: str | None) -> None:
    """The usual variables are obeyed; what can't be stops the start, and is named."""
    names = {"EXPORTER": "OTEL_TRACES_EXPORTER"}
    variables: dict[str, object] = {
        names.get(name, f"OTEL_EXPORTER_OTLP_{name}"): value for name, value in given.items()
    }
    if target is not None:
        assert load_settings(_env_file=None, **variables).traces_go_to == target
        return
    with pytest.raises(ConfigurationError) as caught:
        load_settings(_env_file=None, **variables)
    assert [line.partition(":")[0] in variables for line in caught.value.mistakes] == [True]


@pytest.mark.embedded_only
async def test_what_opentelemetry_refuses(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that it reads by itself, and can't: the start is refused in one line, as for ours."""

    def refuse(*_: object, **__: object) -> None:
        raise ValueError("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT must be a non-negative integer but got x")

    monkeypatch.setattr("opentelemetry.sdk.trace.TracerProvider", refuse)
    with pytest.raises(ConfigurationError, match="OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"):
        async with tracing.opened(settings, InMemorySpanExporter()):
            pass


async def test_logs_name_the_trace(ada: Person, client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    """A line that a request writes says which trace it is of, the caller's own; one of no request says none."""
    said, logger = [io.StringIO(), io.StringIO()], logging.getLogger("latchkey.events")
    handlers = [logging.StreamHandler(stream) for stream in said]
    for handler, formatter in zip(handlers, (JsonFormatter(), ReadableFormatter()), strict=True):
        handler.setFormatter(formatter)
        logger.addHandler(handler)
    log_event("before.it")
    wrong = {"username": ada.email, "password": "wrong"}
    await client.post("/api/auth/login", data=wrong, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    for handler in handlers:
        logger.removeHandler(handler)
    before, *_, failed = [json.loads(line) for line in said[0].getvalue().splitlines()]
    assert "trace_id" not in before
    assert (failed["event"], failed["trace_id"]) == ("login.failed", TRACE)
    request = by_name(spans)["POST /api/auth/login"]
    assert request.context
    assert failed["span_id"] == f"{request.context.span_id:016x}"
    assert f"trace_id={TRACE}" in said[1].getvalue().splitlines()[-1]
