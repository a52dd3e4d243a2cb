"""Part: from the UNLINK of a session's key to the first 401, in every worker; nothing may be accepted afterwards.

A plain socket sends the UNLINK to Redis, as `redis-cli` does. The moment it is answered, each worker is asked, which
has answered for that session from its memory just before.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import jwt
import psutil  # type: ignore[import-untyped]  # ships no types

from bench.burst import Client
from bench.grounds import Grounds, Line
from bench.stage import BenchFailed, Server

WORKERS = 2
TIMES = 300
WARM = 3  # calls before: the first two reach Redis
MOST_CONNECTIONS = 64


@dataclass
class Seen:
    """What was seen: seconds from the UNLINK, sent, to each worker's 401, and what was accepted after its answer."""

    seconds: list[float]
    accepted: int = 0
    others: int = 0


def lag(ground: Grounds) -> list[Line]:
    """Delete sessions by a socket of our own, and ask each worker at once."""
    times = max(5, int(TIMES * min(1.0, ground.options.seconds / 2.5)))
    files = ground.seed(times, times)
    with ground.serving("lag", WEB_CONCURRENCY=str(WORKERS)) as (server, _):
        requests = [json.loads(line).encode() for line in Path(files["me"]).read_text("utf-8").splitlines()]
        seen = asyncio.run(_watch(server, ground.redis.url, requests))
        found = sorted(seen.seconds)
    return [
        Line(f"revocation, {times} times, {WORKERS} workers: UNLINK to 401, p50", found[len(found) // 2] * 1000, "ms"),
        Line("revocation: UNLINK to 401, p99", found[len(found) * 99 // 100] * 1000, "ms"),
        Line("revocation: accepted after it", seen.accepted, "", "0"),
        Line("revocation: other answers", seen.others, "", "0"),
    ]


async def _watch(server: Server, url: str, requests: list[bytes]) -> Seen:
    workers = await _one_to_each(server)
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    seen = Seen([])
    for request in requests:
        for _ in range(WARM):
            for worker in workers:
                status, _ = await worker.ask(request)
                seen.others += status != 200
        key = _key(request)
        began = perf_counter()
        writer.write(f"*2\r\n$6\r\nUNLINK\r\n${len(key)}\r\n{key}\r\n".encode())
        if await reader.readline() != b":1\r\n":
            raise BenchFailed("the session's key was not there")

        async def ask(worker: Client, request: bytes = request, began: float = began) -> int:
            status, _ = await worker.ask(request)
            if status == 401:
                seen.seconds.append(perf_counter() - began)
            return status

        statuses = await asyncio.gather(*(ask(worker) for worker in workers))
        seen.accepted += statuses.count(200)
        seen.others += sum(status not in (200, 401) for status in statuses)
    for worker in workers:
        worker.close()
    writer.close()
    return seen


async def _one_to_each(server: Server) -> list[Client]:
    """Open connections until there is one to each worker: the system says whose they are."""
    mine: dict[int, Client] = {}
    opened: list[Client] = []
    while len(mine) < WORKERS and len(opened) < MOST_CONNECTIONS:
        client = Client(server.port)
        await client.open()
        opened.append(client)
        assert client.writer is not None
        await client.ask(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")  # so that it has been accepted
        port = client.writer.get_extra_info("sockname")[1]
        for process in psutil.Process(server.pid).children(recursive=True):
            if any(one.raddr and one.raddr.port == port for one in process.net_connections("tcp")):
                mine.setdefault(process.pid, client)
    for client in opened:
        if client not in mine.values():
            client.close()
    if len(mine) < WORKERS:
        raise BenchFailed("no connection to one of the workers")
    return list(mine.values())


def _key(request: bytes) -> str:
    token = request.split(b"Bearer ")[1].split(b"\r\n")[0].decode()
    claims = jwt.decode(token, options={"verify_signature": False})
    return f"user:{{{claims['sub']}}}:session:{claims['sid']}"
