"""All users' events, for administrators."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest

from models import SecurityEvent, User
from service.admin import events as admin_events
from service.core.clock import Clock
from service.runtime import Runtime
from tests.support.people import Person, Session, assert_problem


async def events(session: Session, **query: str) -> list[dict[str, Any]]:
    answer = await session.call("GET", "/admin/events", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def test_superusers_only(ada: Person) -> None:
    """R60: nobody else learns anything."""
    session = await ada.log_in()
    assert_problem(await session.call("GET", "/admin/events"), 403, "forbidden")


async def test_filters(ada: Person, grace: Person, root: Person) -> None:
    """Every filter narrows; together they all must fit."""
    admin, hers = await root.log_in(), await ada.log_in()
    await grace.log_in()
    everything = await events(admin)
    assert [event["created_at"] for event in everything] == sorted(
        (event["created_at"] for event in everything), reverse=True
    )
    of_ada = await events(admin, email=" ADA@example.com")
    assert {event["user_id"] for event in of_ada} == {str(ada.id)}
    assert of_ada == await events(admin, user_id=str(ada.id))
    (log_in,) = await events(admin, session_id=str(hers.sid))
    assert log_in["type"] == "login.succeeded"
    assert log_in in await events(admin, type="login.succeeded", ip="127.0.0.1", email=ada.email)
    assert await events(admin, request_id=log_in["request_id"]) == [log_in]
    assert log_in in await events(admin, since=log_in["created_at"])
    assert log_in not in await events(admin, until=log_in["created_at"])
    assert await events(admin, email="nobody@example.com") == []
    assert await events(admin, email=ada.email, user_id=str(grace.id)) == []


async def test_pages(ada: Person, root: Person) -> None:
    """`Link` leads through all of them, each once, with the filters kept."""
    admin = await root.log_in()
    for _ in range(3):
        await ada.log_in()
    everything = await events(admin, user_id=str(ada.id))
    seen: list[dict[str, Any]] = []
    path = f"/admin/events?limit=2&user_id={ada.id}"
    while path:
        answer = await admin.call("GET", path)
        seen += answer.json()
        path = answer.links["next"]["url"].removeprefix("/api") if "next" in answer.links else ""
    assert seen == everything


async def test_people(ada: Person, grace: Person, root: Person) -> None:
    """Events say whom they are about and who did it, by address and name; of who is gone, nothing."""
    admin, hers = await root.log_in(), await ada.log_in()
    await admin.call("PATCH", f"/users/{ada.id}", json={"full_name": "Ada King"})
    (changed,) = await events(admin, type="user.updated")
    assert (changed["user_email"], changed["user_name"]) == (ada.email, "Ada King")
    assert (changed["actor_email"], changed["actor_name"]) == (root.email, "Root")
    (log_in,) = await events(admin, session_id=str(hers.sid))
    assert (log_in["user_email"], log_in["actor_email"], log_in["actor_name"]) == (ada.email, None, None)
    await User.filter(id=grace.id).update(is_superuser=True)
    deputy = await grace.log_in()
    await deputy.call("PATCH", f"/users/{ada.id}", json={"full_name": "Ada"})
    assert (await admin.call("DELETE", f"/users/{grace.id}")).status_code == 204
    newest, _ = await events(admin, type="user.updated")
    assert (newest["user_email"], newest["actor_id"], newest["actor_email"]) == (ada.email, str(UUID(int=0)), None)
    (gone,) = await events(admin, type="user.deleted")
    assert (gone["user_id"], gone["user_email"], gone["actor_email"]) == (None, None, root.email)


async def test_people_in_one_query(ada: Person, grace: Person, root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many people a page is about, they are asked for once."""
    admin = await root.log_in()
    for person in (ada, grace, ada):
        await person.log_in()
    asked: list[int] = []
    whole = User.filter

    def counted(*args: Any, **named: Any) -> Any:
        if "id__in" in named:
            asked.append(len(named["id__in"]))
        return whole(*args, **named)

    monkeypatch.setattr(User, "filter", counted)
    assert len(await events(admin, limit="100")) > 5
    assert asked == [3]


async def test_a_file(ada: Person, root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that fit, newest first, though few are read at a time; no cell is a formula; who took it is an event."""
    monkeypatch.setattr(admin_events, "AT_ONCE", 2)
    admin = await root.log_in()
    await User.filter(id=ada.id).update(full_name="=1+1")
    for _ in range(4):
        await ada.log_in(**{"User-Agent": "@SUM(1)"})
    listed = await events(admin, email=ada.email)
    answer = await admin.call("GET", "/admin/events.csv", params={"email": ada.email})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["id"] for row in rows] == [event["id"] for event in listed]
    assert {row["user_name"] for row in rows} == {"'=1+1"}
    assert {row["user_agent"] for row in rows if row["type"] == "login.succeeded"} == {"'@SUM(1)"}
    assert [json.loads(row["detail"]) for row in rows] == [event["detail"] for event in listed]
    (taken,) = await events(admin, type="events.exported")
    assert (taken["actor_email"], taken["user_id"]) == (root.email, None)
    nothing = await admin.call("GET", "/admin/events.csv", params={"email": "nobody@example.com"})
    assert nothing.text.count("\r\n") == 1
    assert_problem(await (await ada.log_in()).call("GET", "/admin/events.csv"), 403, "forbidden")


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"until": "0.5"}, {"since": "2026-01-01T00:00:00"}, {"limit": "101"}, {"x": "1"}]
)
async def test_queries_that_are_none(root: Person, query: dict[str, str]) -> None:
    """R61: times need a zone; unknown parameters are refused."""
    admin = await root.log_in()
    assert_problem(await admin.call("GET", "/admin/events", params=query), 422, "validation_error")


async def test_old_events_go(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """Events are kept for EVENT_RETENTION_DAYS, and purged in batches."""
    from service.audit.events import purge

    await ada.log_in()
    clock.advance(401 * 86_400)
    await ada.log_in()
    assert await purge(runtime, batch=1) >= 2
    assert await SecurityEvent.all().count() == 1
