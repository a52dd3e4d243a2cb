"""An operator at the command line."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
import typer
from tortoise.exceptions import OperationalError

from models import SecurityEvent
from service.cli import doctor
from service.console import plain_errors
from service.core.sql.transactions import transaction
from service.feature.findings import Finding
from service.runtime import Runtime
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.process import LATCHKEY, environment, latchkey, latchkey_beside
from tests.support.stores import Stores


class Shell:
    """Commands on the stores of this run."""

    def __init__(self, stores: Stores) -> None:
        self.environment = stores.environment()

    async def ok(self, *args: str, given: str | None = None) -> Any:
        done = await latchkey_beside(*args, "--json", given=given, **self.environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    async def fails(self, *args: str, code: int = 1) -> str:
        done = await latchkey_beside(*args, **self.environment)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr.strip()

    async def text(self, *args: str) -> str:
        done = await latchkey_beside(*args, **self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def shell(stores: Stores) -> Shell:
    return Shell(stores)


async def test_superuser(shell: Shell, client: httpx.AsyncClient) -> None:
    """The first administrator is made at the command line, and logs in; the same address twice is refused."""
    arguments = ("users", "create-superuser", "--email", "root@example.com", "--password", PASSWORD)
    user = await shell.ok(*arguments, "--full-name", "Root")
    assert (user["is_superuser"], user["full_name"]) == (True, "Root")
    session = await Person(client, user["id"], "root@example.com").log_in()
    assert (await session.call("GET", "/users")).status_code == 200
    assert await shell.fails(*arguments) == "A user with this email already exists."


async def test_password_is_asked_for(shell: Shell, client: httpx.AsyncClient) -> None:
    """Left out, the password is asked for, or a line of what is piped in; a bad one is refused with the reason.

    What comes of it is JSON and nothing else.
    """
    done = await latchkey_beside(
        "users",
        "create-superuser",
        "--email",
        "root@example.com",
        given=f"{PASSWORD}\n{PASSWORD}\n",
        **shell.environment,
    )
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert "assword" not in done.stdout + done.stderr  # nobody is asked who isn't there
    await Person(client, None, "root@example.com").log_in()  # type: ignore[arg-type]
    made = await shell.ok("users", "create-superuser", given=f"second@example.com\n{PASSWORD}\n")
    assert made["email"] == "second@example.com"
    for given in ("", "third@example.com\n", f"third@example.com\n{PASSWORD}\nanother\n"):
        done = await latchkey_beside("users", "create-superuser", "--json", given=given, **shell.environment)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "at least 8" in await shell.fails(
        "users", "create-superuser", "--email", "b@example.com", "--password", "short"
    )
    assert "@-sign" in await shell.fails("users", "create-superuser", "--email", "b", "--password", PASSWORD, code=2)


async def test_users(shell: Shell, ada: Person, grace: Person) -> None:
    """List, search and show, as a table and as JSON."""
    assert [user["email"] for user in await shell.ok("users", "list")] == [ada.email, grace.email]
    assert (await shell.ok("users", "show", "--email", "ADA@example.com"))["id"] == str(ada.id)
    table = await shell.text("users", "list", "--limit", "1", "--search", "a")
    assert str(ada.id) in table
    assert "2 in all" in table
    assert await shell.fails("users", "show", "--email", "nobody@example.com") == "There is no such user."
    assert await shell.fails("users", "show", code=2) == "Give either --email or --user-id."
    assert await shell.fails("users", "show", "--user-id", "x", code=2) == "x is not an id."


async def test_disable_and_set_password(shell: Shell, ada: Person) -> None:
    """Both end the user's sessions at once, on any stores: the cut-off is in the database."""
    session = await ada.log_in()
    assert (await shell.ok("users", "disable", "--email", ada.email))["is_active"] is False
    assert_problem(await session.me(), 401, "invalid_token")
    await shell.ok("users", "enable", "--email", ada.email)
    session = await ada.log_in()
    ada.password = "the operator's choice"
    await shell.ok("users", "set-password", "--email", ada.email, "--password", ada.password)
    assert_problem(await session.me(), 401, "invalid_token")
    assert (await (await ada.log_in()).me()).status_code == 200


@pytest.mark.real_only
async def test_sessions(shell: Shell, ada: Person) -> None:
    """See who is logged in; end one; end all: it takes effect on the next request."""
    first, second, third = [await ada.log_in() for _ in range(3)]
    listed = await shell.ok("sessions", "list", "--email", ada.email)
    assert {entry["id"] for entry in listed} == {str(one.sid) for one in (first, second, third)}
    assert str(first.sid) in await shell.text("sessions", "list", "--email", ada.email)
    revoke = ("sessions", "revoke", "--user-id", str(ada.id))
    assert await shell.ok(*revoke, "--session", str(first.sid), "--dry-run") == {"matched": {"sessions": 1, "users": 1}}
    assert (await first.me()).status_code == 200
    receipt = await shell.ok(*revoke, "--session", str(first.sid))
    assert (receipt["ended"], receipt["left"]) == (1, 0)
    assert_problem(await first.me(), 401, "invalid_token")
    assert (await second.me()).status_code == 200
    assert await shell.fails(*revoke, "--session", str(first.sid), code=3) == "There is no such session."
    assert await shell.fails(*revoke, "--session", "x", code=2) == "x is not a session's id."
    assert (await shell.text(*revoke)).startswith("2 sessions ended. 0 of them left")
    for session in (second, third):
        assert_problem(await session.me(), 401, "invalid_token")


@pytest.mark.embedded_only
async def test_sessions_of_an_embedded_service(shell: Shell, ada: Person) -> None:
    """The fake lives inside the service: commands say so; ending all works all the same, by the cut-off."""
    session = await ada.log_in()
    assert "memory://" in await shell.fails("sessions", "list", "--email", ada.email, code=2)
    assert "memory://" in await shell.fails(
        "sessions", "revoke", "--email", ada.email, "--session", str(session.sid), code=2
    )
    await shell.ok("sessions", "revoke", "--email", ada.email)
    assert_problem(await session.me(), 401, "invalid_token")
    assert_problem(await session.refresh(), 400, "invalid_grant")


@pytest.mark.embedded_only
async def test_beside_a_transaction(shell: Shell, ada: Person) -> None:
    """A command waits for what the service is about to commit; the service goes on while it does."""
    writing = asyncio.Event()

    async def write() -> None:
        async with transaction():
            await SecurityEvent.all().update(request_id="of the service")
            writing.set()
            await asyncio.sleep(0)

    service = asyncio.create_task(write())
    await writing.wait()
    assert (await shell.ok("users", "disable", "--email", ada.email))["is_active"] is False
    await service


@pytest.mark.embedded_only
def test_wrong_settings(tmp_path: Path) -> None:
    """One clear line per mistake, exit code 2, no secret in it."""
    done = latchkey("users", "list", ENVIRONMENT="production", SECRET_KEY="short-secret", PORT="none")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert "short-secret" not in done.stderr
    done = latchkey("serve", ENVIRONMENT="production", DATABASE_URL=f"sqlite://{tmp_path / 'x'}")
    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        "SECRET_KEY", "PUBLIC_URL", "BACKEND_CORS_ORIGINS", "REDIS_URL", "DATABASE_URL",
    ]  # fmt: skip


@pytest.mark.embedded_only
def test_store_out_of_reach() -> None:
    """Exit code 75 says: try again; nothing was changed."""
    away = {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"}
    for command in (("db", "upgrade"), ("db", "check"), ("users", "list")):
        done = latchkey(*command, **away)
        assert done.returncode == 75
        (line,) = done.stderr.splitlines()
        assert line.startswith("The database is out of reach; nothing was changed. Try again. (")
        assert "Connect call failed ('127.0.0.1', 1)" in line  # why


@pytest.mark.embedded_only
def test_help_and_settings() -> None:
    """`python -m service` is the same program; every setting is listed."""
    from service.settings import settings_table
    from tests.support.brought import SETTINGS

    done = subprocess.run([*LATCHKEY, "--help"], env=environment(), capture_output=True, text=True, check=True)
    assert "sessions" in done.stdout
    assert latchkey("settings", "--defaults").stdout == settings_table(SETTINGS) + "\n"
    given = {"SECRET_KEY": "s3cr3t-" * 8, "SMTP_URL": "smtp://me:s3cr3t@mail.example", "LOG_LEVEL": "warning",
             "METRICS_TOKEN": "s3cr3t-token-of-forty-characters-at-least", "REDIS_URL": "redis://:s3cr3t@localhost/0",
             "DATABASE_URL": "postgres://me@db.example/x?password=s3cr3t&sslmode=prefer"}  # fmt: skip
    shown = latchkey("settings", **given).stdout
    assert "s3cr3t" not in shown
    assert "LOG_LEVEL\tWARNING\t\n" in shown
    assert "ENVIRONMENT\tdevelopment\t" in shown
    in_json = json.loads(latchkey("settings", "--json", **given).stdout)
    assert in_json["SMTP_URL"]["value"] == "smtp://mail.example"
    assert in_json["DATABASE_URL"]["value"].startswith("postgres://db.example/x?password=(")
    assert in_json.keys() == SETTINGS.model_fields.keys()
    wrong = latchkey("settings", PORT="x")
    assert (wrong.returncode, wrong.stdout, len(wrong.stderr.splitlines())) == (2, "", 1)


async def test_database(shell: Shell, runtime: Runtime) -> None:
    """Up to date is exit code 0 and says so."""
    assert await shell.text("db", "check") == "The schema is up to date.\n"
    assert await shell.text("db", "upgrade") == "The schema is up to date.\n"
    assert await shell.ok("db", "check") == {"pending": [], "newer": [], "unbearable": []}


@pytest.mark.embedded_only
def test_pending_migrations(tmp_path: Path) -> None:
    """A schema that is behind is named, with exit code 1."""
    done = latchkey("db", "check", DATABASE_URL=f"sqlite://{tmp_path / 'new.sqlite3'}")
    assert done.returncode == 1
    assert done.stdout.startswith("pending 0_")


async def test_keys(shell: Shell, runtime: Runtime) -> None:
    """Make one, see them, seal them anew, retire it. The one that signs stays."""
    signing = (await runtime.keyring.signing_pair()).kid
    made, *said = (await shell.text("keys", "rotate")).split()
    assert said[:2] == ["is", "published,"]
    listed = [key["kid"] for key in await shell.ok("keys", "list")]
    assert listed[0] == made
    assert signing in listed
    resealed = await shell.ok("keys", "reseal")
    assert (resealed["resealed"], resealed["second_factors"]) == (len(listed), 0)
    assert resealed["unreadable"] == {"letters": 0, "jobs": 0}
    assert await shell.fails("keys", "retire", signing)
    assert await shell.ok("keys", "retire", made) == {"retired": made}
    assert "no such key" in await shell.fails("keys", "retire", "-M5UQlwAbgMKStAHP0MnS")  # a name may begin like this


def test_a_check_up_never_ends_in_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever happens in it is a finding."""

    async def fail(_: object) -> list[Finding]:
        raise RuntimeError("something new")

    monkeypatch.setattr(doctor, "_examine", fail)
    with pytest.raises(typer.Exit) as ended:
        doctor.doctor(only_settings=False, new_secret=False, json=False)
    assert ended.value.exit_code == 1
    assert "The check-up failed: RuntimeError: something new." in capsys.readouterr().out


@pytest.mark.parametrize("error", [redis.exceptions.RedisError("odd"), OperationalError("odd"), OSError("odd")])
def test_what_a_driver_raises(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a store, where nothing has told it apart: the reason on standard error, and no traceback."""
    with pytest.raises(typer.Exit) as ended, plain_errors():
        raise error
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == f"{type(error).__name__}: odd\n"
