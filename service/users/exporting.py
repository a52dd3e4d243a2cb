"""Accounts as files: all of them, in the form that the import reads; or those of a list, for an administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TypeAlias
from uuid import UUID

from models import Identity, User
from service.audit import events
from service.core.http.downloads import Rows
from service.core.sql.keyset import after
from service.credentials import identities, passwords
from service.runtime import Runtime
from service.sessions.acting import acting
from service.sessions.callers import Caller
from service.users.catalogue import USERS_EXPORTED
from service.users.finding import UserFilter
from service.users.listing import all_users
from service.users.orders import Sort

PAGE = 1000
COLUMNS = ("id", "email", "full_name", "is_active", "is_superuser", "email_verified", "created_at")
IDENTITIES = "identities"
LISTED = (*COLUMNS, "last_login_at")
HASH = "password_hash"

Row: TypeAlias = dict[str, "str | bool | list[dict[str, str | None]] | None"]
"""An account, with what opens it where that is at providers."""


async def export_users(*, with_hashes: bool) -> AsyncIterator[Row]:
    """Yield every account, the oldest first; those made meanwhile come last."""
    page = await User.all().order_by("created_at", "id").limit(PAGE)
    while page:
        linked = await _linked([user.id for user in page])
        hashes = await passwords.of_many([user.id for user in page]) if with_hashes else {}
        for user in page:
            row: Row = {name: _plain(getattr(user, name)) for name in COLUMNS}
            if user.id in linked:
                row[IDENTITIES] = linked[user.id]
            if with_hashes:
                row[HASH] = hashes.get(user.id)
            yield row
        page = await User.filter(after(page[-1])).order_by("created_at", "id").limit(PAGE)


async def _linked(user_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, str | None]]]:
    found: dict[UUID, list[dict[str, str | None]]] = {}
    for row in await Identity.filter(user_id__in=user_ids).order_by("created_at", "id"):
        said = {name: getattr(row, name) for name in ("provider", "issuer", "subject", "email")}
        found.setdefault(identities.owner_id(row), []).append(said)
    return found


async def count_users() -> int:
    """Return how many accounts there are: how much the export has to do."""
    return await User.all().count()


async def export_list(runtime: Runtime, wanted: UserFilter, sort: Sort, *, actor: Caller) -> AsyncIterator[Rows]:
    """Record who takes the list away, and yield its rows, with the columns `LISTED`. What isn't recorded isn't given.

    Raises what `acting` raises, before the first row.
    """
    async with acting(runtime, actor, superuser=True):
        await events.record(runtime, USERS_EXPORTED, user_id=None, actor_id=actor.user.id, client=actor.client)
    async for users in all_users(runtime, wanted, sort):
        yield [[_plain(getattr(user, name)) for name in LISTED] for user in users]


def _plain(value: object) -> str | bool | None:
    if value is None or isinstance(value, bool | str):
        return value
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()).replace("+00:00", "Z") if isoformat else str(value)
