"""Noticing that sessions end, however they end: one look at all that are watched, a few times a second.

A session ends in many ways, and deleting its key with redis-cli is one that tells nobody. So the watch asks Redis,
for every open stream of this process at once: one script for hundreds of sessions (in a cluster one for each slot).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from service.audit.reasons import EndReason, end_reasons
from service.errors import Unavailable
from service.runtime import Runtime

LOOK_SECONDS: Final = 0.4
RECORD_SECONDS: Final = 0.15  # whoever ends a session records it just after
STREAMS_PER_USER: Final = 50
_LOOKS_AT_ONCE: Final = 4

_log = logging.getLogger("latchkey.watch")


@dataclass(frozen=True, slots=True)
class Gone:
    """The session is over."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class HungUp:
    """This process stops: the session may well live, its stream is to be opened again."""


Ending = Gone | HungUp


@dataclass(eq=False, slots=True)
class Watched:
    """One open stream."""

    uid: UUID
    sid: UUID
    ending: asyncio.Future[Ending] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def wait(self, seconds: float) -> Ending | None:
        """Wait for the end; None when it hasn't come within `seconds`."""
        await asyncio.wait([self.ending], timeout=seconds)
        return self.ending.result() if self.ending.done() else None


class SessionWatch:
    """The open streams of one process, and the task that looks after their sessions while there are any."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._watched: dict[UUID, set[Watched]] = {}
        self._ends_at: dict[UUID, int] = {}
        self._count = 0
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._count

    @contextmanager
    def watching(self, uid: UUID, sid: UUID) -> Iterator[Watched]:
        """Watch a session that lives; raise `Unavailable` where there are too many streams, or no more to be opened."""
        of_user = sum(len(found) for found in self._watched.values() if next(iter(found)).uid == uid)
        if self._closed or self._count >= self._runtime.settings.MAX_STREAMS or of_user >= STREAMS_PER_USER:
            raise Unavailable("streams", retry_after=10)
        watched = Watched(uid, sid)
        self._watched.setdefault(sid, set()).add(watched)
        self._count += 1
        if self._task is None:
            # In a context of its own: it outlives the request that happened to be the first.
            self._task = asyncio.create_task(self._look_after(), context=Context())
        try:
            yield watched
        finally:
            self._count -= 1
            self._watched[sid].discard(watched)
            if not self._watched[sid]:
                del self._watched[sid]
                self._ends_at.pop(sid, None)

    async def close(self) -> None:
        """End every stream, for good."""
        self._closed = True
        for watched in [one for found in self._watched.values() for one in found]:
            self._tell(watched, HungUp())
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _look_after(self) -> None:
        try:
            while self._watched:
                await asyncio.sleep(LOOK_SECONDS)
                try:
                    await self._look()
                except Exception:  # noqa: BLE001 - a watch that died would leave every tab open, and say nothing
                    _log.exception("Looking after sessions failed.")
        finally:
            self._task = None

    async def _look(self) -> None:
        owners = {sid: next(iter(found)).uid for sid, found in self._watched.items()}
        free = asyncio.Semaphore(_LOOKS_AT_ONCE)

        async def look(batch: dict[UUID, UUID]) -> None:
            async with free:
                await self._look_at(batch)

        await asyncio.gather(*(look(batch) for batch in self._runtime.sessions.survey_batches(owners)))

    async def _look_at(self, batch: dict[UUID, UUID]) -> None:
        try:
            survey = await self._runtime.sessions.survey(batch)
        except Unavailable:
            return  # it says nothing about the sessions: nobody is told that one ended
        over = {}
        for sid, ends_at in survey.ends_at.items():
            if ends_at is None:
                over[sid] = batch[sid]
            elif sid in self._watched:
                self._ends_at[sid] = ends_at
        if over:
            await self._tell_why(over, survey.now)

    async def _tell_why(self, over: dict[UUID, UUID], now: int) -> None:
        try:
            await asyncio.sleep(RECORD_SECONDS)
            reasons = await end_reasons(self._runtime, over)
        except Unavailable:
            reasons = {}
        for sid in over:
            expired = now >= self._ends_at.get(sid, now + 1)
            reason: EndReason = "expired" if expired else reasons.get(sid, "revoked")
            for watched in self._watched.get(sid, ()):
                self._tell(watched, Gone(reason))

    @staticmethod
    def _tell(watched: Watched, ending: Ending) -> None:
        if not watched.ending.done():
            watched.ending.set_result(ending)
