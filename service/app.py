"""The application: middleware, blueprints by name, the error renderer, the lifecycle."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from importlib import import_module
from typing import Any

import orjson
from sanic import Sanic
from sanic.response import BaseHTTPResponse

from service import __version__
from service.core import patience
from service.core.http.cors import Cors
from service.core.http.methods import add_head_and_options
from service.core.http.oauth_errors import is_oauth
from service.core.http.operations import configure as configure_documents
from service.core.http.problems import ProblemRenderer
from service.core.http.refusals import MINUTE, note_refusal, refusals_of, scene, scene_of
from service.core.http.requests import LatchkeyRequest, client_ip
from service.core.process.channel import first_of_its_instance
from service.core.process.ticking import Work, logged, ticking
from service.core.telemetry import metrics, tracing
from service.core.telemetry.logs import configure_logging, log_event, request_id
from service.core.wire.answers import Standing
from service.core.wire.application import StrictSanic
from service.feature import Feature
from service.feature.doctor import examine_at_start
from service.features import all_features, compose, read_settings
from service.runtime import Runtime, demand_secret, open_runtime
from service.sessions import possession_transport
from service.sessions.watch import SessionWatch
from service.settings import Settings

BODY_LIMIT_BYTES = 64 * 1024
RESPONSE_SECONDS = 20.0
LAST_WORDS_SECONDS = 2.0

SOON = ("email_validator",)
"""What the first log-in needs and a start doesn't: loaded beside the first requests, so that no log-in waits for it."""

TOKEN_ENDPOINTS = frozenset({"/api/auth/login", "/api/auth/refresh"})
"""Where OAuth 2 clients ask for tokens: what RFC 6749 sections 5.1 and 5.2 want of the answers is there too."""

EXPOSED_HEADERS = (
    "link", "x-total-count", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id", "dpop-nonce",
    "www-authenticate", "date",  # by it a page whose clock is wrong signs proofs
)  # fmt: skip
# What programs that trace put into a page's calls: without leave for them the preflight fails, and nobody logs in.
TRACE_HEADERS = (
    "traceparent", "tracestate", "baggage",  # W3C, OpenTelemetry
    "sentry-trace", "elastic-apm-traceparent", "newrelic", "uber-trace-id", "x-amzn-trace-id", "x-cloud-trace-context",
    "request-id", "request-context", "correlation-context",  # Application Insights
    "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags",  # Zipkin
    "x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority", "x-datadog-tags",
)  # fmt: skip
ALLOWED_HEADERS = (
    "authorization", "content-type", "x-request-id", "x-requested-with", "x-session-transport", "dpop", *TRACE_HEADERS,
)  # fmt: skip

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Origin",
}


def create_app(settings: Settings | None = None, runtime: Runtime | None = None) -> StrictSanic:
    """Build the application. It opens its runtime when it starts, unless it is given one; then the giver closes it."""
    settings = settings or (runtime.settings if runtime else read_settings())
    app = StrictSanic(
        "latchkey",
        error_handler=ProblemRenderer(token_endpoints=TOKEN_ENDPOINTS),
        request_class=LatchkeyRequest,
        dumps=partial(orjson.dumps, default=str),
        loads=orjson.loads,
        configure_logging=False,
        strict_slashes=False,
    )
    configure_logging(settings)
    features = all_features(settings.FEATURES)
    configure_documents(app, title=settings.PROJECT_NAME, version=__version__)
    app.config.update(
        REQUEST_MAX_SIZE=BODY_LIMIT_BYTES,
        SILENT_TIMEOUT=10,
        REQUEST_TIMEOUT=10,
        RESPONSE_TIMEOUT=RESPONSE_SECONDS,
        UNREAD_TIMEOUT=10,
        KEEP_ALIVE_TIMEOUT=75,
        ACCESS_LOG=False,
    )
    app.watch_connections(stores=settings.DATABASE_POOL_SIZE + settings.REDIS_POOL_SIZE, proxies=settings.PROXIES_COUNT)
    compose(app, settings, features)
    add_head_and_options(app)
    _add_middleware(app, settings)
    _add_lifecycle(app, settings, features, runtime)
    return app


def _add_middleware(app: Sanic[Any, Any], settings: Settings) -> None:
    strict = settings.strict_transport
    standing = Standing(_HEADERS | ({"Strict-Transport-Security": strict} if strict else {}))
    cors = Cors(settings.admits, own=settings.public_origin, allowed=ALLOWED_HEADERS, exposed=EXPOSED_HEADERS)

    async def begin(request: LatchkeyRequest) -> None:
        request_id.set(request.id)
        patience.begin()
        scene.set(scene_of(request))
        if tracing.wanted():
            request.ctx.span = tracing.begin(request.headers.get("traceparent"), request.method)
        # Also where the handler has no use for it, and where there is no handler: what is left unread would end the
        # connection, or its beginning be taken for the next request.
        if request.stream.request_body:
            await request.receive_body()
        if request.body or request.query_string:  # who has sent too much nonsense isn't read for a while
            refusals_of(request).demand_sense(settings, client_ip(request, settings.PROXIES_COUNT))
        if request.route is not None:  # else there is no such call: 404 or 405, whatever is shown
            possession_transport.take_proof(request, _gives_tokens)

    async def finish(request: LatchkeyRequest, response: BaseHTTPResponse) -> None:
        headers = response.headers
        if headers or "origin" in request.headers:
            _complete(cors, request, response)
        more = "Pragma: no-cache\r\n" if _gives_tokens(request) else ""
        more += possession_transport.next_nonce(request)
        request.stream.standing = f"{standing.beside(headers)}{more}X-Request-ID: {request.id}\r\n"
        seconds = time.perf_counter() - request.began
        route = request.route.path if request.route else None  # the template: paths may hold anything
        shown = metrics.template(route) if route else None
        metrics.answered(shown, request.method, response.status, seconds)
        if settings.ACCESS_LOG:
            log_event(
                "request", method=request.method, route=route, status=response.status, ms=round(seconds * 1000, 1)
            )
        if span := getattr(request.ctx, "span", None):  # after the line, which names the trace
            span.end(shown, request.method, response.status)

    app.register_middleware(begin, "request", priority=100)
    app.register_middleware(finish, "response", priority=-100)


def _gives_tokens(request: LatchkeyRequest) -> bool:
    """Return whether libraries that speak OAuth 2 ask for tokens there."""
    return request.path in TOKEN_ENDPOINTS or is_oauth(request.path)


def _complete(cors: Cors, request: LatchkeyRequest, response: BaseHTTPResponse) -> None:
    """Mend what Sanic says of methods, and add what a page of another origin needs."""
    if "allow" in response.headers:
        response.headers["Allow"] = ", ".join(sorted(set(re.findall(r"\w+", response.headers["allow"]))))
    cors.apply(request, response)
    if origin := cors.foreign(request):
        note_refusal(request, "refused.origin", origin)


def _beside_requests(features: Sequence[Feature], runtime: Runtime) -> Iterator[tuple[float, Work]]:
    """Every so many seconds, what is done."""
    yield MINUTE, runtime.refusals.sum_up
    for feature in features:
        for task in feature.background:
            yield task.seconds, partial(task.work, runtime)


async def _load(module: str) -> None:
    await asyncio.to_thread(import_module, module)


def _add_lifecycle(
    app: Sanic[Any, Any], settings: Settings, features: Sequence[Feature], runtime: Runtime | None
) -> None:
    stack = AsyncExitStack()
    background: list[asyncio.Task[None]] = []
    stopping = asyncio.Event()

    async def start(app: Sanic[Any, Any]) -> None:
        if runtime is not None:
            opened = runtime
        else:
            opened = await stack.enter_async_context(open_runtime(settings, features))
            await demand_secret(opened, serves=True)
        app.ctx.runtime = opened
        app.ctx.session_watch = SessionWatch(opened)
        await stack.enter_async_context(tracing.opened(settings))
        background.extend(
            asyncio.create_task(ticking(stopping, seconds, work))
            for seconds, work in _beside_requests(features, opened)
        )
        for alongside in [feature.alongside for feature in features if feature.alongside and runtime is None]:
            await stack.enter_async_context(alongside(opened))

    async def hang_up(app: Sanic[Any, Any]) -> None:
        await app.ctx.session_watch.close()

    async def stop(app: Sanic[Any, Any]) -> None:
        stopping.set()
        app.ctx.crowd.close()
        if background:
            _, late = await asyncio.wait(background, timeout=LAST_WORDS_SECONDS)
            for task in late:  # a store is away; the end doesn't wait for it
                task.cancel()
        await stack.aclose()

    async def ready(app: Sanic[Any, Any]) -> None:
        log_event("started", environment=settings.ENVIRONMENT, version=__version__)
        background.extend(asyncio.create_task(logged(partial(_load, module))) for module in SOON)
        if first_of_its_instance():
            background.append(asyncio.create_task(logged(partial(examine_at_start, app.ctx.runtime, features))))

    app.before_server_start(start)
    app.after_server_start(ready)
    app.before_server_stop(hang_up)
    app.after_server_stop(stop)
