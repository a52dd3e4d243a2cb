"""Every error that a PostgreSQL can answer, from a real one where it can be brought to: never 500, never 401."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from tests.outages.conftest import READY, Caller, calling, told
from tests.servers import Postgres, Redis
from tests.support.people import PASSWORD
from tests.support.process import Service, latchkey, serving, starting
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only

ROLE = "service"


@dataclass
class Database:
    """A database, and the role that the service has in it: not its owner."""

    operator: asyncpg.Connection
    url: str
    name: str
    env: dict[str, str] = field(default_factory=dict)

    async def do(self, *statements: str) -> None:
        for statement in statements:
            await self.operator.execute(statement)

    async def cut(self) -> None:
        """End every connection of the service's."""
        await self.operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", ROLE)


@asynccontextmanager
async def database(
    postgres: Postgres, env: dict[str, str], *, encoding: str = "UTF8", directory: Path = Path()
) -> AsyncIterator[Database]:
    """Make one, with the tables in it."""
    name = f"outages_{uuid4().hex[:8]}"
    url = urlsplit(postgres.url)
    owner = await asyncpg.connect(postgres.url, ssl=False)
    await owner.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    await owner.close()
    owned = url._replace(path=f"/{name}").geturl()
    operator = await asyncpg.connect(owned, ssl=False)
    try:
        done = await asyncio.to_thread(latchkey, "db", "upgrade", **{**env, "DATABASE_URL": owned})
        if encoding == "UTF8":
            assert done.returncode == 0, done.stderr
        else:  # it gets no tables any more; who has them from before is told all the same
            assert (done.returncode, "createdb -E UTF8" in done.stderr, done.stdout) == (1, True, "")
            await asyncio.to_thread(postgres.dump, "latchkey", directory / "dump")
            await asyncio.to_thread(postgres.fill, name, directory / "dump")
        await operator.execute(
            f"""
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} LOGIN; END IF;
            END $$;
            ALTER ROLE {ROLE} PASSWORD 'service';
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
            """
        )
        given = url._replace(netloc=f"{ROLE}:service@{url.hostname}:{url.port}", path=f"/{name}").geturl()
        yield Database(operator, given, name, {**env, "DATABASE_URL": given})
    finally:
        await operator.close()


@pytest.fixture(scope="module")
async def given(postgres: Postgres, env: dict[str, str]) -> AsyncIterator[Database]:
    async with database(postgres, env) as found:
        yield found


@pytest.fixture(scope="module")
def service(given: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory: Path = tmp_path_factory.mktemp("outages")
    with serving(directory / "service.log", **given.env) as found:
        yield found


async def refused(caller: Caller, says: str = "unavailable") -> None:
    answer = await caller.http.post("/api/auth/login", data=caller.form)
    assert answer.status_code == 503, answer.text
    await caller.make_all()
    answer = await caller.http.get(READY)
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, says), answer.text


SLOWLY = "ALTER TABLE users RENAME TO users_; CREATE VIEW users AS SELECT users_.* FROM users_, pg_sleep(0.1)"
AT_ONCE = "DROP VIEW users; ALTER TABLE users_ RENAME TO users"
PROVOKED: dict[str, tuple[str, str]] = {
    "25006 read-only": (
        f"ALTER ROLE {ROLE} SET default_transaction_read_only = on",
        f"ALTER ROLE {ROLE} RESET default_transaction_read_only",
    ),
    "53300 too many connections": (f"ALTER ROLE {ROLE} CONNECTION LIMIT 0", f"ALTER ROLE {ROLE} CONNECTION LIMIT -1"),
    "57014 cancelled": (
        f"ALTER ROLE {ROLE} SET statement_timeout = '1ms'; {SLOWLY}",
        f"{AT_ONCE}; ALTER ROLE {ROLE} RESET ALL",
    ),
    "42P01 not migrated": ("ALTER TABLE users RENAME TO users_", "ALTER TABLE users_ RENAME TO users"),
    "42703 not migrated": (
        "ALTER TABLE users RENAME COLUMN email TO email_",
        "ALTER TABLE users RENAME COLUMN email_ TO email",
    ),
}


@pytest.mark.parametrize("code", PROVOKED)
async def test_not_now(code: str, service: Service, given: Database) -> None:
    """What passes by itself, or by an operator's hand: 503; and all goes on afterwards, with the same session."""
    provoke, mend = PROVOKED[code]
    async with calling(service) as caller:
        await given.do(provoke)
        await given.cut()
        try:
            answer = await caller.http.post("/api/auth/login", data=caller.form)
            assert answer.status_code == 503, answer.text
            await caller.make_all()
            if code[:2] in ("25", "53"):
                assert (await caller.checks())["database"] == "unavailable"
        finally:
            await given.do(mend)
            await given.cut()
        await caller.well()


async def test_a_lock_that_is_not_to_be_had(service: Service, given: Database) -> None:
    """55P03: 503."""
    async with calling(service) as caller:
        await given.do(f"ALTER ROLE {ROLE} SET lock_timeout = '20ms'")
        await given.cut()
        try:
            async with given.operator.transaction():
                await given.do("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
                answer = await caller.http.post("/api/auth/login", data=caller.form)
                assert answer.status_code == 503, answer.text
                await caller.make_all()
        finally:
            await given.do(f"ALTER ROLE {ROLE} RESET lock_timeout")
            await given.cut()
        await caller.well()


@pytest.mark.parametrize(
    ("right", "table"),
    [("INSERT", "users"), ("INSERT", "security_events"), ("SELECT", "users"), ("UPDATE", "users"), ("DELETE", "users")],
)
async def test_a_role_without_a_right(right: str, table: str, service: Service, given: Database) -> None:
    """42501: 503, never 500; readiness says so, the log once with the fix, and the check-up."""
    async with calling(service) as caller:
        before = service.said().count(" misconfigured ")
        await given.do(f"REVOKE {right} ON {table} FROM {ROLE}")
        try:
            for _ in range(2):
                await caller.make_all()
            answer = await caller.http.get(READY)
            assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "misconfigured")
            assert "GRANT" in await told(service, "42501")
            assert service.said().count(" misconfigured ") - before == 1
            done = await asyncio.to_thread(latchkey, "doctor", **given.env)
            assert done.returncode == 1
            assert f"{right} on {table}" in done.stdout
            assert "Traceback" not in done.stdout + done.stderr
        finally:
            await given.do(f"GRANT {right} ON {table} TO {ROLE}")
        await caller.well()


FAILS = """CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE USING ERRCODE = '{}'; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON security_events FOR EACH ROW EXECUTE FUNCTION fail()"""
FAILS_NO_MORE = "DROP TRIGGER fail ON security_events; DROP FUNCTION fail()"


async def test_what_only_a_write_shows(service: Service, given: Database) -> None:
    """A full disk (53100), a policy, somebody's trigger: readiness and the check-up say so; they leave no row."""
    async with calling(service) as caller:
        for code, says in (("53100", "unavailable"), ("42501", "misconfigured"), ("23514", "misconfigured")):
            await given.do(FAILS.format(code))
            try:
                answer = await caller.http.get(READY)
                assert (answer.status_code, answer.json()["checks"]["database"]) == (503, says), code
            finally:
                await given.do(FAILS_NO_MORE)
        assert "triggers" in await told(service, "row-refused")
        await given.do("ALTER TABLE users ENABLE ROW LEVEL SECURITY")
        try:
            done = await asyncio.to_thread(latchkey, "doctor", **given.env)
            assert "Row security hides rows from the role of DATABASE_URL: users." in done.stdout
        finally:
            await given.do("ALTER TABLE users DISABLE ROW LEVEL SECURITY")
        await caller.well()
        assert await given.operator.fetchval("SELECT count(*) FROM security_events WHERE type = 'probe'") == 0


async def test_a_password_that_was_changed(service: Service, given: Database) -> None:
    """28P01: 503, and the operator is told."""
    async with calling(service) as caller:
        await given.do(f"ALTER ROLE {ROLE} PASSWORD 'another'")
        await given.cut()
        try:
            await refused(caller, "misconfigured")
            assert "DATABASE_URL" in await told(service, "28")
        finally:
            await given.do(f"ALTER ROLE {ROLE} PASSWORD 'service'")
        await caller.well()


async def test_a_database_that_cannot_hold_every_letter(
    postgres: Postgres, redis: Redis, env: dict[str, str], tmp_path: Path
) -> None:
    """22P05: what has such a letter in it gets 503, never 500; readiness and the check-up say what to do."""
    async with database(postgres, env, encoding="LATIN1", directory=tmp_path) as given:
        with starting(tmp_path / "service.log", **given.env) as service:
            await service.ready(path="/api/health")
            async with calling(service) as caller:
                name = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, "full_name": "Łukasz"}
                answer = await caller.http.post("/api/auth/register", json=name)
                assert answer.status_code == 503, answer.text
                agent = httpx.Headers({b"User-Agent": "Łynx".encode()})
                answer = await caller.http.post("/api/auth/login", data=caller.form, headers=agent)
                assert answer.status_code in (200, 503), answer.text
                await caller.make_all()
                answer = await caller.http.get(READY)
                assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "misconfigured")
                assert "createdb -E UTF8" in await told(service, "22P05-encoding")
                done = await asyncio.to_thread(latchkey, "doctor", **given.env)
                assert done.returncode == 1
                assert "createdb -E UTF8" in done.stdout


@pytest.mark.parametrize("code", ["deadlock_detected", "serialization_failure"])
async def test_the_victim_of_others_is_asked_again(code: str, service: Service, given: Database) -> None:
    """40001, 40P01: a statement by itself is run once more, and nobody notices; a transaction is 503, done by halves
    never.
    """
    async with calling(service) as caller:
        await given.do(
            f"""
            CREATE SEQUENCE tries; GRANT USAGE ON SEQUENCE tries TO {ROLE};
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF nextval('tries') % 2 = 1 THEN RAISE {code}; END IF;
              RETURN NEW;
            END $$;
            CREATE TRIGGER fail BEFORE INSERT ON security_events FOR EACH ROW EXECUTE FUNCTION fail();
            """
        )
        try:
            wrong = {"username": caller.email, "password": "wrong password"}
            answer = await caller.http.post("/api/auth/login", data=wrong)
            assert answer.status_code == 400, answer.text
            stored = "SELECT count(*) FROM security_events WHERE type = 'login.failed' AND user_id = $1"
            assert await given.operator.fetchval(stored, UUID(caller.uid)) == 1
            await caller.make_all()
        finally:
            await given.do("DROP TRIGGER fail ON security_events; DROP FUNCTION fail(); DROP SEQUENCE tries")
        await caller.well()


async def test_ready_means_warm(service: Service, given: Database, tmp_path: Path) -> None:
    """All connections of a small pool are open before the first request, and again as soon as it is ready."""

    async def connections() -> set[int]:
        rows = await given.operator.fetch("SELECT pid FROM pg_stat_activity WHERE usename = $1", ROLE)
        return {row["pid"] for row in rows}

    async def none_left() -> bool:
        await given.cut()
        return not await connections()

    await given.cut()
    others = await connections()
    with serving(tmp_path / "service.log", **given.env) as another:
        assert len(await connections() - others) >= int(given.env["DATABASE_POOL_SIZE"])
        await given.do(f"ALTER ROLE {ROLE} CONNECTION LIMIT 0")
        try:
            # Who was let in a moment before may be on the way still: whoever listens opens one at its own time.
            await eventually(none_left)
            await eventually(lambda: not another.is_ready())
            assert not await connections()
        finally:
            await given.do(f"ALTER ROLE {ROLE} CONNECTION LIMIT -1")
        await another.ready()
        assert len(await connections()) >= int(given.env["DATABASE_POOL_SIZE"])
    await service.ready()
