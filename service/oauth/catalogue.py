"""What this feature records: clients that may ask about tokens, made, given another secret, taken away."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

CLIENT_ADDED: Final = Event(
    "client.added",
    "A service may ask about tokens",
    Words(
        "The service {name} may ask about tokens now, as {client_id}.",
        "Der Dienst {name} darf jetzt nach Tokens fragen, als {client_id}.",
    ),
    "`latchkey clients add`: another service may ask about tokens",
    with_change=True,
    keeps=("client_id", "name"),
)
CLIENT_ROTATED: Final = Event(
    "client.rotated",
    "A new secret for a service",
    Words("The service {name} was given a new secret.", "Der Dienst {name} hat ein neues Geheimnis bekommen."),
    "`latchkey clients rotate`: it has a new secret; `at_once`: and no other any more",
    with_change=True,
    keeps=("client_id", "name", "at_once"),
)
CLIENT_REMOVED: Final = Event(
    "client.removed",
    "A service may no longer ask about tokens",
    Words(
        "The service {name} may no longer ask about tokens.", "Der Dienst {name} darf nicht mehr nach Tokens fragen."
    ),
    "`latchkey clients remove`: all its secrets have ended",
    with_change=True,
    keeps=("client_id", "name"),
)

EVENTS: Final = (CLIENT_ADDED, CLIENT_ROTATED, CLIENT_REMOVED)
