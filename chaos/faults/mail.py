"""What happens to the mail server: it refuses, it hangs. Nobody who calls the service notices, and letters wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.faults.fault import SINGLE, Fault
from chaos.scene import Scene


@asynccontextmanager
async def refusing(scene: Scene) -> AsyncIterator[None]:
    """It takes no connections, and then no recipients for now."""
    office = scene.office
    await office.close()
    try:
        yield
        await office.open()
        office.recipient = lambda _: "451 try again later"
        await asyncio.sleep(2)
    finally:
        office.recipient = lambda _: "250 OK"
        if office._server is None:
            await office.open()


@asynccontextmanager
async def hanging(scene: Scene) -> AsyncIterator[None]:
    """It takes what is sent and says nothing."""
    scene.office.gate.clear()
    try:
        yield
    finally:
        scene.office.gate.set()


FAULTS = (
    Fault("the mail server refuses", "mail", refusing, 3.0, SINGLE, felt=False),
    Fault("the mail server hangs", "mail", hanging, 4.0, SINGLE, felt=False),
)
