"""Lists of users: which, in which order, a page of them or all.

Every order is by a column that has an index, and then by the id, so that each page begins where the one before it
ended, whatever rows have come and gone meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models import User
from service.core.http.pagination import NOT_A_CURSOR, Cursor, pack, unpack
from service.core.sql.keyset import beyond
from service.errors import Fault, ValidationFailed
from service.runtime import Runtime

Sort: TypeAlias = Literal["created_at", "-created_at", "last_login_at", "-last_login_at", "email", "-email"]

AT_ONCE: Final = 500
_NEVER: Final = datetime.min.replace(tzinfo=UTC)  # in a cursor: who has not logged in yet comes before all others
_START: Final = 8  # so much of an address is in a cursor


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users: those that fit every given member. `search` is a part of the address or the name."""

    search: str | None = None
    is_active: bool | None = None
    is_superuser: bool | None = None
    email_verified: bool | None = None


@dataclass(frozen=True, slots=True)
class UserPage:
    """Users, how many there are in all that match, and the cursor of the next page if there may be one."""

    users: Sequence[User]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Behind which row to go on: by its `value` in the order's column, and its id.

    Of an address `rough` is True where only its beginning is known: its row is gone.
    """

    value: datetime | str | None
    id: UUID
    rough: bool = False


@dataclass(frozen=True, slots=True)
class _Order:
    """By which column, and which way."""

    column: str
    descending: bool

    @classmethod
    def of(cls, sort: Sort) -> _Order:
        name = sort.removeprefix("-")
        return cls("email_canonical" if name == "email" else name, sort.startswith("-"))

    def by(self, *columns: str) -> list[str]:
        """Return the columns as the database orders by them."""
        return [f"-{column}" if self.descending else column for column in columns]

    def behind(self, row: User) -> _Place:
        return _Place(getattr(row, self.column), row.id)


async def list_users(
    runtime: Runtime, wanted: UserFilter, sort: Sort, *, skip: int, limit: int, after: str | None
) -> UserPage:
    """Return a page of users. Raises `ValidationFailed` for a cursor of another order."""
    order, matching = _Order.of(sort), _matching(wanted)
    place = await _place(order, after) if after is not None else None
    total = await matching.count()
    users = await _read(matching, order, place, skip, limit)
    return UserPage(users, total, _cursor(order, users[-1]) if len(users) == limit else None)


async def all_users(runtime: Runtime, wanted: UserFilter, sort: Sort) -> AsyncIterator[Sequence[User]]:
    """Yield all users that match, so many at a time that memory doesn't grow with their number."""
    order, matching, place = _Order.of(sort), _matching(wanted), None
    while users := await _read(matching, order, place, 0, AT_ONCE):
        yield users
        place = order.behind(users[-1])


def _matching(wanted: UserFilter) -> QuerySet[User]:
    found = User.all()
    if wanted.search:
        found = found.filter(Q(email__icontains=wanted.search) | Q(full_name__icontains=wanted.search))
    marks = {
        "is_active": wanted.is_active,
        "is_superuser": wanted.is_superuser,
        "email_verified": wanted.email_verified,
    }
    return found.filter(**{name: value for name, value in marks.items() if value is not None})


async def _read(matching: QuerySet[User], order: _Order, place: _Place | None, skip: int, limit: int) -> Sequence[User]:
    found: list[User] = []
    for part in _parts(matching, order, place):
        found += await part.offset(skip).limit(limit - len(found))
        if len(found) == limit:
            break
        if skip:
            skip = max(0, skip - await part.count())
    return found


def _parts(matching: QuerySet[User], order: _Order, place: _Place | None) -> list[QuerySet[User]]:
    """Return what makes up the list, one behind the other.

    Who has never logged in comes before all who have, or behind them the other way round. Databases disagree about
    where to put them, and have no index for what they are told; so these are two queries.
    """
    if order.column == "email_canonical":
        return [_by_address(matching, order, place)]
    column = order.column
    timed = matching.order_by(*order.by(column, "id"))
    if place is not None and place.value is not None:
        timed = timed.filter(beyond(column, place.value, place.id, descending=order.descending))
    if column != "last_login_at":
        return [timed]
    ever = timed.filter(last_login_at__isnull=False)
    never = matching.filter(last_login_at__isnull=True).order_by(*order.by("id"))
    if place is None:
        return [ever, never] if order.descending else [never, ever]
    if place.value is not None:
        return [ever, never] if order.descending else [ever]
    never = never.filter(**{"id__lt" if order.descending else "id__gt": place.id})
    return [never] if order.descending else [never, ever]


def _by_address(matching: QuerySet[User], order: _Order, place: _Place | None) -> QuerySet[User]:
    ordered = matching.order_by(*order.by("email_canonical"))  # it is unique: nothing else decides
    if place is None:
        return ordered
    if not order.descending:
        return ordered.filter(email_canonical__gt=place.value)
    lower = Q(email_canonical__lt=place.value)
    # Of those that begin alike, some come once more: better than that one is left out.
    return ordered.filter(lower | Q(email_canonical__startswith=place.value) if place.rough else lower)


def _cursor(order: _Order, row: User) -> str:
    if order.column == "email_canonical":
        return pack(row.email_canonical.encode()[:_START], row.id)
    return Cursor(getattr(row, order.column) or _NEVER, row.id).encode()


async def _place(order: _Order, after: str) -> _Place:
    try:
        if order.column == "email_canonical":
            key, row_id = unpack(after)
            return await _address_at(_Place(_printable(key), row_id))
        cursor = Cursor.decode(after)
    except ValueError:
        raise ValidationFailed([Fault("/after", NOT_A_CURSOR)]) from None
    return _Place(None if cursor.created_at == _NEVER else cursor.created_at, cursor.id)


def _printable(key: bytes) -> str:
    text = key.rstrip(b"\0").decode("ascii")
    if not text or not text.isprintable():
        raise ValueError(NOT_A_CURSOR)
    return text


async def _address_at(place: _Place) -> _Place:
    """Return the place with the whole address: a cursor has room for its beginning, the row says the rest.

    Of a row that is gone, or has moved to another address, only the beginning is known.
    """
    start = str(place.value)
    row = await User.get_or_none(id=place.id).only("id", "email_canonical")
    if row is not None and row.email_canonical.startswith(start):
        return replace(place, value=row.email_canonical)
    return replace(place, rough=len(start) == _START)
