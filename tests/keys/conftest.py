"""Keys of the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from models import SigningKey
from service.runtime import Runtime

SECRETS = ("the first secret of this very test, long", "the second secret of this very test, long")


@pytest.fixture
async def no_keys(runtime: Runtime) -> AsyncIterator[None]:
    """Put the real keys aside."""
    kept = await SigningKey.all()
    await SigningKey.all().delete()
    await runtime.keyring.load()
    yield
    await SigningKey.all().delete()
    await SigningKey.bulk_create(kept)
    await runtime.keyring.load()
