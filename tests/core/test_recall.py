"""What is kept is bounded: those that were read longest ago go."""

from __future__ import annotations

import random

import pytest

from service.core.recall import Recall


def read(recall: Recall[int, str], key: int) -> None:
    recall.end(key, recall.begin(key), str(key))


@pytest.mark.parametrize("most", [1, 2, 3, 64, 127, 640])
def test_so_many(most: int) -> None:
    """Never more, hardly fewer, and always the youngest."""
    chance = random.Random(most)
    recall = Recall[int, str](most)
    order: list[int] = []
    for _ in range(20 * most):
        key = chance.randrange(3 * most)
        read(recall, key)
        order = [*(other for other in order if other != key), key]
        assert len(recall) <= most
        assert len(recall) >= min(len(order), most - most // 32)
        youngest = order[-len(recall) :]
        assert [recall.get(key) for key in youngest] == [str(key) for key in youngest]


def test_what_was_forgotten_makes_room() -> None:
    recall = Recall[int, str](3)
    for key in (1, 2, 3):
        read(recall, key)
    recall.forget(2)
    read(recall, 4)
    assert [recall.get(key) for key in (1, 2, 3, 4)] == ["1", None, "3", "4"]
    recall.forget_all()
    assert len(recall) == 0
