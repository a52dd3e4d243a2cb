"""What FEATURES=notes.features adds to Latchkey."""

from __future__ import annotations

from pathlib import Path

from latchkey import Feature
from notes import catalogue, checks, commands, flows, work
from notes.routes import blueprint
from notes.settings import NotesSettings

FEATURES = (
    Feature(
        name="notes",
        about="What you have written down for yourself.",
        blueprints=(blueprint,),
        commands={"notes": commands.app},
        checks=(checks.long_notebooks,),
        jobs=(work.PURGE,),
        events=(catalogue.BURNED,),
        letters=(catalogue.ASHES,),
        settings=NotesSettings,
        models="notes.models",
        migrations=Path(__file__).parent / "migrations",
        exported=flows.exported,
    ),
)
