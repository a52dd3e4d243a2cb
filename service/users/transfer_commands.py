"""`latchkey users import` and `latchkey users export`."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, TextIO

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from service.console import (
    EXIT_FAILED,
    EXIT_USAGE,
    Email,
    Json,
    UserId,
    fail,
    find_user,
    note,
    out,
    print_json,
    run,
)
from service.core.process.interrupts import read_each
from service.core.process.whole_files import whole_or_not_at_all
from service.core.text.spreadsheets import cell_of
from service.runtime import Runtime
from service.users import import_identities
from service.users.exporting import COLUMNS, HASH, IDENTITIES, PAGE, Row, count_users, export_users
from service.users.import_file import COLUMNS as TAKEN
from service.users.import_file import UnknownColumns, format_of, read_file
from service.users.import_identities import Provider
from service.users.import_records import STDIN, UnreadableFile
from service.users.import_systems import SYSTEMS, Settled, by_name
from service.users.import_words import Project, read_project
from service.users.importing import ImportReport, import_users
from service.users.profile import export_of
from service.users.schemas import ExportResponse

FormatOption = Annotated[
    Literal["csv", "jsonl"] | None, typer.Option("--format", help="csv, or jsonl: a JSON object a line.")
]
_COLUMNS = ", ".join(TAKEN)
_NAMES = ", ".join(system.name for system in SYSTEMS)


def import_command(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or LDIF; - reads what is piped in.")],
    *,
    form: FormatOption = None,
    update: Annotated[bool, typer.Option("--update", help="Also change accounts that are there already.")] = False,
    system: Annotated[
        str | None, typer.Option("--from", help=f"Which system the file is from, where it isn't seen: {_NAMES}.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="The file's encoding, where it isn't UTF-8 or UTF-16.")] = None,
    firebase_config: Annotated[
        Path | None,
        typer.Option(help="A file with hash_config { … } as Firebase's console shows it.", exists=True, dir_okay=False),
    ] = None,
    no_pepper: Annotated[
        bool, typer.Option("--no-pepper", help="Devise, Flask-Security: nothing secret is in their hashes.")
    ] = False,
    columns: Annotated[
        list[str] | None, typer.Option("--column", help="A column of ours, and what the file calls it: email=mail.")
    ] = None,
    providers: Annotated[
        list[str] | None,
        typer.Option(
            "--provider", help="A provider's issuer: corp=https://id.example.com; corp:okta=… where the file says okta."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Import accounts, with the password hashes of other systems. Safe to run again.

    Columns: email, full_name, password_hash, is_active, is_superuser, email_verified, created_at, id, totp,
    recovery_codes, identities; only email must be there. Exports of other systems are read as they are:
    docs/moving-in.md. Exit with 1 when a line was refused (the others are imported), or when there was none.
    """
    if file != STDIN and not file.exists():
        fail(f"{file}: there is no such file.", EXIT_USAGE)
    settled = Settled(
        _known(system),
        encoding,
        _project(firebase_config),
        no_pepper,
        _renamed(columns or []),
        _named(providers or []),
    )
    console = Console(stderr=True)
    shown = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*shown, console=console, disable=json or not console.is_terminal)
    report = ImportReport()

    async def flow(runtime: Runtime) -> ImportReport:
        with bar:
            task = bar.add_task("", total=_lines(file))
            known = (*settled.providers, *import_identities.configured(runtime.settings))
            settled_here = replace(settled, providers=known, now=runtime.clock.now())
            lines = read_file(file, form or format_of(file), settled_here)
            if not file.is_file():  # somebody is to write it, and may take his time
                lines = read_each(lines)
            return await import_users(
                runtime, lines, update=update, progress=lambda done: bar.advance(task, done), report=report
            )

    try:
        report = run(flow, lambda: _so_far(report))
    except UnknownColumns as error:
        fail(
            f"The file has columns that are not known: {error}. Ours are {_COLUMNS}: say which is which with "
            f"--column OURS=THEIRS, or where the file is from with --from ({_NAMES}).",
            EXIT_USAGE,
        )
    except UnreadableFile as error:
        fail(str(error), EXIT_USAGE)
    _tell(report, json=json)
    if report.refused:
        raise typer.Exit(EXIT_FAILED)
    if not report.created + report.updated + report.skipped:
        fail("There is no account in the file.")


def _tell(report: ImportReport, *, json: bool) -> None:
    if json:
        refused = [{"line": line.line, "reason": line.reason} for line in report.refused]
        noted = [{"line": line.line, "reason": line.reason} for line in report.noted]
        counts = {name: getattr(report, name) for name in ("created", "updated", "skipped", "linked")}
        print_json({**counts, "refused": refused, "noted": noted, "without_password": report.without_password})
        return
    for line in report.refused:
        out.print(f"line {line.line}: {line.reason}")
    for line in report.noted:
        out.print(f"line {line.line} was imported, but {line.reason}")
    out.print(
        f"{report.created} created, {report.updated} updated, {report.skipped} already there, "
        f"{len(report.refused)} refused."
    )
    if report.linked:
        out.print(f"{report.linked} accounts at other providers open them.")
    if report.without_password:
        out.print(f"{report.without_password} without a password: their owners set one, by “forgot password”.")


def _so_far(report: ImportReport) -> str:
    if not (report.created or report.updated):
        return "Nothing was imported."
    return (
        f"{report.created} created and {report.updated} updated so far. Run the same command again: "
        "what is there already is passed over."
    )


def _known(system: str | None) -> str | None:
    if system is not None and by_name(system) is None:
        fail(f"{system} is none of {_NAMES}.", EXIT_USAGE)
    return system


def _renamed(given: list[str]) -> dict[str, str]:
    columns = dict(one.partition("=")[::2] for one in given)
    if wrong := [ours for ours, theirs in columns.items() if ours not in TAKEN or not theirs]:
        fail(
            f"--column {wrong[0]}: write a column of ours, = and what the file calls it. Ours are {_COLUMNS}.",
            EXIT_USAGE,
        )
    if columns and "email" not in columns:
        fail("--column: say which column is email as well.", EXIT_USAGE)
    return columns


def _named(given: list[str]) -> tuple[Provider, ...]:
    try:
        return tuple(map(import_identities.named, given))
    except ValueError as error:
        fail(f"--provider: {error}.", EXIT_USAGE)


def _project(file: Path | None) -> Project | None:
    if file is None:
        return None
    try:
        return read_project(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:  # also what isn't UTF-8
        fail(f"{file}: {error}.", EXIT_USAGE)


def export_command(
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output when left out.", exists=False)] = None,
    form: FormatOption = None,
    with_hashes: Annotated[
        bool, typer.Option("--with-hashes", help="Password hashes too: keep the file as you keep the database.")
    ] = False,
    email: Email = None,
    user_id: UserId = None,
) -> None:
    """Export all accounts, in the form that `import` reads. A file is for its owner's eyes only, and never replaced.

    With --email or --user-id, everything that is stored about one user, as JSON: what they get from the API, for
    somebody who can't log in. It is recorded.

    The file is there once everything is in it, and not before.
    """
    if email is not None or user_id is not None:
        if form is not None or with_hashes:
            fail("What is stored about a user is one JSON document: without --format and --with-hashes.", EXIT_USAGE)
        _export_one(file, email, user_id)
        return
    console = Console(stderr=True)
    shown = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*shown, console=console, transient=True, disable=file is None or not console.is_terminal)
    written = [0]

    async def flow(_runtime: Runtime) -> None:
        with _refused(file), whole_or_not_at_all(file) as target, bar:
            task = bar.add_task("", total=None if bar.disable else await count_users())
            rows = _counted(export_users(with_hashes=with_hashes), written, lambda done: bar.advance(task, done))
            await _write(target, form or (file and format_of(file)) or "jsonl", rows, with_hashes=with_hashes)

    run(flow, lambda: f"{file} was not written." if file else f"{written[0]} accounts were written: not all.")


def _export_one(file: Path | None, email: str | None, user_id: str | None) -> None:
    async def flow(runtime: Runtime) -> None:
        with _refused(file), whole_or_not_at_all(file) as target:
            found = await export_of(runtime, (await find_user(email, user_id)).id)
            told = ExportResponse.of(found, None).model_dump(mode="json")
            target.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
        if runtime.settings.REDIS_URL.startswith("memory:"):
            note("memory:// keeps sessions inside the running service: they are not in it.")

    run(flow, lambda: f"{file} was not written." if file else "")


@contextmanager
def _refused(file: Path | None) -> Iterator[None]:
    """Say in a line why something can't be written."""
    try:
        yield
    except (FileExistsError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
        fail(f"{file}: {error.strerror}", EXIT_USAGE)
    except BrokenPipeError:  # who reads what we write has seen enough
        raise
    except OSError as error:  # a full disk
        fail(f"{file or 'standard output'}: {error.strerror}")


async def _counted(rows: AsyncIterator[Row], written: list[int], advance: Callable[[int], None]) -> AsyncIterator[Row]:
    """Pass rows on and count them; `advance` hears of every thousand."""
    async for row in rows:
        yield row
        written[0] += 1
        if written[0] % PAGE == 0:
            advance(PAGE)


async def _write(target: TextIO, form: str, rows: AsyncIterator[Row], *, with_hashes: bool) -> None:
    # Every cell in quotes: a spreadsheet that also parts cells at semicolons leaves those within alone.
    columns = [*COLUMNS, IDENTITIES, *([HASH] if with_hashes else [])]
    table = csv.DictWriter(target, columns, quoting=csv.QUOTE_ALL)
    if form == "csv":
        table.writeheader()
    async for row in rows:
        if form == "csv":
            table.writerow({name: cell_of(_cell(value)) for name, value in row.items()})
        else:
            target.write(orjson.dumps(row).decode() + "\n")


def _cell(value: object) -> str | bool | None:
    """Return what stands in one cell: of a list it is JSON."""
    return value if value is None or isinstance(value, str | bool) else orjson.dumps(value).decode()


def _lines(file: Path) -> int | None:
    """Count the lines of a file for the bar; None for a pipe, which can be read once."""
    if file == STDIN or not file.is_file():
        return None
    with file.open("rb") as content:
        return sum(1 for _ in content)
