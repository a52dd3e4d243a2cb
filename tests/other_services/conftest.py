"""What pretends to be Latchkey."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.other_services.pretender import Pretender, pretending


@pytest.fixture
async def pretender() -> AsyncIterator[Pretender]:
    async with pretending() as found:
        yield found
