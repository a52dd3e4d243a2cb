"""All users' events, for administrators."""

from __future__ import annotations

from typing import Any

import pytest

from models import SecurityEvent
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
