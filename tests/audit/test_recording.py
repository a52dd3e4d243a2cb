"""What is recorded of what happens: each time, or once for each session and value."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from models import SecurityEvent
from service.audit import events
from service.audit.catalogue.copies import TOKEN_REPEATED, TOKEN_SHARED
from service.core.client import Client
from service.runtime import Runtime
from tests.support.people import Person

DAY = "2026-02-03"


async def count(**where: object) -> int:
    return await SecurityEvent.filter(type__in=(TOKEN_SHARED.name, TOKEN_REPEATED.name), **where).count()


async def shared(runtime: Runtime, user_id: UUID, session_id: UUID | None, once: str | None = DAY) -> None:
    await events.record(runtime, TOKEN_SHARED, user_id=user_id, session_id=session_id, once=once)


async def test_once_for_each_value(ada: Person, runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    """One event, and one line, of a kind for a session and a value; another session, value or kind has its own."""
    sid, other = uuid4(), uuid4()
    for _ in range(3):
        await shared(runtime, ada.id, sid)
    assert await count() == 1
    told = [record.getMessage() for record in caplog.records]
    assert (told.count(TOKEN_SHARED.name), told.count("security_event.not_stored")) == (1, 0)
    await shared(runtime, ada.id, other)
    await shared(runtime, ada.id, sid, "2026-02-04")
    await events.record(runtime, TOKEN_REPEATED, user_id=ada.id, session_id=sid, once=DAY)
    assert (await count(session_id=sid), await count(session_id=other)) == (3, 1)


async def test_every_time(ada: Person, runtime: Runtime) -> None:
    """Without `once` there are as many as there were; and of no session there is none that could be the second."""
    sid = uuid4()
    for _ in range(2):
        await shared(runtime, ada.id, sid, None)
        await shared(runtime, ada.id, None)
    assert (await count(session_id=sid), await count(session_id=None)) == (2, 2)


async def test_once_of_many_at_once(ada: Person, runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    """However many requests record it at the same moment, there is one, nobody fails, and nothing is missing."""
    sid = uuid4()
    await asyncio.gather(*(shared(runtime, ada.id, sid) for _ in range(10)))
    assert await count() == 1
    assert "security_event.not_stored" not in [record.getMessage() for record in caplog.records]


async def test_who_it_was(ada: Person, runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    """R69: the line and the row say from where, with which browser, and what of; without a caller they say nothing."""
    where = Client("192.0.2.7", "Browser/1.0")
    for client in (where, None):
        caplog.clear()
        await events.record(runtime, TOKEN_SHARED, user_id=ada.id, client=client, gen=3)
        (line,) = [vars(record)["latchkey_fields"] for record in caplog.records if record.name == "latchkey.events"]
        row = await SecurityEvent.get(type=TOKEN_SHARED.name)
        expected = (where.ip, where.user_agent) if client else (None, None)
        assert (line["ip"], line["user_agent"]) == (row.ip, row.user_agent) == expected
        assert (line["gen"], row.detail) == (3, {"gen": 3})
        await row.delete()
