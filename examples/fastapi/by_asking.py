"""By asking Latchkey, and keeping the answer for a few seconds: an ended session's token is good for as long."""

from __future__ import annotations

import time
from time import monotonic
from typing import Final, NamedTuple

import httpx

from callers import Caller, Kept, Once, Refused, name_of
from introspection import Introspection

SECONDS: Final = 5.0  # for so long an answer is believed
SECONDS_OF_A_NO: Final = 1.0


class Answer(NamedTuple):
    """What Latchkey has said, and until when that is believed."""

    caller: Caller | None
    until: float


class ByAsking:
    """Asks once about a token, for all who show it at once, and for whoever shows it in the next seconds."""

    def __init__(self, http: httpx.AsyncClient, seconds: float = SECONDS) -> None:
        self._introspection = Introspection(http)
        self._seconds = seconds
        self._kept: Kept[Answer] = Kept()
        self._once: Once[Answer] = Once()

    async def caller_of(self, token: str) -> Caller:
        """Return whose token it is. Raises Refused."""
        name = name_of(token)
        answer = self._kept.get(name)
        if answer is None or monotonic() >= answer.until:
            answer = await self._once.ask(name, lambda: self._ask(name, token))
        if answer.caller is None:
            raise Refused(401)
        return answer.caller

    async def _ask(self, name: bytes, token: str) -> Answer:
        asked_at, said_at = monotonic(), time.time()  # what ends while the answer is on its way is in no answer
        caller = await self._introspection.caller_of(token)
        seconds = min(SECONDS_OF_A_NO, self._seconds) if caller is None else min(self._seconds, caller.exp - said_at)
        answer = Answer(caller, asked_at + seconds)
        self._kept.put(name, answer)
        return answer
