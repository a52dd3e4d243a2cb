"""A small Sanic app under the supervisor, or alone: `python -m tests.serve.sample_app --workers 2 --boot 0.5`.

No postponed annotations here: sanic-ext looks up those of the handlers among the module's names.
"""

import argparse
import asyncio
import logging
import os
import sys
import time
from pathlib import Path

from service.core.process.channel import inherited_socket
from service.core.process.leaving import DRAIN_SECONDS
from service.core.process.listening import serve
from service.core.process.sockets import listen
from service.core.process.workers import FROZEN_SECONDS, GRACE_SECONDS, supervise


def main() -> int:
    """Run as told on the command line; `--workers 0` serves in this very process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--boot", type=float, default=0.0, help="seconds that before_server_start takes")
    parser.add_argument("--held", type=Path, help="before_server_start waits while this file is there")
    parser.add_argument("--fail", action="store_true", help="before_server_start raises")
    parser.add_argument("--drain", type=float, default=DRAIN_SECONDS)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--frozen", type=float, default=FROZEN_SECONDS)
    parser.add_argument("--grace", type=float, default=GRACE_SECONDS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(name)s: %(message)s")
    if (sock := inherited_socket()) is None:
        socks = listen("127.0.0.1", options.port, max(1, options.workers))
        print(f"port {socks[0].getsockname()[1]}", flush=True)
        if options.workers:
            command = [sys.executable, "-m", "tests.serve.sample_app", *sys.argv[1:]]
            return supervise(command, socks, grace_seconds=options.grace, frozen_seconds=options.frozen)
        sock = socks[0]

    # Imported here only: the parent needs no Sanic, so it takes its signals early and stays small.
    from sanic import HTTPResponse, Request, text

    from service.core.wire.application import StrictSanic

    app = StrictSanic("sample", configure_logging=False)
    app.watch_connections(stores=0, proxies=0)

    @app.get("/pid")
    async def pid(request: Request) -> HTTPResponse:
        return text(str(os.getpid()))

    @app.post("/spend")
    async def spend(request: Request) -> HTTPResponse:
        return text(str(os.getpid()))

    @app.get("/slow")
    async def slow(request: Request) -> HTTPResponse:
        print("asked", flush=True)
        await asyncio.sleep(float(request.args.get("s")))
        return text(str(os.getpid()))

    @app.get("/hang")
    async def hang(request: Request) -> HTTPResponse:
        print("asked", flush=True)
        time.sleep(float(request.args.get("s")))  # noqa: ASYNC251 - it stops the loop, which is what is looked at
        return text(str(os.getpid()))

    @app.get("/ready")
    async def ready(request: Request) -> HTTPResponse:
        return text("", 503 if request.app.ctx.crowd.leaving else 200)

    @app.before_server_start
    async def boot(_: object) -> None:
        print("waiting", flush=True)
        await asyncio.sleep(options.boot)
        while options.held and options.held.exists():  # noqa: ASYNC110 - somebody else takes it away
            await asyncio.sleep(0.02)
        if options.fail:
            raise ValueError("the sample was told to fail")

    @app.after_server_stop
    async def gone(_: object) -> None:
        print("stopped in order", flush=True)

    serve(app, sock, delay_seconds=options.delay, drain_seconds=options.drain)
    return 0


if __name__ == "__main__":
    sys.exit(main())
