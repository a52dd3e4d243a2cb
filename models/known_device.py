"""Where users have logged in."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from models.user import User


class KnownDevice(Model):
    """A device that a user has logged in on: named by its cookie, or by its network and User-Agent."""

    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="known_devices", on_delete=fields.CASCADE
    )
    network = fields.CharField(max_length=49)
    user_agent = fields.CharField(max_length=256)
    first_seen_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    # Since then it is a stranger: the password was set without the old one.
    forgotten_at = fields.DatetimeField(null=True)
    # What its user calls it: 64 characters, which may be three times as many in NFC. And the session of the last log-in
    # that was this device's for certain.
    name = fields.CharField(max_length=192, null=True)
    session_id = fields.UUIDField(null=True)
    # Somebody was taken for it by the place: its cookie may be in more than one browser.
    shared = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "known_devices"
        table_description = "Where users have logged in"
        unique_together = (("user", "network", "user_agent"),)
