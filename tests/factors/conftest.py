"""Somebody with a second factor."""

from __future__ import annotations

import pytest

from service.core.clock import Clock
from tests.factors.support import Owner, owner_of
from tests.support.people import Person


@pytest.fixture
async def owner(ada: Person, clock: Clock) -> Owner:
    """Ada, with an app for codes."""
    return await owner_of(ada, clock)
