"""A service where one can log in by mail, and somebody at a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from service.runtime import Runtime
from tests.http.support import another
from tests.mail_login.support import Desk
from tests.support.letters import Mailbox


@pytest.fixture
async def desk(runtime: Runtime, mailbox: Mailbox) -> AsyncIterator[Desk]:
    """Letters have a code and a link."""
    async with (
        another(runtime, EMAIL_SIGN_IN="both") as url,
        httpx.AsyncClient(base_url=url, timeout=30, headers={"User-Agent": LAPTOP}) as client,
    ):
        yield Desk(client, mailbox)


LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"
