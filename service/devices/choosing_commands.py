"""What the commands about sessions are given: which of them are meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from service.console import EXIT_USAGE, fail
from service.core.text.moments import Moment, read_age, read_moment
from service.core.text.ranges import read_ranges
from service.runtime import Runtime
from service.sessions.receipts import Wanted

Addresses = Annotated[
    list[str] | None,
    typer.Option("--ip", help="Last refreshed from this address or range (192.0.2.0/24); more than once for several. "
                              "An IPv6 address means its /64."),
]  # fmt: skip
Agent = Annotated[str | None, typer.Option("--user-agent", help="Part of the browser's name.")]
Since = Annotated[
    str | None, typer.Option("--since", help="Logged in since: 2026-11-26T09:30Z, 2026-11-26, or 2h, 3d ago.")
]
Until = Annotated[str | None, typer.Option("--until", help="Logged in until then; a day is meant to its end.")]

_ANY_TIME = 2**52  # both are counted from it, or neither is: which it is makes no difference


def wanted_by(
    *,
    ip: list[str] | None,
    user_agent: str | None,
    since: str | None,
    until: str | None,
    older_than: str | None = None,
) -> Wanted:
    """Return what the options say; exit where one says nothing, or what it can't."""
    if user_agent is not None and not user_agent.strip():
        fail("--user-agent: say a part of the browser's name.", EXIT_USAGE)
    try:
        wanted = Wanted(
            ip=",".join(ip) if ip else None,
            user_agent=user_agent,
            older_than=_age(older_than) if older_than is not None else None,
            since=_moment("--since", since, ends=False),
            until=_moment("--until", until, ends=True),
        )
        if wanted.ip is not None:
            read_ranges(wanted.ip)
    except ValueError as error:
        fail(f"--ip: {error}.", EXIT_USAGE)
    earliest, latest = wanted.between(_ANY_TIME)
    if earliest > latest and type(wanted.since) is type(wanted.until):
        fail("--since is after --until: nothing lies between.", EXIT_USAGE)
    return wanted


def _moment(option: str, text: str | None, *, ends: bool) -> Moment | None:
    try:
        return read_moment(text, ends=ends) if text is not None else None
    except ValueError as error:
        fail(f"{option}: {error}.", EXIT_USAGE)


def _age(text: str) -> timedelta:
    try:
        return read_age(text)
    except ValueError as error:
        fail(f"--older-than: {error}.", EXIT_USAGE)


def is_seen(runtime: Runtime) -> bool:
    """Return whether commands see the sessions of a service: an embedded one keeps them to itself."""
    return not runtime.settings.REDIS_URL.startswith("memory:")


def needs_redis(runtime: Runtime) -> None:
    """Exit where they don't."""
    if not is_seen(runtime):
        fail("memory:// keeps sessions inside the running service, where no command can see them.", EXIT_USAGE)


def session_id(text: str) -> UUID:
    """Return a session's id; exit for what is none."""
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text} is not a session's id.", EXIT_USAGE)


def in_words(number: int) -> str:
    """Return how many sessions."""
    return f"{number} session{'' if number == 1 else 's'}"
