"""Stories and events in words, for operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from models import SecurityEvent
from service.audit import events
from service.audit.stories import Story
from service.core.clock import from_ms
from service.core.devices import device_name

DELETED_OUTSIDE: Final = "its keys were deleted outside the service (redis-cli, a flush, or a Redis that lost its data)"

_PLAIN: Final[Mapping[str, str]] = {
    events.REGISTERED: "registered",
    events.USER_DELETED: "account deleted",
    events.KEY_ROTATED: "signing key rotated",
    events.KEY_RETIRED: "signing key retired",
    events.USER_CREATED: "account made by an administrator",
    events.PASSWORD_CHANGED: "password changed; all other sessions ended",
    events.PASSWORD_RESET: "password reset with a link; all sessions ended",
    events.EMAIL_VERIFIED: "e-mail address confirmed",
    events.EMAIL_CHANGE_REQUESTED: "asked to change the e-mail address",
    events.EMAIL_CHANGED: "e-mail address changed",
    events.EMAIL_CHANGE_UNDONE: "change of the e-mail address taken back; all sessions ended",
    events.LOGIN_SUCCEEDED: "logged in",
    events.REAUTHENTICATED: "gave the password again",
    events.REAUTHENTICATION_FAILED: "gave a wrong password when asked again",
    events.LOGGED_OUT: "logged out",
    events.SESSION_REPLACED: "replaced by a new log-in in the same browser",
    events.SESSION_DISPLACED: "ended to make room for a newer log-in (MAX_SESSIONS_PER_USER)",
    events.SESSION_EXPIRED: "came back after the session had expired",
    events.SESSION_VANISHED: "came back and the session was gone, with nothing on record that ended it",
}


def of_event(event: SecurityEvent) -> str:
    """Return what an event says, in one line without its time."""
    detail = event.detail or {}
    special: Mapping[str, Callable[[], str]] = {
        events.LOGIN_FAILED: lambda: f"log-in refused ({detail.get('reason')})",
        events.USER_UPDATED: lambda: f"account changed by {_actor(event)}: {detail.get('changed')}",
        events.SESSION_ENDED: lambda: f"ended by {_actor(event)}",
        events.SESSIONS_ENDED: lambda: _sessions_ended(event),
        events.SESSIONS_REVOKED: lambda: f"{detail.get('ended')} sessions of many users ended by {_actor(event)}",
        events.TOKEN_REUSED: lambda: _reused(event),
    }
    words = special[event.type]() if event.type in special else _PLAIN.get(event.type, event.type)
    return f"{words}{_where(event)}"


def of_story(story: Story) -> str:
    """Return what became of a session, in one or two sentences."""
    match story.state:
        case "alive":
            return f"Alive. It ends {_at(story.ends_at)} if it isn't used."
        case "unknown":
            return "Nothing is on record about this session."
        case "deleted_outside":
            return f"Gone {_at(story.ended_at)} at the latest: {DELETED_OUTSIDE}."
        case "unclear":
            return (
                "Gone, and nothing is on record that ended it. Either it expired, for it wasn't used for long enough, "
                f"or {DELETED_OUTSIDE}: that can't be known any more."
            )
        case "expired":
            return _expired(story)
        case _:
            return _ended(story)


def _ended(story: Story) -> str:
    if story.cause is None:
        return f"Ended {_at(story.ended_at)} by the user's cut-off in the database (sessions_valid_after)."
    return f"Ended {_at(story.ended_at)}: {of_event(story.cause)}."


def _expired(story: Story) -> str:
    if story.cause is None:
        return (
            f"Over {_at(story.ended_at)} at the latest, its absolute end (SESSION_MAX_DAYS). "
            "It may have expired unused before, or its keys been deleted."
        )
    return (
        f"Expired {_at(story.ended_at)}: its refresh token was not used in time. "
        f"The client came back {_at(story.cause.created_at)}."
    )


def _reused(event: SecurityEvent) -> str:
    detail = event.detail or {}
    if "refreshed_at" not in detail:
        return "a spent refresh token came back: session ended"
    first, second = from_ms(int(detail["refreshed_at"])), event.created_at
    near = timedelta() <= second - first < timedelta(days=1) and second.date() == first.date()
    times = f"{first:%H:%M:%S} and {second:%H:%M:%S}" if near else f"{_stamp(first)} and {_stamp(second)}"
    addresses = f"{detail['refreshed_ip']} and {event.ip}"
    where = "two addresses" if detail["refreshed_ip"] != event.ip else "one address"
    if detail["presented_gen"] == int(detail["stored_gen"]) - 1:
        return f"refresh token used twice, from {where} ({addresses}), {times}: session ended"
    return (
        f"a refresh token came back that had been spent {int(detail['stored_gen']) - int(detail['presented_gen'])} "
        f"refreshes ago; last refresh and this one from {where} ({addresses}), {times}: session ended"
    )


def _sessions_ended(event: SecurityEvent) -> str:
    detail = event.detail or {}
    count = detail.get("ended")
    match detail.get("way"):
        case "everywhere":
            return f"logged out everywhere ({count} sessions)"
        case "others":
            return f"ended all other sessions ({count})"
        case "all":
            return f"everyone's sessions ended by {_actor(event)} ({count})"
        case _:
            return f"sessions ended by {_actor(event)} ({count})"


def _actor(event: SecurityEvent) -> str:
    detail = event.detail or {}
    if event.actor_id is not None:
        return f"administrator {event.actor_id}"
    # Without either it came from the user's own device; a command of an operator's has no request.
    by_operator = detail.get("by") == "operator" or (event.request_id is None and event.ip is None)
    if not by_operator:
        return "the user"
    return f"an operator ({way})" if (way := detail.get("way")) not in (None, "user", "all") else "an operator"


def _where(event: SecurityEvent) -> str:
    if event.type == events.TOKEN_REUSED or not event.ip:
        return ""
    return f", from {event.ip} ({device_name(event.user_agent or '')})"


def _at(moment: datetime | None) -> str:
    return f"at {_stamp(moment)}" if moment else "at an unknown time"


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
