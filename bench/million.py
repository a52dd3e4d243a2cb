"""Part: lists and searches among a million users and twenty million events, in the database and by HTTP.

Eight administrators search at once then, and others are to notice nothing.

What the database takes is what its own log says of every statement that a call has sent, all of them together.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import asyncpg
import jwt

from bench.burst import Answers, Client, get
from bench.grounds import Grounds, Line
from bench.seed import users
from bench.stage import BenchFailed

ADMINISTRATORS = 8
TURNS = 6
SESSIONS = 10
TIMES = 5
ORDINARY_SECONDS = 0.02  # between two calls of everybody else
CALLS = {
    "first page": "/api/users?limit=100",
    "newest first": "/api/users?sort=-created_at",
    "by last log-in": "/api/users?sort=-last_login_at",
    "skip=1000": "/api/users?skip=1000",
    "skip=100000": "/api/users?skip=100000",
    "a frequent part": "/api/users?q=gmail.com",
    "a rare part": "/api/users?q=company77.example",
    "a name": "/api/users?q=m%C3%BCller",
    "nobody": "/api/users?q=zzyzx",
    "two letters": "/api/users?q=qz",
    "a letter": "/api/users?q=%D0%B6",
    "marks": "/api/users?is_active=false&email_verified=false",
    "the newest events": "/api/admin/events?limit=100",
    "events of an address": "/api/admin/events?ip=203.0.113.9",
    "events of a frequent type": "/api/admin/events?type=login.failed",
    "events of a rare type": "/api/admin/events?type=user.deleted",
    "events of a request": "/api/admin/events?request_id=none",
}
# Built when the rows are there: in the way that each row takes, it would take ten times as long.
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename IN ('users', 'security_events') AND indexdef NOT LIKE '%UNIQUE%'
"""
_EVENTS = """
INSERT INTO security_events (id, type, created_at, user_id, session_id, ip, user_agent, request_id, detail)
SELECT gen_random_uuid(), CASE WHEN number % 100000 = 0 THEN 'user.deleted' WHEN number % 3 = 0 THEN 'login.failed'
    ELSE 'login.succeeded' END, now() - random() * interval '1 year', gen_random_uuid(), gen_random_uuid(),
    '203.0.' || number % 200 || '.' || number % 251, 'Mozilla/5.0', md5(number::text), '{}'
FROM generate_series(1, $1::bigint) AS number
"""


def million(ground: Grounds) -> list[Line]:
    """Fill the tables, ask for each list, and let eight administrators search at once."""
    options = ground.options
    files = ground.seed(SESSIONS, SESSIONS)
    asyncio.run(_fill(ground, options.million, options.events))
    with ground.serving("million") as (server, _):
        first = json.loads(Path(files["me"]).read_text("utf-8").splitlines()[0])
        token = asyncio.run(_administrator(ground, first))
        return asyncio.run(_measure(ground, server.port, token))


async def _fill(ground: Grounds, count: int, events: int) -> None:
    connection = await asyncpg.connect(ground.postgres.url)
    try:
        indexes = await connection.fetch(_INDEXES)
        for name, _ in indexes:
            await connection.execute(f'DROP INDEX "{name}"')
        await users(ground.postgres.url, max(0, count - ground.users), there=ground.users)
        await connection.execute(_EVENTS, events)
        for _, made in indexes:
            await connection.execute(made)
        for table in ("users", "security_events"):
            await connection.execute(f"VACUUM ANALYZE {table}")
    finally:
        await connection.close()


async def _administrator(ground: Grounds, request: str) -> str:
    """Make the first of those who can log in an administrator; return the token that the request shows."""
    shown = re.search(r"Bearer ([^\r]+)", request)
    if shown is None:
        raise BenchFailed("no token")
    user = jwt.decode(shown[1], options={"verify_signature": False})["sub"]
    connection = await asyncpg.connect(ground.postgres.url)
    try:
        await connection.execute("UPDATE users SET is_superuser = true WHERE id = $1", user)
    finally:
        await connection.close()
    return shown[1]


async def _measure(ground: Grounds, port: int, token: str) -> list[Line]:
    client = Client(port)
    await client.open()
    many = f"{ground.options.million:,} users, {ground.options.events:,} events"
    lines = []
    log = _Log(ground)
    for what, path in CALLS.items():
        by_http, inside = [], []
        for _ in range(TIMES):
            log.take()
            began = perf_counter()
            status, body = await client.ask(get(path, token))
            by_http.append(perf_counter() - began)
            inside.append(log.take())
            if status != 200:
                raise BenchFailed(f"{path}: {status} {body[:200]!r}")
        lines.append(Line(f"{many}: {what}, in the database", sorted(inside)[TIMES // 2], "ms", "10 ms"))
        lines.append(Line(f"{many}: {what}, by HTTP", sorted(by_http)[TIMES // 2] * 1000, "ms"))
    log.end()
    client.close()
    looked_for = [path for path in CALLS.values() if "q=" in path or "/events" in path]
    searched, others = await _together(port, token, looked_for)
    return [
        *lines,
        Line(f"{ADMINISTRATORS} administrators searching at once: p99", searched.at(200, 0.99) * 1000, "ms"),
        Line(f"{ADMINISTRATORS} administrators searching at once: refused (503)", searched.statuses[503], "", "0"),
        Line("meanwhile /users/me: p99", others.at(200, 0.99) * 1000, "ms"),
        Line("meanwhile /users/me: refused (503)", others.statuses[503], "", "0"),
    ]


class _Log:
    """How long the database says that its statements took, in ms."""

    def __init__(self, ground: Grounds) -> None:
        self._ground = ground
        self._file = (ground.postgres.directory / "server.log").open("rb")
        self._set("0")
        self.take()

    def take(self) -> float:
        """Return what all statements since the last time took."""
        said = self._file.read().decode(errors="replace")
        return sum(float(found) for found in re.findall(r"duration: ([\d.]+) ms", said))

    def end(self) -> None:
        """Have it say nothing again."""
        self._set("-1")
        self._file.close()

    def _set(self, value: str) -> None:
        self._ground.postgres.query(f"ALTER SYSTEM SET log_min_duration_statement = {value}")
        self._ground.postgres.query("SELECT pg_reload_conf(), pg_sleep(0.2)")


async def _together(port: int, token: str, paths: Sequence[str]) -> tuple[Answers, Answers]:
    found, others = Answers(), Answers()
    over = asyncio.Event()

    async def search(number: int) -> None:
        client = Client(port)
        await client.open()
        for turn in range(TURNS):
            began = perf_counter()
            status, _ = await client.ask(get(paths[(number + turn) % len(paths)], token))
            found.note(status, perf_counter() - began)
        client.close()

    async def call() -> None:
        client = Client(port)
        await client.open()
        while not over.is_set():
            began = perf_counter()
            status, _ = await client.ask(get("/api/users/me", token))
            others.note(status, perf_counter() - began)
            await asyncio.sleep(ORDINARY_SECONDS)
        client.close()

    everybody = asyncio.create_task(call())
    await asyncio.gather(*(search(number) for number in range(ADMINISTRATORS)))
    over.set()
    await everybody
    return found, others
