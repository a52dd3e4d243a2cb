"""What became of a session, and why: the answer to "why was I logged out?".

Told from the security events and from one look at Redis. Rotations write no event, so the last use of a session that
is gone isn't known: what can't be known for certain is said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from models import SecurityEvent, User
from service.audit import events
from service.audit.history import NOTICED, began_at, cut_off_ended, ending_of, events_about
from service.core.clock import from_ms
from service.runtime import Runtime

MOST_SESSIONS: Final = 50

State = Literal["alive", "ended", "expired", "deleted_outside", "unclear", "unknown"]


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one session.

    `ended_at` is when it ended, or, where only that is known, the time by which it had ended: `exact` tells which.
    `cause` is the event that ended it, or by which its end was noticed. `certain` is False where another end is
    possible too.
    """

    session_id: UUID
    user_id: UUID | None
    state: State
    timeline: tuple[SecurityEvent, ...]
    began_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    exact: bool = True
    certain: bool = True
    cause: SecurityEvent | None = None
    by_cut_off: bool = False


async def of_session(runtime: Runtime, session_id: UUID) -> Story:
    """Tell what became of a session. Raises `Unavailable`."""
    own = await SecurityEvent.filter(session_id=session_id).order_by("created_at", "id")
    owners = {owner for event in own if (owner := _owner(event))}
    if not owners:
        return Story(session_id, None, "unknown", tuple(own))
    return await _told(runtime, owners.pop(), session_id)


async def of_user(runtime: Runtime, user: User) -> list[Story]:
    """Tell what became of a user's latest sessions, the newest first. Raises `Unavailable`."""
    logins = (
        await SecurityEvent.filter(user_id=user.id, type=events.LOGIN_SUCCEEDED, session_id__isnull=False)
        .order_by("-created_at", "-id")
        .limit(MOST_SESSIONS)
    )
    return [await _told(runtime, user.id, event.session_id) for event in logins if event.session_id]


async def of_request(runtime: Runtime, request_id: str) -> tuple[Sequence[SecurityEvent], list[Story]]:
    """Return what a request did, and what became of the sessions it was about. Raises `Unavailable`."""
    found = await SecurityEvent.filter(request_id=request_id).order_by("created_at", "id").limit(MOST_SESSIONS)
    about = {event.session_id: None for event in found if event.session_id}
    return found, [await of_session(runtime, session_id) for session_id in about]


async def _told(runtime: Runtime, user_id: UUID, session_id: UUID) -> Story:
    found = await events_about(user_id, session_id)
    user = await User.get_or_none(id=user_id)
    began = began_at(found, session_id)
    cause = ending_of(found, session_id)
    cut_off = user.sessions_valid_after if user else None
    by_cut_off = cut_off_ended(found, session_id, cut_off)
    last = cause.created_at if cause else cut_off if by_cut_off else None
    told = tuple(event for event in found if _tells(event, session_id, cause, began, last))
    story = Story(session_id, user_id, "unknown", told, began)
    if cause is not None and cause.type not in NOTICED:
        return replace(story, state="ended", cause=cause, ended_at=cause.created_at)
    if by_cut_off:
        return replace(story, state="ended", ended_at=cut_off, by_cut_off=True)
    look = await runtime.sessions.survey({session_id: user_id})
    ends_at = look.ends_at[session_id]
    if ends_at is not None:
        # Perhaps noticed as gone once, and back: with a Redis that came back from a backup.
        return replace(story, state="alive", ends_at=from_ms(ends_at))
    if cause is None:
        return _without_a_trace(runtime, story, from_ms(look.now))
    if cause.type == events.SESSION_EXPIRED:
        return replace(story, state="expired", cause=cause, ended_at=from_ms(int(cause.detail["token_ends_at"])))
    return replace(story, state="deleted_outside", cause=cause, ended_at=cause.created_at, exact=False)


def _without_a_trace(runtime: Runtime, story: Story, now: datetime) -> Story:
    """Say what can be said of a session that is gone, with no event of its end: only time tells."""
    if story.began_at is None:
        return story
    idle_end = story.began_at + timedelta(days=runtime.settings.REFRESH_TOKEN_EXPIRE_DAYS)
    absolute_end = story.began_at + timedelta(days=runtime.settings.SESSION_MAX_DAYS)
    if now < min(idle_end, absolute_end):
        return replace(story, state="deleted_outside", ended_at=now, exact=False)
    if now < absolute_end:
        return replace(story, state="unclear", ended_at=now, exact=False, certain=False)
    return replace(story, state="expired", ended_at=absolute_end, exact=False, certain=False)


def _tells(
    event: SecurityEvent,
    session_id: UUID,
    cause: SecurityEvent | None,
    began: datetime | None,
    last: datetime | None,
) -> bool:
    """Tell whether an event belongs to the session's own story: it names it, or happened to its user meanwhile."""
    if event.session_id == session_id or (cause is not None and event.id == cause.id):
        return True
    # Without a user it is everyone's: of those, only the one that ended this session matters.
    meanwhile = began is not None and event.created_at >= began and (last is None or event.created_at <= last)
    return meanwhile and _owner(event) is not None


def _owner(event: SecurityEvent) -> UUID | None:
    owner: UUID | None = event.user_id  # type: ignore[attr-defined]  # Tortoise adds it
    return owner
