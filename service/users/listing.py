"""Lists of users: which, in which order, a page of them or all.

Every order is by a column that has an index, and then by the id, so that each page begins where the one before it
ended, whatever rows have come and gone meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from models import User
from service.core.http.pagination import NOT_A_CURSOR, Cursor, pack, unpack
from service.core.sql.leisure import at_leisure
from service.errors import Fault, ValidationFailed
from service.runtime import Runtime
from service.users.finding import UserFilter, users_that
from service.users.orders import Order, Place, Sort

AT_ONCE: Final = 500
_NEVER: Final = datetime.min.replace(tzinfo=UTC)  # in a cursor: who has not logged in yet comes before all others
_START: Final = 8  # so much of an address is in a cursor


@dataclass(frozen=True, slots=True)
class UserPage:
    """Users, how many there are in all that match, and the cursor of the next page if there may be one."""

    users: Sequence[User]
    total: int
    next: str | None


async def list_users(
    runtime: Runtime, wanted: UserFilter, sort: Sort, *, skip: int, limit: int, after: str | None
) -> UserPage:
    """Return a page of users. Raises `ValidationFailed` for a cursor of another order."""
    order = Order.of(sort)
    async with at_leisure():
        place = await _place(order, after) if after is not None else None
        users, total = await (await users_that(wanted)).page(order, place, skip, limit)
    return UserPage(users, total, _cursor(order, users[-1]) if len(users) == limit else None)


async def all_users(runtime: Runtime, wanted: UserFilter, sort: Sort) -> AsyncIterator[Sequence[User]]:
    """Yield all users that match, so many at a time that memory doesn't grow with their number."""
    order, place = Order.of(sort), None
    async with at_leisure():
        found = await users_that(wanted)
    while True:
        async with at_leisure():
            users = await found.read(order, place, 0, AT_ONCE)
        if not users:
            return
        yield users
        place = order.behind(users[-1])


def _cursor(order: Order, row: User) -> str:
    if order.column == "email_canonical":
        return pack(row.email_canonical.encode()[:_START], row.id)
    return Cursor(getattr(row, order.column) or _NEVER, row.id).encode()


async def _place(order: Order, after: str) -> Place:
    try:
        if order.column == "email_canonical":
            key, row_id = unpack(after)
            return await _address_at(Place(_printable(key), row_id))
        cursor = Cursor.decode(after)
    except ValueError:
        raise ValidationFailed([Fault("/after", NOT_A_CURSOR)]) from None
    return Place(None if cursor.created_at == _NEVER else cursor.created_at, cursor.id)


def _printable(key: bytes) -> str:
    text = key.rstrip(b"\0").decode("ascii")
    if not text or not text.isprintable():
        raise ValueError(NOT_A_CURSOR)
    return text


async def _address_at(place: Place) -> Place:
    """Return the place with the whole address: a cursor has room for its beginning, the row says the rest.

    Of a row that is gone, or has moved to another address, only the beginning is known.
    """
    start = str(place.value)
    row = await User.get_or_none(id=place.id).only("id", "email_canonical")
    if row is not None and row.email_canonical.startswith(start):
        return replace(place, value=row.email_canonical)
    return replace(place, rough=len(start) == _START)
