"""What every table has whose rows are worked off by workers."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Leased(Model):
    """A row that waits for a worker. What it waits with is up to the table."""

    id = fields.UUIDField(primary_key=True)
    state = fields.CharField(max_length=16)
    attempts = fields.IntField()
    # When it may be tried (again). A worker that takes it moves this on first, so that no other takes it meanwhile.
    due_at = fields.DatetimeField()
    last_error = fields.CharField(max_length=200, null=True)

    class Meta:
        abstract = True
