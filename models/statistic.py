"""Numbers for the administrators' charts."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Statistic(Model):
    """How often something happened in one hour (its beginning, UTC), over all instances."""

    id = fields.BigIntField(primary_key=True)
    hour = fields.DatetimeField()
    name = fields.CharField(max_length=64)
    value = fields.BigIntField()

    class Meta:
        table = "statistics"
        table_description = "How often something happened, by hour"
        unique_together = (("hour", "name"),)
