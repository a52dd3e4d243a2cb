"""Windows that one process counts for itself, to the moment: what they say, and how many there are."""

from __future__ import annotations

import pytest

from service.core import windows
from service.core.clock import Clock
from service.core.windows import Budget, Charge, LocalWindows, Refused, Taken, by_network, refusal

BUDGET = Budget("some", 2, 60_000)
GROWING = Budget("growing", 3, 6_000, wait_ms=1_000, longest_ms=5_000, ceiling=9)


class Still(Clock):
    """A clock that stands where it is put."""

    at = 1_800_000_000.0

    def timestamp(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
def local(clock: Still) -> LocalWindows:
    return LocalWindows(clock)


def test_until_its_end(local: LocalWindows, clock: Still) -> None:
    """As many as there are, then none until the window's last moment; a look takes nothing."""
    assert [local.take(BUDGET, "a"), local.look(BUDGET, "a"), local.take(BUDGET, "a")] == [Taken(1), Taken(1), Taken(2)]
    assert local.look(BUDGET, "a") == local.take(BUDGET, "a") == Refused("some", 2, 60_000, 60_000)
    assert local.look(BUDGET, "b") == Taken(0)
    clock.at += 59.5
    assert local.take(BUDGET, "a") == Refused("some", 2, 60_000, 500)
    clock.at += 0.4999
    assert local.take(BUDGET, "a") == Refused("some", 2, 60_000, 1)  # never at once
    clock.at = Still.at + 60
    assert local.take(BUDGET, "a") == Taken(1)


def test_when_all_are_in_use(local: LocalWindows, clock: Still, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newcomers are refused, for a whole window; who has one goes on; what is over makes room."""
    monkeypatch.setattr(windows, "LOCAL_BUCKETS", 2)
    local.take(BUDGET, "a")
    clock.at += 1
    local.take(BUDGET, "b")
    assert local.take(BUDGET, "c") == Refused("some", 2, 60_000, 60_000)
    assert local.take(BUDGET, "a") == Taken(2)
    clock.at = Still.at + 60
    assert local.take(BUDGET, "c") == Taken(1)
    assert local.take(BUDGET, "b") == Taken(2)
    assert isinstance(local.take(BUDGET, "d"), Refused)


@pytest.mark.parametrize(
    ("taken", "quota", "window"),
    [(2, 1, 1_000), (3, 1, 1_000), (4, 1, 2_000), (5, 1, 4_000), (6, 1, 5_000), (8, 1, 5_000), (9, 9, 54_000)],
)
def test_what_a_growing_one_says(taken: int, quota: int, window: int) -> None:
    """One for each wait, which doubles up to the longest; at the ceiling, so many for as long as they are kept."""
    assert refusal(GROWING, taken, 7) == Refused("growing", quota, window, 7)


def test_an_answer_is_in_whole_seconds() -> None:
    """Rounded up, and never none."""
    for wait, seconds in ((0, 1), (1, 1), (1_000, 1), (1_001, 2)):
        assert refusal(BUDGET, 2, wait).error().headers["Retry-After"] == str(seconds)


def test_networks() -> None:
    """One /64 has its own, and a part of the ten times as much that all of its /48 have; an IPv4 address has one."""
    assert by_network(BUDGET, "192.0.2.1") == (Charge(BUDGET, "192.0.2.1"),)
    narrow, wide = by_network(BUDGET, "2001:db8:1:2::3")
    assert (narrow.budget.quota, wide.budget.quota) == (2, 20)
    assert narrow.subject != wide.subject
