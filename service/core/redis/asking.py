"""Asking others where to go: one question at a time, whoever wants to know, and not again at once."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextvars import Context
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from service.core.redis.faults import FAILURES

LOOK_SECONDS = 0.5  # for an answer of one that is asked
AGAIN_SECONDS = 0.1  # between two questions


class Routed(ABC):
    """A client that is several servers, as far as the service needs one."""

    @abstractmethod
    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Execute a command where it belongs."""

    async def evalsha(self, sha: str, numkeys: int, *keys_and_args: Any) -> Any:
        """Run a script that the server knows. Raises `NoScriptError`."""
        return await self.execute_command("EVALSHA", sha, numkeys, *keys_and_args)

    async def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Any:
        """Run a script."""
        return await self.execute_command("EVAL", script, numkeys, *keys_and_args)


class Asking(ABC):
    """Something that changes, and is asked for when it is in doubt. What is known is kept until something else is."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = float("-inf")
        self._again = False
        self.outdated = False  # somebody has said that there is something new
        self._late: set[asyncio.Task[Any]] = set()  # answers that nobody waits for any more
        self.failed: BaseException | None = None  # why the last question had no answer

    @abstractmethod
    async def _ask(self) -> None:
        """Find out. Raises one of redis-py's errors."""

    def ask_beside(self) -> None:
        """Ask, without anybody waiting for it; nothing where that is under way, or was done just now."""
        loop = asyncio.get_running_loop()
        if self._asking is None and loop.time() - self._asked_at >= AGAIN_SECONDS:
            # In a context of its own: the patience of a request that begins it is not what it has.
            self._asking = loop.create_task(self._answered(), context=Context())

    async def asked(self) -> None:
        """Ask, and wait for it; for the question that is under way, if there is one. Raises nothing."""
        self.ask_beside()
        if self._asking is not None:
            await asyncio.shield(self._asking)

    def changed(self) -> None:
        """Take that there is something new: it is asked for at once, and after the question that is under way."""
        self.outdated = True
        self._again = self._asking is not None
        self._asked_at = float("-inf")
        self.ask_beside()

    @property
    def age(self) -> float:
        """Seconds since the last question."""
        return asyncio.get_running_loop().time() - self._asked_at

    def leave(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Let these come to their end by themselves: to cut them off would close the connections they are on."""
        for task in tasks:
            self._late.add(task)
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._late.discard(task)
        if not task.cancelled():
            task.exception()  # or it would be reported as never looked at

    async def stop(self) -> None:
        """Ask no more."""
        self._again = False
        for tasks in ([self._asking] if self._asking else [], self._late):  # the one may leave something to the others
            found = list(tasks)
            for task in found:
                task.cancel()
            await asyncio.gather(*found, return_exceptions=True)

    async def _answered(self) -> None:
        try:
            await self._ask()
            self.failed = None
        except Exception as error:  # noqa: BLE001 - whoever can do nothing without an answer raises it
            self.failed = error
            if not isinstance(error, FAILURES):  # what answers is something else than it should be
                self.failed = RedisConnectionError(f"an answer that can't be read ({type(error).__name__}: {error})")
        finally:
            self._asked_at = asyncio.get_running_loop().time()
            self._asking = None
            self.outdated = False
            if self._again:
                self._again = False
                self.changed()
