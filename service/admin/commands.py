"""`latchkey explain` and `latchkey events`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer

from service.audit import events, timeline
from service.audit.timeline import Timeline
from service.console import EXIT_USAGE, Email, Json, UserId, fail, find_user, out, print_json, run
from service.runtime import Runtime
from service.stores.event_kinds import LANGUAGES

app = typer.Typer(help="Security events.", no_args_is_help=True)


def explain(
    *,
    email: Email = None,
    user_id: UserId = None,
    session: Annotated[str | None, typer.Option("--session", help="A session's id.")] = None,
    request_id: Annotated[str | None, typer.Option("--request-id", help="From an error, or X-Request-ID.")] = None,
    language: Annotated[str, typer.Option("--language", help="en or de.")] = "en",
    json: Json = False,
) -> None:
    """Say what happened to a user, a session or a request: why was I logged out?"""
    if sum(given is not None for given in (email, user_id, session, request_id)) != 1:
        fail("Give one of --email, --user-id, --session and --request-id.", EXIT_USAGE)
    try:
        sid = UUID(session) if session else None
    except ValueError:
        fail(f"{session} is not a session's id.", EXIT_USAGE)

    if language not in LANGUAGES:
        fail(f"There are no words in {language}: say {' or '.join(LANGUAGES)}.", EXIT_USAGE)
    spoken = language

    async def flow(runtime: Runtime) -> Timeline:
        user = (await find_user(email, user_id)).id if email or user_id else None
        return await timeline.explain(runtime, user_id=user, session_id=sid, request_id=request_id, language=spoken)

    told = run(flow)
    if json:
        print_json(asdict(told))
        return
    for entry in told.entries:
        out.print(f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.text}")
    if told.stories:
        out.print()
    for story in told.stories:
        out.print(f"Session {story.session_id}: {story.text}")
    if not told.entries and not told.stories:
        fail("Nothing is known of it.")


@app.command()
def purge(json: Json = False) -> None:
    """Delete events older than EVENT_RETENTION_DAYS now. A worker does it daily."""

    async def flow(runtime: Runtime) -> int:
        return await events.purge(runtime)

    count = run(flow)
    if json:
        print_json({"deleted": count})
    else:
        out.print(f"{count} event{'' if count == 1 else 's'} deleted.")
