"""`latchkey mail`."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from models import OutboxMail
from service.console import EXIT_USAGE, Json, fail, note, nothing_matched, out, print_json, print_table, run
from service.core.sql.leases import DEAD, PENDING
from service.core.text.moments import written
from service.post import rewriting
from service.runtime import Runtime
from service.stores.letter_kinds import SENT
from service.stores.letters_waiting import STATES, Standing, standing

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
    print_table(
        ("id", "letter", "to", "state", "attempts", "written", "last error"),
        [
            (
                str(row.id),
                row.letter,
                row.recipient,
                row.state,
                str(row.attempts),
                written(row.created_at),
                row.last_error or "",
            )
            for row in letters
        ],
    )


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

    async def flow(runtime: Runtime) -> tuple[int, list[OutboxMail]]:
        count = await runtime.outbox.retry(letter_id)
        return count, [] if letter_id is not None and count else await runtime.outbox.unreadable()

    count, sealed = run(flow)
    sealed = [row for row in sealed if row.state == DEAD and letter_id in (None, row.id)]
    if json:
        print_json({"retried": count, "sealed": len(sealed)})
    elif count:
        out.print(f"{_letters(count)} will be tried again.")
    if sealed:
        fail(_lost(len(sealed)))
    if not count:
        nothing_matched("There is no such dead letter." if letter_id is not None else "There is no dead letter.")


@app.command()
def status(json: Json = False) -> None:
    """Say how many letters there are in which state, and for how long the oldest of them has waited."""

    async def flow(runtime: Runtime) -> tuple[Standing, int]:
        return await standing(runtime.clock), len(await runtime.outbox.unreadable())

    found, sealed = run(flow)
    ages = {"oldest_due_seconds": found.oldest_due, "oldest_delayed_seconds": found.oldest_delayed}
    if json:
        counts = {state: getattr(found, state) for state in STATES}
        print_json(counts | {"unreadable": sealed} | {name: int(age.total_seconds()) for name, age in ages.items()})
        return
    told = {
        "due": f"the oldest for {_for(found.oldest_due)}" if found.due else "",
        "in_hand": "of workers",
        "delayed": f"tried in vain so far, the oldest is {_for(found.oldest_delayed)} old" if found.delayed else "",
        "waiting": "until their mailbox may have another",
        "dead": "not tried again, unless by `latchkey mail retry`",
    }
    rows = [(state.replace("_", " "), str(getattr(found, state)), told[state]) for state in STATES]
    print_table(("letters", "number", ""), rows)
    if sealed:
        note(_lost(sealed))


@app.command()
def rewrite(json: Json = False) -> None:
    """Write letters anew that no SECRET_KEY opens any more, as far as that can be; list the others."""
    done = run(rewriting.rewrite)
    if isinstance(done, rewriting.WrongSecret):
        fail(
            "SECRET_KEY opens none of the signing keys: it isn't the one that the service runs with. Nothing was done."
        )
    names = ("id", "letter", "recipient", "created_at")
    if json:
        print_json(
            {"written": done.written, "left": [{name: getattr(row, name) for name in names} for row in done.left]}
        )
        return
    out.print(f"{_letters(done.written)} written anew.")
    if done.left:
        print_table(
            ("id", "letter", "to", "written"),
            [(str(row.id), row.letter, row.recipient, written(row.created_at)) for row in done.left],
        )
        note(
            f"{_letters(len(done.left))} can't be: what they said is lost. Tell their recipients, if they are to know."
        )


def _letters(count: int) -> str:
    return f"{count} letter{'' if count == 1 else 's'}"


def _lost(count: int) -> str:
    them = "it" if count == 1 else "them"
    return (
        f"{_letters(count)} can't be sent: sealed under a SECRET_KEY that isn't given any more. With that one beside "
        f"the new one (SECRET_KEY=new,old), `latchkey keys reseal` saves {them}; without it, `latchkey mail rewrite` "
        "writes anew what it can."
    )


def _for(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
