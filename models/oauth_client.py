"""Services that may ask about tokens: OAuth 2 clients with a secret (RFC 6749 section 2)."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class OAuthClient(Model):
    """A service of the same owner that Latchkey knows, by its `client_id`.

    Its `name` is for people and for metrics. `kind` says what it may do: a `resource_server` asks whether tokens are
    good (RFC 7662), and hears of sessions that end.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=64, unique=True)
    kind = fields.CharField(max_length=32)
    created_at = fields.DatetimeField()

    class Meta:
        table = "oauth_clients"
        table_description = "Services that may ask about tokens"


class OAuthClientSecret(Model):
    """A secret of a client's, as its SHA-256: it has 256 random bits, so nothing is gained by guessing.

    Two of one client may be alive, so that a service can be given the new one before the old one ends.
    """

    id = fields.UUIDField(primary_key=True)
    client: fields.ForeignKeyRelation[OAuthClient] = fields.ForeignKeyField(
        "models.OAuthClient", related_name="secrets", on_delete=fields.CASCADE
    )
    hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "oauth_client_secrets"
        table_description = "Secrets of services that may ask about tokens, as hashes"
        indexes = (Index(fields=("client_id",), name="oauth_client_secrets_client"),)
