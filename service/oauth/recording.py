"""Hearing of what changes, and telling what it comes to: a task beside the requests, in each process.

Followers rely on silence: what they weren't told of goes on. So it is said when all that has changed until a moment ago
was heard of and looked at (`is_sure`), and everything that may have been missed makes all of them forget.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import Context
from typing import Final
from uuid import UUID

import orjson

from service.core.clock import steady_seconds
from service.errors import Unavailable
from service.oauth import figures
from service.oauth.looking import Looking, Over
from service.oauth.ring import Ring
from service.runtime import Runtime
from service.stores.changes import MOST_SESSIONS, MOST_USERS, Gathering

TURN_SECONDS: Final = 0.2  # between two looks, where there is no news
GATHER_SECONDS: Final = 0.05  # after news, for more of it: a look costs a script, for hundreds of sessions as for one
SURE_SECONDS: Final = 0.3  # since all was heard of
DEAF_SECONDS: Final = 0.8  # since then
AGAIN_SECONDS: Final = 0.6  # longer than a process may take an old row for the user's (service.core.sql.hearing)
BEATS: Final = (0.0, 0.01, 0.03)  # pauses: now and then Redis has to answer before it can be said that all was heard

_log = logging.getLogger("latchkey.watch")


def forget(new_id: str) -> bytes:
    """Return the event that has followers ask again about everything."""
    return f"id: {new_id}\nevent: forget\ndata: {{}}\n\n".encode()


class Recorder:
    """Fills a ring with what ends. `listeners` are called when there is something new in it."""

    def __init__(self, runtime: Runtime) -> None:
        """Take the runtime. Nothing is done before `start`."""
        self._runtime = runtime
        self._changes = runtime.changes
        self._looking = Looking(runtime)
        self.ring = Ring()
        self.listeners: set[Callable[[], None]] = set()
        self._news = asyncio.Event()
        self._sessions: dict[UUID, UUID] = {}  # users by session: changed, and still to be looked at
        self._users: dict[UUID, None] = {}
        self._again: deque[tuple[float, UUID]] = deque()  # users who are told of once more, and when
        self._since: float | None = None  # when the first of all these was heard of
        self._all_changed = False
        self._forget_again_at = float("inf")
        self._sure_at = float("-inf")
        self._number = 0
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def is_sure(self) -> bool:
        """Whether all that had changed a moment ago is told."""
        return steady_seconds() - self._sure_at < SURE_SECONDS

    @property
    def is_deaf(self) -> bool:
        """Whether that can't be said for so long that followers had better ask."""
        return steady_seconds() - self._sure_at >= DEAF_SECONDS

    def now(self) -> int:
        """Return the time by Redis's clock, in ms."""
        return self._looking.now()

    def next_id(self) -> str:
        """Return an id for what is told now."""
        self._number += 1
        return f"{self.now()}-{self._number}"

    def start(self) -> None:
        """Record from now on."""
        if self._task is None:
            # In a context of its own: it outlives the request that happened to want it.
            self._task = asyncio.create_task(self._record(), context=Context())

    async def stop(self) -> None:
        """Record no more."""
        if self._task is not None:
            self._stopping = True  # and not only cancelled: what is awaited may take that for its own time being up
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _record(self) -> None:
        try:
            with self._changes.gathered(self._news.set) as gathering:
                while not self._stopping:
                    await self._turn(gathering)
                    await self._wait()
        finally:
            self._task, self._stopping = None, False
            self._sure_at = float("-inf")

    async def _wait(self) -> None:
        """Wait for the next turn, or for news."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_SECONDS):
                await self._news.wait()
            await asyncio.sleep(GATHER_SECONDS)

    async def _turn(self, gathering: Gathering) -> None:
        """Take what was heard, look at it, and tell what it comes to."""
        self._news.clear()
        try:
            heard_at = await self._hear(gathering)
            await self._looking.ask_for_time()
            if self._all_changed and heard_at is not None:
                self._begin_anew()
            elif steady_seconds() >= self._forget_again_at:
                self._forget_again()
            await self._look()
        except Unavailable:
            return  # what is still to be looked at stays
        except Exception:  # noqa: BLE001 - whatever it is, and whatever was passed over with it
            _log.exception("internal_error")
            self._all_changed = True
            return
        if heard_at is not None and not self._all_changed:
            self._sure_at = heard_at

    async def _hear(self, gathering: Gathering) -> float | None:
        """Take what was heard; return when all had been, None where that isn't certain."""
        heard_at = None
        for pause in BEATS:
            await asyncio.sleep(pause)
            asked_at = steady_seconds()
            if self._changes.hears():
                heard_at = asked_at
                break
        heard = gathering.take()
        self._sessions.update(heard.sessions)
        self._users.update(dict.fromkeys(heard.users))
        self._all_changed |= heard.everything
        if len(self._sessions) > MOST_SESSIONS or len(self._users) > MOST_USERS:  # nothing could be looked at for long
            self._sessions, self._users, self._all_changed = {}, {}, True
        if self._since is None:
            self._since = heard.since
        return heard_at

    def _begin_anew(self) -> None:
        """Have everybody forget: from now on all is heard."""
        self._all_changed = self._looking.has_jumped = False
        self.ring.begin(self.now())
        self._forgotten()
        self._forget_again_at = steady_seconds() + AGAIN_SECONDS

    def _forget_again(self) -> None:
        """Have everybody forget once more: who asks at once may be answered by a process that knows a moment later."""
        self.ring.add(self.now(), forget(self.next_id()))
        self._forgotten()
        self._forget_again_at = float("inf")

    def _forgotten(self) -> None:
        figures.told.labels("everything").inc()
        self._wake()

    async def _look(self) -> None:
        if self._changes.is_embedded:
            self._tell(await self._looking.look_at_all())
            if await self._looking.have_others_written():
                self._all_changed = True
        for batch in self._runtime.sessions.survey_batches(self._sessions):
            over = await self._looking.look_at_sessions(batch)
            for sid in batch:
                del self._sessions[sid]
            self._tell(over)
        if self._users:
            users, self._users = list(self._users), {}
            self._tell(await self._looking.look_at_users(users))
            # A process may take the row that it knows for the user's a little longer, and answer by it whoever asks.
            again = steady_seconds() + AGAIN_SECONDS
            self._again.extend((again, uid) for uid in users)
        self._since = None
        due = list[UUID]()
        while self._again and self._again[0][0] <= steady_seconds():
            due.append(self._again.popleft()[1])
        if due:
            self._tell(await self._looking.look_at_users(due))
        if self._looking.has_jumped:
            self._all_changed = True

    def _tell(self, over: Iterable[Over]) -> None:
        told = False
        for one in over:
            told = True
            figures.told.labels("user" if one.sid is None else "session").inc()
            sid = {} if one.sid is None else {"sid": str(one.sid)}
            data = orjson.dumps({"sub": str(one.sub), **sid, "reason": str(one.reason)}).decode()
            text = f"id: {self.next_id()}\nevent: ended\ndata: {data}\n\n"
            self.ring.add(self.now(), text.encode())
        if told:
            if self._since is not None:
                figures.seconds.observe(steady_seconds() - self._since)
            self._wake()

    def _wake(self) -> None:
        for listener in self.listeners:
            listener()
