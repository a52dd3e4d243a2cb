"""Pages by keys: the rows before or after one, in an order by creation time and id."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
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
    return Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id)


def after(last: Placed) -> Q:
    """Return the condition for what is newer, where the oldest comes first."""
    return Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, id__gt=last.id)
