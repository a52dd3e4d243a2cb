"""`latchkey restore`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from service.console import EXIT_FAILED, EXIT_TRY_AGAIN, Json, confirm, fail, note, out, print_json, run
from service.core.text.moments import written
from service.restores import checking, finishing
from service.restores.checking import Looked
from service.restores.finishing import Finished, NotUpgraded
from service.runtime import Runtime

app = typer.Typer(help="After a restored backup: what tells of it, and making it safe.", no_args_is_help=True)

OnlyRedis = Annotated[bool, typer.Option("--only-redis", help="The database is today's: Redis alone was restored.")]
KeepKeys = Annotated[bool, typer.Option("--keep-keys", help="Leave the signing keys: none has been retired since.")]


@app.command()
def check(json: Json = False) -> None:
    """Say what tells of a restored backup, and what `finish` would end. Exit with 1 when something does."""
    looked = run(checking.look)
    if json:
        print_json({**asdict(looked), "says": looked.traces.sentences})
    else:
        _tell(looked)
    if looked.traces.sentences:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def finish(
    *,
    only_redis: OnlyRedis = False,
    keep_keys: KeepKeys = False,
    again: Annotated[bool, typer.Option("--again", help="Although it has been done on these stores.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: Json = False,
) -> None:
    """End every session, link and letter that a restored backup may have brought back, and change the signing key."""

    async def flow(runtime: Runtime) -> Finished | NotUpgraded | None:
        if not again and await finishing.is_finished(runtime):
            return None
        if not yes:
            note(_plan(await checking.look(runtime), only_redis=only_redis, keep_keys=keep_keys))
            confirm("Go on?")
        return await finishing.finish(runtime, only_redis=only_redis, keep_keys=keep_keys)

    done = run(flow, lambda: "It isn't finished: run it again. What was ended by then is over.")
    if isinstance(done, NotUpgraded):
        fail(f"{done.pending} migration(s) are pending: run `latchkey db upgrade` first.")
    if json:
        print_json({"finished": asdict(done) if done else None})
    elif done is None:
        out.print("That has been done on these stores, and nothing tells of another restore since. (--again does it.)")
    else:
        _tell_done(done)
    if done is not None and done.receipt.left != 0:
        raise typer.Exit(EXIT_TRY_AGAIN if done.receipt.left is None else EXIT_FAILED)


def _tell(looked: Looked) -> None:
    traces = looked.traces
    out.print("\n".join(traces.sentences) or "Nothing tells of a store that was set back.")
    if traces.compared_at:
        out.print(f"The stores were last compared at {written(traces.compared_at)}.")
    if traces.finished_at:
        where = "" if traces.finished else ", on another Redis"
        out.print(f"The last restore was finished at {written(traces.finished_at)}{where}.")
    if looked.orphans:
        out.print(f"{looked.orphans} session(s) are of users that the database doesn't have: they open nothing.")
    if looked.unreadable_keys:
        out.print(f"{looked.unreadable_keys} signing key(s) can't be read with this SECRET_KEY.")
    out.print(_plan(looked, only_redis=False, keep_keys=False))


def _plan(looked: Looked, *, only_redis: bool, keep_keys: bool) -> str:
    found = [f"{looked.sessions} session(s) end, and whatever else there was before now"]
    if not only_redis:
        found += [f"{looked.links} link(s) end", f"{looked.letters} letter(s) are set aside"]
    if not (only_redis or keep_keys):
        found.append(f"a new signing key takes the place of {looked.keys}")
    return f"`latchkey restore finish`: {'; '.join(found)}."


def _tell_done(done: Finished) -> None:
    if done.receipt.left is None:
        out.print(f"{done.receipt.ended} session(s) ended, then Redis was out of reach. Run it again.")
        return
    out.print(f"{done.receipt.ended} session(s) ended. {done.receipt.left} of them left: all were looked for again.")
    out.print(f"{done.links} link(s) ended. {done.letters} letter(s) set aside.")
    if done.letters:
        out.print("`latchkey mail list --state dead` shows them, `latchkey mail retry --all-dead` sends them.")
    if done.kid is not None:
        out.print(f"{done.kid} signs from now on. {done.retired} key(s) retired.")
