"""What this feature records."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

USERS_EXPORTED: Final = Event(
    "users.exported",
    "List of users downloaded",
    Words("{Who} downloaded the list of users{where}.", "{Who} hat die Liste der Benutzer heruntergeladen{where}."),
    "an administrator downloaded the list of users; `actor_id` says who. It is written before the first row is given",
    with_change=True,
)

EVENTS: Final = (USERS_EXPORTED,)
