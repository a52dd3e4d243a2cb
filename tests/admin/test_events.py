"""A superuser searches everyone's security events; old ones are purged."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from models import SecurityEvent
from service.audit import events, search
from service.core.clock import Clock
from service.runtime import Runtime
from tests.support.people import Person, Session, assert_problem


async def found(session: Session, **query: Any) -> list[dict[str, Any]]:
    response = await session.call("GET", "/admin/events", params=query)
    assert response.status_code == 200, response.text
    rows: list[dict[str, Any]] = response.json()
    return rows


async def test_only_for_superusers(ada: Person) -> None:
    """R60: anyone else gets 403."""
    assert_problem(await (await ada.log_in()).call("GET", "/admin/events"), 403, "forbidden")


async def test_filters(ada: Person, grace: Person, root: Person, clock: Clock) -> None:
    """R69: when, who, where, what and in which request: each can be asked for, alone and together."""
    session = await ada.log_in()
    await grace.log_in()
    admin = await root.log_in()
    clock.advance(60)
    since = clock.now().isoformat().replace("+00:00", "Z")
    headers = {**admin.headers, "X-Request-ID": "the-revocation"}
    await admin.client.delete(f"/api/users/{ada.id}/sessions", headers=headers)
    row = (await found(admin, request_id="the-revocation"))[0]
    assert row["type"] == "sessions.ended"
    assert (row["user_id"], row["actor_id"], row["ip"]) == (str(ada.id), str(root.id), "127.0.0.1")
    assert row["detail"] == {"ended": 1, "way": "user"}
    assert await found(admin, actor_id=root.id) == [row]
    assert await found(admin, since=since) == [row]
    assert row not in await found(admin, until=since)
    assert [one["type"] for one in await found(admin, session_id=session.sid)] == ["login.succeeded"]
    assert {one["user_id"] for one in await found(admin, email=ada.email)} == {str(ada.id)}
    assert {one["user_id"] for one in await found(admin, user_id=grace.id)} == {str(grace.id)}
    assert await found(admin, user_id=grace.id, email=ada.email) == []
    assert await found(admin, email="nobody@example.com") == []
    assert len(await found(admin, type="login.succeeded", ip="127.0.0.1")) == 3
    assert await found(admin, ip="192.0.2.99") == []


async def test_pages(ada: Person, root: Person) -> None:
    """Following `Link` visits every event once, newest first, with the same filter."""
    for _ in range(4):
        await ada.log_in()
    admin = await root.log_in()
    path, seen = f"/admin/events?limit=2&email={ada.email}", []
    while path:
        response = await admin.call("GET", path)
        seen += [row["created_at"] for row in response.json()]
        link = re.match(r"<(/api)(\S+)>", response.headers.get("link", ""))
        path = link[2] if link else ""
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "query", ["type=a%00", "ip=x", "user_id=1", "since=yesterday", "since=2026-01-01T00:00:00", "limit=101", "x=1"]
)
async def test_what_is_refused(root: Person, query: str) -> None:
    """R61: strict types and ranges, no unknown parameters."""
    assert_problem(await (await root.log_in()).call("GET", f"/admin/events?{query}"), 422, "validation_error")


async def test_retention(ada: Person, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old events go, in batches; the rest stay."""
    monkeypatch.setattr(search, "PURGE_BATCH", 3)
    await SecurityEvent.all().delete()
    days = runtime.settings.EVENT_RETENTION_DAYS
    now = clock.now()
    for age in (0, 1, days - 1, *[days + 1] * 7):
        await SecurityEvent.create(
            id=uuid4(), type=events.LOGGED_OUT, created_at=now - timedelta(days=age), user_id=ada.id, detail={}
        )
    moment = search.retention_end(runtime)
    assert moment is not None
    assert await search.count_before(runtime, moment) == 7
    assert [count async for count in search.purge_before(runtime, moment)] == [3, 3, 1]
    assert await SecurityEvent.all().count() == 3
