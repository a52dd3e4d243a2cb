"""The one catalogue of security events: what each is called, says, ends, counts, and which change it belongs to.

The timeline, the words, the numbers, the reasons that clients see, the enums of the OpenAPI document, the names in the
front end and the table in docs/operations.md are all made of it: `make catalogue`. A new event is an entry in one of
the files by topic; a feature that keeps its events to itself has them `include`d before anything is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from service.audit.catalogue import accounts, keys, logins, sessions
from service.audit.catalogue.shape import Event

_events: Final[dict[str, Event]] = {}
EVENTS: Final[Mapping[str, Event]] = _events
"""Every event, by its name, in the order of the catalogue."""


def include(events: Iterable[Event]) -> None:
    """Add events to the catalogue. Raises ValueError for a name that another event has; the same again is nothing."""
    for event in events:
        if _events.setdefault(event.name, event) is not event:
            raise ValueError(f"two events are called {event.name}")


for _topic in (accounts, logins, sessions, keys):
    include(event for event in vars(_topic).values() if isinstance(event, Event))
