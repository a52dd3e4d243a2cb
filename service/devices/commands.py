"""`latchkey sessions`."""

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
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column, Table

from service.console import (
    EXIT_FAILED,
    EXIT_TRY_AGAIN,
    EXIT_USAGE,
    Email,
    Json,
    UserId,
    fail,
    find_user,
    out,
    print_json,
    run,
)
from service.runtime import Runtime
from service.sessions import receipts
from service.sessions.flows import list_sessions
from service.sessions.schemas import SessionResponse

app = typer.Typer(help="Sessions: who is logged in, and ending that.", no_args_is_help=True)


@app.command("list")
def list_user_sessions(email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """List a user's sessions, the one used last first."""

    async def flow(runtime: Runtime) -> list[SessionResponse]:
        _needs_redis(runtime)
        found = await list_sessions(runtime, await find_user(email, user_id))
        return [SessionResponse.of(session, None) for session in found]

    sessions = run(flow)
    if json:
        print_json([session.model_dump(mode="json", exclude={"current"}) for session in sessions])
        return
    table = Table(Column("id", no_wrap=True), "device", "address", "logged in", "last used")
    for session in sessions:
        table.add_row(
            str(session.id),
            session.device,
            session.ip,
            f"{session.created_at:%Y-%m-%d %H:%M}",
            f"{session.last_used_at:%Y-%m-%d %H:%M}",
        )
    out.print(table)


@app.command()
def revoke(
    *,
    email: Email = None,
    user_id: UserId = None,
    session: Annotated[str | None, typer.Option("--session", help="Only this session.")] = None,
    keep: Annotated[str | None, typer.Option("--except", help="All of the user's sessions but this one.")] = None,
    ip: Annotated[str | None, typer.Option("--ip", help="Sessions last refreshed from this address.")] = None,
    user_agent: Annotated[str | None, typer.Option("--user-agent", help="Part of the browser's name.")] = None,
    older_than: Annotated[str | None, typer.Option("--older-than", help="Log-ins longer ago: 30d, 12h, 45m.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every session of the service.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and end nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before ending sessions of several users.")] = False,
    json: Json = False,
) -> None:
    """End sessions, and prove that they are over. It takes effect on the next request."""
    by_user, chosen = email is not None or user_id is not None, any([session, keep, ip, user_agent, older_than])
    if everyone == (by_user or chosen):
        fail("Say which sessions: of a user, by --session, --ip, --user-agent or --older-than; or --all.", EXIT_USAGE)
    if keep is not None and not by_user:
        fail("--except goes with a user.", EXIT_USAGE)
    wanted = receipts.Wanted(
        session_id=_session_id(session) if session else None,
        keep=_session_id(keep) if keep else None,
        ip=ip,
        user_agent=user_agent,
        older_than=_age(older_than) if older_than else None,
    )

    async def flow(runtime: Runtime) -> tuple[receipts.Counted, receipts.Receipt | None]:
        exact = replace(wanted, user_id=(await find_user(email, user_id)).id) if by_user else wanted
        if not exact.whole_user:
            _needs_redis(runtime)
        with _progress(json=json) as progress:
            counted = await receipts.count(runtime, exact, progress)
        if dry_run:
            return counted, None
        if not (by_user or session or yes):
            typer.confirm(f"End {_sessions(counted.sessions)} of {counted.users} users?", abort=True, err=True)
        with _progress(json=json) as progress:
            return counted, await receipts.revoke(runtime, exact, progress)

    counted, receipt = run(flow)
    if json:
        print_json({"matched": asdict(counted), **(asdict(receipt) if receipt else {})})
    elif receipt is None:
        out.print(f"{_sessions(counted.sessions)} of {counted.users} users would be ended.")
    else:
        _tell(receipt, one=session is not None)
    if receipt is not None and receipt.left != 0:
        raise typer.Exit(EXIT_TRY_AGAIN if receipt.left is None else EXIT_FAILED)


def _tell(receipt: receipts.Receipt, *, one: bool) -> None:
    if one and not receipt.ended:
        fail("There is no such session.")
    if receipt.left is None:
        out.print(f"{_sessions(receipt.ended)} ended, then Redis was out of reach: others may be left. Run it again.")
    else:
        out.print(f"{_sessions(receipt.ended)} ended. {receipt.left} of them left: all were looked for again.")
    if receipt.unrecorded:
        out.print(f"The database could not take the events of {receipt.unrecorded} of them.")


@contextmanager
def _progress(*, json: bool) -> Iterator[receipts.Progress]:
    """Show how many keys have been looked at, where somebody watches."""
    columns = (TextColumn("[progress.description]{task.description}"), BarColumn(), TextColumn("{task.completed} keys"))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=json) as bar:
        task = bar.add_task("Sessions", total=None)
        yield lambda looked: bar.advance(task, looked)


def _sessions(number: int) -> str:
    return f"{number} session{'' if number == 1 else 's'}"


def _age(text: str) -> timedelta:
    units = {"d": "days", "h": "hours", "m": "minutes"}
    if not re.fullmatch(r"[0-9]{1,6}[dhm]", text):
        fail(f"{text} is no age: say 30d, 12h or 45m.", EXIT_USAGE)
    return timedelta(**{units[text[-1]]: int(text[:-1])})


def _needs_redis(runtime: Runtime) -> None:
    if runtime.settings.REDIS_URL.startswith("memory:"):
        fail("memory:// keeps sessions inside the running service, where no command can see them.", EXIT_USAGE)


def _session_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text} is not a session's id.", EXIT_USAGE)
