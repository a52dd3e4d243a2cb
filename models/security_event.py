"""What happened to accounts and sessions."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.user import User


class SecurityEvent(Model):
    """One security event. Outlives its user: then it is anonymous. Never holds a password or a token."""

    id = fields.UUIDField(primary_key=True)
    type = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    # No foreign key in the database: an account with very many events is gone at once, and they are seen to afterwards.
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="security_events", null=True, db_constraint=False
    )
    session_id = fields.UUIDField(null=True)
    actor_id = fields.UUIDField(null=True)
    ip = fields.CharField(max_length=45, null=True)
    user_agent = fields.CharField(max_length=256, null=True)
    request_id = fields.CharField(max_length=64, null=True)
    detail = fields.JSONField[dict[str, Any]]()

    class Meta:
        table = "security_events"
        table_description = "What happened to accounts and sessions"
        # Two more are in the migrations alone, of rows that have one: by address and by who did it, and the time.
        indexes = (
            Index(fields=("user_id", "created_at"), name="security_events_user"),
            Index(fields=("created_at",), name="security_events_created_at"),
            Index(fields=("type", "created_at"), name="security_events_type"),
            Index(fields=("session_id",), name="security_events_session"),
            Index(fields=("request_id",), name="security_events_request"),
        )
