"""Letters that wait to be sent."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class OutboxMail(Model):
    """A letter, written in the transaction that it tells of. What it says is sealed, and wiped once it is sent."""

    id = fields.UUIDField(primary_key=True)
    letter = fields.CharField(max_length=32)
    recipient = fields.CharField(max_length=254)
    language = fields.CharField(max_length=8)
    # Whose account it is about. No foreign key: the letter that tells of an account's end outlives the account.
    user_id = fields.UUIDField(null=True)
    values_sealed = fields.BinaryField(null=True)
    state = fields.CharField(max_length=16)
    attempts = fields.IntField()
    # When it may be tried (again). A worker that takes it moves this on first, so that no other takes it meanwhile.
    due_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    last_error = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "outbox_mails"
        table_description = "Letters that wait to be sent"
        indexes = (
            Index(fields=("state", "due_at"), name="outbox_mails_due"),
            Index(fields=("user_id",), name="outbox_mails_user"),
            Index(fields=("recipient",), name="outbox_mails_recipient"),
        )
