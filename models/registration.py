"""Registrations of an address that nobody has confirmed yet."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.user import User


class Registration(Model):
    """A later registration of an unconfirmed account's address: who confirms may be whoever made this one.

    It opens nothing. It becomes the account's password and name when its password is given together with a link.
    """

    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="registrations", on_delete=fields.CASCADE
    )
    full_name = fields.CharField(max_length=200, null=True)
    language = fields.CharField(max_length=8, null=True)
    hashed_password = fields.CharField(max_length=255)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "registrations"
        table_description = "Registrations of addresses that nobody has confirmed yet"
        indexes = (
            Index(fields=("user_id", "created_at"), name="registrations_user"),
            Index(fields=("expires_at",), name="registrations_expires"),
        )
