"""When a connection is over, in whatever state it is (R82). Asked of each connection once a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from sanic.http import Stage

if TYPE_CHECKING:
    from service.core.wire.connection import Connection

LEAST_TAKEN = 10 * 1024  # bytes of its answer that a client has to take in UNREAD_TIMEOUT seconds, if there are so many
REST_SECONDS = 2.0  # for the rest of a body that was answered before its end

# In Sanic's configuration, beside its own.
_NAMES = ("SILENT_TIMEOUT", "REQUEST_TIMEOUT", "RESPONSE_TIMEOUT", "UNREAD_TIMEOUT", "KEEP_ALIVE_TIMEOUT")


class Verdict(Enum):
    """What ends a connection; the values are a metric's labels."""

    SILENT = "silent"  # it never said a word
    IDLE = "idle"  # it had its answers, and asks for nothing more
    HEAD = "head"  # its request doesn't come to an end: 408
    REST = "rest"  # nor does a body that nobody waits for any more
    ANSWER = "answer"  # ours doesn't: 503, if it has not begun
    UNREAD = "unread"  # the client doesn't take it


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The seconds of each state, from its beginning: what trickles in doesn't move them."""

    silent: float
    head: float
    answer: float
    unread: float
    idle: float

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Deadlines:
        """Read them from the application's configuration."""
        silent, head, answer, unread, idle = (float(config[name]) for name in _NAMES)
        return cls(silent, head, answer, unread, idle)

    @property
    def interval(self) -> float:
        """How often to look."""
        return min(1.0, self.silent, self.head, self.answer, self.unread, self.idle)

    def judge(self, connection: Connection, now: float) -> Verdict | None:
        """Return what ends this connection now, if anything does."""
        http, passed = connection.http, now - connection.since
        if self._unread(connection, now):
            return Verdict.UNREAD
        if http is None or http.stage is Stage.IDLE:
            if http is not None and http.request_body:
                return Verdict.REST if passed > REST_SECONDS else None
            if not connection.requests:
                return Verdict.SILENT if passed > self.silent else None
            return Verdict.IDLE if passed > self.idle else None
        if http.stage is Stage.REQUEST:
            return Verdict.HEAD if passed > self.head else None
        return Verdict.ANSWER if passed > self.answer else None

    def _unread(self, connection: Connection, now: float) -> bool:
        size = connection.unsent()
        if not size:
            connection.stuck = None
            return False
        taken = connection.written - size
        if connection.stuck is None or taken - connection.stuck[1] >= LEAST_TAKEN:
            connection.stuck = now, taken
        return now - connection.stuck[0] > self.unread
