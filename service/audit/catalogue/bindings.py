"""Events of sessions that are bound to a key: bound, and shown by somebody who doesn't have it."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

_KINDS: Final = {
    "dbsc": Words("of its browser's", "ihres Browsers"),
    "dpop": Words("of its client's", "ihres Clients"),
}

SESSION_BOUND: Final = Event(
    "session.bound",
    "Bound to this device",
    Words(
        "The session was bound to a key {kind}{where}: without that, a copy of it is worth nothing.",
        "Die Sitzung wurde an einen Schlüssel {kind} gebunden{where}: Ohne ihn ist eine Kopie nichts wert.",
    ),
    "a session was bound to a key: its browser's (`kind` `dbsc`), or its client's (`dpop`)",
    with_change=False,
    tone="good",
    keeps=("kind",),
    spelt={"kind": _KINDS},
)
SESSION_UNPROVEN: Final = Event(
    "session.unproven",
    "Somebody tried to use a session without its device's key; it didn't work",
    Words(
        "Somebody tried to go on with the session{where} without the key {kind} that it is bound to: {why}. Nothing "
        "was given out, and the session goes on.",
        "Jemand wollte die Sitzung weiterführen{where}, ohne den Schlüssel {kind}, an den sie gebunden ist: {why}. "
        "Nichts wurde herausgegeben, und die Sitzung geht weiter.",
    ),
    "**look at these**: a bound session was shown without its key. `why`: `missing`, no proof was there; `signature`, "
    "another key has signed; `bound`, another key was to take its place; `unreachable`, `server_error`, "
    "`quota_exceeded`, the browser says that it can't prove anything at the moment: then no letter is written. The "
    "session goes on; one an hour for each",
    with_change=True,
    tone="warning",
    keeps=("kind", "why"),
    spelt={
        "kind": _KINDS,
        "why": {
            "missing": Words("there was no proof of it", "es gab keinen Nachweis"),
            "signature": Words("another key has signed", "ein anderer Schlüssel hat unterschrieben"),
            "bound": Words("another key was to take its place", "ein anderer Schlüssel sollte an seine Stelle treten"),
            "unreachable": Words(
                "the browser says that it could not reach us to prove it",
                "der Browser sagt, dass er uns für den Nachweis nicht erreicht hat",
            ),
            "server_error": Words(
                "the browser says that we failed when it proved it",
                "der Browser sagt, dass bei uns beim Nachweis ein Fehler war",
            ),
            "quota_exceeded": Words(
                "the browser says that it has signed too often of late",
                "der Browser sagt, dass er zuletzt zu oft unterschrieben hat",
            ),
        },
    },
)
