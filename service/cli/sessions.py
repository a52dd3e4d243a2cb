"""`latchkey sessions`."""

from __future__ import annotations

import typer
from rich.table import Column, Table

from service.cli import revoking
from service.cli.common import Email, Json, UserId, find_user, needs_redis, out, print_json, run
from service.runtime import Runtime
from service.sessions.flows import list_sessions
from service.sessions.schemas import SessionResponse

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


app.command("revoke")(revoking.revoke)
