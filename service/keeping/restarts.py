"""Across a restart, while both stores are embedded: a clean stop leaves the keys behind, the next start takes them.

What was ended stays ended. The file is gone before anything is served, so a process that is killed leaves none: then
everybody logs in again. What ends a user's sessions without this process (a command, meanwhile) is in the database.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from models import User
from service.core.clock import to_ms
from service.core.redis.embedded import Held, put_back, read_out
from service.core.telemetry.logs import log_event
from service.keeping.shelf import Shelf, Unreadable, shelf_of
from service.runtime import Runtime

_OF_A_USER: Final = re.compile(rb"user:\{")
_OF_A_SESSION: Final = re.compile(rb"user:\{([0-9a-f-]{36})\}:(?:session:|sessions$|ended:)")


@asynccontextmanager
async def kept(runtime: Runtime) -> AsyncIterator[None]:
    """Take what the process before has left, and leave it to the next one."""
    shelf = shelf_of(runtime.settings)
    if shelf is not None:
        await take(runtime, shelf)
    yield
    if shelf is not None:
        await leave(runtime, shelf)


async def take(runtime: Runtime, shelf: Shelf) -> None:
    """Put back what waits on the shelf. What can't be read or taken away is said in one line, and left out."""
    try:
        held = await asyncio.to_thread(shelf.take)
    except Unreadable:
        _say(f"{shelf.path.name} is damaged, or of another SECRET_KEY: everybody logs in again.")
        return
    except OSError as error:
        _say(f"{shelf.path.name} can't be taken ({error.strerror}): everybody logs in again.")
        return
    if not held:
        return
    number = 0
    for _, server in await runtime.redis.servers():
        number += await put_back(server, await _still_good(held), to_ms(runtime.clock.now()))
    log_event("sessions.taken_up", keys=number)


async def leave(runtime: Runtime, shelf: Shelf) -> None:
    """Put everything on the shelf. Where that fails it is said in one line: then it is as after a crash."""
    held = [one for _, server in await runtime.redis.servers() async for one in read_out(server)]
    if not held:
        return
    try:
        await asyncio.to_thread(shelf.leave, held)
    except OSError as error:
        _say(f"{shelf.path.name} can't be written ({error.strerror}): everybody logs in again.")


async def _still_good(held: list[Held]) -> list[Held]:
    """Return what is nobody's, and sessions of users that there are: somebody may have been deleted meanwhile.

    Log-ins under way end, whoever they are of: of those that can't be won there is no user either (R17).
    """
    owners = {one.key: _owner_of(one.key) for one in held if _OF_A_USER.search(one.key)}
    known = set(await User.filter(id__in={owner for owner in owners.values() if owner}).values_list("id", flat=True))
    return [one for one in held if one.key not in owners or owners[one.key] in known]


def _owner_of(key: bytes) -> UUID | None:
    found = _OF_A_SESSION.search(key)
    try:
        return UUID(found[1].decode()) if found else None
    except ValueError:
        return None


def _say(says: str) -> None:
    log_event("sessions.not_kept", logging.WARNING, says=says)
