"""Pages by keys: the rows before or after one, in an order by a column and the id."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from tortoise.expressions import Q


class Placed(Protocol):
    """Where a page has ended: a cursor, or the row itself."""

    @property
    def created_at(self) -> datetime:
        """Of the row."""

    @property
    def id(self) -> UUID:
        """Of the row: it decides among those of one moment."""


def before(last: Placed) -> Q:
    """Return the condition for what is older, where the newest comes first."""
    return beyond("created_at", last.created_at, last.id, descending=True)


def after(last: Placed) -> Q:
    """Return the condition for what is newer, where the oldest comes first."""
    return beyond("created_at", last.created_at, last.id, descending=False)


def beyond(column: str, value: object, row: UUID, *, descending: bool) -> Q:
    """Return the condition for what comes behind a row, where it is the `column` that orders, and then the id."""
    way = "lt" if descending else "gt"
    # The first half says nothing that the second doesn't; but it is what an index can begin at.
    return _where(f"{column}__{way}e", value) & (_where(f"{column}__{way}", value) | _where(f"id__{way}", row))


def _where(condition: str, value: object) -> Q:
    named: dict[str, Any] = {condition: value}
    return Q(**named)
