"""What operators ask for when they look for events: options of commands, read before any store is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import typer

from service.accounts.accounts import find_by_email
from service.admin.events import EventFilter
from service.admin.searching import Wanted
from service.console import EXIT_USAGE, fail
from service.core.text.moments import read_moment
from service.core.text.ranges import Range, read_ranges
from service.runtime import Runtime

_ANY: Final = datetime(2026, 1, 1, tzinfo=UTC)

Session = Annotated[str | None, typer.Option("--session", help="A session's id.")]
Ips = Annotated[
    list[str] | None, typer.Option("--ip", help="An address or a range, 203.0.113.0/24. May be given again.")
]
Actor = Annotated[str | None, typer.Option("--actor", help="Who did it, an administrator: address or id.")]
Kinds = Annotated[list[str] | None, typer.Option("--type", help="login.failed, or login.*. May be given again.")]
RequestId = Annotated[str | None, typer.Option("--request-id", help="From an error, or X-Request-ID.")]
Since = Annotated[str | None, typer.Option("--since", help="2h, 7d, 2026-11-26, 2026-11-26T10:00Z (UTC).")]
Until = Annotated[str | None, typer.Option("--until", help="Before that moment.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were given; exit where one can't be read: what nothing can fit is no answer to a mistake."""

    email: str | None
    user_id: str | None
    session: str | None
    ip: list[str] | None
    actor: str | None
    kind: list[str] | None
    request_id: str | None
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        """Read all of them once."""
        self._filter(_ANY)
        self._networks()
        self._kinds()

    async def wanted(self, runtime: Runtime) -> Wanted:
        """Return it with ids for addresses, and moments for ages; exit where there is no such user."""
        found = self._filter(runtime.clock.now())
        if self.email is not None:
            found = replace(found, user_id=await _user(self.email))
        if self.actor is not None and "@" in self.actor:
            found = replace(found, actor_id=await _user(self.actor))
        return Wanted(found, self._networks(), self._kinds())

    def _filter(self, now: datetime) -> EventFilter:
        if self.email is not None and self.user_id is not None:
            fail("Give either --email or --user-id.", EXIT_USAGE)
        return EventFilter(
            user_id=_id(self.user_id, "user") if self.user_id is not None else None,
            session_id=_id(self.session, "session") if self.session is not None else None,
            actor_id=_id(self.actor, "user") if self.actor is not None and "@" not in self.actor else None,
            request_id=self.request_id,
            since=moment_of(self.since, now) if self.since is not None else None,
            until=moment_of(self.until, now, ends=True) if self.until is not None else None,
        )

    def _networks(self) -> tuple[Range, ...]:
        return tuple(one for text in self.ip or () for one in _ranges(text))

    def _kinds(self) -> tuple[str, ...]:
        return tuple(_kind(text) for text in self.kind or ())


def moment_of(text: str, now: datetime, *, ends: bool = False) -> datetime:
    """Return the moment that is meant; with `ends` a day means its end."""
    try:
        found = read_moment(text, ends=ends)
        return now - found if isinstance(found, timedelta) else found
    except (ValueError, OverflowError) as error:
        fail(f"{error}.", EXIT_USAGE)


async def _user(email: str) -> UUID:
    user = await find_by_email(email)
    if user is None:
        fail(f"There is no user {email}.")
    return user.id


def _id(text: str, what: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text} is not a {what}'s id.", EXIT_USAGE)


def _ranges(text: str) -> tuple[Range, ...]:
    try:
        return read_ranges(text)
    except ValueError as error:
        fail(f"{error}.", EXIT_USAGE)


def _kind(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_.]{0,63}\*?|\*", text):
        fail(f"{text} is no kind of event: say login.failed, or login.*.", EXIT_USAGE)
    return text
