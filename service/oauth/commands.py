"""`latchkey clients`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer

from service.console import EXIT_USAGE, Json, confirm, fail, note, out, print_json, print_table, run
from service.core.text.moments import written
from service.oauth import clients, managing
from service.oauth.clients import ClientInfo, Made, SecretInfo
from service.runtime import Runtime

app = typer.Typer(help="Other services that may ask whether tokens are good.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="NAME|ID", help="The client's name, or its id.")]

# An id may hold a "-" anywhere but at its beginning; a name may begin with one.
_ANY_NAME = {"ignore_unknown_options": True}


@app.command(context_settings=_ANY_NAME)
def add(
    name: Annotated[str, typer.Argument(help="What it is called in lists, events and metrics.")],
    resource_server: Annotated[
        bool, typer.Option("--resource-server", help="It may introspect tokens, and hear of sessions that end.")
    ] = False,
    json: Json = False,
) -> None:
    """Add a service that may ask about tokens. Its secret is shown once."""
    if not resource_server:
        fail("Say what it may do: --resource-server, the one kind of client that there is.", EXIT_USAGE)

    async def flow(runtime: Runtime) -> Made | None:
        try:
            return await managing.add(runtime, name)
        except ValueError as error:
            fail(str(error), EXIT_USAGE)

    made = run(flow)
    if made is None:
        fail(f"There is a client called {name} already.")
    _show(made, json=json)


@app.command("list")
def list_clients(json: Json = False) -> None:
    """List the services that may ask about tokens, and since when each has its secrets. No secret is shown."""

    async def flow(runtime: Runtime) -> tuple[list[ClientInfo], datetime]:
        return await clients.list_clients(), runtime.clock.now()

    found, now = run(flow)
    if json:
        print_json([asdict(client) for client in found])
        return
    print_table(
        ("id", "name", "kind", "added", "secrets"),
        [
            (client.client_id, client.name, client.kind.replace("_", " "), written(client.created_at),
             "\n".join(_told(secret, now) for secret in client.secrets))
            for client in found
        ],
    )  # fmt: skip


@app.command(context_settings=_ANY_NAME)
def rotate(
    which: Which,
    now: Annotated[bool, typer.Option("--now", help="End the secret that it has at once, too.")] = False,
    json: Json = False,
) -> None:
    """Give a service a new secret. The one before it goes on, so that there is time to hand over; older ones end."""

    async def flow(runtime: Runtime) -> Made:
        return await managing.rotate(runtime, which, at_once=now)

    made = run(flow)
    _show(made, json=json)
    if not json:
        ended = f"{made.ended} secret{'' if made.ended == 1 else 's'} before it ended."
        note(ended if now or made.ended else "The one before it goes on until you rotate again.")


@app.command(context_settings=_ANY_NAME)
def remove(
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: Json = False,
) -> None:
    """Take a service away: from its next call on it is refused."""

    async def flow(runtime: Runtime) -> None:
        if not yes and await clients.named(which) is not None:
            confirm(f"Remove {which}? What it asks is refused at once.")
        await managing.remove(runtime, which)

    run(flow)
    if json:
        print_json({"removed": which})
    else:
        out.print(f"{which} is removed.")


def _show(made: Made, *, json: bool) -> None:
    if json:
        print_json({"client_id": made.client_id, "client_secret": made.secret, "name": made.name})
        return
    out.print(f"client_id      {made.client_id}")
    out.print(f"client_secret  {made.secret}")
    note("The secret is shown this once: only its hash is kept.")


def _told(secret: SecretInfo, now: datetime) -> str:
    used = f"last used {_ago(now - secret.last_used_at)}" if secret.last_used_at else "never used"
    return f"made {_ago(now - secret.created_at)}, {used}"


def _ago(age: timedelta) -> str:
    if age < timedelta(hours=1):
        return "within the hour"
    return f"{age.days} days ago" if age >= timedelta(days=2) else f"{age // timedelta(hours=1)} hours ago"
