"""Instances that end with their test, and threads for what goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.serve.instance import Instance, Run


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Start instances; whatever is left of them dies with the test."""
    started: list[Instance] = []
    numbers = count()  # threads start some: a length would be shared

    def start(*options: str, fresh: bool = True) -> Instance:
        started.append(instance := Instance(tmp_path / f"{next(numbers)}.log", *options, fresh=fresh))
        return instance

    yield start
    for instance in started:
        instance.reap()


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """Threads for the requests that are under way while a test does something else."""
    with ThreadPoolExecutor(4) as threads:
        yield threads
