"""`latchkey sessions revoke`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as ProgressBar

from models import User
from service.audit import events
from service.cli.common import (
    EXIT_FAILED,
    EXIT_TRY_AGAIN,
    EXIT_USAGE,
    Email,
    Json,
    UserId,
    fail,
    find_user,
    needs_redis,
    out,
    print_json,
    run,
)
from service.runtime import Runtime
from service.sessions import revocation
from service.sessions.revocation import Progress, Receipt, Tally
from service.sessions.sweep import Criteria, Step

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def revoke(  # noqa: PLR0917 - the command line names them
    email: Email = None,
    user_id: UserId = None,
    session: Annotated[str | None, typer.Option("--session", help="Only this session.")] = None,
    keep: Annotated[str | None, typer.Option("--except", help="All of the user's but this session.")] = None,
    ip: Annotated[str | None, typer.Option("--ip", help="Last refreshed from this address.")] = None,
    user_agent: Annotated[str | None, typer.Option("--user-agent", help="With this in the user agent.")] = None,
    older_than: Annotated[str | None, typer.Option("--older-than", help="Logged in so long ago: 30d, 12h.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Everyone's.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: Json = False,
) -> None:
    """End sessions: a user's, those that fit everything that is given, or everyone's; then look that none is left.

    It takes effect on the next request.
    """
    by_user = email is not None or user_id is not None
    narrowed = any(given is not None for given in (session, ip, user_agent, older_than))
    _check(by_user=by_user, narrowed=narrowed, everyone=everyone, keeps=keep is not None)
    criteria = Criteria(
        sid=_id(session) if session else None,
        ip=ip,
        user_agent=user_agent,
        older_than=_duration(older_than) if older_than else None,
    )
    kept = _id(keep) if keep else None
    if json and not (yes or dry_run or by_user or session):
        fail("With --json nobody can be asked: give --yes.", EXIT_USAGE)

    async def flow(runtime: Runtime) -> Receipt | Tally:
        user = await find_user(email, user_id) if by_user else None
        if user is not None and not narrowed and not dry_run:
            if kept:
                needs_redis(runtime)
            return await revocation.revoke_user(runtime, user, keep=kept)
        needs_redis(runtime)
        if user is not None and criteria.sid is not None and not dry_run:
            return await _end_one(runtime, user, criteria.sid)
        wanted = replace(criteria, uid=user.id) if user else criteria
        if dry_run:
            return await _count(runtime, wanted, kept, quiet=json)
        if not (yes or user or session):
            tally = await _count(runtime, wanted, None, quiet=json)
            question = f"End {tally.sessions:,} sessions of {tally.users:,} users?"
            if not tally.sessions or not typer.confirm(question, err=True):
                return tally
        with _bar(quiet=json) as progress:
            return await revocation.revoke(runtime, wanted, progress)

    _show(run(flow), json=json, one=session)


def _check(*, by_user: bool, narrowed: bool, everyone: bool, keeps: bool) -> None:
    if not (by_user or narrowed or everyone) or (everyone and (by_user or narrowed)):
        fail("Say whose: a user, --session, --ip, --user-agent, --older-than; or --all, alone.", EXIT_USAGE)
    if keeps and (not by_user or narrowed):
        fail("--except goes with --email or --user-id, and nothing else.", EXIT_USAGE)


async def _count(runtime: Runtime, criteria: Criteria, keep: UUID | None, *, quiet: bool) -> Tally:
    with _bar(quiet=quiet) as progress:
        return await revocation.count(runtime, criteria, progress, keep)


async def _end_one(runtime: Runtime, user: User, sid: UUID) -> Receipt:
    ended = await runtime.sessions.end(user.id, sid)
    receipt = Receipt(sid, "sid", int(ended), int(ended), 0, certain=False)
    if ended:
        await events.record(runtime, events.SESSION_ENDED, user_id=user.id, session_id=sid, by="operator", way="sid")
    return receipt


def _show(done: Receipt | Tally, *, json: bool, one: str | None) -> None:
    if isinstance(done, Tally):
        if json:
            print_json({"would_end": done.sessions, "users": done.users})
        else:
            out.print(f"{done.sessions:,} sessions of {done.users:,} users fit. Nothing was ended.")
        return
    if json:
        print_json({**asdict(done), "ended": done.sessions})
    elif one is not None and not done.sessions:
        fail("There is no such session.")
    else:
        out.print(_told(done))
    if done.left is None:
        raise typer.Exit(EXIT_TRY_AGAIN)
    if done.left:
        raise typer.Exit(EXIT_FAILED)


def _told(receipt: Receipt) -> str:
    ended = f"{receipt.sessions:,} session{'' if receipt.sessions == 1 else 's'} ended"
    lines = [f"{ended}, of {receipt.users:,} user{'' if receipt.users == 1 else 's'}."]
    if receipt.left is None:
        lines.append("Redis went out of reach: whether any is left is not known. Run it again.")
    else:
        lines.append(f"Looked again: {receipt.left:,} of them accepted.")
    if receipt.certain:
        lines.append("Cut-offs in the database back it up.")
    else:
        lines.append("Only keys were deleted: a Redis that loses its last writes could bring some back.")
    if receipt.unrecorded:
        lines.append(f"The database could not take the events of {receipt.unrecorded:,} of them.")
    lines.append(f"Receipt {receipt.id}")
    return "\n".join(lines)


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Progress]:
    """Show how far a sweep is, on standard error, where somebody looks."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[fit]} fit"),
    )
    with ProgressBar(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("Looking at keys", fit=0)
        fit = 0

        def progress(step: Step) -> None:
            nonlocal fit
            fit += len(step.found)
            bar.update(task, total=step.of, advance=step.looked_at, fit=f"{fit:,}")

        yield progress


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text} is not a session's id.", EXIT_USAGE)


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})([mhdw])", text)
    if found is None:
        fail(f"{text} is not a duration such as 30d, 12h, 90m or 2w.", EXIT_USAGE)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
