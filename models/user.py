"""Users."""

from __future__ import annotations

from enum import IntFlag
from typing import Final
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

UNREAD: Final = "?"
"""Instead of a hash: the row was read without it."""


class Factor(IntFlag):
    """The bits of `User.factors`. A recovery code is no factor by itself: it stands in for one."""

    TOTP = 1
    PASSKEY = 2
    RECOVERY_CODE = 4
    UNPROVEN = 8
    """Nobody had proven the mailbox when they were set up: whoever proves it first gets the account without them."""


REAL_FACTORS: Final = Factor.TOTP | Factor.PASSKEY
KINDS: Final = (Factor.TOTP, Factor.PASSKEY, Factor.RECOVERY_CODE)


def named(bits: int) -> tuple[str, ...]:
    """Return the kinds among these bits, as the API names them."""
    return tuple(kind.name.lower() for kind in KINDS if kind & bits and kind.name)


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
    # Which second factors there are, a bit for each kind (service/credentials/factors.py), so that no request needs
    # another query for it. Written with what it tells of, in one transaction.
    factors = fields.SmallIntField(default=0)
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
    # Nor this: the device that is known where somebody calls from, where it was read in the same statement.
    known_here: UUID | str | None = None

    class Meta:
        table = "users"
        table_description = "Accounts, one per mailbox"
        indexes = (
            Index(fields=("created_at", "id"), name="users_created_at_id"),
            Index(fields=("last_login_at", "id"), name="users_last_login"),
        )

    @property
    def has_factor(self) -> bool:
        """Whether a log-in asks for a second factor, and so does whatever wants to know that the user is there."""
        return bool(self.factors & REAL_FACTORS)

    @property
    def factor_methods(self) -> tuple[str, ...]:
        """How the user can show a second factor, as the API names it, the likeliest first; none without one."""
        return named(self.factors) if self.has_factor else ()
