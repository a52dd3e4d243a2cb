"""Second factors that are to be taken away, at the wish of whoever has lost them."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.user import User


class FactorRecovery(Model):
    """That an account's second factors go at `due_at`, unless somebody who is at home there says no before."""

    user: fields.OneToOneRelation[User] = fields.OneToOneField(
        "models.User", related_name="factor_recovery", on_delete=fields.CASCADE, primary_key=True
    )
    # A fingerprint of the address and of what proves the account: with another of either it is over.
    standing = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    # When a worker looks at it next: for the next e-mail, or because it is due.
    next_at = fields.DatetimeField()

    class Meta:
        table = "factor_recoveries"
        table_description = "Second factors that are to be taken away"
        indexes = (Index(fields=("next_at",), name="factor_recoveries_next"),)
