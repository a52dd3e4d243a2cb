"""`latchkey events`: listed, followed, exported, purged."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Final, Literal, TextIO

import orjson
import typer

from service.admin import searching
from service.admin.asking_commands import Actor, Asked, Ips, Kinds, RequestId, Session, Since, Until
from service.admin.catalogue import EVENTS_EXPORTED
from service.admin.event_views import COLUMNS, AdminEventResponse, cells
from service.admin.events import Told
from service.admin.searching import Wanted
from service.audit import events
from service.console import EXIT_USAGE, Email, Json, UserId, fail, note, out, print_json, print_table, run
from service.core.process.whole_files import whole_or_not_at_all
from service.core.sql.transactions import transaction
from service.core.text.printable import visible
from service.core.text.spreadsheets import cell_of
from service.errors import Unavailable
from service.runtime import Runtime

app = typer.Typer(help="Security events.", no_args_is_help=True)

EXIT_INTERRUPTED: Final = 130
_HEAD: Final = ("time", "event", "user", "address", "session", "by", "detail", "request")


@app.command("list")
def list_events(
    *,
    email: Email = None,
    user_id: UserId = None,
    session: Session = None,
    ip: Ips = None,
    actor: Actor = None,
    kind: Kinds = None,
    request_id: RequestId = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")] = 100,
    json: Json = False,
) -> None:
    """List events, the newest first: those that fit all that is given."""
    asked = Asked(email, user_id, session, ip, actor, kind, request_id, since, until)

    async def flow(runtime: Runtime) -> list[Told]:
        await _say_what_waits(runtime)
        return await searching.newest(runtime, await asked.wanted(runtime), limit)

    found = run(flow)
    if json:
        print_json([AdminEventResponse.of(one).model_dump(mode="json") for one in found])
    elif found:
        print_table(_HEAD, map(_row, found))
    else:
        note("No event fits.")


@app.command()
def tail(
    *,
    email: Email = None,
    user_id: UserId = None,
    session: Session = None,
    ip: Ips = None,
    actor: Actor = None,
    kind: Kinds = None,
    request_id: RequestId = None,
    shown: Annotated[int, typer.Option("--lines", "-n", min=0, max=10_000, help="How many to begin with.")] = 10,
    json: Json = False,
) -> None:
    """Print events as they are stored, the newest last, until Ctrl-C. One a line; with --json a JSON object."""
    asked = Asked(email, user_id, session, ip, actor, kind, request_id, None, None)

    async def flow(runtime: Runtime) -> None:
        async for found in searching.follow(runtime, await asked.wanted(runtime), shown=shown):
            if isinstance(found, Unavailable):
                note("The database is out of reach, or slow: going on once it isn't.")
                continue
            for one in found:
                _print_line(one, json=json)

    try:
        run(flow)
    except KeyboardInterrupt:
        raise typer.Exit(EXIT_INTERRUPTED) from None


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; - is standard output.")],
    *,
    form: Annotated[Literal["csv", "jsonl"] | None, typer.Option("--format", help="By the name, else jsonl.")] = None,
    email: Email = None,
    user_id: UserId = None,
    session: Session = None,
    ip: Ips = None,
    actor: Actor = None,
    kind: Kinds = None,
    request_id: RequestId = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Export events, the oldest first. A file is for its owner's eyes only, there whole or not at all, never replaced.

    That it was done is recorded.
    """
    asked = Asked(email, user_id, session, ip, actor, kind, request_id, since, until)
    chosen = form or ("csv" if file.suffix.lower() == ".csv" else "jsonl")

    async def flow(runtime: Runtime) -> int:
        wanted = await asked.wanted(runtime)
        await _say_what_waits(runtime)
        await _record(runtime)
        try:
            with whole_or_not_at_all(None if str(file) == "-" else file) as target:
                return await _write(runtime, target, chosen, wanted)
        except BrokenPipeError:  # who reads what we write has seen enough
            raise
        except OSError as error:
            usage = isinstance(error, FileExistsError | FileNotFoundError | NotADirectoryError | PermissionError)
            fail(f"{file}: {error.strerror}", EXIT_USAGE if usage else 1)

    try:
        number = run(flow)
    except KeyboardInterrupt:
        note("Interrupted: nothing was exported." if str(file) != "-" else "Interrupted: what is there isn't whole.")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    note(f"{number} event{'' if number == 1 else 's'} exported.")


@app.command()
def purge(json: Json = False) -> None:
    """Delete events older than EVENT_RETENTION_DAYS now. A worker does it daily."""

    async def flow(runtime: Runtime) -> int:
        return await events.purge(runtime)

    count = run(flow, lambda: "What was deleted by then is gone. Run it again for the rest.")
    if json:
        print_json({"deleted": count})
    else:
        out.print(f"{count} event{'' if count == 1 else 's'} deleted.")


async def _say_what_waits(runtime: Runtime) -> None:
    try:
        waiting = (await runtime.waiting_events.read(1)).number
    except Unavailable:
        return
    if waiting:
        note(f"{waiting} events aren't stored yet: the database could not take them.")


async def _record(runtime: Runtime) -> None:
    try:
        async with transaction():
            await events.record(runtime, EVENTS_EXPORTED, user_id=None)
    except Unavailable:  # who may read the database may read it when it takes no rows as well
        note("The database takes no rows: that events were exported isn't on record.")


async def _write(runtime: Runtime, target: TextIO, form: str, wanted: Wanted) -> int:
    # Every cell in quotes: a spreadsheet that also parts cells at semicolons leaves those within alone.
    table = csv.writer(target, quoting=csv.QUOTE_ALL)
    if form == "csv":
        table.writerow(COLUMNS)
    number = 0
    async for page in searching.read(runtime, wanted, newest_first=False):
        for one in page:
            if form == "csv":
                table.writerow([cell_of(value) for value in cells(one)])
            else:
                target.write(AdminEventResponse.of(one).model_dump_json() + "\n")
        number += len(page)
    return number


def _row(told: Told) -> tuple[str, ...]:
    event = told.event
    user = event.user_id  # type: ignore[attr-defined]  # Tortoise adds it
    return (
        f"{event.created_at:%Y-%m-%d %H:%M:%S}",
        event.type,
        told.user.email if told.user else str(user or ""),
        event.ip or "",
        str(event.session_id or ""),
        told.actor.email if told.actor else str(event.actor_id or ""),
        orjson.dumps(event.detail).decode() if event.detail else "",
        event.request_id or "",
    )


def _print_line(told: Told, *, json: bool) -> None:
    if json:
        line = visible(AdminEventResponse.of(told).model_dump_json())
    else:
        line = "\t".join(visible(cell).replace("\n", " ") for cell in _row(told))
    typer.echo(line)  # and flushed: somebody waits for it
