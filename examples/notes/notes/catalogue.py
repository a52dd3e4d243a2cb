"""What is recorded, and what is written."""

from __future__ import annotations

from pathlib import Path

from latchkey.events import Event, Words
from latchkey.letters import Letter

BURNED = Event(
    "notes.burned",
    "Notebook burned",
    Words("The notebook was burned{where}: {notes} notes.", "Das Notizbuch wurde verbrannt{where}: {notes} Notizen."),
    "a user deleted all of their notes",
    with_change=True,
    tone="warning",
    keeps=("notes",),
)
ASHES = Letter(name="notes.burned", words=Path(__file__).parent / "words", greets=True)  # at, notes
