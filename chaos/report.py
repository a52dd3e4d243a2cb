"""What was seen, as docs/faults.md and on the terminal: green where every promise was kept, red where one was not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from bench.machine import DISTURBED_CORES
from chaos.calls import NONE
from chaos.oracle import OF_TIME, Kind
from chaos.run import RECOVERY_SECONDS, Letters, Played, Row

GREEN, YELLOW, RED = "green", "yellow", "red"
MEGABYTES_APIECE = 12  # that a process may hold more than before: allocators give back late
SPARE_DESCRIPTORS = 30  # of calls under way, all processes together
SHOWN = 5
LAG_SECONDS = 0.2  # of this process, worth telling
HEAD = """# What clients see when things break

Written by `make chaos`, which breaks them, on a machine of your own as well: PostgreSQL and Redis from the system or
from the development packages, two instances of two workers and a worker for letters, behind small proxies that can be
a bad network. Meanwhile {people} people, newcomers and somebody with stolen tokens use the service, and an oracle
remembers every registration, log-in, rotation, log-out, deletion of a key, change of a password and letter that was
acknowledged.

A row is green when all of this held:

- During a fault a call succeeded, or was put off with 503 (problem+json, `Retry-After` of 1 to 30 seconds). None took
  longer than 2 s. Nobody got 401, 403 or 500 for something that is good. Where a process of the service itself was
  killed or frozen, what it had taken on may get no answer, or one within 5 s (12 s where it is frozen for good).
- {recovery:g} s after the end of the fault nobody was put off any more. "Back" is when the last one was.
- Nothing that was acknowledged was lost: people, passwords, rotations, sessions. Nothing that was ended was accepted.
- `/api/health` answered 200. Memory and sockets of all the service's processes came back to where they were, or to
  what full pools of connections may hold.

It is yellow when only times were wrong, and something else on the machine took a fifth of a core, or this observer
itself was late: then they say nothing, and it is to be made again on a quiet machine.
"""
COLUMNS = (
    *("fault", "answers", "p50 ms", "p99 ms", "latest ms", "back after s", "lost", "revoked, accepted", "memory MB"),
    *("sockets, files", ""),
)


def faults_of(row: Row) -> list[str]:
    """Return what is wrong with a row: nothing when it is green."""
    return [*_broken(row), *_slow(row)]


def colour_of(row: Row) -> str:
    """Return green or red; or yellow, where only times are wrong and the machine was busy with something else."""
    if _broken(row) or (_slow(row) and not disturbed(row)):
        return RED
    return YELLOW if _slow(row) else GREEN


def _broken(row: Row) -> list[str]:
    found = [f"{number} x {kind}" for kind, number in sorted(row.counted.items()) if kind not in OF_TIME]
    if row.failed:
        found.append(f"not carried out: {row.failed}")
    if not row.seen.seconds:
        found.append("nobody called")
    if row.after.megabytes > row.before.megabytes + MEGABYTES_APIECE * max(1, row.after.processes):
        found.append("memory isn't back")
    if row.after.descriptors > max(row.before.descriptors, row.most_descriptors) + SPARE_DESCRIPTORS:
        found.append("sockets aren't back")
    return found


def _slow(row: Row) -> list[str]:
    found = [f"{number} x {kind}" for kind, number in sorted(row.counted.items()) if kind in OF_TIME]
    if row.back > RECOVERY_SECONDS:
        found.append(f"back only after {row.back:.1f} s")
    if row.fault.felt and not any(status >= 500 or status == NONE for status in row.seen.statuses):
        found.append("nobody noticed: the fault was none")
    return found


def disturbed(row: Row) -> str:
    """Say that the machine was busy with something else: then a late answer, or a call put off, may be its doing."""
    if row.others <= DISTURBED_CORES and row.lag <= LAG_SECONDS:
        return ""
    return f" (disturbed: others took {row.others:.1f} cores, and this process was late by {row.lag:.2f} s)"


def letters_colour(letters: Letters) -> str:
    """Return green when every promised letter has come."""
    return RED if letters.missing or not letters.promised else GREEN


def is_red(played: Played) -> bool:
    """Whether anything is red, or nothing was done."""
    colours = [*map(colour_of, played.rows), *map(letters_colour, played.letters)]
    return RED in colours or not played.rows


def markdown(played: Played, machine: dict[str, str], *, people: int, command: str) -> str:
    """Return docs/faults.md."""
    return "\n".join(_lines(played, machine, people, command)) + "\n"


def line_of(row: Row) -> str:
    """Return a row for a terminal: one line, and what is wrong with it."""
    said = f"{_answers(row)}, the latest after {row.seen.at(1.0):.1f} s, back after {row.back:.1f} s"
    line = f"{colour_of(row):5} {row.fault.name} ({row.form}): {said}{disturbed(row)}"
    return "\n".join([line, *(_told(row) if faults_of(row) else ())])


def _lines(played: Played, machine: dict[str, str], people: int, command: str) -> Iterator[str]:
    yield HEAD.format(people=people, recovery=RECOVERY_SECONDS)
    facts = {**machine, **played.versions}
    yield f"This run: `{command}`; " + ", ".join(f"{name} {value}" for name, value in facts.items()) + "."
    if number := sum(bool(disturbed(row)) for row in played.rows):
        told = f"{number} of {len(played.rows)}"
        yield f"\nThe machine had other things to do during {told} faults: make it again on a quiet one."
    forms = list(dict.fromkeys(row.form for row in played.rows))
    for form in forms:
        yield f"\n## Redis: {form}\n"
        yield _cells(COLUMNS)
        yield _cells(["---"] * len(COLUMNS))
        for row in played.rows:
            if row.form == form:
                yield _cells(_row(row))
    yield "\n## Letters\n"
    for letters in played.letters:
        yield (
            f"- {letters.form}: {letters.promised} were promised, {len(letters.missing)} are missing, {letters.waiting}"
            f" still wait in the outbox, {letters.doubled} came twice: {letters_colour(letters)}."
        )
    wrong = [row for row in played.rows if faults_of(row)]
    if wrong or any(letters.missing for letters in played.letters):
        yield "\n## What is not green\n"
        for row in wrong:
            yield from _told(row)
        for letters in played.letters:
            for name in islice(letters.missing, SHOWN):
                yield f"- missing: {name}"


def _told(row: Row) -> Iterator[str]:
    yield f"- **{row.fault.name}** ({row.form}): {'; '.join(faults_of(row))}{disturbed(row)}"
    for kind in Kind:
        for violation in islice((found for found in row.violations if found.kind is kind), SHOWN):
            text = " ".join(violation.what.split()).replace("`", "'")
            yield f"  - {kind}: `{text}`"


def _row(row: Row) -> list[str]:
    seen = row.seen
    return [
        row.fault.name,
        _answers(row),
        *(f"{seen.at(share) * 1000:.0f}" for share in (0.5, 0.99, 1.0)),
        f"{row.back:.1f}",
        str(row.of(Kind.LOST)),
        str(row.of(Kind.ACCEPTED)),
        f"{row.before.megabytes:.0f} → {row.after.megabytes:.0f}",
        f"{row.before.descriptors} → {row.after.descriptors}",
        colour_of(row),
    ]


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _answers(row: Row) -> str:
    counted = sorted(row.seen.statuses.items())
    good = sum(number for status, number in counted if 200 <= status < 300)
    told = [f"{good} good"]
    told += [
        f"{number} x {'none' if status == NONE else status}"
        for status, number in counted
        if status >= 500 or status == NONE
    ]
    said = sum(number for status, number in counted if 400 <= status < 500)
    return ", ".join([*told, *([f"{said} refusals of what is over"] if said else [])])
