"""What a log-in asks of the database: each statement is a tenth of all that the service does for it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from models import SecurityEvent
from service.audit import events
from service.core.client import Client
from service.runtime import Runtime
from tests.support.people import Person
from tests.support.statements import noted

HERE = Client("192.0.2.44", "Mine/1.0 (somewhere)")


async def test_how_many_statements_a_log_in_takes(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user, with the place; that it was seen, and nothing has ended it; the event. A cookie is one more."""
    for cookies, wanted in ((False, 3), (True, 4)):
        await ada.log_in()
        if not cookies:
            ada.client.cookies.clear()
        with noted(monkeypatch) as statements:
            await ada.log_in()
        assert len(statements) == wanted, statements


async def test_how_many_the_first_takes(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as one from a known place."""
    with noted(monkeypatch) as statements:
        await ada.log_in()
    assert len(statements) == 3, statements


async def test_how_many_a_new_place_takes(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is the first; in one transaction the row, room, the device, the letter, its event; the log-in's."""
    await ada.log_in()
    ada.client.cookies.clear()
    ada.client.headers["User-Agent"] = "Another/2.0"
    with noted(monkeypatch) as statements:
        await ada.log_in()
    assert len(statements) == 11, statements


async def test_an_event_is_stored_as_its_model_says(ada: Person, runtime: Runtime) -> None:
    """The statement that is written once names every column, and each comes back as it was given."""
    session = uuid4()
    await events.record(
        runtime, events.LOGIN_SUCCEEDED, user_id=ada.id, session_id=session, client=HERE, methods='{"pwd"}', odd=None
    )
    row = await SecurityEvent.get(session_id=session)
    named = set(SecurityEvent._meta.db_fields)
    kept = {name: getattr(row, name) for name in named}
    assert abs((kept.pop("created_at") - runtime.clock.now()).total_seconds()) < 60
    assert kept.pop("id")
    assert kept == {
        "type": "login.succeeded", "user_id": ada.id, "session_id": session, "actor_id": None, "ip": HERE.ip,
        "user_agent": HERE.user_agent, "request_id": None, "detail": {"methods": '{"pwd"}', "odd": None},
    }  # fmt: skip
    assert set(events._COLUMNS) == named
