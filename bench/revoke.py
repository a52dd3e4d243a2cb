"""`python -m bench.revoke`: end a hundred thousand sessions of many, and see what other traffic notices of it.

A service on a PostgreSQL and a Redis of its own, so many sessions in Redis, and a few clients that call it all the
while, each every 20 ms. Their latency is told for a calm time, and for each revocation: by browser, and by age.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from redis import Redis as Client
from rich.console import Console

from bench.stage import Starter, settings_of
from tests.servers import Postgres, Redis
from tests.support.people import PASSWORD
from tests.support.process import LATCHKEY, environment

CLIENTS = 8
PACE_SECONDS = 0.02
CALM_SECONDS = 8.0
STEP = 2_000
DAY_MS = 86_400_000


def main(
    sessions: Annotated[int, typer.Option(min=1000, help="Sessions in Redis.")] = 200_000,
) -> None:
    """End half of the sessions by browser, and the rest by age, while others call the service."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-bench-")))
        redis, postgres = stack.enter_context(Redis.start()), stack.enter_context(Postgres.start())
        settings = settings_of(postgres, redis, 1)
        start = Starter(stack, directory, settings)
        start.to_its_end("migrate", "service", "db", "upgrade")
        server = start.server("service", "service", "serve")()
        fill(redis.url, sessions)
        asyncio.run(measure(server.port, settings, sessions))


def fill(url: str, sessions: int) -> None:
    """Put sessions into Redis, as log-ins would: half of one browser, all of them forty days old."""
    client = Client.from_url(url)
    now = int(time.time() * 1000)
    for begin in range(0, sessions, STEP):
        pipeline = client.pipeline(transaction=False)
        for number in range(begin, min(begin + STEP, sessions)):
            uid, sid = uuid4(), uuid4()
            made = now - 40 * DAY_MS
            key = f"user:{{{uid}}}:session:{sid}"
            fields: dict[Any, Any] = {
                "gen": 1, "ack": 0, "rotated_at": now, "handed_at": 0, "created_at": made, "valid_from": made,
                "last_used_at": now, "auth_at": made, "expires_at": now + 50 * DAY_MS, "ip": "192.0.2.7",
                "user_agent": "Stolen/1.0" if number % 2 else "Mozilla/5.0 (X11) Firefox/140.0", "amr": "pwd",
            }  # fmt: skip
            pipeline.hset(key, mapping=fields)
            pipeline.pexpire(key, 7 * DAY_MS)
            pipeline.zadd(f"user:{{{uid}}}:sessions", {str(sid): now})
        pipeline.execute()


async def measure(port: int, settings: dict[str, str], sessions: int) -> None:
    """Call the service all the while; tell the latency of each part."""
    console = Console()
    request = await log_in(port)
    latencies: list[float] = []
    stop = asyncio.Event()
    clients = [asyncio.create_task(call(port, request, latencies, stop)) for _ in range(CLIENTS)]
    await asyncio.sleep(2)
    latencies.clear()
    await asyncio.sleep(CALM_SECONDS)
    tell(console, "calm", latencies)
    for name, *options in (("by user agent", "--user-agent", "stolen"), ("by age", "--older-than", "30d")):
        latencies.clear()
        begun = time.perf_counter()
        receipt = await asyncio.to_thread(revoke, settings, *options)
        seconds = time.perf_counter() - begun
        tell(console, f"{name}: {receipt['ended']} ended, {receipt['left']} left, {seconds:.1f} s", latencies)
        assert receipt["ended"] == sessions // 2, receipt
        assert receipt["left"] == 0, receipt
    stop.set()
    await asyncio.gather(*clients)


def revoke(settings: dict[str, str], *options: str) -> dict[str, Any]:
    """Run the command, and return its receipt."""
    command = [*LATCHKEY, "sessions", "revoke", *options, "--yes", "--json"]
    done = subprocess.run(command, env=environment(**settings), capture_output=True, text=True, check=True)
    receipt: dict[str, Any] = json.loads(done.stdout)
    return receipt


async def log_in(port: int) -> bytes:
    """Register and log in; return the request that clients repeat."""
    body = json.dumps({"email": "ada@example.com", "password": PASSWORD})
    head = "POST /api/auth/{} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    for call_name in ("register", "login"):
        writer.write(head.format(call_name, len(body), body).encode())
        answer = await read(reader)
    writer.close()
    token = re.search(rb'"access_token":"([^"]+)"', answer)
    assert token, answer
    return b"GET /api/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token[1] + b"\r\n\r\n"


async def call(port: int, request: bytes, latencies: list[float], stop: asyncio.Event) -> None:
    """Call at a steady pace; every answer has to be 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not stop.is_set():
        gone = time.perf_counter()
        writer.write(request)
        answer = await read(reader)
        latencies.append(time.perf_counter() - gone)
        assert answer.startswith(b"HTTP/1.1 200"), answer
        await asyncio.sleep(PACE_SECONDS)
    writer.close()


async def read(reader: asyncio.StreamReader) -> bytes:
    """Return one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return head + await reader.readexactly(int(length[1]) if length else 0)


def tell(console: Console, what: str, latencies: list[float]) -> None:
    """Print a line."""
    found = sorted(latencies)
    p50, p99 = found[len(found) // 2] * 1000, found[int(len(found) * 0.99)] * 1000
    console.print(f"{what}: {len(found)} calls, p50 {p50:.1f} ms, p99 {p99:.1f} ms")


if __name__ == "__main__":
    typer.run(main)
