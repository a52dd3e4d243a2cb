"""`latchkey db`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Final

import typer

from service.console import EXIT_FAILED, EXIT_TRY_AGAIN, Json, fail, note, out, plain_errors, print_json, settings
from service.core.sql import database, probing
from service.core.sql.lock_waits import WAIT_SECONDS, GaveUp, Turn
from service.core.sql.schema import Schema
from service.core.sql.standing import Standing
from service.features import all_features
from service.runtime import schemas_of
from service.settings import Settings

EXIT_NEWER: Final = 3
EXIT_TOO_NEW: Final = 4

app = typer.Typer(help="The database's schema.", no_args_is_help=True)


@app.command()
def upgrade(
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Print the SQL that would run, and change nothing.")] = False,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for others, until it gives up.")] = (
        WAIT_SECONDS
    ),
    json: Json = False,
) -> None:
    """Apply the pending migrations. Safe when several instances do it at once, and while they serve.

    Exit with 75 when others held what it needs for longer than --wait: run it again.
    """
    if plan:
        _show_plan(json=json)
        return
    with plain_errors():
        try:
            applied = asyncio.run(database.upgrade(*_asked(), Turn(note, wait)))
        except GaveUp as error:
            fail(str(error), EXIT_TRY_AGAIN)
        found = asyncio.run(_standing())
    if json:
        print_json({"applied": applied})
    else:
        out.print("\n".join(f"applied {name}" for name in applied) or _state(found))
    if found.unbearable:
        raise typer.Exit(EXIT_TOO_NEW)


@app.command()
def check(json: Json = False) -> None:
    """Say whether the schema is this version's.

    Exit with 0 when it is, 1 when migrations are pending, 3 when it is newer and this version goes on beside it, 4 when
    it is too new for that.
    """
    with plain_errors():
        found = asyncio.run(_standing())
    if json:
        print_json({"pending": found.pending, "newer": found.newer, "unbearable": found.unbearable})
    else:
        lines = [f"pending {name}" for name in found.pending]
        out.print("\n".join(lines if lines and not found.says else [*lines, _state(found)]))
    if code := _code(found):
        raise typer.Exit(code)


def _code(found: Standing) -> int:
    if found.unbearable:
        return EXIT_TOO_NEW
    if found.pending:
        return EXIT_FAILED
    return EXIT_NEWER if found.newer else 0


def _state(found: Standing) -> str:
    return f"{found.says}." if found.says else "The schema is up to date."


async def _standing() -> Standing:
    await database.open_database(*_asked())
    try:
        await probing.ask()
        return await database.schema_standing()
    finally:
        await database.close_database()


def _show_plan(*, json: bool) -> None:
    # Imported here: no other command has a use for the migration tool, which takes its time to import.
    from service.core.sql import plans

    with plain_errors():
        found = asyncio.run(plans.plan(*_asked()))
    if json:
        print_json([asdict(migration) for migration in found])
        return
    for migration in found:
        how = "one transaction" if migration.in_transaction else "each step by itself, beside whoever reads and writes"
        out.print(f"-- {migration.name}: {how}")
        if migration.unknown:
            out.print(f"-- The rest can't be shown without running it: {migration.unknown}")
        for statement in migration.statements:
            out.print(f"{statement.rstrip(';')};")
        out.print()
    if not found:
        out.print("-- The schema is up to date.")


def _asked() -> tuple[Settings, list[Schema]]:
    """Return the settings, and the tables that features bring besides ours."""
    loaded = settings()
    return loaded, schemas_of(all_features(loaded.FEATURES))
