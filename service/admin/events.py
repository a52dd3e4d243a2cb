"""Searching the security events of everyone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models import SecurityEvent, User
from service.audit.search import EventFilter, find
from service.core.email_address import EmailAddress
from service.core.pagination import Cursor
from service.runtime import Runtime


async def search(
    runtime: Runtime, wanted: EventFilter, limit: int, *, email: EmailAddress | None = None, after: Cursor | None = None
) -> Sequence[SecurityEvent]:
    """Return a page of events, newest first; `email` asks for those of the user who has that address now."""
    if email is not None:
        owner = await User.get_or_none(email_canonical=email.canonical)
        if owner is None or wanted.user_id not in (None, owner.id):
            return []
        wanted = replace(wanted, user_id=owner.id)
    return await find(runtime, wanted, limit, after)
