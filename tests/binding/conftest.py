"""Ada in a browser that binds sessions."""

from __future__ import annotations

import httpx
import pytest

from tests.support.bound import Bound
from tests.support.people import Person


@pytest.fixture
async def browser(client: httpx.AsyncClient, ada: Person) -> Bound:
    """Ada's browser, in which she has just logged in; nothing is bound yet."""
    found = Bound(client)
    assert (await found.log_in(ada.email, ada.password)).status_code == 200
    return found


@pytest.fixture
async def bound(browser: Bound) -> Bound:
    """The same, bound."""
    await browser.bind()
    return browser
