"""How much mail a mailbox has had."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class MailBudget(Model):
    """One budget of one mailbox. It outlives the account: a new account at the address is no new budget."""

    # A keyed hash of the mailbox and of what is counted: no address stands here, and none can be found out.
    key = fields.CharField(max_length=64, primary_key=True)
    # When all of it is there again. What has been taken is the time from now until then.
    full_at = fields.DatetimeField()

    class Meta:
        table = "mail_budgets"
        table_description = "How much mail a mailbox has had"
