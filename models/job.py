"""Work that no request waits for."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from models.leased import Leased


class Job(Leased):
    """One thing to be done by a worker: once, and then its row goes; or again and again, by a schedule."""

    kind = fields.CharField(max_length=64)
    # What the work needs to know. It may name a person, so it is sealed, and bound to this row.
    payload_sealed = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    # Of a job that a schedule repeats: how often, and when it was last done.
    every_seconds = fields.IntField(null=True)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "jobs"
        table_description = "Work that waits for a worker"
        indexes = (Index(fields=("state", "due_at"), name="jobs_due"),)
