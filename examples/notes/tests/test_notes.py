"""A notebook, over HTTP and at the command line, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from notes.models import Note

from service.audit.timeline import explain
from service.core.clock import Clock
from service.jobs.kinds import kinds_of
from service.runtime import Runtime
from tests.support.inflight import held
from tests.support.letters import Mailbox
from tests.support.people import Person, Session, assert_problem
from tests.support.process import environment, latchkey_in, latchkey_in_beside
from tests.support.stores import Stores
from tests.support.work import work_off

HERE = Path(__file__).parents[1]


async def notes(stores: Stores, *arguments: str, **changes: str) -> Any:
    """What a command prints, with the notebook among the features."""
    given = environment(**stores.environment(FEATURES="notes.features", **changes))
    done = await latchkey_in_beside(HERE, (*arguments, "--json"), given)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def write(session: Session, *texts: str) -> list[dict[str, Any]]:
    answers = [await session.call("POST", "/notes", json={"text": text}) for text in texts]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json() for answer in answers]


async def test_one_writes_reads_and_deletes(ada: Person, clock: Clock) -> None:
    """Notes are listed newest first, and are gone when they were deleted."""
    session = await ada.log_in()
    (first,) = await write(session, "Bring back the key.")
    clock.advance(1)
    (second,) = await write(session, "Water the plants.")
    assert (await session.call("GET", "/notes")).json() == [second, first]
    assert (await session.call("DELETE", f"/notes/{first['id']}")).status_code == 204
    assert (await session.call("GET", "/notes")).json() == [second]
    assert_problem(await session.call("DELETE", f"/notes/{first['id']}"), 404, "not_found")
    assert_problem(await session.call("DELETE", "/notes/nothing"), 404, "not_found")


async def test_only_ones_own(ada: Person, grace: Person) -> None:
    """Nobody sees or deletes another's."""
    session, other = await ada.log_in(), await grace.log_in()
    (note,) = await write(session, "A secret.")
    assert (await other.call("GET", "/notes")).json() == []
    assert_problem(await other.call("DELETE", f"/notes/{note['id']}"), 404, "not_found")
    assert (await session.call("GET", "/notes")).json() == [note]


async def test_pages(ada: Person, clock: Clock) -> None:
    """Pages follow each other by their Link headers, also where several notes are of one moment."""
    session = await ada.log_in()
    for number in range(3):
        await write(session, f"{number} a", f"{number} b")
        clock.advance(1)
    seen: list[str] = []
    path = "/notes?limit=4"
    while path:
        page = await session.call("GET", path)
        seen += [note["id"] for note in page.json()]
        link = page.headers.get("link", "")
        path = link.partition(">")[0].removeprefix("</api")
    assert len(seen) == len(set(seen)) == 6


async def test_problems_are_latchkeys(client: httpx.AsyncClient, ada: Person) -> None:
    """The answers of the notebook are as strict and as telling as Latchkey's own."""
    session = await ada.log_in()
    assert_problem(await client.get("/api/notes"), 401, "not_authenticated")
    problem = assert_problem(
        await session.call("POST", "/notes", json={"text": "", "user_id": "x"}), 422, "validation_error"
    )
    assert {fault["pointer"] for fault in problem["errors"]} == {"/text", "/user_id"}
    assert_problem(await session.call("PUT", "/notes"), 405, "method_not_allowed")


async def test_burning_asks_for_the_password(ada: Person, clock: Clock) -> None:
    """All of a notebook goes only where the password was given a short while ago."""
    session = await ada.log_in()
    await write(session, "One.", "Two.")
    clock.advance(3600)
    await session.advance()
    assert_problem(await session.call("DELETE", "/notes"), 403, "reauthentication_required")
    assert await Note.all().count() == 2
    assert (await session.call("POST", "/auth/reauthenticate", json={"password": ada.password})).status_code == 204
    assert (await session.call("DELETE", "/notes")).status_code == 204
    assert not await Note.all().exists()


async def test_what_is_told_of_a_burned_notebook(
    ada: Person, client: httpx.AsyncClient, mailbox: Mailbox, stores: Stores, runtime: Runtime
) -> None:
    """An event, in its user's list and in the API's document, worded by `latchkey explain`; and a letter."""
    session = await ada.log_in()
    await mailbox.letters()
    await write(session, "One.", "Two.")
    assert (await session.call("DELETE", "/notes")).status_code == 204
    (event,) = [event for event in (await session.call("GET", "/users/me/events")).json() if "note" in event["type"]]
    assert (event["type"], event["detail"], event["session_id"]) == ("notes.burned", {"notes": 2}, str(session.sid))
    schemas = (await client.get("/api/openapi.json")).json()["components"]["schemas"]
    assert "notes.burned" in schemas["EventResponse"]["properties"]["type"]["enum"]
    letter = await mailbox.letter(ada.email)
    assert (letter.subject, "2 of them" in letter.text) == ("Your notebook was burned", True)
    story = await explain(runtime, user_id=ada.id)
    assert any(entry.text.startswith("The notebook was burned, from 127.0.0.1") for entry in story.entries)
    if stores.redis is not None:  # in a process of its own, too
        assert "The notebook was burned" in str(await notes(stores, "explain", "--email", ada.email))


async def test_old_notes_go(ada: Person, clock: Clock, runtime: Runtime, stores: Stores) -> None:
    """A worker deletes them, after as many days as are set; what it does is listed with all that workers do."""
    session = await ada.log_in()
    await write(session, "Old.")
    clock.advance(364 * 24 * 3600)
    session = await ada.log_in()
    (new,) = await write(session, "New.")
    clock.advance(2 * 24 * 3600)
    await work_off(runtime, kinds_of(runtime))
    assert [str(note.id) for note in await Note.all()] == [new["id"]]
    assert "notes.purge" in {job["kind"] for job in await notes(stores, "jobs", "list")}
    listed = latchkey_in(HERE, ("settings", "--defaults"), environment(FEATURES="notes.features"))
    assert "| `NOTES_KEPT_DAYS` | `365` | For how many days notes are kept. |" in listed.stdout
    wrong = environment(**stores.environment(FEATURES="notes.features", NOTES_KEPT_DAYS="0", PORT="-1"))
    told = latchkey_in(HERE, ("serve",), wrong)
    assert (told.returncode, [line.partition(":")[0] for line in told.stderr.splitlines()]) == (
        2, ["PORT", "NOTES_KEPT_DAYS"],
    )  # fmt: skip


async def test_a_session_ended_by_an_operator(ada: Person, runtime: Runtime, stores: Stores) -> None:
    """`redis-cli unlink` of a session's key: the very next request to the notebook is refused."""
    session = await ada.log_in()
    await write(session, "Before.")
    key = f"user:{{{ada.id}}}:session:{session.sid}"
    if stores.redis is None:
        assert await runtime.redis.client.unlink(key) == 1  # type: ignore[attr-defined]
    else:
        assert stores.redis.cli("unlink", key).strip() == "1"
    assert_problem(await session.call("GET", "/notes"), 401, "invalid_token")
    assert_problem(await session.call("POST", "/notes", json={"text": "After."}), 401, "invalid_token")
    assert await Note.all().count() == 1


async def test_a_call_under_way(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was let in before its session ended writes nothing after it."""
    session, other = await ada.log_in(), await ada.log_in()
    async with held(monkeypatch, session, [("POST", "/notes", {"text": "Too late."})]) as answers:
        assert (await other.call("DELETE", f"/sessions/{session.sid}")).status_code == 204
    (answer,) = await answers
    assert_problem(answer, 401, "invalid_token")
    assert not await Note.all().exists()


async def test_the_document(client: httpx.AsyncClient) -> None:
    """The calls are in the document that /api/docs shows, with everything that Latchkey says of its own."""
    document = (await client.get("/api/openapi.json")).json()
    assert {"name": "notes", "description": "What you have written down for yourself."} in document["tags"]
    add = document["paths"]["/api/notes"]["post"]
    assert (add["operationId"], add["tags"], add["summary"]) == ("add_note", ["notes"], "Write a note down")
    assert set(add["responses"]) >= {"201", "400", "401", "415", "422", "503"}
    assert add["security"]
    assert "/api/openapi.json" in (await client.get("/api/docs")).text


async def test_the_export_and_the_end(ada: Person, grace: Person) -> None:
    """A user's export has the notebook; with the account it is gone, and nobody else's is."""
    session, other = await ada.log_in(), await grace.log_in()
    (note,) = await write(session, "Mine.")
    await write(other, "Hers.")
    assert (await session.call("GET", "/users/me/export")).json()["features"] == {"notes": [note]}
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert [note.text for note in await Note.all()] == ["Hers."]


async def test_the_command_and_the_check(ada: Person, stores: Stores) -> None:
    """`latchkey notes count`, and what `latchkey doctor` says."""
    await write(await ada.log_in(), "One.", "Two.")
    assert await notes(stores, "notes", "count") == {"notes": 2}
    (finding,) = [found for found in await notes(stores, "doctor") if found["check"] == "notes"]
    assert (finding["level"], finding["says"]) == ("ok", "No notebook is very long.")


async def test_the_migration(stores: Stores, tmp_path: Path) -> None:
    """`latchkey db upgrade` makes the table, on an empty database and on one that has been in use without it."""
    if stores.postgres is not None:
        url = stores.postgres.create_database(f"notes{os.urandom(4).hex()}")
    else:
        url = f"sqlite://{tmp_path / 'empty.sqlite3'}"
    without = latchkey_in(HERE, ("db", "upgrade"), environment(DATABASE_URL=url))
    assert without.returncode == 0, without.stderr
    pending = latchkey_in(HERE, ("db", "check"), environment(DATABASE_URL=url, FEATURES="notes.features"))
    assert (pending.returncode, pending.stdout) == (1, "pending notes/0_20261126120000_init\n")
    assert await notes(stores, "db", "upgrade", DATABASE_URL=url) == {"applied": ["notes/0_20261126120000_init"]}
    assert await notes(stores, "db", "upgrade", DATABASE_URL=url) == {"applied": []}
    assert (await notes(stores, "db", "check", DATABASE_URL=url))["pending"] == []


@pytest.mark.embedded_only
def test_the_models_are_as_the_migrations_make_them(tmp_path: Path) -> None:
    """What a fresh schema of the models has, the migrations have made: on SQLite, where that can be compared."""
    url = f"sqlite://{tmp_path / 'made.sqlite3'}"
    done = latchkey_in(HERE, ("db", "upgrade"), environment(DATABASE_URL=url, FEATURES="notes.features"))
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "made.sqlite3") as database:
        columns = {row[1] for row in database.execute('PRAGMA table_info("notes")')}
    assert columns == set(Note._meta.fields_db_projection.values())
