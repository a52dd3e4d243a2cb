"""The application: middleware, blueprints by name, the error renderer, the lifecycle."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import orjson
from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse
from sanic_ext.extensions.http.extension import HTTPExtension

from service import __version__
from service.admin import statistics
from service.admin.events_routes import blueprint as admin_events
from service.admin.statistics_routes import blueprint as admin_statistics
from service.auth.routes import blueprint as auth
from service.confirmations.routes import blueprint as account
from service.confirmations.well_known_routes import blueprint as well_known
from service.core.http.cors import Cors
from service.core.http.problems import ProblemRenderer
from service.core.http.refusals import MINUTE, note_refusal, refusals_of, scene, scene_of
from service.core.http.requests import LatchkeyRequest, client_ip
from service.core.process.listening import first_of_its_instance
from service.core.process.ticking import logged, ticking
from service.core.telemetry import metrics, tracing
from service.core.telemetry.logs import configure_logging, log_event, request_id
from service.core.wire.application import StrictSanic
from service.devices.routes import blueprint as sessions
from service.devices.stream_routes import blueprint as session_stream
from service.documents.openapi import configure as configure_documents
from service.documents.routes import blueprint as documents
from service.frontend.mounting import serve_frontend
from service.jwks.routes import blueprint as keys
from service.ops.doctor import examine_at_start
from service.ops.metrics_routes import blueprint as metrics_page
from service.ops.routes import blueprint as ops
from service.ops.sampling import SECONDS as SAMPLE_SECONDS
from service.ops.sampling import sample
from service.post import worker
from service.post.mailbox_routes import offer_mailbox
from service.runtime import Runtime, open_runtime
from service.sessions.watch import SessionWatch
from service.settings import Settings, load_settings
from service.users.admin_routes import blueprint as users
from service.users.routes import blueprint as users_me

BODY_LIMIT_BYTES = 64 * 1024
GRACE_SECONDS = 12.0
RESPONSE_SECONDS = 20.0
STATISTICS_SECONDS = 60.0
LAST_WORDS_SECONDS = 2.0

TOKEN_ENDPOINTS = frozenset({"/api/auth/login", "/api/auth/refresh"})
"""Where OAuth 2 clients ask for tokens: what RFC 6749 sections 5.1 and 5.2 want of the answers is there too."""

EXPOSED_HEADERS = ("link", "x-total-count", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id")
ALLOWED_HEADERS = ("authorization", "content-type", "x-request-id", "x-session-transport")

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


def create_app(settings: Settings | None = None, runtime: Runtime | None = None) -> Sanic[Any, Any]:
    """Build the application. It opens its runtime when it starts, unless it is given one; then the giver closes it."""
    settings = settings or (runtime.settings if runtime else load_settings())
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
    configure_documents(app, title=settings.PROJECT_NAME, version=__version__)
    app.config.update(
        REQUEST_MAX_SIZE=BODY_LIMIT_BYTES,
        SILENT_TIMEOUT=10,
        REQUEST_TIMEOUT=10,
        RESPONSE_TIMEOUT=RESPONSE_SECONDS,
        UNREAD_TIMEOUT=10,
        KEEP_ALIVE_TIMEOUT=75,
        GRACEFUL_SHUTDOWN_TIMEOUT=GRACE_SECONDS,
        ACCESS_LOG=False,
        CORS=False,  # sanic-ext's own: service.core.http.cors says why
        HTTP_AUTO_TRACE=False,
    )
    # HEAD and OPTIONS are all that is used of sanic-ext at run time: left to itself it would also look through every
    # request for arguments to inject.
    app.extend(extensions=[HTTPExtension], built_in_extensions=False)
    app.watch_connections(stores=settings.DATABASE_POOL_SIZE + settings.REDIS_POOL_SIZE, proxies=settings.PROXIES_COUNT)
    for blueprint in (auth, account, well_known, users_me, users, sessions, session_stream, keys, ops):
        app.blueprint(blueprint)
    for blueprint in (admin_events, admin_statistics):
        app.blueprint(blueprint)
    if settings.METRICS_TOKEN:
        app.blueprint(metrics_page)
    if not settings.production:
        offer_mailbox(app)
    if settings.DOCS_ENABLED:
        app.blueprint(documents)
    serve_frontend(app, settings)
    _add_middleware(app, settings)
    _add_lifecycle(app, settings, runtime)
    return app


def _add_middleware(app: Sanic[Any, Any], settings: Settings) -> None:
    headers = _HEADERS | ({"Strict-Transport-Security": _STRICT_TRANSPORT} if settings.production else {})
    cors = Cors(
        settings.BACKEND_CORS_ORIGINS, own=settings.public_origin, allowed=ALLOWED_HEADERS, exposed=EXPOSED_HEADERS
    )

    async def begin(request: LatchkeyRequest) -> None:
        request_id.set(str(request.id))
        scene.set(scene_of(request))
        request.ctx.began = time.perf_counter()
        request.ctx.span = tracing.begin(request.headers.get("traceparent"), request.method)
        # Also where the handler has no use for it, and where there is no handler: what is left unread would end the
        # connection, or its beginning be taken for the next request.
        await request.receive_body()
        if request.body or request.query_string:  # who has sent too much nonsense isn't read for a while
            refusals_of(request).demand_sense(settings, client_ip(request, settings.PROXIES_COUNT))

    async def finish(request: Request, response: BaseHTTPResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-ID"] = str(request.id)
        if request.path in TOKEN_ENDPOINTS:
            response.headers["Pragma"] = "no-cache"
        if "allow" in response.headers:
            response.headers["Allow"] = ", ".join(sorted(set(re.findall(r"\w+", response.headers["allow"]))))
        cors.apply(request, response)
        if origin := cors.foreign(request):
            note_refusal(request, "refused.origin", origin)
        seconds = time.perf_counter() - getattr(request.ctx, "began", time.perf_counter())
        route = request.route.path if request.route else None  # the template: paths may hold anything
        shown = metrics.template(route) if route else None
        metrics.answered(shown, request.method, response.status, seconds)
        if span := getattr(request.ctx, "span", None):
            span.end(shown, request.method, response.status)
        if settings.ACCESS_LOG:
            log_event(
                "request", method=request.method, route=route, status=response.status, ms=round(seconds * 1000, 1)
            )

    app.register_middleware(begin, "request", priority=100)
    app.register_middleware(finish, "response", priority=-100)


def _add_lifecycle(app: Sanic[Any, Any], settings: Settings, runtime: Runtime | None) -> None:
    stack = AsyncExitStack()
    background: list[asyncio.Task[None]] = []
    stopping = asyncio.Event()

    async def start(app: Sanic[Any, Any]) -> None:
        opened = await stack.enter_async_context(open_runtime(settings)) if runtime is None else runtime
        app.ctx.runtime = opened
        app.ctx.session_watch = SessionWatch(opened)
        await stack.enter_async_context(tracing.opened(settings))
        for seconds, work in ((STATISTICS_SECONDS, statistics.flush), (SAMPLE_SECONDS, sample)):
            background.append(asyncio.create_task(ticking(stopping, seconds, partial(work, opened))))
        background.append(asyncio.create_task(ticking(stopping, MINUTE, opened.refusals.sum_up)))
        if runtime is None and settings.runs_worker:
            await stack.enter_async_context(worker.running(opened))

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
        if first_of_its_instance():
            background.append(asyncio.create_task(logged(partial(examine_at_start, app.ctx.runtime))))

    app.before_server_start(start)
    app.after_server_start(ready)
    app.before_server_stop(hang_up)
    app.after_server_stop(stop)
