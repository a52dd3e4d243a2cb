"""Traces with OpenTelemetry: requests, and in them what the stores and the hashing took. An extra, off by default.

They say which route, which script, which statement; never a value, a path or an error's text. Without
an endpoint for them, or without the extra `tracing`, the cost is one look at a variable.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from service import __version__
from service.core.telemetry.logs import log_event, name_traces
from service.settings import Settings
from service.settings.checks import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

EXPORT_SECONDS = 3
_NOTHING: AbstractContextManager[None] = nullcontext()
_tracer: Tracer | None = None  # one for the process, as the registry of metrics is


def span(name: str, **attributes: str) -> AbstractContextManager[None]:
    """Time a part of the request under way, as a context manager. Outside a request it does nothing."""
    if _tracer is None:
        return _NOTHING
    from opentelemetry.trace import get_current_span

    return _part(_tracer, name, attributes) if get_current_span().is_recording() else _NOTHING


def statement(call: Sequence[Any]) -> AbstractContextManager[None]:
    """Time a statement, the first argument of `call`. Its values are other arguments, and not looked at."""
    if _tracer is None or not call or not isinstance(call[0], str):
        return _NOTHING
    return span(call[0].split(None, 1)[0], **{"db.query.text": call[0]})


@contextmanager
def _part(tracer: Tracer, name: str, attributes: dict[str, str]) -> Iterator[None]:
    from opentelemetry.trace import SpanKind, StatusCode

    with tracer.start_as_current_span(
        name, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)  # its text may hold values
            current.set_status(StatusCode.ERROR)
            raise


class RequestSpan:
    """A request's span, begun by one middleware and ended by another."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span, token: Any) -> None:
        """Take what `begin` has made."""
        self._span, self._token = span, token

    def end(self, route: str | None, method: str, status: int) -> None:
        """Name it by the route's template, and end it."""
        from opentelemetry.context import detach
        from opentelemetry.trace import StatusCode

        self._span.update_name(f"{method} {route}" if route else "no route")
        self._span.set_attribute("http.route", route or "")
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_status(StatusCode.ERROR)
        detach(self._token)
        self._span.end()


def _ids() -> dict[str, str]:
    """Return which trace and which span this is in, as logs call them; nothing outside of a request."""
    from opentelemetry.trace import get_current_span

    context = get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


def wanted() -> bool:
    """Whether anything is traced."""
    return _tracer is not None


def begin(traceparent: str | None, method: str) -> RequestSpan | None:
    """Begin a request's span, as a part of the caller's trace if it names one (W3C Trace Context). None: no tracing."""
    if _tracer is None:
        return None
    from opentelemetry.context import Context, attach
    from opentelemetry.trace import SpanKind, set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": traceparent} if traceparent else {}
    parent = TraceContextTextMapPropagator().extract(carrier, context=Context())
    attributes = {"http.request.method": method}
    started = _tracer.start_span("request", context=parent, kind=SpanKind.SERVER, attributes=attributes)
    return RequestSpan(started, attach(set_span_in_context(started, parent)))


def _provider(target: str, exporter: SpanExporter | None) -> TracerProvider:
    """Return what makes spans and sends them. Raises ImportError without the extra, ValueError for its variables."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes before what we call ourselves.
    own = {"service.name": "latchkey", "service.version": __version__}
    resource = Resource.create({**own, **OTELResourceDetector().detect().attributes})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    if exporter is None:
        sender = OTLPSpanExporter(target, timeout=EXPORT_SECONDS)
        provider.add_span_processor(BatchSpanProcessor(sender))
    else:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


@asynccontextmanager
async def opened(settings: Settings, exporter: SpanExporter | None = None) -> AsyncIterator[None]:
    """Trace while the block runs, if the settings say where to. Tests give an exporter, which gets spans at once."""
    global _tracer  # noqa: PLW0603 - stores are asked from everywhere, and none of them knows the application
    if exporter is None and not settings.traces_go_to:
        yield
        return
    try:
        provider = _provider(settings.traces_go_to, exporter)
    except ImportError:
        log_event("tracing.not_installed", logging.WARNING)
        yield
        return
    except ValueError as error:  # a limit that is no number, say: variables that OpenTelemetry reads by itself
        raise ConfigurationError([f"OTEL_…: OpenTelemetry says: {error}"]) from None
    _tracer = provider.get_tracer("latchkey", __version__)
    name_traces(_ids)
    try:
        yield
    finally:
        name_traces(None)
        _tracer = None
        with suppress(TimeoutError):  # a collector that is away doesn't hold the end up
            await asyncio.wait_for(asyncio.to_thread(provider.shutdown), EXPORT_SECONDS + 1)
