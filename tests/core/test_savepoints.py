"""A transaction in a transaction: what fails in the inner one, and is dealt with there, is no end of the outer one."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

import pytest
from tortoise.exceptions import IntegrityError

from models import User
from service.core.sql.transactions import transaction
from service.errors import Unavailable
from service.runtime import Runtime


async def user(runtime: Runtime, name: str) -> None:
    email = f"{name}@example.com"
    await User.create(id=uuid4(), email=email, email_canonical=email, is_active=True, created_at=runtime.clock.now())


async def emails() -> set[str]:
    return {found.email for found in await User.all()}


async def both(runtime: Runtime, *names: str) -> None:
    async with transaction():
        for name in names:
            await user(runtime, name)


async def swallowing(runtime: Runtime, *names: str) -> None:
    async with transaction():
        for name in names:
            with suppress(IntegrityError):
                await user(runtime, name)


async def test_an_inner_one_that_is_refused(runtime: Runtime) -> None:
    """The outer one goes on, and is kept, once and again."""
    await user(runtime, "ada")
    async with transaction():
        for name in ("grace", "edsger"):
            with pytest.raises(IntegrityError):
                await both(runtime, f"not {name}", "ada")
            await user(runtime, name)
    assert await emails() == {"ada@example.com", "grace@example.com", "edsger@example.com"}


@pytest.mark.real_only
async def test_a_failure_that_is_swallowed_without_one(runtime: Runtime) -> None:
    """PostgreSQL would refuse whatever comes after it: it is told, and nothing is kept."""
    await user(runtime, "ada")
    with pytest.raises(Unavailable):
        await swallowing(runtime, "grace", "ada", "edsger")
    assert await emails() == {"ada@example.com"}
