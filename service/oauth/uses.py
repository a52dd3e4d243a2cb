"""When a client's secret was last used, written beside the requests: none waits for it, and none fails with it."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from service.errors import Unavailable
from service.oauth import clients
from service.runtime import Runtime

SECONDS: Final = 5.0


async def write(runtime: Runtime) -> None:
    """Write what isn't written. What the database can't take now it takes another time."""
    del runtime  # it is the process's own
    with suppress(Unavailable):
        await clients.write_uses()
