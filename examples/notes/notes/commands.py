"""`latchkey notes`."""

from __future__ import annotations

import typer

from latchkey.commands import Json, out, print_json, run
from notes import flows

app = typer.Typer(help="Notebooks.", no_args_is_help=True)


@app.callback()
def notes() -> None:
    """Notebooks."""


@app.command()
def count(json: Json = False) -> None:
    """Say how many notes there are."""
    number = run(flows.count)
    if json:
        print_json({"notes": number})
    else:
        out.print(f"{number} note{'' if number == 1 else 's'}.")
