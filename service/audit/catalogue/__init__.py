"""The catalogue of security events: what each is called, says, ends, counts, and which change it belongs to.

The timeline, the words, the numbers, the reasons that clients see, the enums of the OpenAPI document, the names in the
front end and the table in docs/operations.md are all made of it: `make catalogue`. The events of the rooms below the
features are here, in a file for each topic; a feature brings its own, and the runtime knows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from service.audit.catalogue import accounts, bindings, copies, factors, gaps, logins, providers, sessions
from service.runtime import Plugged, Runtime, events_of
from service.stores.event_kinds import Event

_OURS: Final[dict[str, Event]] = {
    event.name: event
    for topic in (accounts, bindings, copies, factors, gaps, logins, providers, sessions)
    for event in vars(topic).values()
    if isinstance(event, Event)
}


def catalogue_of(runtime: Runtime) -> Mapping[str, Event]:
    """Return every event that can be recorded here, by its name."""
    return {**_OURS, **runtime.events}


def composed(features: Iterable[Plugged]) -> Mapping[str, Event]:
    """Return the events of these features, behind those that belong to none: all, by name, in order."""
    return {**_OURS, **events_of(features)}
