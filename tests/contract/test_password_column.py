"""The column of the version before and the table follow each other: whatever either writes, both have, with its commit.

The statements are those that the version before sends: it knows nothing of the table.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise import connections

from models import Credential, User
from service.core.sql.transactions import transaction
from service.credentials import passwords
from service.runtime import Runtime

OLD, NEW = "$argon2id$old", "$argon2id$new"


class _GivenUp(Exception):
    """Ends a transaction."""


async def said(statement: str, *values: object) -> Any:
    """Send a statement as the version before does, `?` for each value."""
    connection = connections.get("default")
    if connection.capabilities.dialect == "postgres":
        for number in range(1, len(values) + 1):
            statement = statement.replace("?", f"${number}", 1)
    else:
        values = tuple(str(value) if isinstance(value, UUID) else value for value in values)
    return await connection.execute_query(statement, list(values))


async def column(user_id: UUID) -> str:
    """What the version before reads."""
    _, rows = await said('SELECT "hashed_password" FROM "users" WHERE "id" = ?', user_id)
    return str(rows[0]["hashed_password"])


async def table(user_id: UUID) -> tuple[str | None, int]:
    """What this version reads: the hash, and how often it has changed."""
    user = await User.get(id=user_id)
    return await passwords.read(user), user.credentials_version


async def made_before(runtime: Runtime, hashed: str) -> UUID:
    """Make a user as the version before does."""
    user_id = uuid4()
    now: object = runtime.clock.now()
    if connections.get("default").capabilities.dialect == "sqlite":
        now = str(now)
    await said(
        'INSERT INTO "users" ("id", "email", "email_canonical", "hashed_password", "is_active", "is_superuser",'
        ' "email_verified", "created_at") VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        user_id, "ada@example.com", "ada@example.com", hashed, True, False, True, now,
    )  # fmt: skip
    return user_id


async def made(runtime: Runtime, hashed: str | None) -> User:
    """Make a user as this version does."""
    async with transaction():
        now = runtime.clock.now()
        user = await User.create(id=uuid4(), email="ada@example.com", email_canonical="ada@example.com", created_at=now)
        if hashed:
            await passwords.give(runtime, user, hashed)
    return user


@pytest.mark.parametrize(("hashed", "read"), [(OLD, OLD), ("", None)])
async def test_made_before(runtime: Runtime, hashed: str, read: str | None) -> None:
    """An account of the version before has its password here; one without a password has none."""
    user_id = await made_before(runtime, hashed)
    assert await table(user_id) == (read, 0)
    assert await Credential.filter(user_id=user_id).count() == (1 if read else 0)


@pytest.mark.parametrize(("hashed", "read"), [(OLD, OLD), (None, "")])
async def test_made_here(runtime: Runtime, hashed: str | None, read: str) -> None:
    """An account of this version has its password there; and none where it has none."""
    assert await column((await made(runtime, hashed)).id) == read


@pytest.mark.parametrize(("before", "after", "read"), [(OLD, NEW, NEW), (OLD, "", None), ("", NEW, NEW)])
async def test_changed_before(runtime: Runtime, before: str, after: str, read: str | None) -> None:
    """What an instance of the version before writes counts here at once, and as a change, once."""
    user_id = await made_before(runtime, before)
    await said('UPDATE "users" SET "hashed_password" = ? WHERE "id" = ?', after, user_id)
    assert await table(user_id) == (read, 1)
    assert await column(user_id) == after


async def test_written_again_before(runtime: Runtime) -> None:
    """A save that names the column and changes other things changes no password."""
    user_id = await made_before(runtime, OLD)
    await said('UPDATE "users" SET "hashed_password" = ?, "full_name" = ? WHERE "id" = ?', OLD, "Ada", user_id)
    assert await table(user_id) == (OLD, 0)


async def test_changed_here(runtime: Runtime) -> None:
    """What this version writes is there for the version before; each change counts once, a renewed hash as none."""
    user = await made(runtime, OLD)
    async with transaction():
        await passwords.put(runtime, user, NEW)
    assert (await column(user.id), await table(user.id)) == (NEW, (NEW, 1))
    await Credential.filter(user_id=user.id, verifier=NEW).update(verifier=OLD)
    assert (await column(user.id), await table(user.id)) == (OLD, (OLD, 1))
    async with transaction():
        await passwords.take_away(user)
    assert (await column(user.id), await table(user.id)) == ("", (None, 2))
    async with transaction():
        await passwords.take_away(user)
        await passwords.put(runtime, user, NEW)
    assert (await column(user.id), await table(user.id)) == (NEW, (NEW, 3))


async def test_a_hash_that_the_version_before_renews(runtime: Runtime) -> None:
    """It compares, and sets: only if the password is what it has looked at."""
    user = await made(runtime, OLD)
    statement = 'UPDATE "users" SET "hashed_password" = ? WHERE "id" = ? AND "hashed_password" = ?'
    await said(statement, NEW, user.id, "$argon2id$other")
    assert await table(user.id) == (OLD, 0)
    await said(statement, NEW, user.id, OLD)
    assert (await table(user.id))[0] == NEW


async def test_given_up(runtime: Runtime) -> None:
    """Both or neither: what a transaction gives up is in none of the two."""
    user = await made(runtime, OLD)
    with suppress(_GivenUp):
        async with transaction():
            await passwords.put(runtime, user, NEW)
            raise _GivenUp
    assert (await column(user.id), await table(user.id)) == (OLD, (OLD, 0))


async def test_gone(runtime: Runtime) -> None:
    """With the account everything goes, whoever deletes it."""
    user = await made(runtime, OLD)
    await said('DELETE FROM "users" WHERE "id" = ?', user.id)
    assert not await Credential.all().exists()


async def test_one_password_each(runtime: Runtime) -> None:
    """The database takes no second password of a user, and any number of others."""
    from tortoise.exceptions import IntegrityError

    user = await made(runtime, OLD)
    with pytest.raises(IntegrityError):
        await passwords.give(runtime, user, NEW)
    for _ in range(2):
        await Credential.create(id=uuid4(), user_id=user.id, kind="passkey", created_at=runtime.clock.now())
    assert (await column(user.id), await table(user.id)) == (OLD, (OLD, 0))
