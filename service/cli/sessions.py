"""`latchkey sessions`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer
from rich.table import Column, Table

from service.audit import events
from service.cli.common import EXIT_USAGE, Email, Json, UserId, fail, find_user, needs_redis, out, print_json, run
from service.runtime import Runtime
from service.sessions.flows import list_sessions
from service.sessions.schemas import SessionResponse
from service.users import administration

app = typer.Typer(help="Sessions: who is logged in, and ending that.", no_args_is_help=True)


@app.command("list")
def list_user_sessions(email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """List a user's sessions, the one used last first."""

    async def flow(runtime: Runtime) -> list[SessionResponse]:
        needs_redis(runtime)
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
    email: Email = None,
    user_id: UserId = None,
    session: Annotated[str | None, typer.Option("--session", help="Only this session.")] = None,
    json: Json = False,
) -> None:
    """End a user's sessions, all of them or one. It takes effect on the next request."""

    async def flow(runtime: Runtime) -> int:
        user = await find_user(email, user_id)
        if session is None:
            return await administration.end_sessions(runtime, user.id, actor_id=None)
        needs_redis(runtime)
        sid = _session_id(session)
        ended = await runtime.sessions.end(user.id, sid)
        if ended:
            await events.record(runtime, events.SESSION_ENDED, user_id=user.id, session_id=sid, by="operator")
        return int(ended)

    ended = run(flow)
    if json:
        print_json({"ended": ended})
    elif session is not None and not ended:
        fail("There is no such session.")
    else:
        out.print(f"{ended} session{'' if ended == 1 else 's'} ended.")


def _session_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text} is not a session's id.", EXIT_USAGE)
