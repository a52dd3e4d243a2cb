"""An operator makes services known, gives them other secrets, and takes them away: `latchkey clients`."""

from __future__ import annotations

import asyncio
import json
import os
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tortoise.exceptions import OperationalError

from models import OAuthClient, OAuthClientSecret, SecurityEvent
from service.core.clock import Clock
from service.errors import NotFound, Unavailable
from service.feature.doctor import Deployment
from service.feature.findings import Level
from service.oauth import clients, managing, uses
from service.oauth.checks import check_up
from service.oauth.clients import Made, hashed
from service.runtime import Runtime
from tests.cli.test_commands import Shell
from tests.oauth.support import Service, a_service, refused
from tests.support.people import Person
from tests.support.process import latchkey
from tests.support.stores import Stores

ID, SECRET = re.compile(r"rs_[A-Za-z0-9_-]{16}"), re.compile(r"lks_[A-Za-z0-9_-]{43}")


@pytest.fixture
def shell(stores: Stores) -> Shell:
    return Shell(stores)


async def test_from_the_first_to_the_last(shell: Shell, client: httpx.AsyncClient, ada: Person) -> None:
    """Added, asked with, listed, rotated, removed: each counts at the next call of a service that runs."""
    token = (await ada.log_in()).access_token
    made = await shell.ok("clients", "add", "Billing", "--resource-server")
    assert set(made) == {"client_id", "client_secret", "name"}
    assert ID.fullmatch(made["client_id"])
    assert SECRET.fullmatch(made["client_secret"])
    first = Service(client, made["client_id"], made["client_secret"])
    assert (await first.ask(token))["active"] is True

    (listed,) = await shell.ok("clients", "list")
    assert set(listed) == {"client_id", "name", "kind", "created_at", "secrets"}
    assert (listed["client_id"], listed["name"], listed["kind"]) == (made["client_id"], "Billing", "resource_server")
    assert [set(secret) for secret in listed["secrets"]] == [{"created_at", "last_used_at"}]
    assert listed["secrets"][0]["last_used_at"] is None

    turned = await shell.ok("clients", "rotate", "Billing")
    second = Service(client, turned["client_id"], turned["client_secret"])
    assert second.client_id == first.client_id
    assert [(await one.ask(token))["active"] for one in (first, second)] == [True, True]
    third = Service(
        client, first.client_id, (await shell.ok("clients", "rotate", first.client_id, "--now"))["client_secret"]
    )
    for gone in (first, second):
        refused(await gone.post(token), 401, "invalid_client")
    assert (await third.ask(token))["active"] is True

    assert await shell.ok("clients", "remove", "Billing", "--yes") == {"removed": "Billing"}
    refused(await third.post(token), 401, "invalid_client")
    assert await shell.ok("clients", "list") == []


async def test_what_a_person_is_told(shell: Shell, runtime: Runtime) -> None:
    """The secret once, and that it is once; lists without it; and no hash anywhere."""
    done = latchkey("clients", "add", "Shop 2", "--resource-server", **shell.environment)
    assert done.returncode == 0, done.stderr
    secret = SECRET.search(done.stdout)
    assert secret is not None
    assert "shown this once" in done.stderr
    assert secret[0] not in done.stderr
    table = await shell.text("clients", "list")
    assert "Shop 2" in table
    assert "never used" in table
    told = table + json.dumps(await shell.ok("clients", "list")) + done.stderr
    for never in (secret[0], hashed(secret[0])):
        assert never not in told
    turned = latchkey("clients", "rotate", "Shop 2", **shell.environment)
    assert "goes on until you rotate again" in turned.stderr
    turned = latchkey("clients", "rotate", "Shop 2", "--now", **shell.environment)
    assert "2 secrets before it ended." in turned.stderr


async def test_mistakes(shell: Shell, runtime: Runtime) -> None:
    """Each has a sentence and an exit code, and changes nothing."""
    assert "--resource-server" in await shell.fails("clients", "add", "Billing", code=2)
    for name in ("", " ", "x" * 65, "Bücher", "a/b", "a\nb", " a", "a ", "rs_0123456789abcdef", "a;b", "<b>"):
        assert "1 to 64 letters" in await shell.fails("clients", "add", name, "--resource-server", code=2)
    await shell.ok("clients", "add", "x" * 64, "--resource-server")
    await shell.ok("clients", "add", "A.b_c-1 d", "--resource-server")
    taken = await shell.fails("clients", "add", "A.b_c-1 d", "--resource-server")
    assert taken == "There is a client called A.b_c-1 d already."
    for command in ("rotate", "remove"):
        for name in ("nobody", "rs_0123456789abcdef", "a\0b"):
            if "\0" not in name:  # no shell can say that
                assert "There is no such client" in await shell.fails("clients", command, name)
    assert "Nobody is there to say so" in await shell.fails("clients", "remove", "A.b_c-1 d", code=2)
    assert await OAuthClient.all().count() == 2


async def test_names_that_begin_with_a_dash(shell: Shell, runtime: Runtime) -> None:
    """They are names, though they look like options."""
    made = await shell.ok("clients", "add", "-x", "--resource-server")
    assert (await shell.ok("clients", "rotate", "-x"))["client_id"] == made["client_id"]
    await shell.ok("clients", "remove", "-x", "--yes")
    assert not await OAuthClient.exists()


async def test_what_is_on_record(shell: Shell, runtime: Runtime) -> None:
    """Each change is a security event, which names the client and no secret."""
    made = await shell.ok("clients", "add", "Billing", "--resource-server")
    await shell.ok("clients", "rotate", "Billing", "--now")
    await shell.ok("clients", "remove", "Billing", "--yes")
    rows = await SecurityEvent.filter(type__startswith="client.").order_by("created_at")
    known = {"client_id": made["client_id"], "name": "Billing"}
    assert [(row.type, row.detail) for row in rows] == [
        ("client.added", known),
        ("client.rotated", {**known, "at_once": True}),
        ("client.removed", known),
    ]
    assert await SecurityEvent.filter(type__startswith="client.", user_id=None).count() == 3


def test_on_embedded_stores(tmp_path: Path) -> None:
    """A file beside the project will do; a second command finds what the first has made."""
    stores = Stores(f"sqlite://{tmp_path / 'latchkey.sqlite3'}", "memory://").environment()
    made = latchkey("clients", "add", "Billing", "--resource-server", "--json", **stores)
    assert made.returncode == 0, made.stderr
    found = latchkey("clients", "list", "--json", **stores)
    assert [one["client_id"] for one in json.loads(found.stdout)] == [json.loads(made.stdout)["client_id"]]
    assert json.loads(made.stdout)["client_secret"].encode() not in (tmp_path / "latchkey.sqlite3").read_bytes()


async def test_one_name_is_one_client(runtime: Runtime) -> None:
    """Race: twenty add one name at once. One is made, with one secret, and one event."""
    found = await asyncio.gather(*(managing.add(runtime, "Billing") for _ in range(20)))
    (made,) = [one for one in found if one is not None]
    assert [row.id for row in await OAuthClient.all()] == [made.client_id]
    assert [row.hash for row in await OAuthClientSecret.all()] == [hashed(made.secret)]
    assert await SecurityEvent.filter(type="client.added").count() == 1


async def test_two_are_alive_however_many_rotate(runtime: Runtime, billing: Service) -> None:
    """Race: twenty rotate at once. Two secrets are alive then, and the newest is among them."""
    made: list[Made] = await asyncio.gather(*(managing.rotate(runtime, "Billing", at_once=False) for _ in range(20)))
    alive = {row.hash for row in await OAuthClientSecret.all()}
    assert len(alive) == 2
    assert alive < {hashed(one.secret) for one in made}
    assert sum(one.ended for one in made) == 19


async def test_a_clock_that_goes_back(runtime: Runtime, billing: Service, clock: Clock) -> None:
    """The secret that was made last stays the newest: the next rotation doesn't end it."""
    clock.advance(-3600)
    second = await managing.rotate(runtime, "Billing", at_once=False)
    third = await managing.rotate(runtime, "Billing", at_once=False)
    assert {row.hash for row in await OAuthClientSecret.all()} == {hashed(one.secret) for one in (second, third)}


async def test_rotated_and_removed_at_once(runtime: Runtime, billing: Service) -> None:
    """Race: whichever is first, nothing is left of a client that was removed."""
    done = await asyncio.gather(
        *(managing.rotate(runtime, "Billing", at_once=False) for _ in range(5)),
        managing.remove(runtime, "Billing"),
        *(managing.rotate(runtime, "Billing", at_once=False) for _ in range(5)),
        return_exceptions=True,
    )
    assert all(one is None or isinstance(one, Made | NotFound) for one in done), done
    assert not await OAuthClient.exists()
    assert not await OAuthClientSecret.exists()


async def _found(runtime: Runtime) -> list[tuple[Level, str]]:
    deployment = Deployment(runtime.settings, runtime.redis, runtime.clock, os.environ)
    return [(one.level, one.says) for one in await check_up(deployment)]


async def test_the_check_up(billing: Service, runtime: Runtime, clock: Clock) -> None:
    """Services that don't ask any more, and second secrets that were forgotten, are hinted at."""
    assert await _found(runtime) == [(Level.OK, "Services that may ask about tokens: 1. All of them do.")]
    clock.advance(timedelta(days=91).total_seconds())
    assert await _found(runtime) == [(Level.WARNING, "Billing has not asked about a token since it was added.")]
    await billing.ask("x")
    await uses.write(runtime)
    assert [level for level, _ in await _found(runtime)] == [Level.OK]
    second = await managing.rotate(runtime, "Billing", at_once=False)
    clock.advance(timedelta(days=31).total_seconds())
    assert await _found(runtime) == [(Level.WARNING, "Billing has had two secrets for 31 days.")]
    clock.advance(timedelta(days=60).total_seconds())
    assert await _found(runtime) == [(Level.WARNING, "Billing has not asked about a token for 91 days.")]
    await managing.remove(runtime, second.client_id)
    assert await _found(runtime) == []


@pytest.mark.parametrize("trouble", [Unavailable("database"), OperationalError("no such table: oauth_clients")])
async def test_a_database_that_has_no_clients_yet(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """Away, or before the upgrade: other checks say so, and this one says nothing."""

    def fails() -> None:
        raise trouble

    monkeypatch.setattr(OAuthClientSecret, "all", fails)
    assert await _found(runtime) == []


async def test_the_list_is_by_name(billing: Service, runtime: Runtime) -> None:
    """And the newest secret of each is first."""
    await a_service(billing.client, runtime, "Accounts")
    second = await managing.rotate(runtime, "Billing", at_once=False)
    await Service(billing.client, second.client_id, second.secret).ask("x")
    await uses.write(runtime)
    found = await clients.list_clients()
    assert [one.name for one in found] == ["Accounts", "Billing"]
    assert [secret.last_used_at is not None for secret in found[1].secrets] == [True, False]
