"""`latchkey mail`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Column, Table

from models import OutboxMail
from service.console import EXIT_USAGE, Json, fail, out, print_json, run
from service.core.sql.leases import DEAD, PENDING
from service.runtime import Runtime
from service.stores.letter_kinds import SENT

app = typer.Typer(help="Letters: what waits, what was sent, what could not be.", no_args_is_help=True)


class State(StrEnum):
    """What a letter may be."""

    pending = PENDING
    sent = SENT
    dead = DEAD


@app.command("list")
def list_letters(
    state: Annotated[State | None, typer.Option("--state", help="Only letters in this state.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 100,
    json: Json = False,
) -> None:
    """List letters, the newest first. What they say is not shown."""

    async def flow(runtime: Runtime) -> list[OutboxMail]:
        return await runtime.outbox.listed(state.value if state else None, limit)

    letters = run(flow)
    if json:
        names = ("id", "letter", "recipient", "state", "attempts", "created_at", "due_at", "sent_at", "last_error")
        print_json([{name: getattr(row, name) for name in names} for row in letters])
        return
    table = Table(Column("id", no_wrap=True), "letter", "to", "state", "attempts", "written", "last error")
    for row in letters:
        when = f"{row.created_at:%Y-%m-%d %H:%M}"
        table.add_row(str(row.id), row.letter, row.recipient, row.state, str(row.attempts), when, row.last_error)
    out.print(table)


@app.command()
def retry(
    letter: Annotated[str | None, typer.Argument(help="A dead letter's id.")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every dead letter.")] = False,
    json: Json = False,
) -> None:
    """Try dead letters again, from the first attempt on."""
    if (letter is None) != all_dead:
        fail("Give either a letter's id or --all-dead.", EXIT_USAGE)
    try:
        letter_id = UUID(letter) if letter else None
    except ValueError:
        fail(f"{letter} is not an id.", EXIT_USAGE)

    async def flow(runtime: Runtime) -> int:
        return await runtime.outbox.retry(letter_id)

    count = run(flow)
    if json:
        print_json({"retried": count})
    elif letter_id is not None and not count:
        fail("There is no such dead letter.")
    else:
        out.print(f"{count} letter{'' if count == 1 else 's'} will be tried again.")
