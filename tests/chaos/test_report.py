"""The report of `make chaos`: what makes a row red, and that one red row makes the run red."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from chaos.calls import Seen
from chaos.faults import FAULTS, chosen
from chaos.faults.fault import ALL
from chaos.instances import Usage
from chaos.oracle import Kind, Violation
from chaos.report import colour_of, is_red, letters_colour, line_of, markdown
from chaos.run import Letters, Played, Row

FULL = next(fault for fault in FAULTS if "full (OOM)" in fault.name)
GOOD = Row(
    form="single", fault=FULL, seen=Seen(Counter({200: 90, 204: 5, 401: 4, 503: 10}), [0.01] * 98 + [0.5]), back=0.4,
    violations=[], before=Usage(500.0, 200, 7), after=Usage(510.0, 210, 7), most_descriptors=260,
)  # fmt: skip
LETTERS = Letters("single", 12, 0, [])
MACHINE = {"system": "Linux", "cores": "2"}


def test_a_good_row_is_green() -> None:
    """Put off in time, back in time, nothing lost: green, and so is the run."""
    assert colour_of(GOOD) == "green"
    assert not is_red(Played(rows=[GOOD], letters=[LETTERS]))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_broken_promise_is_red(kind: Kind) -> None:
    """Whatever kind it is of; and one row is enough."""
    row = replace(GOOD, violations=[Violation(kind, "what was seen", 1.0)])
    assert colour_of(row) == "red"
    assert is_red(Played(rows=[GOOD, row], letters=[LETTERS]))
    assert kind.value in line_of(row)


@pytest.mark.parametrize(
    "changes",
    [
        {"back": 5.1},
        {"failed": "the fault could not be injected"},
        {"seen": Seen(Counter({200: 9}), [0.01] * 9)},  # nobody noticed
        {"seen": Seen(Counter({503: 1}), [])},  # nobody called
        {"after": Usage(900.0, 210, 7)},  # memory
        {"after": Usage(510.0, 400, 7)},  # sockets
    ],
)
def test_what_else_is_red(changes: dict[str, object]) -> None:
    """Back too late, not carried out, without effect, or something is left over."""
    assert colour_of(replace(GOOD, **changes)) == "red"  # type: ignore[arg-type]


def late(row: Row) -> Row:
    return replace(row, violations=[Violation(Kind.LATE, "me: 200 after 2.4 s", 1.0)])


@pytest.mark.parametrize("changes", [{"others": 1.2}, {"lag": 0.4}])
def test_times_of_a_busy_machine(changes: dict[str, float]) -> None:
    """They say nothing, for or against; every other promise is held to on any machine."""
    busy = replace(GOOD, **changes)  # type: ignore[arg-type]
    assert colour_of(busy) == "green"
    refused = replace(busy, violations=[Violation(Kind.REFUSED, "me: 503", 1.0)])
    for row in (late(busy), refused, replace(busy, back=6.0)):
        assert colour_of(row) == "yellow"
        assert not is_red(Played(rows=[row], letters=[LETTERS]))
    for kind in set(Kind) - {Kind.LATE, Kind.REFUSED}:
        assert colour_of(replace(busy, violations=[*late(busy).violations, Violation(kind, "", 1.0)])) == "red"


def test_a_busy_machine_is_told() -> None:
    """A reader of the document should know."""
    row = replace(GOOD, others=1.2)
    assert "others took 1.2 cores" in line_of(row)
    assert "had other things to do during 1 of 2 faults" in markdown(
        Played(rows=[row, GOOD]), MACHINE, people=8, command=""
    )
    assert "other things" not in markdown(Played(rows=[GOOD]), MACHINE, people=8, command="")


def test_a_missing_letter_is_red() -> None:
    """So is a run in which none was promised: nothing was looked at."""
    assert letters_colour(LETTERS) == "green"
    for letters in (replace(LETTERS, missing=["verify-email to ada@example.com"]), replace(LETTERS, promised=0)):
        assert letters_colour(letters) == "red"
        assert is_red(Played(rows=[GOOD], letters=[letters]))


def test_nothing_done_is_red() -> None:
    """A run without a row says nothing."""
    assert is_red(Played())


def test_the_document() -> None:
    """It names the versions and the command, has a line for each fault, and says what is red and why."""
    row = replace(GOOD, violations=[Violation(Kind.LOST, "a session: me: 401", 1.0)])
    played = Played({"redis (single)": "7.0.15"}, [GOOD, row], [LETTERS])
    text = markdown(played, MACHINE, people=8, command="make chaos")
    assert "redis (single) 7.0.15" in text
    assert "`make chaos`" in text
    assert "| Redis full (OOM) | 95 good, 10 x 503, 4 refusals of what is over | 10 | 500 | 500 | 0.4 | 0 | 0 |" in text
    assert "| 1 | 0 | 500 → 510 | 200 → 210 | red |" in text
    assert "`a session: me: 401`" in text
    green = markdown(replace(played, rows=[GOOD]), MACHINE, people=8, command="make chaos")
    assert "What is not green" not in green


def test_faults_are_told_apart() -> None:
    """Each has a name of its own and a form to happen to; the short selection is a part, for every form it names."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    for form in ALL:
        everything, short = chosen(form), chosen(form, short=True)
        assert set(short) <= set(everything)
        assert short
    assert all(set(fault.short) <= set(fault.forms) <= set(ALL) for fault in FAULTS)
    assert [fault.name for fault in chosen("single", only=["oom"])] == [FULL.name]
