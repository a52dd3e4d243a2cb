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
from time import monotonic
from typing import Final
from uuid import UUID

from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.errors import NoStream, Unavailable
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.sessions.shares import Limits, StreamShares
from service.stores.sessions.outcomes import Survey

LOOK_SECONDS: Final = 0.4
STREAMS_PER_SESSION: Final = 10
STREAMS_PER_USER: Final = 25
REFUSALS_SECONDS: Final = 60.0
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
        self._ends: dict[UUID, tuple[int, EndReason]] = {}  # when each will end by itself, and why
        self._shares = StreamShares(runtime.settings.MAX_STREAMS)
        self._refused = 0
        self._told_at = -REFUSALS_SECONDS
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._shares.count

    @contextmanager
    def watching(self, uid: UUID, sid: UUID, address: str) -> Iterator[Watched]:
        """Watch a session that lives, for a client at `address`.

        Raises `NoStream` where this session, user or network has its share, and where no more are to be opened.
        """
        if self._closed:
            raise NoStream("closed")
        try:
            shared = self._shares.taken(sid, uid, address, Limits(STREAMS_PER_SESSION, STREAMS_PER_USER))
            with shared, metrics.streams.track_inprogress():
                yield from self._watch(uid, sid)
        except NoStream as refusal:
            self._note(refusal.share)
            raise

    def _watch(self, uid: UUID, sid: UUID) -> Iterator[Watched]:
        watched = Watched(uid, sid)
        self._watched.setdefault(sid, set()).add(watched)
        if self._task is None:
            # In a context of its own: it outlives the request that happened to be the first.
            self._task = asyncio.create_task(self._look_after(), context=Context())
        try:
            yield watched
        finally:
            self._watched[sid].discard(watched)
            if not self._watched[sid]:
                del self._watched[sid]
                self._ends.pop(sid, None)

    def _note(self, share: str) -> None:
        """Count a refusal. The log has a line a minute at most: clients come back again and again."""
        metrics.streams_refused.labels(share).inc()
        self._refused += 1
        now = monotonic()
        if now - self._told_at >= REFUSALS_SECONDS:
            log_event("streams.refused", share=share, refused=self._refused, open=self.count)
            self._refused, self._told_at = 0, now

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
        for sid, ends_at in survey.ends_at.items():
            if ends_at is None:
                reason = self._reason(survey, sid)
                for watched in self._watched.get(sid, ()):
                    self._tell(watched, Gone(reason))
            elif sid in self._watched:
                self._ends[sid] = ends_at, survey.reasons[sid]

    def _reason(self, survey: Survey, sid: UUID) -> EndReason:
        """Return why a session is over: what its end says, or that its time was up, or that its keys are gone."""
        if sid in survey.reasons:
            return survey.reasons[sid]
        ends_at, reason = self._ends.get(sid, (survey.now + 1, EndReason.REVOKED))
        return reason if survey.now >= ends_at else EndReason.REVOKED

    @staticmethod
    def _tell(watched: Watched, ending: Ending) -> None:
        if not watched.ending.done():
            watched.ending.set_result(ending)
