"""Upgrades while others hold tables, and the service serves: whom they wait for, and what that does to others."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import asyncpg
import httpx
import pytest

from service.core.sql.lock_waits import shown
from service.core.sql.upgrade_lock import UPGRADE_LOCK
from tests.support.people import PASSWORD
from tests.support.process import LATCHKEY, Service, environment, latchkey_in, running, serving
from tests.support.stores import Stores
from tests.support.waiting import eventually, unless_shed, until

pytestmark = pytest.mark.timeout(180)

SECONDS = 60.0
TABLES = ("users", "security_events", "credentials", "known_devices")
FEATURE = """
    from pathlib import Path
    from latchkey import Feature
    FEATURES = (Feature(name="kept", models="kept.models", migrations=Path(__file__).parent / "migrations"),)
"""
MODELS = """
    from tortoise import fields
    from tortoise.models import Model
    class Thing(Model):
        id = fields.IntField(primary_key=True)
        class Meta:
            table = "things"
"""
MIGRATION = """
    RUN_IN_TRANSACTION = {together}
    OLDEST_CODE = {oldest}
    STEPS = {steps!r}
    async def upgrade(db):
        for step in STEPS[:-1]:
            await db.execute_script(step)
        return STEPS[-1]
    async def downgrade(db):
        return "SELECT 1"
"""


def write(folder: Path, name: str, *steps: str, together: bool = True, oldest: int | None = None) -> Path:
    """Write a migration of a feature."""
    file = folder / "kept" / "migrations" / f"{name}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dedent(MIGRATION).format(together=together, oldest=oldest, steps=steps))
    return file


@dataclass
class Person:
    """Somebody who logs in and out again and again; what the service sheds is asked for once more."""

    client: httpx.AsyncClient
    email: str
    rounds: int = 0
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, method: str, path: str, token: str = "", **options: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await unless_shed(
            lambda: self.client.request(method, f"/api{path}", headers=headers, **options)  # type: ignore[arg-type]
        )
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer

    async def live(self) -> None:
        while not self.stop.is_set():
            answer = await self.ask("POST", "/auth/login", json={"email": self.email, "password": PASSWORD})
            token = answer.json()["access_token"]
            await self.ask("PUT", "/users/me", token, json={"full_name": f"Ada {self.rounds}"})
            await self.ask("GET", "/users/me", token)
            await self.ask("POST", "/auth/logout", token)
            self.rounds += 1


@asynccontextmanager
async def people(url: str, number: int) -> AsyncIterator[list[Person]]:
    """Have so many people use the service."""
    async with AsyncExitStack() as stack:
        found = []
        for one in range(number):
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30, trust_env=False))
            person = Person(client, f"ada{one}@example.com")
            await person.ask("POST", "/auth/register", json={"email": person.email, "password": PASSWORD})
            found.append(person)
        tasks = [asyncio.create_task(person.live()) for person in found]
        try:
            yield found
        finally:
            for person in found:
                person.stop.set()
            await asyncio.gather(*tasks)


async def holding(url: str, table: str, mode: str = "ACCESS SHARE") -> asyncpg.Connection:
    """Hold a table, as a dump does, until the connection is closed."""
    connection = await asyncpg.connect(url, server_settings={"application_name": "pg_dump"})
    await connection.execute("BEGIN")
    await connection.execute(f"LOCK TABLE {table} IN {mode} MODE")
    return connection


async def _until_it_waits(log: Path, what: str) -> None:
    await eventually(lambda: f"Waiting for the table {what}" in log.read_text(), SECONDS, why=log.read_text)


async def _until_all_got_on(using: list[Person], when: str, service: Service) -> None:
    """Wait until each has logged in and out twice."""
    begun = [person.rounds for person in using]

    def got_on() -> bool:
        return all(person.rounds >= was + 2 for person, was in zip(using, begun, strict=True))

    await eventually(got_on, SECONDS, why=lambda: f"nobody gets on {when}: {service.said()}")


@pytest.fixture
def settings(stores: Stores, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database of this version, and a feature with tables of its own."""
    assert stores.postgres is not None
    name = f"locks{os.urandom(4).hex()}"
    found = stores.environment(
        DATABASE_URL=stores.postgres.create_database(name), REDIS_KEY_PREFIX=f"{name}:", SESSION_CACHE="off"
    )
    write(tmp_path, "0_init", 'CREATE TABLE "things" ("id" INT PRIMARY KEY)')
    for file, text in (("__init__", FEATURE), ("models", MODELS)):
        (tmp_path / "kept" / f"{file}.py").write_text(dedent(text))
    done = latchkey_in(tmp_path, ("db", "upgrade"), environment(**found, FEATURES="kept"))
    assert done.returncode == 0, done.stderr
    yield found
    stores.postgres.drop_database(name)


@pytest.mark.real_only
async def test_a_dump_under_way(settings: dict[str, str], stores: Stores, tmp_path: Path) -> None:
    """Each table is held by a dump in turn: the upgrade says so at each try, and the service serves all the while.

    Nobody is waited for without an end; what was given up is done by the next run, and its plan is what it does.
    """
    url, env = settings["DATABASE_URL"], environment(**settings, FEATURES="kept")
    write(
        tmp_path, "1_more", *(f'ALTER TABLE "{table}" ADD COLUMN IF NOT EXISTS "more" INT' for table in TABLES),
        oldest=1,
    )  # fmt: skip
    index = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "kept_more" ON "security_events" ("more")'
    last = write(tmp_path, "2_index", "SELECT 1", index, "SELECT 1", together=False)

    def upgrade(*options: str) -> tuple[int, list[str]]:
        done = latchkey_in(tmp_path, ("db", "upgrade", *options), env)
        return done.returncode, (done.stdout + done.stderr).splitlines()

    with serving(tmp_path / "service.log", **settings) as service:
        async with people(service.url, 2) as using:
            # Held, and no time to wait: one line, and nothing done.
            holder = await holding(url, TABLES[0])
            code, (line,) = await asyncio.to_thread(upgrade, "--wait", "0")
            assert (code, line.startswith("Gave up after")) == (75, True), line
            code, planned = await asyncio.to_thread(upgrade, "--plan", "--json")
            assert [(one["name"], one["in_transaction"]) for one in json.loads("\n".join(planned))] == [
                ("kept/1_more", True), ("kept/2_index", False),
            ]  # fmt: skip
            # Held one after the other, for as long as people need to log in and out a few times.
            log = tmp_path / "upgrade.log"
            with running((*LATCHKEY, "db", "upgrade"), log, env=env, directory=tmp_path) as process:
                for table, following in zip(TABLES, (*TABLES[1:], None), strict=True):
                    await _until_it_waits(log, f"{table}, held by process {holder.get_server_pid()} (pg_dump, idle in")
                    await _until_all_got_on(using, f"while {table} is held", service)
                    after = await holding(url, following) if following else None
                    await holder.close()
                    holder = after
                assert await asyncio.to_thread(process.wait, SECONDS) == 0, log.read_text()
            # An index waits for whoever writes, and holds nobody up; given up, it is half built.
            await asyncio.to_thread(last.write_text, last.read_text().replace("kept_more", "kept_again"))
            await _again(url, "2_index")
            writer = await holding(url, "security_events", "ROW EXCLUSIVE")
            code, lines = await asyncio.to_thread(upgrade, "--wait", "2")
            assert code == 75
            assert all("held by process" in line for line in lines), lines
            await writer.close()
            assert await _invalid(url) == ["kept_again"]
            code, lines = await asyncio.to_thread(upgrade)
            assert (code, lines) == (0, ["applied kept/2_index"])
            assert await _invalid(url) == []
        assert stores.postgres is not None
        stored = await _ask(url, "SELECT type, count(*) FROM security_events WHERE user_id IS NOT NULL GROUP BY 1")
        found = {row["type"]: row["count"] for row in stored}
        rounds = sum(person.rounds for person in using)
        assert (found["login.succeeded"], found["session.logged_out"]) == (rounds, rounds), service.said()
        assert "Traceback" not in service.said()
    # A version that knows less than the migration asks for is told so.
    for name in ("1_more", "2_index"):
        (tmp_path / "kept" / "migrations" / f"{name}.py").unlink()
    done = latchkey_in(tmp_path, ("db", "check", "--json"), env)
    assert (done.returncode, json.loads(done.stdout)) == (
        4, {"pending": [], "newer": ["kept/1_more", "kept/2_index"], "unbearable": ["kept/1_more"]}
    )  # fmt: skip


@pytest.mark.real_only
async def test_any_way_to_hold_a_table(settings: dict[str, str], tmp_path: Path) -> None:
    """Rows that somebody has locked, the tool's own table, another upgrade: named, waited for, and then done."""
    url, env = settings["DATABASE_URL"], environment(**settings, FEATURES="kept")
    await _ask(url, "INSERT INTO things VALUES (1)")
    batch = 'UPDATE "things" SET "id" = 2 WHERE "id" = 1'
    write(tmp_path, "1_rows", batch, batch, together=False)

    async def named(hold: str, says: str) -> None:
        holder = await asyncpg.connect(url)
        await holder.execute("BEGIN")
        await holder.execute(hold)
        code, lines = await asyncio.to_thread(run, "--wait", "2.5")  # several tries: of one not all may be seen
        await holder.close()
        assert (code, len(lines) > 1, lines[-1].startswith("Gave up after")) == (75, True, True), lines
        assert any(says in line and f"process {holder.get_server_pid()}" in line for line in lines), lines

    def run(*options: str) -> tuple[int, list[str]]:
        done = latchkey_in(tmp_path, ("db", "upgrade", *options), env)
        return done.returncode, (done.stdout + done.stderr).splitlines()

    await named("UPDATE things SET id = 1", "rows that somebody has locked")
    await named("LOCK TABLE aerich IN ACCESS EXCLUSIVE MODE", "the table aerich")
    await named(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})", "another upgrade")
    assert await asyncio.to_thread(run) == (0, ["applied kept/1_rows"])
    assert [row["id"] for row in await _ask(url, "SELECT id FROM things")] == [2]


@pytest.mark.real_only
def test_newer_and_older(stores: Stores, tmp_path: Path) -> None:
    """A service whose schema is behind isn't ready until it is upgraded; one that is ahead by what only adds serves.

    One that is too far ahead is refused: by those that run, by those that start, by commands and by the check-up.
    """
    assert stores.postgres is not None
    name = f"ahead{os.urandom(4).hex()}"
    env = stores.environment(DATABASE_URL=stores.postgres.create_database(name), REDIS_KEY_PREFIX=f"{name}:")

    def run(*args: str) -> tuple[int, str]:
        done = latchkey_in(tmp_path, args, environment(**env))
        return done.returncode, done.stdout + done.stderr

    def write_row(app: str, version: str) -> None:
        assert stores.postgres is not None
        stores.postgres.query(
            f"INSERT INTO aerich (app, version, content) VALUES ('{app}', '{version}', '{{}}')", database=name
        )

    log = tmp_path / "log"
    with running((*LATCHKEY, "serve"), log, env=environment(**env, PORT="0"), directory=tmp_path) as process:
        port = until(lambda: _port(process.pid), SECONDS, why=log.read_text)
        ready = f"http://127.0.0.1:{port}/api/health/ready"

        def state() -> tuple[int, str]:
            answer = httpx.get(ready, timeout=10, trust_env=False)
            return answer.status_code, answer.json()["checks"]["migrations"]

        until(lambda: state() == (503, "pending"), SECONDS, why=log.read_text)
        body = {"email": "ada@example.com", "password": PASSWORD}
        answer = httpx.post(f"{ready.removesuffix('/health/ready')}/auth/login", json=body, trust_env=False)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert run("db", "check")[0] == 1
        assert run("db", "upgrade")[0] == 0
        until(lambda: state() == (200, "ok"), SECONDS, why=log.read_text)

        write_row("models", "999_29990101000000_more.py")
        stores.postgres.query("ALTER TABLE users ADD COLUMN more INT", database=name)
        assert state() == (200, "ok")
        code, said = run("db", "check")
        assert (code, "goes on beside it: 999_29990101000000_more" in said) == (3, True), said
        assert run("db", "upgrade") == (0, said)
        code, said = run("doctor")
        assert (code, "warning migrations: The schema is newer" in said) == (0, True), said

        write_row("models/oldest", "999_29990101000000_more:999")
        until(lambda: state() == (503, "misconfigured"), SECONDS, why=log.read_text)
        assert run("db", "check")[0] == 4
        assert run("db", "upgrade")[0] == 4
        code, said = run("doctor")
        assert (code, "error   migrations: The schema is newer than this version can work with" in said) == (1, True)
        for command in (("serve", "--port", "0"), ("users", "list")):
            code, said = run(*command)
            assert code == 2, said
            assert "can work with: 999_29990101000000_more. Start a version that knows" in said
            assert "Traceback" not in said
    stores.postgres.drop_database(name)


@pytest.mark.embedded_only
@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("COPY public.users (id, email) TO stdout;", "COPY public.users (id, email) TO stdout;"),
        ("SELECT *\n  FROM users\n WHERE email = 'ada@example.com'", "SELECT * FROM users WHERE email =…"),
        ("ALTER ROLE ada PASSWORD 'secret'", "ALTER ROLE ada PASSWORD…"),
        ("SELECT $tag$secret$tag$", "SELECT…"),
        ("UPDATE t1 SET a2 = -12.5", "UPDATE t1 SET a2 =…"),
        ("SELECT E'a\\'b', \"a1\" FROM t", "SELECT E…"),
        ("/* token=secret */ SELECT 1", "…"),
        ("LOCK TABLE users -- secret", "LOCK TABLE users…"),
        ("SELECT .5", "SELECT…"),
        ("<insufficient privilege>", ""),
        (None, ""),
        ("SELECT " + "a, " * 40 + "b", "SELECT " + "a, " * 17 + "a,…"),
    ],
)
def test_no_value_is_shown(query: str | None, seen: str) -> None:
    """Of somebody's statement the words come before the first value; no string, number, parameter or comment does."""
    assert shown(query) == seen


def _port(pid: int) -> int:
    import psutil  # type: ignore[import-untyped]  # it ships no types

    found = [one.laddr.port for one in psutil.Process(pid).net_connections() if one.status == psutil.CONN_LISTEN]
    return found[0] if found else 0


async def _ask(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


async def _again(url: str, name: str) -> None:
    await _ask(url, f"DELETE FROM aerich WHERE app = 'kept' AND version = '{name}.py'")


async def _invalid(url: str) -> list[str]:
    rows = await _ask(url, "SELECT relname FROM pg_class JOIN pg_index ON oid = indexrelid AND NOT indisvalid")
    return [row["relname"] for row in rows]
