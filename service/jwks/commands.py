"""`latchkey keys`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from service.console import Json, fail, note, out, print_json, print_table, run
from service.core.sql.resealing import Resealed
from service.core.text.moments import written
from service.credentials import totp
from service.jwks import rotation
from service.runtime import Runtime

app = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)


@app.command("list")
def list_keys(json: Json = False) -> None:
    """List the keys, the newest first. Only public facts are shown."""
    keys = run(rotation.list_keys)
    if keys and not any(key.state == "signing" for key in keys):
        note("SECRET_KEY opens none of the keys that are in use: it isn't the one that belongs to this database.")
    if json:
        print_json([asdict(key) for key in keys])
        return
    print_table(
        ("key", "state", "made", "signs from", "last token ends"),
        [
            (
                key.kid,
                key.state,
                written(key.created_at),
                written(key.active_from),
                written(key.free_at) if key.free_at else "",
            )
            for key in keys
        ],
    )


@app.command()
def rotate(
    now: Annotated[bool, typer.Option("--now", help="Sign with it in seconds, not minutes.")] = False,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="SECRET_KEY is a new one, and opens none of the keys that there are.")
    ] = False,
    json: Json = False,
) -> None:
    """Make a new key. It is published at once, and signs when every verifier must have seen it."""

    async def flow(runtime: Runtime) -> str:
        return await rotation.rotate(runtime, at_once=now)

    kid = run(flow, overrides={"NEW_SECRET": True} if new_secret else {})
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
    """Encrypt anew under the first value of SECRET_KEY: keys, second factors, letters that wait, what jobs know."""

    async def flow(runtime: Runtime) -> tuple[int, int, Resealed, Resealed]:
        keys, factors = await runtime.keyring.reseal(), await totp.reseal(runtime)
        return keys, factors, await runtime.outbox.reseal(), await runtime.jobs.reseal()

    count, factors, letters, jobs = run(flow)
    lost = letters.lost + jobs.lost
    if json:
        print_json(
            {
                "resealed": count,
                "second_factors": factors,
                "letters": letters.done,
                "jobs": jobs.done,
                "unreadable": {"letters": letters.lost, "jobs": jobs.lost},
            }
        )
    else:
        out.print(f"{count} key{'' if count == 1 else 's'} sealed under the first secret.")
        out.print(f"{factors} second factor{'' if factors == 1 else 's'} as well.")
        out.print(f"Letters that aren't sent: {letters.done}. Jobs: {jobs.done}.")
    if lost:
        note(f"{lost} of letters and jobs are sealed under a secret that isn't given: `latchkey mail status`.")
