"""A lookup returns what Tortoise's own `get_or_none` does, wherever it is asked."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from models import User
from service.core.sql.lookup import Lookup
from service.core.sql.transactions import transaction
from service.runtime import Runtime
from tests.support.people import Person

by_id = Lookup(User, "id")
by_mailbox = Lookup(User, "email_canonical")


class _GivenUp(Exception):
    """Ends a transaction."""


async def test_the_same_row(ada: Person, grace: Person) -> None:
    """Each column is what it is when Tortoise reads it, by either key."""
    columns = User._meta.db_fields
    assert {"id", "credentials_version", "sessions_valid_after"} <= columns
    for email in (ada.email, grace.email):
        wanted = await User.get(email_canonical=email)
        for found in (await by_id(wanted.id), await by_mailbox(email)):
            assert found is not None
            assert {name: getattr(found, name) for name in columns} == {name: getattr(wanted, name) for name in columns}


@pytest.mark.parametrize("email", ["", "nobody@example.com", "' OR 1=1 --", "ada@example.com ", "%", "A" * 320])
async def test_nobody(ada: Person, email: str) -> None:
    """A value is a value, whatever is in it."""
    assert await by_mailbox(email) is None
    assert await by_id(uuid4()) is None


async def test_in_a_transaction(ada: Person) -> None:
    """What a transaction has changed is seen in it; what it gives up isn't afterwards."""
    user = await User.get(email_canonical=ada.email)
    seen = []
    with suppress(_GivenUp):
        async with transaction():
            await User.filter(id=user.id).update(full_name="Ada King")
            seen.append(await by_id(user.id))
            raise _GivenUp
    seen.append(await by_id(user.id))
    assert [found and found.full_name for found in seen] == ["Ada King", user.full_name]


async def test_it_can_be_saved(ada: Person) -> None:
    """What was looked up is a row like any other."""
    user = await by_mailbox(ada.email)
    assert user is not None
    user.full_name = "Ada King"
    await user.save(update_fields=["full_name"])
    assert (await User.get(id=user.id)).full_name == "Ada King"


async def test_tortoise_writes_the_statement(runtime: Runtime) -> None:
    """The statement is the one that Tortoise would write for the call, and it is written once."""
    lookup = Lookup(User, "id")
    await lookup(UUID(int=1))
    written = dict(lookup._sql)
    await lookup(UUID(int=2))
    assert lookup._sql == written
    assert list(written.values()) == [User.filter(id=UUID(int=3)).sql()]
