"""A client with a key."""

from __future__ import annotations

import httpx
import pytest

from service.core.clock import Clock
from service.runtime import Runtime
from tests.oauth.support import Service, a_service
from tests.support.dpop import Holder


@pytest.fixture
def holder(client: httpx.AsyncClient, clock: Clock) -> Holder:
    return Holder(client, clock)


@pytest.fixture
async def billing(client: httpx.AsyncClient, runtime: Runtime) -> Service:
    """A resource server of this name."""
    return await a_service(client, runtime)
