"""Letters that wait to be sent."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from models.leased import Leased


class OutboxMail(Leased):
    """A letter, written in the transaction that it tells of. What it says is sealed, and wiped once it is sent."""

    letter = fields.CharField(max_length=32)
    recipient = fields.CharField(max_length=254)
    language = fields.CharField(max_length=8)
    # Whose account it is about. No foreign key: the letter that tells of an account's end outlives the account.
    user_id = fields.UUIDField(null=True)
    values_sealed = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    # The order of those that are due: first by lane (0: somebody waits for it), then by turn, in milliseconds.
    lane = fields.SmallIntField(default=1)
    turn = fields.BigIntField(default=0)
    # The recipient's domain, on the first of the letters that wait for one recipient: domains take turns by these.
    domain = fields.CharField(max_length=255, default="")

    class Meta:
        table = "outbox_mails"
        table_description = "Letters that wait to be sent"
        indexes = (
            Index(fields=("state", "lane", "turn", "created_at"), name="outbox_mails_turn"),
            Index(fields=("user_id",), name="outbox_mails_user"),
            Index(fields=("recipient", "state", "turn"), name="outbox_mails_mailbox"),
            Index(fields=("domain", "state", "turn"), name="outbox_mails_domain"),
        )
