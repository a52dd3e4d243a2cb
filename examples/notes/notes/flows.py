"""What can be done with a notebook. What is written is written inside `acting`: the session may have ended by now."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from latchkey import Caller, NotFound, Runtime, acting
from latchkey.events import record
from latchkey.http import Cursor, before
from latchkey.letters import tell
from notes import catalogue
from notes.models import Note


async def list_notes(runtime: Runtime, caller: Caller, limit: int, after: Cursor | None) -> Sequence[Note]:
    """Return a page of the caller's notes, the newest first."""
    found = Note.filter(user_id=caller.user.id)
    if after is not None:
        found = found.filter(before(after))
    return await found.order_by("-created_at", "-id").limit(limit)


async def add_note(runtime: Runtime, caller: Caller, text: str) -> Note:
    """Write a note down."""
    async with acting(runtime, caller) as user:
        return await Note.create(id=uuid4(), user_id=user.id, text=text, created_at=runtime.clock.now())


async def delete_note(runtime: Runtime, caller: Caller, note_id: UUID) -> None:
    """Delete one of the caller's notes. Somebody else's is as little there as one that never was: `NotFound`."""
    async with acting(runtime, caller) as user:
        if not await Note.filter(id=note_id, user_id=user.id).delete():
            raise NotFound


async def burn(runtime: Runtime, caller: Caller) -> None:
    """Delete all of the caller's notes, record that and write it to them: all of it happens, or nothing.

    The route has asked for a fresh session.
    """
    async with acting(runtime, caller) as user:
        burned, sid = await Note.filter(user_id=user.id).delete(), caller.session.sid
        await record(runtime, catalogue.BURNED, user_id=user.id, session_id=sid, client=caller.client, notes=burned)
        await tell(runtime, catalogue.ASHES, user, notes=str(burned))


async def count(runtime: Runtime) -> int:
    """Return how many notes there are."""
    return await Note.all().count()


async def exported(runtime: Runtime, user_id: UUID) -> object:
    """Return what a user's export shows of the notebook: all of it."""
    return await Note.filter(user_id=user_id).order_by("-created_at", "-id").values("id", "text", "created_at")
