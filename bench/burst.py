"""A burst, and more than can be borne: what is answered, how late, what is shed? `python -m bench.burst`.

An instance that has just said it is ready gets 32, 128 and 512 connections at once, each with a call at the same moment
(`GET /api/users/me`): nothing is wrong, so none may be answered 503. Then its capacity is measured,
and requests come at four times that rate for some seconds, whether the earlier ones are answered or not, while a client
looks at `/api/health` ten times a second.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import httpx

from tests.servers import Postgres, Redis
from tests.support.people import PASSWORD
from tests.support.process import latchkey, serving
from tests.support.stores import GENEROUS, SECRET

BURSTS = (32, 128, 512)
CALLS = 6  # of each connection, one after the other
OVERLOAD = 4
OVERLOAD_SECONDS = 4.0
MOST_OPEN = 900  # connections of the overload at once; who finds none is counted as not sent
USERS = 16


@dataclass
class Answers:
    """What came back: statuses, and the seconds that each took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: dict[int, list[float]] = field(default_factory=dict)

    def note(self, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        self.seconds.setdefault(status, []).append(seconds)

    def at(self, status: int, share: float) -> float:
        found = sorted(self.seconds.get(status, [0.0]))
        return found[min(len(found) - 1, int(share * len(found)))]

    def __str__(self) -> str:
        return "; ".join(
            f"{status or 'no answer'}: {count} (p50 {self.at(status, 0.5):.3f} s, p99 {self.at(status, 0.99):.3f} s)"
            for status, count in sorted(self.statuses.items())
        )


@dataclass
class Client:
    """A connection that sends a request when the last one is answered."""

    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and read its answer: status and body; 0 where there is none."""
        assert self.reader is not None
        assert self.writer is not None
        with suppress(OSError, asyncio.IncompleteReadError):
            self.writer.write(request)
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
            )
            return int(head[9:12]), await self.reader.readexactly(length)
        return 0, b""

    def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()


def get(path: str, token: str = "") -> bytes:
    """Return a GET request."""
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{bearer}\r\n".encode()


def settings_of(postgres: Postgres, redis: Redis) -> dict[str, str]:
    """Return the settings of an instance with the pools that it has by default."""
    return {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "PUBLIC_URL": "http://localhost:8000",  # one issuer, whatever their ports
        "SECRET_KEY": SECRET,
        "MAX_SESSIONS_PER_USER": "1000",
        **GENEROUS,
    }


async def tokens(url: str) -> list[str]:
    """Register users, and return an access token of each."""
    found = []
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
        for number in range(USERS):
            email = f"burst{number}@example.com"
            await http.post("/api/auth/register", json={"email": email, "password": PASSWORD})
            answer = await http.post("/api/auth/login", data={"username": email, "password": PASSWORD})
            found.append(answer.json()["access_token"])
    return found


async def burst(port: int, requests: Sequence[bytes], connections: int, calls: int = CALLS) -> Answers:
    """Open connections, let them all call at the same moment, and some times more when they are answered."""
    found = Answers()
    clients = [Client(port) for _ in range(connections)]
    await asyncio.gather(*(client.open() for client in clients))

    async def call(client: Client, number: int) -> None:
        for turn in range(calls):
            began = perf_counter()
            status, _ = await client.ask(requests[(number + turn) % len(requests)])
            found.note(status, perf_counter() - began)
        client.close()

    await asyncio.gather(*(call(client, number) for number, client in enumerate(clients)))
    return found


async def overload(port: int, request: bytes, rate: float, seconds: float) -> tuple[Answers, Answers, int]:
    """Send requests at a rate, whatever becomes of them, and look at health. Return also how many weren't sent."""
    found, health, unsent = Answers(), Answers(), 0
    free = [Client(port) for _ in range(MOST_OPEN)]
    await asyncio.gather(*(client.open() for client in free))
    looking = Client(port)
    await looking.open()
    tasks: set[asyncio.Task[None]] = set()

    async def call(client: Client) -> None:
        began = perf_counter()
        status, _ = await client.ask(request)
        found.note(status, perf_counter() - began)
        free.append(client)

    async def look() -> None:
        while True:
            began = perf_counter()
            status, _ = await looking.ask(get("/api/health"))
            health.note(status, perf_counter() - began)
            await asyncio.sleep(0.1)

    watch = asyncio.create_task(look())
    began, sent = perf_counter(), 0
    while (passed := perf_counter() - began) < seconds:
        for _ in range(int(passed * rate) - sent):
            sent += 1
            if free:
                task = asyncio.create_task(call(free.pop()))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            else:
                unsent += 1
        await asyncio.sleep(0.005)
    await asyncio.gather(*tasks)
    watch.cancel()
    for client in (*free, looking):
        client.close()
    return found, health, unsent


@contextmanager
def stores() -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Redis, the tables in place."""
    with Postgres.start() as postgres, Redis.start() as redis:
        env = settings_of(postgres, redis)
        done = latchkey("db", "upgrade", **env)
        assert done.returncode == 0, done.stderr
        yield env


def main() -> None:
    """Show the figures; end with 1 where a burst met a 503."""
    failed = False
    with stores() as env, tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with serving(directory / "first.log", **env) as service:
            access = asyncio.run(tokens(service.url))
        requests = [get("/api/users/me", token) for token in access]
        for connections in BURSTS:
            with serving(directory / f"{connections}.log", **env) as service:
                found = asyncio.run(burst(service.port, requests, connections))
            print(f"{connections} connections on an instance that has just said ready: {found}")
            failed |= set(found.statuses) != {200}
        with serving(directory / "overload.log", **env) as service:
            asyncio.run(burst(service.port, requests, 32, 20))
            began = perf_counter()
            measured = asyncio.run(burst(service.port, requests, 32, 60))
            rate = measured.statuses[200] / (perf_counter() - began)
            found, health, unsent = asyncio.run(overload(service.port, requests[0], OVERLOAD * rate, OVERLOAD_SECONDS))
        print(
            f"{rate:.0f} requests a second with 32 connections; at {OVERLOAD} times that for {OVERLOAD_SECONDS:.0f} s:"
        )
        print(f"  {found}; not sent, all {MOST_OPEN} connections being in use: {unsent}")
        print(f"  /api/health meanwhile: {health}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
