"""`python -m chaos`: break everything, hold the service to its word; ends with 1 when it broke it."""

from __future__ import annotations

import asyncio
import random
import secrets
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from bench.generator import new_loop
from chaos.faults import Fault, chosen
from chaos.load import PEOPLE
from chaos.report import is_red, letters_colour, line_of, markdown
from chaos.run import Letters, Played, Row, play
from chaos.scene import BY_DEFAULT, FORMS, machine
from tests.servers import ServerFailed
from tests.servers.binaries import BinaryMissing
from tests.support.thrift import save

SOAK_EVERY_SECONDS = 20.0


def main(
    short: Annotated[bool, typer.Option("--short", help="A selection of faults, in less than three minutes.")] = False,
    form: Annotated[
        list[str] | None, typer.Option(help=f"Of {', '.join(FORMS)}; by default {', '.join(BY_DEFAULT)}.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Faults with this word in their name.")] = None,
    soaking: Annotated[float | None, typer.Option("--soak", help="Seconds of random faults on the first form.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of what people do, and of the soak's choice.")] = None,
    document: Annotated[Path | None, typer.Option(help="Where to write what was seen; else it is shown.")] = None,
    logs: Annotated[Path | None, typer.Option(help="Keep the service's logs in this directory.")] = None,
) -> None:
    """Break everything the service stands on while it is used, and hold it to its word."""
    save()
    seed = secrets.randbelow(10**6) if seed is None else seed
    forms = form or list(BY_DEFAULT)
    print(f"seed {seed}", flush=True)
    played = Played()
    try:
        with ExitStack() as stack:
            directory = logs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-chaos-")))
            directory.mkdir(parents=True, exist_ok=True)
            with asyncio.Runner(loop_factory=new_loop) as runner:
                for name in forms[:1] if soaking else forms:
                    faults = chosen(name, short=short, only=only or ())
                    runner.run(_play(played, name, faults, directory, seed=seed, short=short, soaking=soaking))
    except (ServerFailed, BinaryMissing) as error:
        print(error, flush=True)
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(143) from None
    command = " ".join(["make soak" if soaking else "make chaos", *(["SHORT=1"] if short else [])])
    text = markdown(played, machine(), people=PEOPLE, command=command)
    if document:
        document.write_text(text)
    else:
        print(text)
    if is_red(played):
        raise typer.Exit(1)


async def _play(
    played: Played, form: str, faults: list[Fault], directory: Path, *, seed: int, short: bool, soaking: float | None
) -> None:
    main_task = asyncio.current_task()
    assert main_task
    # So that everything started is ended: an exception of a signal handler's own would get lost in the loop.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main_task.cancel)
    every = 0.0
    if soaking:
        every, number = SOAK_EVERY_SECONDS, max(1, int(soaking // SOAK_EVERY_SECONDS))
        faults = random.Random(seed).choices(faults, k=number)
    async for found in play(form, faults, directory, seed=seed, short=short, every=every):
        match found:
            case Row():
                played.rows.append(found)
                print(line_of(found), flush=True)
            case Letters():
                played.letters.append(found)
                told = f"{found.promised} promised, {found.waiting} still wait, missing: {found.missing or 'none'}"
                print(f"{letters_colour(found):5} letters ({form}): {told}", flush=True)
            case dict():
                played.versions |= found


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
