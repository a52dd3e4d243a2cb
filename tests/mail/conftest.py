"""A post office, and a runtime that sends there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from models import OutboxMail
from service.runtime import Runtime
from service.stores.letter_kinds import SESSIONS_ENDED
from service.stores.mailer import SmtpTransport
from tests.support.smtp import PostOffice, post_office


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as found:
        yield found


@pytest.fixture
def sender(runtime: Runtime, office: PostOffice) -> Runtime:
    """The running service's parts as a worker has them: its letters go to the post office."""
    return replace(runtime, mailer=SmtpTransport(office.url))


async def write(runtime: Runtime, to: str = "ada@example.com", name: str = "Ada") -> None:
    """Put a letter into the outbox."""
    await runtime.outbox.post(
        SESSIONS_ENDED, to=to, language="en", name=name, at="2026-11-24 10:00 UTC", confirmed="yes"
    )


async def only() -> OutboxMail:
    """Return the only letter in the outbox."""
    return await OutboxMail.get()
