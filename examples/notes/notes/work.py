"""What workers do: it may be done twice, and be cut off anywhere."""

from __future__ import annotations

from datetime import timedelta

from latchkey import Runtime
from latchkey.jobs import DAILY, Again, Turn, repeated
from notes.models import Note
from notes.settings import NotesSettings


async def purge(runtime: Runtime, turn: Turn) -> Again | None:
    """Delete old notes, a batch at a time; make room for other work in between."""
    limit = runtime.clock.now() - timedelta(days=runtime.settings.of(NotesSettings).NOTES_KEPT_DAYS)
    while ids := await Note.filter(created_at__lt=limit).limit(1000).values_list("id", flat=True):
        await Note.filter(id__in=ids).delete()
        if turn.over():
            return Again()
    return None


PURGE = repeated("notes.purge", DAILY, purge)
