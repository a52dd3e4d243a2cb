"""Whether the client of a request is still there, and where it matters that it isn't.

A change is made of several steps: a script in Redis, a transaction, an event, a letter. A client that goes away in
between must not end it half done (it may mean to: a thief whose stolen token has just ended a session would be gone
before anybody is told). So a change that has begun goes on without its client. But what only waits for its turn at
something dear, with nothing done yet, ends with the client's leaving: whoever comes and goes by the thousand would
else take it from everybody.
"""

from __future__ import annotations

from contextvars import ContextVar


class Presence:
    """A client, as long as one of its requests is looked at."""

    __slots__ = ("gone", "idle")

    def __init__(self) -> None:
        """Begin with a client that is there."""
        self.gone = False
        self.idle = False  # nothing is done for it but waiting for its turn


_presence: ContextVar[Presence | None] = ContextVar("presence", default=None)


def begin() -> Presence:
    """Begin the presence of this request's client, for all that is done in its task."""
    found = Presence()
    _presence.set(found)
    return found


def of_this_request() -> Presence:
    """Return the presence of the client that this is done for; one that stays, where it is done for none."""
    return _presence.get() or Presence()
