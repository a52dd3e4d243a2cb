"""Whether the client of a request is still there, and where it matters that it isn't.

A change is made of several steps: a script in Redis, a transaction, an event, a letter. A client that goes away in
between must not end it half done (it may mean to: a thief whose stolen token has just ended a session would be gone
before anybody is told). So a change that has begun goes on without its client.

One that hasn't begun is never made: who has given up may have asked again, and a refresh that comes after the one that
repeats it would look like a thief's. And who only waits for a turn at something dear doesn't keep it from others.
"""

from __future__ import annotations

from asyncio import CancelledError, Task, current_task
from contextvars import ContextVar


class Presence:
    """A client, as long as one of its requests is looked at."""

    __slots__ = ("_task", "begun", "gone", "idle")

    def __init__(self, task: Task[object] | None = None) -> None:
        """Begin with a client that is there, and nothing done for it. `task` answers it."""
        self._task = task
        self.gone = False
        self.begun = False  # to change something
        self.idle = False  # nothing is done for it but waiting for its turn

    @property
    def committed(self) -> bool:
        """Whether what is done for it has to be done to the end."""
        return self.begun and not self.idle

    def begin_change(self) -> None:
        """Say that something is changed from now on. Raises `CancelledError` where the client has left before."""
        if self.gone and not self.begun and current_task() is self._task:  # another one may work for others too
            raise CancelledError
        self.begun = True


_presence: ContextVar[Presence | None] = ContextVar("presence", default=None)


def begin() -> Presence:
    """Begin the presence of this request's client, for all that is done in its task."""
    found = Presence(current_task())
    _presence.set(found)
    return found


def of_this_request() -> Presence:
    """Return the presence of the client that this is done for; one that stays, where it is done for none."""
    return _presence.get() or Presence()
