"""Accounts at other providers that open accounts here."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.user import User


class Identity(Model):
    """An account at another provider, linked to one here: whoever logs in there is let in here.

    `issuer` and `subject` say which account it is, for ever (OpenID Connect Core 1.0, section 5.7); the address is what
    the provider said last, to be shown, and nothing is found by it. Nothing of the provider's tokens is stored.
    """

    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="identities", on_delete=fields.CASCADE
    )
    # The provider as the settings call it, at the time of linking.
    provider = fields.CharField(max_length=32)
    issuer = fields.CharField(max_length=255)
    subject = fields.CharField(max_length=255)
    email = fields.CharField(max_length=320, null=True)
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identities"
        table_description = "Accounts at other providers that open accounts here"
        unique_together = (("issuer", "subject"),)
        indexes = (Index(fields=("user_id",), name="identities_user"),)
