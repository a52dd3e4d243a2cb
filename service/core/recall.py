"""What was read from a store, kept until it changes; a change that comes while it is read counts as well."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final, Generic, TypeVar

from service.core.clock import steady_seconds

Key = TypeVar("Key")
Value = TypeVar("Value")

_AT_ONCE: Final = 64
"""Of how many one goes at a time. A dict goes through what was deleted at its beginning each time that one asks for it,
and of very many that takes longer than what is kept here saves."""


@dataclass(slots=True)
class Note:
    """Somebody is reading something, since `began`. `spoiled`: it changed meanwhile, so it may be old already."""

    began: float
    spoiled: bool = False


class Recall(Generic[Key, Value]):
    """At most so many values by their keys; past it, those that were read longest ago go."""

    def __init__(self, most: int) -> None:
        """Keep nothing yet."""
        self._most = most
        self._kept: dict[Key, Value] = {}
        self._notes: dict[Key, list[Note]] = {}

    def get(self, key: Key) -> Value | None:
        """Return what is kept."""
        return self._kept.get(key)

    def begin(self, key: Key) -> Note:
        """Note that something is about to be read. `end` must follow."""
        note = Note(steady_seconds())
        self._notes.setdefault(key, []).append(note)
        return note

    def end(self, key: Key, note: Note, value: Value | None) -> None:
        """Keep what was read, None if nothing was, unless it has changed since it was begun."""
        if note.spoiled:
            return
        others = self._notes[key]
        others.remove(note)
        if not others:
            del self._notes[key]
        if value is None:
            return
        self._kept.pop(key, None)  # to the end of the line
        self._kept[key] = value
        if len(self._kept) > self._most:
            for oldest in list(islice(self._kept, max(1, self._most // _AT_ONCE))):
                del self._kept[oldest]

    def forget(self, key: Key) -> None:
        """Forget one, and whatever is being read of it just now."""
        self._kept.pop(key, None)
        for note in self._notes.pop(key, ()):
            note.spoiled = True

    def forget_all(self) -> None:
        """Forget everything."""
        self._kept.clear()
        for notes in self._notes.values():
            for note in notes:
                note.spoiled = True
        self._notes.clear()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)
