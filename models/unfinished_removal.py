"""Accounts that are gone, and have left traces that are still being taken."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class UnfinishedRemoval(Model):
    """An account that was deleted: its id, until nothing stored is left that names it."""

    id = fields.UUIDField(primary_key=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "unfinished_removals"
        table_description = "Deleted accounts whose traces are being taken"
