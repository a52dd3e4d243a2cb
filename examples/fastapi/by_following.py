"""By asking Latchkey once about a token, and believing that for as long as its stream of endings says otherwise.

Nothing is asked any more, and an ended session is refused within a second. While the stream is lost, Latchkey is asked.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from time import monotonic
from typing import Final, Self

import httpx

from by_asking import SECONDS_OF_A_NO, ByAsking
from callers import Caller, Kept, Once, Refused, name_of
from endings import SILENCE, Endings
from introspection import Introspection

REMEMBERED: Final = 10.0  # longer than any answer is on its way


class ByFollowing(AbstractAsyncContextManager["ByFollowing"]):
    """Keeps what it was told of tokens until it hears of an end, or can't hear."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._introspection = Introspection(http)
        self._asking = ByAsking(http, SILENCE)
        self._endings = Endings(http, self._ended, self._forget)
        self._kept: Kept[Caller] = Kept()
        self._refused: Kept[float] = Kept()  # and until when that is believed
        self._once: Once[Caller] = Once()
        self._told: dict[str, float] = {}  # sessions and users that we were told of, and when
        self._forgotten = 0

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        self._task = asyncio.create_task(self._endings.follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Listen no more."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def caller_of(self, token: str) -> Caller:
        """Return whose token it is. Raises Refused."""
        if not self._endings.alive():
            return await self._asking.caller_of(token)
        name = name_of(token)
        caller = self._kept.get(name)
        if monotonic() < (self._refused.get(name) or 0):
            raise Refused(401)
        if caller is None or time.time() >= caller.exp:
            caller = await self._once.ask(name, lambda: self._ask(name, token))
        return caller

    async def _ask(self, name: bytes, token: str) -> Caller:
        forgotten, asked_at = self._forgotten, monotonic()
        caller = await self._introspection.caller_of(token)
        # What was asked before its end was told may have been answered from before it. A session ends for good.
        if caller is None or caller.sid in self._told:
            self._refused.put(name, asked_at + SECONDS_OF_A_NO)
            raise Refused(401)
        if forgotten == self._forgotten and self._endings.alive() and self._told.get(caller.sub, 0) < asked_at:
            self._kept.put(name, caller)
        return caller

    def _ended(self, sub: str, sid: str | None) -> None:
        now = monotonic()
        self._kept.drop(lambda caller: caller.sid == sid if sid else caller.sub == sub)
        self._told = {one: at for one, at in self._told.items() if now - at < REMEMBERED}
        self._told[sid or sub] = now

    def _forget(self) -> None:
        self._forgotten += 1
        self._kept.drop(lambda _: True)
