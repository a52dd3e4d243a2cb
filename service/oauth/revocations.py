"""Who follows the endings of sessions, and what they are told (docs/decisions/112)."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Final

from models import OAuthClient
from service.core.clock import steady_seconds
from service.core.process.ticking import logged
from service.core.telemetry.logs import log_event
from service.errors import NoStream
from service.oauth import figures
from service.oauth.clients import Known
from service.oauth.recording import Recorder, forget
from service.oauth.ring import moment_of
from service.runtime import Runtime

SIGN_SECONDS: Final = 0.4  # between two signs of life
SOON_SECONDS: Final = 0.02
OPENS_SECONDS: Final = 1.5  # until all is heard of, where nobody has listened before
CLIENTS_SECONDS: Final = 10.0  # between two looks whether there is anybody who could follow
STREAMS_PER_CLIENT: Final = 20


class Follower:
    """One open stream: what it is told, piece by piece."""

    def __init__(self, recorder: Recorder, last_id: str | None) -> None:
        """Go on behind the id that was told last, if nothing is missing since."""
        moment = moment_of(last_id)
        self._recorder = recorder
        self._place = recorder.ring.place_of(moment, recorder.now()) if moment is not None else None
        self._news = asyncio.Event()
        self._signed_at = float("-inf")
        self.is_over = False
        self.wake = self._news.set

    async def next(self) -> bytes | None:
        """Wait for what is to be told next, or for a sign of life; return it, None where the stream is over."""
        while not self.is_over:
            if self._recorder.is_deaf:
                await asyncio.sleep(SOON_SECONDS)  # a process that was held up itself: it may be about to hear
                if self._recorder.is_deaf:
                    break
            self._news.clear()
            if told := self._told():
                return told
            pause = self._signed_at + SIGN_SECONDS - steady_seconds()
            if pause <= 0 and self._recorder.is_sure:
                self._signed_at = steady_seconds()
                return f":\nid: {self._recorder.next_id()}\n\n".encode()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(pause, SOON_SECONDS)):
                    await self._news.wait()
        return None

    def _told(self) -> bytes:
        ring = self._recorder.ring
        found = ring.after(self._place) if self._place is not None else None
        if found is None:
            self._place = ring.end
            return forget(self._recorder.next_id())
        self._place, told = found
        return b"".join(told)


class Revocations:
    """The followers of one process, and what they follow."""

    def __init__(self, runtime: Runtime) -> None:
        """Take the runtime. Nothing is recorded before `begin`, or the first follower."""
        self._changes = runtime.changes
        self._recorder = Recorder(runtime)
        self._followers: set[Follower] = set()
        self._of_client: Counter[str] = Counter()
        self._closed = False
        self._looking: asyncio.Task[None] | None = None
        self._said_deaf = False

    @property
    def count(self) -> int:
        """How many follow."""
        return len(self._followers)

    def begin(self) -> None:
        """Record whenever there is anybody who could follow, so that whoever comes from another process goes on."""
        if self._looking is None and not self._closed:
            self._looking = asyncio.create_task(self._look_for_clients(), context=Context())

    async def close(self) -> None:
        """End every stream, for good."""
        self._closed = True
        for follower in self._followers:
            follower.is_over = True
            follower.wake()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        await self._recorder.stop()

    async def demand_heard(self) -> None:
        """Wait until all that changes is heard of. Raises `NoStream` where it isn't, or can't be."""
        if self._closed:
            raise NoStream("closed")
        if not self._changes.can_be_heard:
            raise self._deaf("a cluster of Redis doesn't tell for certain what changes")
        self._recorder.start()
        deadline = steady_seconds() + OPENS_SECONDS
        while not self._recorder.is_sure:
            if steady_seconds() >= deadline:
                raise self._deaf("what changes in the stores isn't heard of")
            await asyncio.sleep(SOON_SECONDS)
        self._said_deaf = False

    @contextmanager
    def followed(self, client: Known, last_id: str | None) -> Iterator[Follower]:
        """Follow for a client, from the id that it was told last. To be called when all is heard of.

        Raises `NoStream` where the client has its share, and at the end.
        """
        if self._closed or self._of_client[client.client_id] >= STREAMS_PER_CLIENT:
            raise NoStream("closed" if self._closed else "client")
        follower = Follower(self._recorder, last_id)
        self._followers.add(follower)
        self._of_client[client.client_id] += 1
        self._recorder.listeners.add(follower.wake)
        try:
            with figures.followers.labels(client.name).track_inprogress():
                yield follower
        finally:
            self._recorder.listeners.discard(follower.wake)
            self._followers.discard(follower)
            self._of_client -= Counter((client.client_id,))  # and what is none is gone

    async def _look_for_clients(self) -> None:
        while True:
            await logged(self._record_if_followed)
            await asyncio.sleep(CLIENTS_SECONDS)

    async def _record_if_followed(self) -> None:
        if self._followers or (self._changes.can_be_heard and await OAuthClient.exists()):
            self._recorder.start()
        else:
            await self._recorder.stop()

    def _deaf(self, cause: str) -> NoStream:
        if not self._said_deaf:
            self._said_deaf = True
            log_event("revocations.deaf", logging.WARNING, cause=cause)
        return NoStream("deaf")
