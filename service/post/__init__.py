"""Letters, for who runs the service: what waits and what failed, and a mailbox to look at while developing."""

from service.feature import Feature
from service.post.mailbox_routes import offer_mailbox

FEATURE = Feature(name="post", mount=offer_mailbox, commands={"mail": "service.post.commands:app"})
