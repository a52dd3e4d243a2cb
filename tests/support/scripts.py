"""Scripts that a test counts, or lets fail: those of its own requests, and not what runs beside them now and then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from service.core.redis.client import RedisScripts
from service.core.redis.scripts import Script
from service.errors import Unavailable

BESIDE: Final = frozenset({"tick", "read_mark", "write_mark", "events_read"})
"""The names of those that nobody's request asks for."""


@contextmanager
def away_after(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """Have Redis be away once so many scripts were run."""
    real, left = RedisScripts.run, iter(range(number))

    async def run(self: RedisScripts, script: Script, *args: Any, **named: Any) -> Any:
        if script.name not in BESIDE and next(left, None) is None:
            raise Unavailable("redis")
        return await real(self, script, *args, **named)

    with monkeypatch.context() as broken:
        broken.setattr(RedisScripts, "run", run)
        yield
