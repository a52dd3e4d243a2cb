"""Tokens of links in letters."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.user import User


class OneTimeToken(Model):
    """A link's token: only its hash, for one user and one purpose, good once and for a while."""

    token_hash = fields.CharField(max_length=64, primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="one_time_tokens", on_delete=fields.CASCADE
    )
    purpose = fields.CharField(max_length=32)
    # What the token confirms: an e-mail address, where that isn't simply the user's own.
    subject = fields.CharField(max_length=254, null=True)
    # The canonical form of an address that nobody else gets while the token is good: it may yet be taken back.
    held_address = fields.CharField(max_length=320, null=True)
    # Asked for on a device that the user has logged in with: what strangers ask for doesn't take its place.
    by_known_device = fields.BooleanField(default=False)
    # Whose letter it came in, where an address was registered more than once: each registration has a link of its own.
    registration_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "one_time_tokens"
        table_description = "Tokens of links in letters"
        indexes = (
            Index(fields=("user_id", "purpose"), name="one_time_tokens_user"),
            Index(fields=("held_address",), name="one_time_tokens_held"),
        )
