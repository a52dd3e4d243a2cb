"""Somebody at a browser, and the providers."""

from __future__ import annotations

import httpx
import pytest

from tests.providers.support import Tab
from tests.support.letters import Mailbox
from tests.support.providers import Fakes


@pytest.fixture
def tab(client: httpx.AsyncClient, providers: Fakes, mailbox: Mailbox) -> Tab:
    """A tab of a browser."""
    return Tab(client, providers, mailbox)
