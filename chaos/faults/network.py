"""What happens between the service and its stores: the network is slow, closed, cut, silent, silent one way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from chaos.faults.fault import ALL, SINGLE, Fault
from chaos.proxy import Mode, Proxy
from chaos.scene import Scene


def redis_of(scene: Scene) -> list[Proxy]:
    """All of Redis's network."""
    return scene.redis.proxies


def database_of(scene: Scene) -> list[Proxy]:
    """PostgreSQL's network."""
    return [scene.database]


def network(of: Callable[[Scene], list[Proxy]], mode: Mode) -> Callable[[Scene], AbstractAsyncContextManager[None]]:
    """Return a fault in which a part of the network is like this."""

    @asynccontextmanager
    async def happening(scene: Scene) -> AsyncIterator[None]:
        await scene.network(of(scene), mode)
        try:
            yield
        finally:
            await scene.network(of(scene), Mode.PASS)

    return happening


def _faults(
    store: str, of: Callable[[Scene], list[Proxy]], forms: tuple[str, ...], short: tuple[Mode, ...]
) -> list[Fault]:
    told = {
        Mode.DELAY: "answers 300 ms later",
        Mode.REFUSE: "refuses connections",
        Mode.CUT: "connections are reset, again and again",
        Mode.BLACK_HOLE: "nothing arrives (black hole)",
        Mode.HALF_OPEN: "answers don't arrive (half-open)",
    }
    return [
        Fault(
            f"{store}: {text}", store, network(of, mode), 2.5, forms, SINGLE if mode in short else (),
            felt=mode not in (Mode.DELAY, Mode.CUT),
        )
        for mode, text in told.items()
    ]  # fmt: skip


FAULTS = (
    *_faults("Redis's network", redis_of, ALL[:2], (Mode.CUT,)),
    *_faults("PostgreSQL's network", database_of, SINGLE, (Mode.HALF_OPEN,)),
)  # fmt: skip
