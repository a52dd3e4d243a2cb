"""What FEATURES=notes.features adds to Latchkey."""

from __future__ import annotations

from pathlib import Path

from latchkey import Feature
from notes import checks, commands, flows
from notes.routes import blueprint

FEATURES = (
    Feature(
        name="notes",
        about="What you have written down for yourself.",
        blueprints=(blueprint,),
        commands={"notes": commands.app},
        checks=(checks.long_notebooks,),
        models="notes.models",
        migrations=Path(__file__).parent / "migrations",
        exported=flows.exported,
    ),
)
