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

USER_EXPORTED: Final = Event(
    "user.exported",
    "Data handed out",
    Words(
        "{Who} was given everything that is stored about the user.",
        "{Who} hat alles erhalten, was über den Benutzer gespeichert ist.",
    ),
    "an operator took a copy of everything stored about this user (`latchkey users export --email`), to hand it to "
    "them. It is written before anything is given",
    with_change=True,
    keeps=("by",),
)

EVENTS: Final = (USERS_EXPORTED, USER_EXPORTED)
