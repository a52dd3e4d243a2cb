"""Keys that sign access tokens."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class SigningKey(Model):
    """A key pair. The private half is encrypted under a key derived from SECRET_KEY; the public half is published."""

    kid = fields.CharField(max_length=64, primary_key=True)
    algorithm = fields.CharField(max_length=16)
    public_jwk = fields.JSONField[dict[str, str]]()
    private_encrypted = fields.BinaryField()
    created_at = fields.DatetimeField()
    # It is published from the start, and signs from here on: verifiers elsewhere keep the key set for a while.
    active_from = fields.DatetimeField(null=True)
    # A retired key signs nothing more and is no longer published.
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_keys"
        table_description = "Key pairs that sign access tokens"
