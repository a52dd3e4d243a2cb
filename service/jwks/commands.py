"""`latchkey keys`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Column, Table

from service.console import Json, fail, out, print_json, run
from service.credentials import totp
from service.jwks import rotation
from service.runtime import Runtime

app = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)


@app.command("list")
def list_keys(json: Json = False) -> None:
    """List the keys, the newest first. Only public facts are shown."""
    keys = run(rotation.list_keys)
    if json:
        print_json([asdict(key) for key in keys])
        return
    table = Table(Column("key", no_wrap=True), "state", "made", "signs from", "last token ends")
    for key in keys:
        ends = f"{key.free_at:%Y-%m-%d %H:%M}" if key.free_at else ""
        made, active = f"{key.created_at:%Y-%m-%d %H:%M}", f"{key.active_from:%Y-%m-%d %H:%M}"
        table.add_row(key.kid, key.state, made, active, ends)
    out.print(table)


@app.command()
def rotate(
    now: Annotated[bool, typer.Option("--now", help="Sign with it in seconds, not minutes.")] = False,
    json: Json = False,
) -> None:
    """Make a new key. It is published at once, and signs when every verifier must have seen it."""

    async def flow(runtime: Runtime) -> str:
        return await rotation.rotate(runtime, at_once=now)

    kid = run(flow)
    if json:
        print_json({"kid": kid})
    else:
        minutes = f"{rotation.JWKS_MAX_AGE_SECONDS // 60} minutes and "
        when = f"in {'' if now else minutes}{rotation.SETTLE_SECONDS} seconds"
        out.print(f"{kid} is published, and signs {when}. Instances notice within seconds.")


# A name may begin with "-": one of sixty-four does.
@app.command(context_settings={"ignore_unknown_options": True})
def retire(
    kid: Annotated[str, typer.Argument(help="The key's name.")],
    force: Annotated[bool, typer.Option("--force", help="Although tokens it signed may still live.")] = False,
    json: Json = False,
) -> None:
    """Stop publishing and accepting a key."""

    async def flow(runtime: Runtime) -> rotation.StillNeeded | None:
        return await rotation.retire(runtime, kid, force=force)

    if refusal := run(flow):
        fail(refusal.reason)
    if json:
        print_json({"retired": kid})
    else:
        out.print(f"{kid} is retired. Instances notice within seconds.")


@app.command()
def reseal(json: Json = False) -> None:
    """Encrypt the private halves, and second factors' secrets, anew under the first value of SECRET_KEY."""

    async def flow(runtime: Runtime) -> tuple[int, int]:
        return await runtime.keyring.reseal(), await totp.reseal(runtime)

    count, factors = run(flow)
    if json:
        print_json({"resealed": count, "second_factors": factors})
    else:
        out.print(f"{count} key{'' if count == 1 else 's'} sealed under the first secret.")
        out.print(f"{factors} second factor{'' if factors == 1 else 's'} as well.")
