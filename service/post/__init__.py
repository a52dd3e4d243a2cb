"""Sending letters: the worker, and a mailbox to look at while developing."""

from service.feature import Feature
from service.post import commands, worker
from service.post.mailbox_routes import offer_mailbox

FEATURE = Feature(
    name="post",
    mount=offer_mailbox,
    commands={"worker": commands.work, "mail": commands.app},
    alongside=worker.alongside,
)
