"""Users that fit, and how many there are: as quick among a million as among a thousand.

A few thousand rows are looked at one by one. Of more, PostgreSQL has an index of terms (`terms.py`), which leads to
what is rare. What is frequent it would find as well, but too much of it: there one goes through the order that is asked
for, and soon has a page. Which of the two it is, the database's own statistics and a look at some rows say (091).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, TypeAlias
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from models import User
from service.core.sql.database import dialect
from service.core.sql.rows import Row, rows_of
from service.users.orders import Order, Place, parts
from service.users.terms import TERMS, Term, condition, of_marks, pattern, query_of, rarest

EXACT: Final = 10_000
"""So many are counted; of more it is said about how many there are."""
FEW: Final = 20_000  # rows that are looked at one by one
WALK: Final = 20_000  # rows that are gone through for a page
_SAMPLE: Final = 3_000  # rows that say how frequent something is
_SURE: Final = 3.0  # standard deviations between what they say and what is certain
_FREQUENT: Final = 0.3  # of all: the index would only be a detour

Page: TypeAlias = tuple[Sequence[User], int]

_SIZE: Final = """
SELECT CASE WHEN reltuples < 0 THEN 0 ELSE
    reltuples / greatest(relpages, 1) * (pg_relation_size(oid) / current_setting('block_size')::int)
END::bigint AS size FROM pg_class WHERE oid = 'users'::regclass
"""
_COUNT: Final = "SELECT count(*) AS total FROM (SELECT FROM users LIMIT $1) AS counted"
_SHARES: Final = """
WITH known AS (
    SELECT term, share
    FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common(term, share)
    WHERE schemaname = current_schema() AND tablename = 'users_terms' AND term IS NOT NULL
), asked AS (
    SELECT substr(upper($1::text), place, 3) AS term, place
    FROM generate_series(1, greatest(least(1, length($1)), length($1) - 2)) AS place
    UNION ALL SELECT term, 1000 FROM unnest($2::text[]) AS mark(term)
)
SELECT term, min(coalesce(share, (SELECT min(share) FROM known), 1)) AS share
FROM asked LEFT JOIN known USING (term) GROUP BY term ORDER BY min(place)
"""


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users: those that fit every given member. `search` is a part of the address or the name."""

    search: str | None = None
    is_active: bool | None = None
    is_superuser: bool | None = None
    email_verified: bool | None = None

    @property
    def marks(self) -> Mapping[str, bool]:
        """What columns have to be."""
        found = {
            "is_active": self.is_active,
            "is_superuser": self.is_superuser,
            "email_verified": self.email_verified,
        }
        return {column: value for column, value in found.items() if value is not None}


class Users:
    """Users that fit, looked at one by one; or all that there are."""

    def __init__(self, matching: QuerySet[User], about: int = 0) -> None:
        """`about` is how many there are, about, where they are too many to be counted."""
        self._matching = matching
        self._about = about

    async def page(self, order: Order, place: Place | None, skip: int, limit: int) -> Page:
        """Return the users from a place on, and how many fit in all."""
        return await self.read(order, place, skip, limit), await self._total()

    async def _total(self) -> int:
        if self._about:
            (row,) = await rows_of(_COUNT, EXACT + 1)
            if row["total"] > EXACT:  # else many have gone since the database last looked
                return max(self._about, EXACT + 1)
        return await self._matching.count()

    async def read(self, order: Order, place: Place | None, skip: int, limit: int) -> Sequence[User]:
        """Return the users from a place on."""
        found: list[User] = []
        *earlier, last = parts(self._matching, order, place)
        for part in earlier:
            found += await _cut(part, order, skip, limit - len(found))
            if len(found) == limit:
                return found
            if skip:
                skip = max(0, skip - await part.count())
        return [*found, *await _cut(last, order, skip, limit - len(found))]


class ManyUsers(Users):
    """Users that fit, of very many: found by their terms, or met on the way through the order.

    A list is read page by page by one of these, which remembers what it has learnt.
    """

    def __init__(self, matching: QuerySet[User], wanted: UserFilter, size: int, terms: Sequence[Term]) -> None:
        super().__init__(matching)
        self._size = size
        self._terms = terms
        self._searched, self._marks = bool(wanted.search), wanted.marks
        self._given = [pattern(wanted.search)] if wanted.search else []
        self._share = 0.0  # of all users, where more fit than are counted

    async def page(self, order: Order, place: Place | None, skip: int, limit: int) -> Page:
        """Return the users from a place on, and how many fit in all; of more than `EXACT` about how many."""
        if not self._share:
            total, found = await self._found(order, place, skip, limit, most=EXACT + 1)
            if total <= EXACT:
                return found, total
            self._share = max(await self._sample(), (EXACT + 1) / self._size)
        met = await self._met(order, place, skip, limit)
        if met is None:
            _, met = await self._found(order, place, skip, limit)
        return met, max(EXACT + 1, round(self._share * self._size))

    async def read(self, order: Order, place: Place | None, skip: int, limit: int) -> Sequence[User]:
        """Return the users from a place on."""
        return (await self.page(order, place, skip, limit))[0]

    async def look(self) -> None:
        """See whether so many fit that they needn't be counted."""
        if self._size * min((term.share for term in self._terms if not term.short), default=1.0) > EXACT:
            share = await self._sample()
            fit = share * _SAMPLE
            if fit and share * self._size * (1 - _SURE / sqrt(fit)) > EXACT:
                self._share = share

    async def _sample(self) -> float:
        """Return the share of those that fit among some rows: the same each time, so that all pages say the same."""
        percent = min(100.0, 100 * _SAMPLE / self._size)
        (row,) = await rows_of(
            f"SELECT count(*) AS looked, count(*) FILTER (WHERE {condition(self._searched, self._marks)}) AS fit "  # noqa: S608 - our own words
            f"FROM users TABLESAMPLE SYSTEM ({percent:.6f}) REPEATABLE (0)",
            *self._given,
        )
        return float(row["fit"] / max(1, row["looked"]))

    async def _found(
        self, order: Order, place: Place | None, skip: int, limit: int, most: int | None = None
    ) -> tuple[int, list[User]]:
        """Return how many are found, and a page of them. Where it is `most`, only that there are so many is true."""
        where, given = condition(self._searched, self._marks), [*self._given]
        if self._share < _FREQUENT:
            given.append(query_of(rarest(self._terms)))
            where += f" AND {TERMS} @@ ${len(given)}::text::tsquery"
        behind, values = order.behind_in_sql(place, len(given) + 1)
        (row,) = await rows_of(
            # As it is written: looked for first, put in order then. The planner would rather go through the order.
            f"WITH found AS MATERIALIZED (SELECT id, {order.key} AS key FROM users WHERE {where}"  # noqa: S608 - as above
            f"{f' LIMIT {most:d}' if most else ''}) SELECT (SELECT count(*) FROM found) AS total, ARRAY(SELECT id "
            f"FROM found WHERE {behind} ORDER BY {order.by_key} OFFSET {skip:d} LIMIT {limit:d}) AS ids",
            *given,
            *values,
        )
        if most and row["total"] >= most:
            return row["total"], []
        rows = await _rows(row["ids"])
        return (row["total"], rows) if rows is not None else await self._found(order, place, skip, limit, most)

    async def _met(self, order: Order, place: Place | None, skip: int, limit: int) -> list[User] | None:
        """Return a page of those that are met on the way through the order; None where that is too far to go."""
        if skip + limit > self._share * WALK:
            return None
        met, skipped = list[UUID](), skip
        for part in parts(User.all(), order, place):
            page = f"OFFSET {skip:d} LIMIT {limit - len(met):d}"
            rows = await self._near(part, f"SELECT id FROM near {page}")  # noqa: S608 - our own words
            met += [row["id"] for row in rows]
            if len(met) == limit:
                break
            if await part.offset(WALK).limit(1).values_list("id"):
                return None  # the part goes on
            if skip:
                (row,) = await self._near(part, "SELECT count(*) AS passed FROM near")
                skip = max(0, skip - row["passed"])
        rows_met = await _rows(met)
        return rows_met if rows_met is not None else await self._met(order, place, skipped, limit)

    async def _near(self, part: QuerySet[User], wanted: str) -> list[Row]:
        """Ask for something of those that fit among the first rows of a part, and are met one after the other."""
        first = part.limit(WALK)
        first.sql()
        sql, values = first.query.get_parameterized_sql()
        where = condition(self._searched, self._marks, len(values) + 1)
        # As it is written: the planner would rather read all of these rows, and put those that fit in order.
        return await rows_of(
            f"WITH near AS NOT MATERIALIZED (SELECT * FROM ({sql}) AS first WHERE {where}) {wanted}",  # noqa: S608
            *values,
            *self._given,
        )


async def users_that(wanted: UserFilter) -> Users:
    """Return the users that fit, ready to be read. Raises `Unavailable`, `TooSlow`."""
    found = User.all()
    if wanted.search:
        found = found.filter(Q(email__icontains=wanted.search) | Q(full_name__icontains=wanted.search))
    found = found.filter(**wanted.marks)
    if dialect() != "postgres":
        return Users(found)
    (row,) = await rows_of(_SIZE)
    size = int(row["size"])
    if size <= FEW:
        return Users(found)
    if not (wanted.search or wanted.marks):
        return Users(found, size)
    rows = await rows_of(_SHARES, wanted.search or "", of_marks(wanted.marks))
    many = ManyUsers(found, wanted, size, [Term(row["term"], float(row["share"])) for row in rows])
    await many.look()
    return many


async def _cut(part: QuerySet[User], order: Order, skip: int, limit: int) -> list[User]:
    """Return some rows of a part. What is skipped is passed over in the index, without a look at the rows."""
    if not skip:
        return await part.limit(limit)
    keys = part.offset(skip).limit(limit).values(order.name)
    return await part.filter(**{f"{order.name}__in": Subquery(keys)})


async def _rows(ids: Sequence[UUID]) -> list[User] | None:
    """Return the users of these ids, in this order; None where one was deleted just now, which would shorten a page."""
    rows = {user.id: user for user in await User.filter(id__in=list(ids))} if ids else {}
    return [rows[found] for found in ids] if len(rows) == len(ids) else None
