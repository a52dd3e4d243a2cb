"""What this feature records: a store that was set back, and a restore that was finished."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

SET_BACK: Final = Event(
    "stores.set_back",
    "A store was set back to an earlier state",
    Words(
        "A store was found set back to an earlier state: {store}, by {minutes} minutes.",
        "Ein Speicher wurde in einem früheren Zustand gefunden: {store}, {minutes} Minuten zurück.",
    ),
    "the database (`store`: `database`) or Redis (`redis`) holds an earlier state than the other, see "
    "[backups](backups.md)",
    with_change=False,
    tone="warning",
    keeps=("store", "minutes"),
    gap=True,  # of the database: its events of that time are gone
)
RESTORED: Final = Event(
    "stores.restored",
    "A restored backup was made safe",
    Words(
        "After a restored backup every session was ended.",
        "Nach einer Rücksicherung wurden alle Sitzungen beendet.",
    ),
    "`latchkey restore finish` has run: how many sessions, links and letters it ended, and the new signing key",
    with_change=True,
    keeps=("restore", "sessions", "links", "letters", "kid", "retired"),
)

EVENTS: Final = (SET_BACK, RESTORED)
