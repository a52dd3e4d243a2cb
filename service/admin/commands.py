"""`latchkey explain`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import typer

from service.audit import timeline
from service.audit.timeline import Timeline
from service.console import EXIT_USAGE, Email, Json, UserId, fail, find_user, out, print_json, run
from service.core.text.moments import written
from service.credentials.throttled import Throttled, around_user
from service.runtime import Runtime
from service.stores.event_kinds import LANGUAGES, Language, Words

_REFUSED: Final = Words(
    "Attempts are refused now until {until}: {about} ({budget}).",
    "Versuche werden jetzt abgelehnt, bis {until}: {about} ({budget}).",
)


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

    async def flow(runtime: Runtime) -> tuple[Timeline, list[Throttled]]:
        user = await find_user(email, user_id) if email or user_id else None
        uid = user.id if user else None
        told = await timeline.explain(runtime, user_id=uid, session_id=sid, request_id=request_id, language=spoken)
        return told, await around_user(runtime, user) if user else []

    told, refused = run(flow)
    if json:
        print_json({**asdict(told), "throttles": [asdict(one) for one in refused]})
        return
    _tell(told, refused, spoken)
    if not told.entries and not told.stories and not refused:
        fail("Nothing is known of it.")


def _tell(told: Timeline, refused: Sequence[Throttled], language: Language) -> None:
    for entry in told.entries:
        out.print(f"{written(entry.at)}  {entry.text}")
    if told.stories:
        out.print()
    for story in told.stories:
        out.print(f"Session {story.session_id}: {story.text}")
    if refused:
        out.print()
    for one in refused:
        about = f"{one.whose} {one.about}"
        out.print(_REFUSED.of(language).format(about=about, budget=one.budget, until=_at(one.until)))


def _at(moment: datetime | None) -> str:
    return written(moment) if moment else "?"
