"""Users."""

from __future__ import annotations

from typing import Final

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

UNREAD: Final = "?"
"""Instead of a hash: the row was read without it."""


class User(Model):
    """An account. One per mailbox: `email` is as given, `email_canonical` is what is compared and unique."""

    id = fields.UUIDField(primary_key=True)
    email = fields.CharField(max_length=254)
    email_canonical = fields.CharField(max_length=320, unique=True)
    full_name = fields.CharField(max_length=200, null=True)
    # The language of letters, as the browser asked for it at registration.
    language = fields.CharField(max_length=8, null=True)
    # Up by one with every change of what proves the account: what was judged by the ones before proves nothing now.
    credentials_version = fields.IntField(default=0)
    is_active = fields.BooleanField(default=True)
    is_superuser = fields.BooleanField(default=False)
    email_verified = fields.BooleanField(default=False)
    # Sessions whose `valid_from` is earlier are dead, even if a Redis failover brought one back.
    sessions_valid_after = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField(null=True)
    # Taken from the events about once a minute: no log-in waits for it.
    last_login_at = fields.DatetimeField(null=True)

    # No column: the password's hash where it was read in the same statement, None where there is no password.
    password_hash: str | None = UNREAD

    class Meta:
        table = "users"
        table_description = "Accounts, one per mailbox"
        indexes = (
            Index(fields=("created_at", "id"), name="users_created_at_id"),
            Index(fields=("last_login_at", "id"), name="users_last_login"),
        )
