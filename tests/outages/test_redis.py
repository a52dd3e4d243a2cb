"""Every error that a Redis can answer, from a real one where it can be brought to: never 500, never 401."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis as redis_py

from service.core.redis import probing
from service.core.redis.scripts import Script
from service.mail_login import asked
from service.providers import asked as asked_of_providers
from service.providers import challenges
from service.stores import attendance, throttle_scripts
from service.stores.sessions import scripts as sessions
from service.stores.sessions.scripts import shared
from tests.outages.conftest import LIMIT_SECONDS, READY, Caller, calling, told
from tests.servers import Redis, free_port
from tests.support.process import ROOT, Service, latchkey, serving
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only

DOCUMENT = (ROOT / "docs" / "outages.md").read_text(encoding="utf-8")
Commands = Sequence[tuple[str, ...]]
NOBODY = str(free_port())
CUT = ("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


class Operator:
    """Somebody at Redis with a connection of their own, which outlives what is done to the others'."""

    def __init__(self, redis: Redis) -> None:
        self._connection: Any = redis_py.Redis(port=redis.port, single_connection_client=True, socket_timeout=10)

    async def do(self, *commands: tuple[str, ...]) -> None:
        for command in commands:
            await asyncio.to_thread(self._connection.execute_command, *command)

    async def info(self, section: str) -> dict[str, object]:
        found: dict[str, object] = await asyncio.to_thread(self._connection.info, section)
        return found

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def operator(redis: Redis) -> Iterator[Operator]:
    found = Operator(redis)
    yield found
    found.close()


@asynccontextmanager
async def answering(operator: Operator, provoke: Commands, mend: Commands) -> AsyncIterator[None]:
    """Have Redis answer an error, until the block ends."""
    try:
        await operator.do(*provoke)
        yield
    finally:
        await operator.do(*mend)


PROVOKED: dict[str, tuple[Commands, Commands]] = {
    "READONLY": ([("REPLICAOF", "127.0.0.1", NOBODY)], [("REPLICAOF", "NO", "ONE")]),
    "MASTERDOWN": (
        [("CONFIG", "SET", "replica-serve-stale-data", "no"), ("REPLICAOF", "127.0.0.1", NOBODY)],
        [("REPLICAOF", "NO", "ONE"), ("CONFIG", "SET", "replica-serve-stale-data", "yes")],
    ),
    "OOM": ([("CONFIG", "SET", "maxmemory", "1")], [("CONFIG", "SET", "maxmemory", "0")]),
    "NOREPLICAS": (
        [("CONFIG", "SET", "min-replicas-to-write", "1")],
        [("CONFIG", "SET", "min-replicas-to-write", "0")],
    ),
    "max number of clients": (
        [("CONFIG", "SET", "maxclients", "1"), CUT],
        [("CONFIG", "SET", "maxclients", "4000")],
    ),
}


@pytest.mark.parametrize("code", PROVOKED)
async def test_not_now(code: str, caller: Caller, operator: Operator) -> None:
    """What passes by itself: 503 in time, not ready; and all goes on afterwards, with the same session."""
    async with answering(operator, *PROVOKED[code]):
        await refused(caller)
    await caller.well()


async def refused(caller: Caller) -> None:
    """Make every call: some are refused, none late."""
    for name, call in caller.calls().items():
        if name == "refresh":  # one that was done and not told of is for tests/faults
            continue
        began = time.monotonic()
        answer = await call()
        # The machine may be busy with other tests: what is looked at is that nothing waits for a store without end.
        assert time.monotonic() - began < 2 * LIMIT_SECONDS
        assert answer.status_code in (200, 204, 503), f"{name}: {answer.status_code} {answer.text}"
        if name == "login":
            assert answer.status_code == 503
    answer = await caller.http.get(READY)
    assert (answer.status_code, answer.json()["checks"]["redis"]) == (503, "unavailable")


async def test_it_cannot_write_to_its_disk(caller: Caller, redis: Redis, operator: Operator) -> None:
    """MISCONF: a snapshot has failed."""
    blocked = redis.directory / "dump.rdb"
    blocked.mkdir()

    async def has_failed() -> bool:
        return (await operator.info("persistence"))["rdb_last_bgsave_status"] == "err"

    try:
        provoke, mend = [("CONFIG", "SET", "save", "3600 1"), ("BGSAVE",)], [("CONFIG", "SET", "save", "")]
        async with answering(operator, provoke, mend):
            await eventually(has_failed)
            await refused(caller)
    finally:
        blocked.rmdir()
    await caller.well()


async def test_a_script_that_does_not_end(caller: Caller, redis: Redis, operator: Operator) -> None:
    """BUSY: 503 while it runs."""
    await operator.do(("CONFIG", "SET", "lua-time-limit", "20"))

    def run() -> None:
        with suppress(redis_py.RedisError), redis_py.Redis(port=redis.port) as connection:
            connection.execute_command("EVAL", "while true do end", "0")

    async def is_busy() -> bool:
        try:
            await operator.do(("GET", "nothing"))
        except redis_py.ResponseError:
            return True
        return False

    running = threading.Thread(target=run)
    running.start()
    try:
        await eventually(is_busy)
        await refused(caller)
    finally:
        await operator.do(("SCRIPT", "KILL"))
        await asyncio.to_thread(running.join)
        await operator.do(("CONFIG", "SET", "lua-time-limit", "5000"))
    await caller.well()


@pytest.mark.parametrize("command", ["evalsha", "hset", "hmget", "unlink", "zadd", "pexpire"])
async def test_a_user_without_a_command(
    command: str, service: Service, caller: Caller, operator: Operator, env: dict[str, str]
) -> None:
    """NOPERM: 503, never 500; readiness says so, the log once with the fix, and the check-up."""
    before = service.said().count(" misconfigured ")
    provoke, mend = [("ACL", "SETUSER", "default", f"-{command}")], [("ACL", "SETUSER", "default", "+@all")]
    async with answering(operator, provoke, mend):
        answers = [await caller.make_all() for _ in range(2)]
        # The index is a hint: failing to write it fails nothing else.
        assert any(answer.status_code == 503 for answer in answers[0].values()) or command == "zadd"
        answer = await caller.http.get(READY)
        assert (answer.status_code, answer.json()["checks"]["redis"]) == (503, "misconfigured")
        assert "ACL SETUSER" in await told(service, "NOPERM")
        assert service.said().count(" misconfigured ") - before == 1
        done = await asyncio.to_thread(latchkey, "doctor", **env)
        assert done.returncode == 1, done.stdout
        assert "ACL SETUSER" in done.stdout
        assert "Traceback" not in done.stderr + done.stdout
    await caller.well()


async def test_a_password_that_came_later(service: Service, caller: Caller, redis: Redis, operator: Operator) -> None:
    """NOAUTH: whoever sets a password has to tell the service."""
    await operator.do(("CONFIG", "SET", "requirepass", "hunter2"), CUT)
    try:
        answer = await caller.http.get("/api/users/me", headers=caller.headers)
        assert answer.status_code == 503
        assert (await caller.checks())["redis"] == "misconfigured"
        assert "REDIS_URL" in await told(service, "NOAUTH")
        assert "hunter2" not in service.said()
    finally:
        await operator.do(("CONFIG", "SET", "requirepass", ""))
    await caller.well()


async def test_connections_that_are_cut(caller: Caller, operator: Operator) -> None:
    """A connection found closed is opened again, and nobody notices."""
    for _ in range(3):
        await operator.do(CUT)
        answers = await caller.make_all()
        assert {answer.status_code for answer in answers.values()} <= {200, 204}


KINDS: Commands = [("SET", "x"), ("RPUSH", "x"), ("SADD", "x")]  # a type for which none of our keys is one


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
async def test_a_session_that_was_overwritten(kind: tuple[str, str], caller: Caller, operator: Operator) -> None:
    """WRONGTYPE: what the key held is gone, so the session is over; nothing else is."""
    await operator.do(("DEL", caller.key), (kind[0], caller.key, kind[1]))
    me = await caller.http.get("/api/users/me", headers=caller.headers)
    assert me.status_code == 401, me.text
    await operator.do(("DEL", caller.key), (kind[0], caller.key, kind[1]))
    spent = await caller.http.post("/api/auth/refresh", json={"refresh_token": caller.refresh})
    assert (spent.status_code, spent.json()["reason"]) == (400, "revoked")
    again = await caller.http.post("/api/auth/login", data=caller.form)
    assert again.status_code == 200
    headers = {"Authorization": f"Bearer {again.json()['access_token']}"}
    await operator.do((kind[0], caller.key, kind[1]), ("ZADD", caller.index, "1", caller.sid))
    listed = await caller.http.get("/api/sessions", headers=headers)
    assert (listed.status_code, len(listed.json())) == (200, 1), listed.text
    await operator.do((kind[0], caller.key, kind[1]), ("ZADD", caller.index, "1", caller.sid))
    assert (await caller.http.post("/api/auth/logout-all", headers=headers)).status_code == 204
    assert (await caller.http.get("/api/users/me", headers=headers)).status_code == 401


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
async def test_other_keys_that_were_overwritten(
    kind: tuple[str, str], caller: Caller, redis: Redis, operator: Operator
) -> None:
    """WRONGTYPE of an index, a reason, a bucket of the throttle, a chart's sketch: as if it had been deleted."""
    names = [caller.index, f"user:{{{caller.uid}}}:ended:{caller.sid}"]
    names += [name for pattern in ("throttle:*", "statistics:*") for name in redis.call("KEYS", pattern).splitlines()]
    assert len(names) > 2
    await operator.do(*(command for name in names for command in (("DEL", name), (kind[0], name, kind[1]))))
    answers = await caller.make_all()
    assert {answer.status_code for answer in answers.values()} <= {200, 204}
    await operator.do(("DEL", caller.index), (kind[0], caller.index, kind[1]))
    assert (await caller.http.post("/api/auth/logout", headers=caller.headers)).status_code == 204
    assert (await caller.http.get("/api/users/me", headers=caller.headers)).status_code == 401


async def test_a_user_with_what_the_documents_say(
    operator: Operator, redis: Redis, env: dict[str, str], tmp_path: Path
) -> None:
    """The commands and keys of docs/outages.md are enough, and each of them is needed."""
    said = re.search(r"^ACL SETUSER latchkey on >PASSWORD (.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert said is not None
    rules = said[1].split()
    await operator.do(("ACL", "SETUSER", "latchkey", "reset", "on", ">secret", *rules, "+info", "+config", "+scan"))
    given = {**env, "REDIS_URL": f"redis://latchkey:secret@127.0.0.1:{redis.port}/0"}
    with serving(tmp_path / "service.log", **given) as service:
        async with calling(service) as caller:
            await caller.well()
            assert "NOPERM" not in service.said()
            assert "misconfigured" not in service.said()
            for rule in (rule for rule in rules if rule.startswith("~")):
                others = [other for other in rules if other != rule]
                await operator.do(("ACL", "SETUSER", "latchkey", "resetkeys", *others))
                assert (await caller.checks())["redis"] == "misconfigured", rule
                await operator.do(("ACL", "SETUSER", "latchkey", *rules))
    needed = {command.lower() for script in _scripts() for command in re.findall(r"\.p?call\('(\w+)'", script.text)}
    tried = set(re.findall(r"try\('(\w+)'", probing.PROBE.text.lower())) - {"setrange"}
    assert needed == tried
    assert needed | {"setrange"} <= {rule[1:] for rule in rules if rule.startswith("+")}


def _scripts() -> list[Script]:
    modules = [sessions, throttle_scripts, attendance, asked, asked_of_providers, challenges, shared]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Script)]
    return found + [script.cure for script in found if script.cure]


def test_a_socket(env: dict[str, str]) -> None:
    """A Redis on the same machine by its socket: everything the check-up asks for is there, the watch too."""
    path = f"/tmp/latchkey-{uuid4().hex[:8]}.sock"  # a socket's path is short
    with Redis.start("--unixsocket", path):
        done = latchkey("doctor", **{**env, "REDIS_URL": f"unix://{path}?db=1"})
        assert done.returncode == 0, done.stdout
        assert "Redis answers and takes writes" in done.stdout
        assert "Redis tells of changes to sessions" in done.stdout
