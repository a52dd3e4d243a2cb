"""A service whose log-ins owe a second factor."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from service.runtime import Runtime
from tests.support.second_factor import SECOND_FACTOR, House, house


@pytest.fixture
async def strict(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Everybody owes one."""
    async with house(runtime, monkeypatch, SECOND_FACTOR, EMAIL_SIGN_IN="both") as found:
        yield found


@pytest.fixture
async def lenient(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Nobody owes one; it can be shown to step up."""
    async with house(runtime, monkeypatch, EMAIL_SIGN_IN="both") as found:
        yield found
