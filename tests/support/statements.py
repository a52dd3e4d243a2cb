"""Which statements the service sends to its database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from service.core.sql import postgres, sqlite
from service.core.telemetry import tracing


@contextmanager
def noted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield a list of those that are sent while the block runs; what begins and ends transactions isn't in it."""
    found: list[str] = []

    def note(call: Sequence[Any]) -> AbstractContextManager[None]:
        found.extend(part for part in call[:1] if isinstance(part, str))
        return tracing.statement(call)

    with monkeypatch.context() as patched:
        for engine in (postgres, sqlite):
            patched.setattr(engine, "statement", note)
        yield found
