"""`latchkey explain`: what became of a session, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from models import SecurityEvent
from service.audit import stories, wording
from service.audit.stories import Story
from service.cli.common import EXIT_USAGE, Email, Json, UserId, fail, find_user, needs_redis, out, print_json, run
from service.runtime import Runtime


def explain(
    email: Email = None,
    user_id: UserId = None,
    session: Annotated[str | None, typer.Option("--session", help="A session's id.")] = None,
    request_id: Annotated[str | None, typer.Option("--request-id", help="The X-Request-ID of an answer.")] = None,
    json: Json = False,
) -> None:
    """Say what became of a session, of a user's latest sessions, or of those that a request was about, and why."""
    if sum(given is not None for given in (email, user_id, session, request_id)) != 1:
        fail("Give one of --email, --user-id, --session and --request-id.", EXIT_USAGE)

    async def flow(runtime: Runtime) -> tuple[Sequence[SecurityEvent], list[Story]]:
        needs_redis(runtime)
        if request_id is not None:
            return await stories.of_request(runtime, request_id)
        if session is not None:
            return (), [await stories.of_session(runtime, _id(session))]
        return (), await stories.of_user(runtime, await find_user(email, user_id))

    found, told = run(flow)
    if json:
        print_json({"events": [_event(event) for event in found], "sessions": [_story(story) for story in told]})
        return
    if not found and not told:
        out.print("Nothing is on record.")
    for event in found:
        out.print(_line(event), markup=False)
    for story in told:
        out.print(f"\nSession {story.session_id}", style="bold")
        out.print(wording.of_story(story), markup=False)
        for event in story.timeline:
            out.print(f"  {_line(event)}", markup=False)


def _line(event: SecurityEvent) -> str:
    return f"{event.created_at:%Y-%m-%d %H:%M:%S}  {wording.of_event(event)}"


def _story(story: Story) -> dict[str, object]:
    return {
        "session_id": story.session_id,
        "user_id": story.user_id,
        "state": story.state,
        "summary": wording.of_story(story),
        "certain": story.certain,
        "began_at": story.began_at,
        "ends_at": story.ends_at,
        "ended_at": story.ended_at,
        "ended_at_is": "exact" if story.exact else "at the latest",
        "cause": story.cause.type if story.cause else None,
        "timeline": [_event(event) for event in story.timeline],
    }


def _event(event: SecurityEvent) -> dict[str, object]:
    names = ("type", "session_id", "actor_id", "ip", "user_agent", "request_id", "detail")
    return {
        "at": event.created_at,
        "text": wording.of_event(event),
        **{name: getattr(event, name) for name in names},
    }


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text} is not a session's id.", EXIT_USAGE)
