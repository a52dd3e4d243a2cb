"""What to compare with: servers that do one thing, `python -m bench.limits NAME`, and the password hash alone.

They are served exactly as the service is, by `service.core.process.listening`, and have no middleware.
No postponed annotations here: Sanic's extensions look up those of the handlers among the module's names.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import asyncpg
import orjson
from redis.asyncio import Redis
from sanic import HTTPResponse, Request

from bench.generator import percentiles
from service.accounts.views import USER_EXAMPLE
from service.core.passwords.argon2id import Argon2id
from service.core.passwords.hashing import MEMORY_KIB, PASSES
from service.core.process.channel import inherited_socket
from service.core.process.listening import serve
from service.core.process.sockets import listen
from service.core.process.workers import supervise
from service.core.wire.application import StrictSanic

REDIS_KEY = "bench"
PATH = "/limit"
MOST_CONNECTIONS = 256  # redis-py would refuse the 101st
ANSWER = orjson.dumps(USER_EXAMPLE).decode()
ANY_USER = "SELECT id FROM users LIMIT 1"
READ_USER = "SELECT id::text, email FROM users WHERE id = $1"


def make_app(name: str) -> StrictSanic:
    """Return the server that only answers `constant`ly, from `redis` or from `postgres`."""
    app = StrictSanic("limit", configure_logging=False)
    app.config.update(ACCESS_LOG=False, AUTO_EXTEND=False, KEEP_ALIVE_TIMEOUT=75)
    app.watch_connections(stores=MOST_CONNECTIONS, proxies=0)
    {"constant": _answer_constantly, "redis": _answer_from_redis, "postgres": _answer_from_postgres}[name](app)
    return app


def _answer_constantly(app: StrictSanic) -> None:
    @app.get(PATH)
    async def answer(_: Request) -> HTTPResponse:
        return HTTPResponse(ANSWER, content_type="application/json")


def _answer_from_redis(app: StrictSanic) -> None:
    @app.before_server_start
    async def connect(_: object) -> None:
        app.ctx.redis = Redis.from_url(os.environ["REDIS_URL"], max_connections=MOST_CONNECTIONS)

    @app.get(PATH)
    async def answer(_: Request) -> HTTPResponse:
        return HTTPResponse(await app.ctx.redis.get(REDIS_KEY), content_type="application/json")


def _answer_from_postgres(app: StrictSanic) -> None:
    @app.before_server_start
    async def connect(_: object) -> None:
        # As the service's own pool: no reset query after each use, which would double the round trips.
        app.ctx.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10, reset=_nothing)
        app.ctx.user_id = None  # there is no user yet

    @app.get(PATH)
    async def answer(_: Request) -> HTTPResponse:
        if app.ctx.user_id is None:
            app.ctx.user_id = await app.ctx.pool.fetchval(ANY_USER)
        found = await app.ctx.pool.fetchrow(READ_USER, app.ctx.user_id)
        return HTTPResponse(f'{{"id":"{found[0]}","email":"{found[1]}"}}', content_type="application/json")


async def _nothing(_: object) -> None:
    pass


def hash_for(seconds: float) -> dict[str, Any]:
    """Verify a password, with the service's parameters, on as many threads as there are cores, by libsodium."""
    hasher = Argon2id(memory_kib=MEMORY_KIB, passes=PASSES)
    hashed = hasher.hash("correct horse battery")
    deadline = perf_counter() + seconds

    def verify() -> list[float]:
        latencies, now = [], perf_counter()
        while now < deadline:
            if not hasher.verify(hashed, "correct horse battery"):
                raise RuntimeError("a password was wrong")
            latencies.append(-now + (now := perf_counter()))
        return latencies

    threads = os.cpu_count() or 1
    started = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        found = [thread.result() for thread in [pool.submit(verify) for _ in range(threads)]]
    latencies = [latency for thread in found for latency in thread]
    took = perf_counter() - started
    return {"seconds": took, "completed": len(latencies), "answers": len(latencies), **percentiles(latencies)}


def main() -> None:
    """Serve the limit that is named on the command line, on PORT, with WEB_CONCURRENCY workers."""
    name, workers = sys.argv[1], int(os.environ["WEB_CONCURRENCY"])
    sock = inherited_socket()
    if sock is None:
        socks = listen("127.0.0.1", int(os.environ["PORT"]), workers)
        if workers > 1:
            raise SystemExit(supervise([sys.executable, "-m", "bench.limits", name], socks))
        sock = socks[0]
    serve(make_app(name), sock)


if __name__ == "__main__":
    main()
