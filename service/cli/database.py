"""`latchkey db`."""

from __future__ import annotations

import asyncio

import typer

from service.console import EXIT_FAILED, Json, out, plain_errors, print_json, settings
from service.core.sql import database
from service.core.sql.schema import Schema
from service.features import all_features
from service.runtime import schemas_of
from service.settings import Settings

app = typer.Typer(help="The database's schema.", no_args_is_help=True)


@app.command()
def upgrade(json: Json = False) -> None:
    """Apply the pending migrations. Safe when several instances do it at once."""
    with plain_errors():
        applied = asyncio.run(database.upgrade(*_asked()))
    if json:
        print_json({"applied": applied})
    else:
        out.print("\n".join(f"applied {name}" for name in applied) or "The schema is up to date.")


@app.command()
def check(json: Json = False) -> None:
    """Say whether the schema is up to date; exit with 1 when it isn't."""

    async def pending() -> list[str]:
        await database.open_database(*_asked())
        try:
            return await database.pending_migrations()
        finally:
            await database.close_database()

    with plain_errors():
        names = asyncio.run(pending())
    if json:
        print_json({"pending": names})
    else:
        out.print("\n".join(f"pending {name}" for name in names) or "The schema is up to date.")
    if names:
        raise typer.Exit(EXIT_FAILED)


def _asked() -> tuple[Settings, list[Schema]]:
    """Return the settings, and the tables that features bring besides ours."""
    loaded = settings()
    return loaded, schemas_of(all_features(loaded.FEATURES))
