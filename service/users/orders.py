"""Orders of users: by a column that has an index, and then by the id, and where in one a page begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models import User
from service.core.sql.keyset import beyond

Sort: TypeAlias = Literal["created_at", "-created_at", "last_login_at", "-last_login_at", "email", "-email"]


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which row to go on: by its `value` in the order's column, and its id.

    Of an address `rough` is True where only its beginning is known: its row is gone.
    """

    value: datetime | str | None
    id: UUID
    rough: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """By which column, and which way."""

    column: str
    descending: bool

    @classmethod
    def of(cls, sort: Sort) -> Order:
        """Return the order that the API calls `sort`."""
        name = sort.removeprefix("-")
        return cls("email_canonical" if name == "email" else name, sort.startswith("-"))

    def by(self, *columns: str) -> list[str]:
        """Return the columns as the database orders by them."""
        return [f"-{column}" if self.descending else column for column in columns]

    @property
    def name(self) -> str:
        """What says which row it is, and is in the order's index."""
        return self.column if self.column == "email_canonical" else "id"

    @property
    def key(self) -> str:
        """The column in SQL: as there were no rows without a value."""
        return f"coalesce({self.column}, '-infinity')" if self.column == "last_login_at" else self.column

    @property
    def by_key(self) -> str:
        """The order in SQL, by `key` and id."""
        return "key DESC, id DESC" if self.descending else "key, id"

    def behind_in_sql(self, place: Place | None, number: int) -> tuple[str, list[object]]:
        """Return the condition for what comes behind a place, by `key` and id, and values: the first is `$number`."""
        if place is None:
            return "true", []
        sign = "<" if self.descending else ">"
        if self.column == "email_canonical":
            again = f" OR starts_with(key, ${number})" if place.rough and self.descending else ""
            return f"(key {sign} ${number}{again})", [place.value]
        if place.value is None:
            return f"(key, id) {sign} ('-infinity', ${number})", [place.id]
        return f"(key, id) {sign} (${number}, ${number + 1})", [place.value, place.id]

    def behind(self, row: User) -> Place:
        """Return the place behind a row."""
        return Place(getattr(row, self.column), row.id)


def parts(matching: QuerySet[User], order: Order, place: Place | None) -> list[QuerySet[User]]:
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


def _by_address(matching: QuerySet[User], order: Order, place: Place | None) -> QuerySet[User]:
    ordered = matching.order_by(*order.by("email_canonical"))  # it is unique: nothing else decides
    if place is None:
        return ordered
    if not order.descending:
        return ordered.filter(email_canonical__gt=place.value)
    lower = Q(email_canonical__lt=place.value)
    # Of those that begin alike, some come once more: better than that one is left out.
    return ordered.filter(lower | Q(email_canonical__startswith=place.value) if place.rough else lower)
