"""What `latchkey doctor` says of services that may ask about tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from tortoise.exceptions import OperationalError

from service.errors import Unavailable
from service.feature.doctor import Deployment
from service.feature.findings import Finding, ok, warning
from service.oauth import clients
from service.oauth.clients import ClientInfo

UNUSED: Final = timedelta(days=90)
TWO_ALIVE: Final = timedelta(days=30)

_CHECK: Final = "clients"


async def check_up(deployment: Deployment) -> Sequence[Finding]:
    """Look for secrets that lie about: of services that don't ask, and those that another was to take the place of.

    Nothing, where the database is away, or older than the code: others say so.
    """
    now = deployment.clock.now()
    try:
        found = await clients.list_clients()
    except (OperationalError, Unavailable):
        return []
    hints = [hint for client in found for hint in _hints(client, now)]
    if not found or hints:
        return hints
    return [ok(_CHECK, f"Services that may ask about tokens: {len(found)}. All of them do.")]


def _hints(client: ClientInfo, now: datetime) -> Iterator[Finding]:
    used = max((secret.last_used_at for secret in client.secrets if secret.last_used_at), default=None)
    if now - (used or client.created_at) > UNUSED:
        since = "since it was added" if used is None else f"for {(now - used).days} days"
        fix = f"If nobody misses it: `latchkey clients remove {client.client_id}`."
        yield warning(_CHECK, f"{client.name} has not asked about a token {since}.", fix)
    elif len(client.secrets) > 1 and now - client.secrets[0].created_at > TWO_ALIVE:
        says = f"{client.name} has had two secrets for {(now - client.secrets[0].created_at).days} days."
        fix = f"When it has the newer one: `latchkey clients rotate {client.client_id} --now`, and give it that."
        yield warning(_CHECK, says, fix)
