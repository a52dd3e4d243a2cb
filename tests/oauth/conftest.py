"""A service that may ask about tokens."""

from __future__ import annotations

import httpx
import pytest

from service.runtime import Runtime
from tests.oauth.support import Service, a_service


@pytest.fixture
async def billing(client: httpx.AsyncClient, runtime: Runtime) -> Service:
    """A resource server of this name."""
    return await a_service(client, runtime)
