"""A shell, a release or an instance with another database's SECRET_KEY: it is told, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from models import OutboxMail, SigningKey
from service.cli import commands as cli
from service.core.clock import Clock
from service.feature.findings import Level
from service.ops.flows import readiness
from service.ops.letters import LATE, letter_facts
from service.runtime import Runtime
from service.stores.keyring import Keyring
from tests.support.commands import commands
from tests.support.people import Person
from tests.support.process import latchkey, latchkey_beside
from tests.support.stores import Stores

WRONG = "Jw3Tq0mZpV8yXc5LrN2hGd7bKs4fUe9AoR6iHtYzWxQ1"
ADA = ("--email", "ada@example.com")
# Every command, as one calls it, that changes nothing.
READ = {
    "doctor": (), "explain": ADA, "settings": (), "db check": (), "users list": (), "users show": ADA,
    "users export": (), "users factors": ADA, "users identities": ADA,
    "sessions list": ADA, "keys list": (), "mail list": (), "mail status": (),
    "top": ("--once",), "jobs list": (),
    "restore check": (), "events list": (), "throttles list": (), "clients list": (),
}  # fmt: skip
FOLLOW = {"events tail"}  # reads until it is told to stop
CHANGE = {
    "serve", "worker", "db upgrade", "users import", "users create-superuser", "users disable", "users enable",
    "users set-password", "users reset-factors", "users unlink", "sessions revoke", "keys rotate", "keys retire",
    "keys reseal",
    "events export", "events purge", "throttles clear", "users unlock", "mail retry",
    "mail rewrite", "users delete", "jobs retry", "restore finish", "clients add", "clients rotate", "clients remove",
}  # fmt: skip


def _tree(group: typer.Typer | object, before: str = "") -> Iterator[str]:
    found = getattr(typer.main.get_command(group) if isinstance(group, typer.Typer) else group, "commands", None)
    if found is None:
        yield before.strip()
        return
    for name, command in found.items():
        yield from _tree(command, f"{before} {name}")


@pytest.mark.embedded_only
def test_every_command_is_known() -> None:
    """Whoever adds a command says in this file whether it only reads: then it is held to that."""
    assert set(_tree(cli.app)) == {*READ, *FOLLOW, *CHANGE}


async def _everything(stores: Stores, runtime: Runtime) -> tuple[object, object]:
    assert stores.postgres is not None
    names = [
        str(name) for (name,) in stores.postgres.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    asked = " UNION ALL ".join(f"SELECT '{name}', row::text FROM {name} row" for name in names)
    redis = commands(runtime.redis)
    keys = {key: await redis.dump(key) async for key in redis.scan_iter()}
    return sorted(map(str, stores.postgres.query(asked))), keys


@pytest.mark.real_only
async def test_reading_writes_nothing(stores: Stores, runtime: Runtime, ada: Person) -> None:
    """R42: no key is made, and nothing else either, whatever SECRET_KEY the shell has; what is wrong is said."""
    await ada.log_in()
    before = await _everything(stores, runtime)
    for name, args in READ.items():
        done = await latchkey_beside(*name.split(), *args, **stores.environment(SECRET_KEY=WRONG))
        assert done.returncode == (1 if name == "doctor" else 0), (name, done.stdout, done.stderr)
        assert await _everything(stores, runtime) == before, name
        if name in ("doctor", "keys list"):
            assert "SECRET_KEY opens none of the" in done.stdout + done.stderr


async def test_what_would_sign(stores: Stores, runtime: Runtime, ada: Person, tmp_path: Path) -> None:
    """Who would serve, send letters or change keys refuses with one line, until it is said that the secret is new."""
    if stores.postgres is None:
        stores = Stores(f"sqlite://{tmp_path / 'latchkey.sqlite3'}", "memory://")
        assert latchkey("keys", "rotate", **stores.environment()).returncode == 0
    await runtime.keyring.signing_pair()

    async def kids() -> set[str]:
        listed = await latchkey_beside("keys", "list", "--json", **stores.environment())
        return {key["kid"] for key in json.loads(listed.stdout)}

    wrong, before = stores.environment(SECRET_KEY=WRONG, PORT="0"), await kids()
    for command in (("serve",), ("worker",), ("keys", "rotate"), ("keys", "retire", min(before), "--force")):
        done = await latchkey_beside(*command, **wrong)
        assert done.returncode in (1, 2), (command, done.stdout, done.stderr)
        (line,) = [line for line in done.stderr.splitlines() if "SECRET_KEY opens none of" in line]
        assert "NEW_SECRET=yes" in line
    assert await kids() == before
    done = await latchkey_beside("doctor", "--json", "--new-secret", **wrong)
    (found,) = [one for one in json.loads(done.stdout) if one["check"] == "secret_fits"]
    assert found["level"] == "warning"
    done = await latchkey_beside("keys", "rotate", "--new-secret", "--json", **wrong)
    made = json.loads(done.stdout)["kid"]
    done = await latchkey_beside("doctor", "--json", **wrong)
    (found,) = [one for one in json.loads(done.stdout) if one["check"] == "secret_fits"]
    assert found["level"] == "ok"
    if stores.postgres is not None:  # the key is of nobody here
        await SigningKey.filter(kid=made).delete()


async def test_an_instance_beside_right_ones(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has started without its database, or was overtaken by others' keys, isn't ready, and makes no key."""
    await runtime.keyring.signing_pair()
    count = await SigningKey.all().count()
    assert (await readiness(runtime)).ready
    monkeypatch.setattr(type(runtime), "keyring", Keyring((WRONG,), runtime.clock), raising=False)
    found = await readiness(runtime)
    assert (found.ready, found.secret, found.database) == (False, "misconfigured", "ok")
    assert found.reasons["secret"].startswith("SECRET_KEY opens none of the")
    assert await SigningKey.all().count() == count


async def test_letters_that_nobody_sends(runtime: Runtime, clock: Clock, ada: Person) -> None:
    """Due for more than ten minutes: the check-up says so and why, readiness too, and serves on."""
    from service.ops.letters import letters, mail_server

    assert (await readiness(runtime)).letters == "ok"
    waiting = await OutboxMail.filter(state="pending").count()
    assert waiting
    clock.advance(LATE.total_seconds() + 120)
    found = await readiness(runtime)
    assert (found.letters, found.ready) == ("late", True)
    facts = await letter_facts(clock)
    assert (facts.late, facts.untouched) == (waiting, waiting)
    assert facts.oldest_minutes >= 12
    said = letters(runtime.settings, facts)
    assert (said.level, "nobody has tried" in said.says) == (Level.WARNING, True)
    await OutboxMail.all().update(attempts=3)
    assert "in vain" in letters(runtime.settings, await letter_facts(clock)).says
    alone = runtime.settings.model_copy(update={"ENVIRONMENT": "production", "SMTP_URL": ""})
    assert letters(alone, await letter_facts(clock)).fix == "Set SMTP_URL."
    await OutboxMail.all().update(state="dead")
    assert "given up" in letters(runtime.settings, await letter_facts(clock)).says
    for url in ("smtp://127.0.0.1:1", "smtps://127.0.0.1:1"):
        away = await mail_server(runtime.settings.model_copy(update={"SMTP_URL": url}))
        assert away is not None
        assert (away.level, "can't be used" in away.says) == (Level.WARNING, True)
    needed = {"SMTP_URL": "smtp://127.0.0.1:1", "REQUIRE_EMAIL_VERIFICATION": True}
    away = await mail_server(runtime.settings.model_copy(update=needed))
    assert away is not None
    assert away.level is Level.ERROR
