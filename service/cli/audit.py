"""`latchkey events`."""

from __future__ import annotations

from typing import Annotated

import typer

from service.audit import search
from service.cli.common import Json, out, print_json, run
from service.runtime import Runtime

app = typer.Typer(help="Security events: how long they are kept.", no_args_is_help=True)


@app.callback()
def events() -> None:
    """Security events: how long they are kept."""


@app.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    json: Json = False,
) -> None:
    """Delete the events that are older than EVENT_RETENTION_DAYS, in batches. Safe to interrupt and to repeat."""

    async def flow(runtime: Runtime) -> int:
        moment = search.retention_end(runtime)
        if moment is None:
            return 0
        if dry_run:
            return await search.count_before(runtime, moment)
        return sum([count async for count in search.purge_before(runtime, moment)])

    count = run(flow)
    if json:
        print_json({"would_delete" if dry_run else "deleted": count})
    else:
        out.print(f"{count} event{'' if count == 1 else 's'} {'would be ' if dry_run else ''}deleted.")
