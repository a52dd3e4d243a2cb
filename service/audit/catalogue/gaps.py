"""Events about the record itself."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

EVENTS_LOST: Final = Event(
    "events.lost",
    "Events lost",
    Words(
        "Events of the time from {since} to {until} are lost, {lost} of them: the database could not take them for so "
        "long that no more could be kept.",
        "Ereignisse aus der Zeit von {since} bis {until} sind verloren, und zwar {lost}: Die Datenbank konnte sie so "
        "lange nicht aufnehmen, dass kein Platz mehr für sie war.",
    ),
    "**look at these**: so many events (`lost`) from `since` to `until` could be neither stored nor kept; what "
    "happened to a session of that time can't be known for certain",
    with_change=False,
    tone="warning",
    keeps=("lost", "since", "until"),
    gap=True,
)
