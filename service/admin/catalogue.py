"""What this feature records."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

EVENTS_EXPORTED: Final = Event(
    "events.exported",
    "List of events downloaded",
    Words("{Who} downloaded the list of events{where}.", "{Who} hat die Liste der Ereignisse heruntergeladen{where}."),
    "an administrator downloaded the list of events; `actor_id` says who. It is written before the first row is given",
    with_change=True,
)

EVENTS: Final = (EVENTS_EXPORTED,)
