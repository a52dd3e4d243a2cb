"""Security events in words, for people who ask what happened."""

from __future__ import annotations

from models import SecurityEvent
from service.audit import events
from service.core.http.user_agents import device_name

_SENTENCES = {
    events.REGISTERED: "Registered{where}.",
    events.REGISTERED_AGAIN: "Somebody registered the address once more{where}: the account stays as it is.",
    events.USER_CREATED: "The account was made by an administrator.",
    events.USER_UPDATED: "An administrator changed the account: {changed}.",
    events.USER_DELETED: "The account was deleted.",
    events.PASSWORD_CHANGED: "The password was changed{where}: every other session ended.",
    events.PASSWORD_RESET: "A new password was set with a link from a letter{where}: every session ended.",
    events.EMAIL_VERIFIED: "The e-mail address was confirmed{where}.",
    events.EMAIL_CHANGE_REQUESTED: "Another e-mail address was asked for{where}.",
    events.EMAIL_CHANGED: "The e-mail address was changed{where}.",
    events.EMAIL_CHANGE_UNDONE: "The change of the e-mail address was taken back{where}: every session ended.",
    events.EMAIL_CHANGE_FINAL: "An earlier address can no longer take the account back.",
    events.ACCOUNT_CLAIMED: (
        "The address was confirmed{where} by somebody who didn't have the account's password ({way}): every older "
        "session and password ended."
    ),
    events.LOGIN_SUCCEEDED: "Logged in{where}.",
    events.LOGIN_PENDING: "The first step of a log-in was right{where} ({methods}); a second one was asked for.",
    events.LOGIN_FAILED: "A log-in failed{where}: {reason}.",
    events.REAUTHENTICATED: "The password was given again{where}.",
    events.REAUTHENTICATION_FAILED: "The password was asked for again, and wrong{where}.",
    events.LOGGED_OUT: "Logged out{where}.",
    events.SESSION_ENDED: "The session was ended by {who}{where}.",
    events.SESSION_REPLACED: "Somebody logged in anew in the same browser: the older session ended.",
    events.SESSION_DISPLACED: "A newer log-in took its place: there were too many sessions.",
    events.SESSION_EXPIRED: (
        "The session had not been used for too long, or had reached its greatest age, when it was tried{where}."
    ),
    events.SESSION_VANISHED: (
        "The session was gone when it was tried{where}, and nothing had ended it: its keys were deleted outside the "
        "service."
    ),
    events.SESSIONS_ENDED: "Sessions were ended by {who}{where}: {ended} of them.",
    events.SESSIONS_REVOKED: "Sessions were ended by an operator ({way}): {ended} of them.",
    events.TOKEN_REUSED: (
        "A refresh token was used twice: its successor was made at {previous_at} for {previous_ip}, and the old one "
        "came back{where}. The session was ended to be safe."
    ),
    events.TOKEN_SHARED: (
        "A refresh token was used in two places within seconds{where}, and before from {previous_ip}: somebody may "
        "have a copy. The session goes on."
    ),
    events.TOKEN_REPEATED: (
        "A refresh token was shown again and again{where}, and what it got was never used: a bad network, or a copy. "
        "The session goes on."
    ),
}


def sentence(event: SecurityEvent) -> str:
    """Return what an event says, in a sentence; its name where there are no words for it."""
    words = _SENTENCES.get(event.type)
    if words is None:
        return event.type
    told = {name: str(value) for name, value in event.detail.items()}
    return words.format_map(_Told(told | {"where": _where(event), "who": _who(event)}))


class _Told(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _where(event: SecurityEvent) -> str:
    if not event.ip:
        return ""
    return f", from {event.ip} ({device_name(event.user_agent or '')})"


def _who(event: SecurityEvent) -> str:
    if event.detail.get("by") == "operator" or (event.ip is None and event.actor_id is None):
        return "an operator"
    return "an administrator" if event.actor_id else "the user"
