"""What users prove an account with."""

from __future__ import annotations

from typing import Final

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.user import User

PASSWORD: Final = "password"  # noqa: S105 - the name of a kind
"""Of what most accounts have; what is to be known of the others is in `service/credentials/`."""


class Credential(Model):
    """One thing that proves an account: its password, and whatever else comes to prove it, a row each.

    An account without a password has no such row. `kind` says how the rest is read, and which file of
    `service/credentials/` reads it. Of a password, and of a secret for codes, there is one for each user: the database
    sees to that.
    """

    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="credentials", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=16)
    # What its owner calls it, where there can be several.
    label = fields.CharField(max_length=100, null=True)
    # What a proof is checked against, where reading it opens nothing at once: a hash, a public key.
    verifier = fields.TextField(null=True)
    # What a proof is made with, where the service has to know it, too: sealed, bound to this row.
    sealed = fields.BinaryField(null=True)
    # How far a credential that counts has come: a proof from before is a copy.
    counter = fields.BigIntField(null=True)
    # What it was last used for, where a use counts once: a log-in under way may repeat its own, and no other may.
    used_for = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    # Where no event says it: passwords have their log-ins.
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "credentials"
        table_description = "What users prove their accounts with"
        indexes = (Index(fields=("user_id", "kind"), name="credentials_user"),)
