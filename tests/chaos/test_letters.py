"""How long letters are waited for: as long as one of those that are missing may still come."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chaos import run
from chaos.load import Load
from chaos.oracle import Oracle

VERIFY, RESET = ("ada@example.com", "verify-email"), ("ben@example.com", "reset-password")


class Post:
    """A load of which the letters matter alone: `held` are in the outbox, and nobody takes them soon."""

    def __init__(self, *, missing: set[tuple[str, str]], held: set[tuple[str, str]]) -> None:
        self.missing, self.held, self.asked = missing, held, 0
        self.oracle = Oracle(letters={VERIFY, RESET})
        self.scene = SimpleNamespace(redis=SimpleNamespace(name="single"))

    def check(self) -> None:
        self.asked += 1

    def missing_letters(self) -> set[tuple[str, str]]:
        return set(self.missing)

    async def waiting_letters(self, longer_than: float | None = None) -> set[tuple[str, str]]:
        return set(self.held)

    def doubled_letters(self) -> int:
        return 0

    async def seen(self) -> run.Letters:
        return await run.letters(cast("Load", cast("Any", self)), short=True)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "SENDING_SECONDS", 0.0)


async def test_what_can_not_come_is_not_waited_for() -> None:
    """A dead worker has it for longer than anybody waits here: it is told of, and isn't missing."""
    post = Post(missing={RESET}, held={RESET})
    found = await post.seen()
    assert post.asked == 1
    assert (found.missing, found.waiting) == ([], 1)


async def test_what_may_come_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is lost is missing only when there is no more time, whatever else is held by whom."""
    monkeypatch.setattr(run, "SHORT_LETTERS_SECONDS", 0.3)
    post = Post(missing={VERIFY, RESET}, held={RESET})
    began = time.monotonic()
    found = await post.seen()
    assert time.monotonic() - began >= 0.3
    assert (found.missing, found.waiting) == (["verify-email to ada@example.com"], 1)


async def test_nothing_is_waited_for_when_all_have_come() -> None:
    """Every letter that was promised is there."""
    post = Post(missing=set(), held=set())
    assert (await post.seen()).missing == []
    assert post.asked == 0
