"""Statements that may take their time: what administrators look at, over all users and all events.

They have a few of the pool's connections at most, so that however many of them there are, the requests of everybody
else find theirs; and more time than a request has. When even that is too little the database isn't away: it has much to
read, or waits for a lock. So that is no outage: it has a number and a sentence of its own (`TooSlow`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tortoise import connections

from service.core.faults import too_slow
from service.core.patience import Limited, longer
from service.core.sql.database import CONNECTION

SECONDS: Final = 5.0  # for all that a block waits for, its place included


@asynccontextmanager
async def at_leisure() -> AsyncIterator[None]:
    """Run a block that reads and has time. Not within a transaction, and not one in another.

    Raises `TooSlow` where that takes too long, or where too many others do the same.
    """
    found: asyncio.Semaphore | None = getattr(connections.get(CONNECTION), "leisurely", None)
    if found is None:  # the embedded database has one connection, and one user
        yield
        return
    with longer(SECONDS):
        try:
            with Limited(SECONDS):
                await found.acquire()
        except TimeoutError as error:
            too_slow(error)
        try:
            yield
        finally:
            found.release()
