"""What is stored about a user: all of it is in the export, and none of it is left when the account is deleted (R83)."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel
from tortoise import Tortoise
from tortoise.models import Model

from models import OneTimeToken, OutboxMail, SecurityEvent, User
from service.accounts.personal_data import OF_FEATURES, OF_THE_ACTOR, REDIS, SECTIONS, TABLES, details, kept_detail
from service.audit import events
from service.auth.flows import register_quietly
from service.core.client import Client
from service.core.text.email_address import parse_email
from service.runtime import Runtime
from service.sessions.schemas import SessionResponse
from service.users.schemas import ExportResponse
from tests.support.brought import EVENTS
from tests.support.letters import Mailbox
from tests.support.links import address_token, ask_for_address, post, undo_token
from tests.support.people import PASSWORD, Person

SERVICE = Path(__file__).parents[2] / "service"
KNOWN = {
    "runtime",
    "event",
    "user_id",
    "session_id",
    "actor_id",
    "client",
    "once",
    "traceable",
    "name",
    None,
}


def tables() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in Tortoise.apps["models"].values() if model.__name__ != "Aerich"}


def tables_that_name_users() -> dict[str, type[Model]]:
    return {name: model for name, model in tables().items() if "user_id" in model._meta.fields_db_projection}


async def lived_in(ada: Person, mailbox: Mailbox) -> Any:
    """An account with something in every table; return a fresh session of it."""
    await undo_token(ada, mailbox)
    session = await ada.log_in()
    await address_token(session, mailbox, "third@example.org")
    await post(ada.client, "password/forgot", email=ada.email.upper())
    await ask_for_address(session, "fourth@example.org")
    # It is unconfirmed again, as an import can say, and registered once more by nobody knows whom.
    await User.filter(id=ada.id).update(email_verified=False)
    client = Client("203.0.113.9", "a stranger's browser")
    await register_quietly(mailbox.runtime, parse_email(ada.email), PASSWORD, "Mallory", client)
    return session


async def test_every_column_is_in_the_table(runtime: Runtime) -> None:
    """R83: a column that nobody has decided about, shown or not, taken or kept, fails here."""
    found = {name: set(model._meta.fields_db_projection) for name, model in tables().items()}
    assert found == {name: set(fields) for name, fields in TABLES.items()}
    assert set(tables_that_name_users()) <= set(SECTIONS) | set(OF_FEATURES)
    by_name = {feature.name: feature for feature in runtime.features}
    assert all(by_name[name].exported for name in OF_FEATURES.values())


def test_every_member_of_a_detail_is_in_the_table() -> None:
    """R83: and a member of an event's detail, wherever one is recorded."""
    anywhere = {name for members in details(EVENTS).values() for name in members}
    calls = 0
    for path in SERVICE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in ("events.record", "events.record_for"):
                calls += 1
                where, _, event = ast.unparse(node.args[1]).partition(".")
                members = {keyword.arg for keyword in node.keywords} - KNOWN
                leaf = path.relative_to(SERVICE).parts[0]
                found = {"events": "audit.events", "catalogue": f"{leaf}.catalogue"}.get(where, "")
                known = details(EVENTS)[getattr(import_module(f"service.{found}"), event).name] if found else anywhere
                assert members <= set(known), (path, node.lineno)
    assert calls > 20


def test_the_export_shows_what_the_table_says() -> None:
    """R83: the first column: every field of the export is one of it, under the name it has there."""
    for table, section in SECTIONS.items():
        shown = {stored.shown for stored in TABLES[table].values()} - {None}
        assert shown == set(_model_of(section).model_fields), table
    (session,) = [fields for key, fields in REDIS.items() if key.startswith("user:{*}:session:")]
    shown = {stored.shown for stored in session.values()} - {None}
    assert shown | {"id", "device", "browser", "system", "current"} == set(SessionResponse.model_fields)
    assert set(ExportResponse.model_fields) >= {"sessions", *SECTIONS.values()}


def _model_of(section: str) -> type[BaseModel]:
    annotation: Any = ExportResponse.model_fields[section].annotation
    return next(iter(getattr(annotation, "__args__", [annotation])))  # type: ignore[no-any-return]


def test_what_is_withheld_or_kept_says_why() -> None:
    """R83: nothing is withheld, and nothing stays, without a reason."""
    for fields in (*TABLES.values(), *details(EVENTS).values(), *REDIS.values()):
        for name, stored in fields.items():
            assert stored.why or (stored.shown and stored.taken != "kept"), name
    assert all(TABLES["security_events"][name].taken == "cleared" for name in (*OF_THE_ACTOR, "actor_id", "user_id"))


def test_what_is_not_known_is_not_kept() -> None:
    """R83: of events that another version records, or with members of another version."""
    assert kept_detail(None, {"ip": "x"}) == {}
    assert kept_detail(events.LOGIN_FAILED, {"reason": "password", "email": "x"}) == {"reason": "password"}


async def test_every_row_is_in_the_export(ada: Person, grace: Person, mailbox: Mailbox) -> None:
    """As many as there are, of every table, and none of anybody else's."""
    await grace.log_in()
    session = await lived_in(ada, mailbox)
    body = (await session.call("GET", "/users/me/export")).json()
    for table, model in tables_that_name_users().items():
        if table in OF_FEATURES:  # looked at where the feature is
            continue
        mine = await model.filter(user_id=ada.id).count()
        assert mine > 0, table
        if model is OutboxMail:  # those by address alone come on top: somebody asked for a link, and isn't known to us
            mine += await OutboxMail.filter(user_id=None, recipient=ada.email).count()
        assert len(body[SECTIONS[table]]) == mine, table
    assert set(body) == {"sessions", *SECTIONS.values()}
    assert len(body["sessions"]) == 2
    assert grace.email not in str(body)
    assert "Mallory" not in str(body)  # whoever registers an address again needn't be who has the account
    assert "ada@example.com" in str(body["links"])  # the address that can take the last change back


async def test_the_whole_row_of_the_user(ada: Person) -> None:
    """Every column of the users table, but for a count and the compared form of the address."""
    session = await ada.log_in()
    body = (await session.call("GET", "/users/me/export")).json()
    withheld = {"credentials_version", "email_canonical"}
    assert set(body["user"]) == set(User._meta.fields_db_projection) - withheld
    assert "argon2" not in str(body)


async def test_what_administrators_did_is_in_their_export(root: Person, ada: Person) -> None:
    """R83: an event of another account holds who did it, from where: that is the administrator's too."""
    session = await root.log_in()
    assert (await session.call("PATCH", f"/users/{ada.id}", json={"full_name": "x"})).status_code == 200
    shown = (await session.call("GET", "/users/me/export")).json()["events"]
    (deed,) = [event for event in shown if event["type"] == "user.updated"]
    assert (deed["ip"], deed["session_id"]) == ("127.0.0.1", None)
    assert deed["request_id"]
    assert ada.email not in str(shown)


async def test_the_export_opens_nothing(ada: Person, mailbox: Mailbox) -> None:
    """R20: links are told by purpose and date, letters by kind and date; no token and no hash of one."""
    session = await lived_in(ada, mailbox)
    text = (await session.call("GET", "/users/me/export")).text
    for row in await OneTimeToken.all():
        assert row.token_hash not in text
    assert "token=" not in text


async def test_nothing_of_a_deleted_user_is_left(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """No row names the user or holds an address, but the letters that tell of the end, until they are sent."""
    session = await lived_in(ada, mailbox)
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    for table, model in tables_that_name_users().items():
        assert not await model.filter(user_id=ada.id).exists(), table
    for event in await SecurityEvent.all():
        assert (event.ip, event.user_agent, event.actor_id) == (None, None, None)
        assert "@" not in str(event.detail)
    assert {row.letter for row in await OutboxMail.all()} == {"account_deleted"}
    assert not await User.all().exists()
    # To the address that was confirmed; nobody had confirmed the other one again.
    assert [letter.subject for letter in await mailbox.letters()] == ["Your account was deleted"]
    assert not await OutboxMail.all().exists()
    body = {"email": ada.email, "password": PASSWORD}
    assert (await client.post("/api/auth/register", json=body)).status_code == 200


async def test_sent_letters_say_nothing(ada: Person, mailbox: Mailbox) -> None:
    """R20: what a letter said is wiped once it is sent."""
    await lived_in(ada, mailbox)
    await mailbox.letters()
    assert {row.values_sealed for row in await OutboxMail.all()} == {None}
