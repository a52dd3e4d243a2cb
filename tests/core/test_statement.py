"""A statement that is written once does what Tortoise's own query does."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from models import KnownDevice, User
from service.core.sql.lookup import Lookup
from service.core.sql.statement import Statement
from service.core.sql.transactions import transaction
from tests.support.people import Person

ODD = ["", "' OR 1=1 --", '"', "{*}", "{id}", "$1 ?", "%s", "\u2028 \U0001f511 Zoë", "x" * 256]
FOUND = Statement(
    KnownDevice, 'SELECT {*} FROM "known_devices" WHERE "user_id" = {user_id} AND "user_agent" IN ({user_agent*})'
)
SEEN = Statement(
    KnownDevice,
    """UPDATE "known_devices" SET "last_seen_at" = {last_seen_at}, "session_id" = {session_id}, "shared" = {shared}
    WHERE "id" = {id} AND "forgotten_at" IS NULL""",
)

ADDED = Statement(
    KnownDevice,
    """INSERT INTO "known_devices" ("id", "user_id", "network", "user_agent", "first_seen_at", "last_seen_at")
    SELECT {id}, "users"."id", {network}, {user_agent}, {first_seen_at}, {last_seen_at}
    FROM "users" WHERE "users"."id" = {user_id} AND "email_canonical" = {email_canonical} {lock}
    ON CONFLICT DO NOTHING RETURNING 1""",
    User,
)


class _GivenUp(Exception):
    """Ends a transaction."""


async def device(person: Person, agent: str, network: str = "192.0.2.1") -> KnownDevice:
    now = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    return await KnownDevice.create(
        id=uuid4(), user_id=person.id, network=network, user_agent=agent, first_seen_at=now, last_seen_at=now
    )


@pytest.mark.parametrize("agent", ODD)
async def test_the_same_rows(ada: Person, grace: Person, agent: str) -> None:
    """Each column is what it is when Tortoise reads it, and a value is a value, whatever is in it."""
    for person, network in ((ada, "192.0.2.1"), (ada, "2001:db8::/64"), (grace, "192.0.2.1")):
        await device(person, agent, network)
    await device(ada, "another")
    wanted = await KnownDevice.filter(user_id=ada.id, user_agent=agent)
    found = await FOUND.rows(ada.id, [agent])
    columns = KnownDevice._meta.db_fields
    assert len(found) == 2
    assert sorted([getattr(row, name) for name in columns] for row in found) == sorted(
        [getattr(row, name) for name in columns] for row in wanted
    )
    assert await FOUND.rows(uuid4(), [agent]) == []
    assert len(await FOUND.rows(ada.id, [agent, "another", "a third"])) == 3


async def test_the_same_changes(ada: Person) -> None:
    """Times come back as they were, whatever zone they were given in; what is rolled back has not been."""
    one, session = await device(ada, "one"), uuid4()
    moment = datetime(2026, 7, 8, 9, 10, 11, 121314, timezone(timedelta(hours=5, minutes=30)))
    assert await SEEN.changed(moment, session, True, one.id) == 1
    await one.refresh_from_db()
    assert (one.last_seen_at, one.session_id, one.shared) == (moment, session, True)
    with suppress(_GivenUp):
        async with transaction():
            assert await SEEN.changed(moment, None, False, one.id) == 1
            assert (await FOUND.rows(ada.id, ["one", "two"]))[0].session_id is None
            raise _GivenUp
    await one.refresh_from_db()
    assert one.session_id == session
    await KnownDevice.filter(id=one.id).update(forgotten_at=moment)
    assert await SEEN.changed(moment, None, False, one.id) == 0
    with pytest.raises(ValueError, match="zip"):
        await SEEN.changed(moment, None, False)


@pytest.mark.parametrize("agent", ODD)
async def test_the_same_additions(ada: Person, agent: str) -> None:
    """What is added is counted: once, and nothing where there is nothing to add it to, or it is there."""
    one, moment = uuid4(), datetime(2026, 7, 8, 9, 10, 11, 121314, UTC)
    given = (one, "192.0.2.1", agent, moment, moment, ada.id)
    assert await ADDED.added(*given, "nobody@example.com") == 0
    assert await ADDED.added(*given, ada.email) == 1
    assert await ADDED.added(*given, ada.email) == 0
    wanted = await device(ada, agent, "192.0.2.2")
    row = await KnownDevice.get(id=one)
    assert (row.user_id, row.network, row.user_agent) == (wanted.user_id, "192.0.2.1", wanted.user_agent)  # type: ignore[attr-defined]
    assert (row.first_seen_at, row.last_seen_at, row.shared) == (moment, moment, wanted.shared)


async def test_a_row_that_is_locked(ada: Person) -> None:
    """A lookup that locks finds what another one finds."""
    async with transaction():
        found = await Lookup(User, "id", locked=True)(ada.id)
        assert found is not None
        assert found.email == ada.email
