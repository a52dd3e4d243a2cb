"""`latchkey sessions`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from service.console import (
    EXIT_FAILED,
    EXIT_TRY_AGAIN,
    EXIT_USAGE,
    Email,
    Json,
    UserId,
    confirm,
    fail,
    find_user,
    nothing_matched,
    out,
    print_json,
    run,
)
from service.core.text.moments import written
from service.core.text.ranges import shown
from service.devices import listing_commands
from service.devices.choosing_commands import (
    Addresses,
    Agent,
    Since,
    Until,
    in_words,
    is_seen,
    needs_redis,
    session_id,
    wanted_by,
)
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions import receipts
from service.sessions.receipts import Wanted

app = typer.Typer(help="Sessions: who is logged in, and ending that.", no_args_is_help=True)
app.command("list")(listing_commands.list_them)


@app.command()
def revoke(
    *,
    email: Email = None,
    user_id: UserId = None,
    session: Annotated[str | None, typer.Option("--session", help="Only this session.")] = None,
    keep: Annotated[str | None, typer.Option("--except", help="All of the user's sessions but this one.")] = None,
    ip: Addresses = None,
    user_agent: Agent = None,
    since: Since = None,
    until: Until = None,
    older_than: Annotated[str | None, typer.Option("--older-than", help="Log-ins longer ago: 30d, 12h, 45m.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every session of the service.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and end nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before ending sessions of several users.")] = False,
    json: Json = False,
) -> None:
    """End sessions, and prove that they are over. It takes effect on the next request. Exit with 3 if none matched."""
    by_user = email is not None or user_id is not None
    chosen = any(given is not None for given in (session, keep, ip or None, user_agent, since, until, older_than))
    _expect_chosen(by_user=by_user, chosen=chosen, everyone=everyone, keep=keep)
    wanted = replace(
        wanted_by(ip=ip, user_agent=user_agent, since=since, until=until, older_than=older_than),
        session_id=session_id(session) if session is not None else None,
        keep=session_id(keep) if keep is not None else None,
    )
    ended: list[int] = []

    async def flow(runtime: Runtime) -> _Outcome:
        exact = replace(wanted, user_id=(await find_user(email, user_id)).id) if by_user else wanted
        whole = exact.whole_user or exact.everyone
        if not exact.whole_user:
            needs_redis(runtime)
        counted = await _counted(runtime, exact, json=json)
        if dry_run:
            return _Outcome(counted, None, matched=counted is None or counted.sessions > 0)
        if counted is not None and not (counted.sessions or whole):
            return _Outcome(counted, receipts.Receipt(0, 0, 0), matched=False)
        if not (by_user or session or yes):
            confirm(f"End {_of_how_many(counted) if counted else 'the sessions of everybody'}?")
        with _progress(json=json) as progress:
            receipt = await receipts.revoke(runtime, exact, progress, ended.append)
        # Of an embedded service nobody sees how many there were, and without Redis nobody either.
        unseen = receipt.left is None or not is_seen(runtime)
        return _Outcome(counted, receipt, receipt.ended > 0 or unseen, cut_off=whole)

    done = run(flow, lambda: _so_far(sum(ended)), needs_redis=False)
    _show(done, json=json)
    if not done.matched:
        _nothing(wanted, cut_off=done.cut_off)


def _show(done: _Outcome, *, json: bool) -> None:
    counted, receipt = done.counted, done.receipt
    if receipt is None and counted is None:
        fail("Redis is out of reach: nobody can say how many sessions that would end.", EXIT_TRY_AGAIN)
    if json:
        print_json({"matched": asdict(counted) if counted else None, **(asdict(receipt) if receipt else {})})
    elif done.matched:
        _tell(done)
    if receipt is not None and receipt.left != 0 and receipt.cut_off is None:
        raise typer.Exit(EXIT_TRY_AGAIN if receipt.left is None else EXIT_FAILED)


def _expect_chosen(*, by_user: bool, chosen: bool, everyone: bool, keep: str | None) -> None:
    if everyone == (by_user or chosen):
        fail(
            "Say which sessions: of a user, by --session, --ip, --user-agent, --since, --until or --older-than; "
            "or --all.",
            EXIT_USAGE,
        )
    if keep is not None and not by_user:
        fail("--except goes with a user.", EXIT_USAGE)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of it; no `receipt` where only counted. `cut_off`: whatever there was before is over, seen or not."""

    counted: receipts.Counted | None
    receipt: receipts.Receipt | None
    matched: bool
    cut_off: bool = False


def _nothing(wanted: Wanted, *, cut_off: bool) -> None:
    """Say that no session was meant, and exit with the code of that. `cut_off`: whatever was there is over anyway."""
    if wanted.session_id is not None:
        nothing_matched("There is no such session.")
    within = f" (--ip {', '.join(map(shown, wanted.ranges))})" if wanted.ip is not None else ""
    added = " What was issued before now opens nothing any more." if cut_off else ""
    nothing_matched(f"No session matched{within}.{added}")


def _of_how_many(counted: receipts.Counted) -> str:
    return f"{in_words(counted.sessions)} of {counted.users} users"


def _so_far(ended: int) -> str:
    if not ended:
        return "No session was ended."
    return f"{in_words(ended)} ended so far, and on record. Run the same command again for the rest."


def _tell(done: _Outcome) -> None:
    receipt = done.receipt
    if receipt is None:
        if done.counted is not None:
            out.print(f"{_of_how_many(done.counted)} would be ended.")
        return
    if receipt.left is None and receipt.cut_off is not None:
        out.print(
            f"Ended: every one of them that began before {written(receipt.cut_off)}. The database says so, and Redis, "
            "which is out of reach, can't bring one back. Until it is there again nobody is let in (503); then what it "
            "still holds of them is refused. How many that are nobody can say now."
        )
    elif receipt.left is None:
        out.print(f"{in_words(receipt.ended)} ended, then Redis was out of reach: others may be left. Run it again.")
    else:
        out.print(f"{in_words(receipt.ended)} ended. {receipt.left} of them left: all were looked for again.")
    if receipt.unrecorded:
        out.print(f"The database could not take the events of {receipt.unrecorded} of them.")


async def _counted(runtime: Runtime, wanted: receipts.Wanted, *, json: bool) -> receipts.Counted | None:
    """Count the sessions; None where Redis, which has them, is away, and all that are meant can be ended without it."""
    try:
        with _progress(json=json) as progress:
            return await receipts.count(runtime, wanted, progress)
    except Unavailable as error:
        if error.what != "redis":
            raise
        if wanted.keep is None and (wanted.whole_user or wanted.everyone):
            return None
        why = "one of a user's can't be kept" if wanted.whole_user else "single sessions are nowhere else"
        how = "`latchkey sessions revoke` with --email or --user-id alone, or --all, ends those for certain even now"
        fail(f"Redis is out of reach, and {why}: none was ended. {how}.", EXIT_TRY_AGAIN)


@contextmanager
def _progress(*, json: bool) -> Iterator[receipts.Progress]:
    """Show how many keys have been looked at, where somebody watches."""
    columns = (TextColumn("[progress.description]{task.description}"), BarColumn(), TextColumn("{task.completed} keys"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=json or not console.is_terminal) as bar:
        task = bar.add_task("Sessions", total=None)
        yield lambda looked: bar.advance(task, looked)
