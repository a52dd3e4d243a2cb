"""The table. Its rows go with their user: the foreign key cascades."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models import User


class Note(Model):
    """Something that a user has written down."""

    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="notes", on_delete=fields.CASCADE
    )
    text = fields.CharField(max_length=1000)
    created_at = fields.DatetimeField()

    class Meta:
        table = "notes"
        indexes = (Index(fields=("user_id", "created_at", "id"), name="notes_user"),)
