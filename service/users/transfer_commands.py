"""`latchkey users import` and `latchkey users export`."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, TextIO

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from service.console import EXIT_FAILED, EXIT_USAGE, Json, fail, out, print_json, run
from service.core.text.spreadsheets import cell_of
from service.runtime import Runtime
from service.users.exporting import COLUMNS, HASH, export_users
from service.users.import_file import UnknownColumns, format_of, read_file
from service.users.importing import ImportReport, import_users

FormatOption = Annotated[
    Literal["csv", "jsonl"] | None, typer.Option("--format", help="csv, or jsonl: a JSON object a line.")
]


def import_command(
    file: Annotated[
        Path, typer.Argument(help="CSV with a header, or a JSON object a line.", exists=True, dir_okay=False)
    ],
    form: FormatOption = None,
    update: Annotated[bool, typer.Option("--update", help="Also change accounts that are there already.")] = False,
    json: Json = False,
) -> None:
    """Import accounts, with the password hashes of other systems. Safe to run again.

    Columns: email, full_name, password_hash, is_active, is_superuser, email_verified, created_at, id; only email must
    be there. Exit with 1 when a line was refused; the others are imported.
    """
    bar = Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), disable=json)

    async def flow(runtime: Runtime) -> ImportReport:
        with bar:
            task = bar.add_task("", total=_lines(file))
            lines = read_file(file, form or format_of(file))
            return await import_users(runtime, lines, update=update, progress=lambda done: bar.advance(task, done))

    try:
        report = run(flow)
    except UnknownColumns as error:
        fail(f"The file has columns that are not known: {error}.", EXIT_USAGE)
    if json:
        refused = [{"line": line.line, "reason": line.reason} for line in report.refused]
        counts = {"created": report.created, "updated": report.updated, "skipped": report.skipped}
        print_json({**counts, "refused": refused})
    else:
        for line in report.refused:
            out.print(f"line {line.line}: {line.reason}")
        out.print(
            f"{report.created} created, {report.updated} updated, {report.skipped} already there, "
            f"{len(report.refused)} refused."
        )
    if report.refused:
        raise typer.Exit(EXIT_FAILED)


def export_command(
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output when left out.", exists=False)] = None,
    form: FormatOption = None,
    with_hashes: Annotated[
        bool, typer.Option("--with-hashes", help="Password hashes too: keep the file as you keep the database.")
    ] = False,
) -> None:
    """Export all accounts, in the form that `import` reads. A file is for its owner's eyes only, and never replaced."""

    async def flow(_runtime: Runtime) -> None:
        with _opened(file) as target:
            chosen = form or (format_of(file) if file else "jsonl")
            await _write(target, chosen, export_users(with_hashes=with_hashes), with_hashes=with_hashes)

    run(flow)


async def _write(
    target: TextIO, form: str, rows: AsyncIterator[dict[str, str | bool | None]], *, with_hashes: bool
) -> None:
    # Every cell in quotes: a spreadsheet that also parts cells at semicolons leaves those within alone.
    table = csv.DictWriter(target, [*COLUMNS, HASH] if with_hashes else COLUMNS, quoting=csv.QUOTE_ALL)
    if form == "csv":
        table.writeheader()
    async for row in rows:
        if form == "csv":
            table.writerow({name: cell_of(value) for name, value in row.items()})
        else:
            target.write(orjson.dumps(row).decode() + "\n")


@contextmanager
def _opened(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        fail(f"{file}: {error.strerror}", EXIT_USAGE)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as target:
        yield target


def _lines(file: Path) -> int:
    with file.open("rb") as content:
        return sum(1 for _ in content)
