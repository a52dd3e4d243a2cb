"""What this feature records: a new signing key, and one that is none any more."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

KEY_ROTATED: Final = Event(
    "signing_key.rotated",
    "A new signing key",
    Words("A new signing key was made: {kid}.", "Ein neuer Signaturschlüssel wurde erzeugt: {kid}."),
    "a new key was made, see [signing keys](#signing-keys)",
    with_change=True,
    keeps=("kid", "at_once"),
)
KEY_RETIRED: Final = Event(
    "signing_key.retired",
    "A signing key retired",
    Words("A signing key was retired: {kid}.", "Ein Signaturschlüssel wurde ausgemustert: {kid}."),
    "a key is no longer published or accepted",
    with_change=True,
    keeps=("kid", "forced"),
)

EVENTS: Final = (KEY_ROTATED, KEY_RETIRED)
