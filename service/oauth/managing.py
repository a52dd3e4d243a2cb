"""Making clients, giving them another secret, taking them away: what `latchkey clients` does."""

from __future__ import annotations

from service.audit import events
from service.core.sql.transactions import transaction
from service.errors import NotFound
from service.oauth import catalogue, clients
from service.oauth.clients import Made
from service.runtime import Runtime


async def add(runtime: Runtime, name: str) -> Made | None:
    """Make a resource server of this name, with its first secret; None where the name is taken.

    Raises ValueError for what can't be a name.
    """
    clients.demand_name(name)
    async with transaction():
        made = await clients.add(name, runtime.clock.now())
        if made is not None:
            await events.record(runtime, catalogue.CLIENT_ADDED, user_id=None, client_id=made.client_id, name=made.name)
    return made


async def rotate(runtime: Runtime, which: str, *, at_once: bool) -> Made:
    """Give a client, by its name or id, a new secret. The one before it goes on, unless `at_once`; older ones end.

    Raises `NotFound`.
    """
    async with transaction():
        client = await clients.named(which, locked=True)
        if client is None:
            raise _unknown()
        made = await clients.renew(client, runtime.clock.now(), keep=0 if at_once else 1)
        await events.record(
            runtime, catalogue.CLIENT_ROTATED, user_id=None, client_id=made.client_id, name=made.name, at_once=at_once
        )
    return made


async def remove(runtime: Runtime, which: str) -> None:
    """Take a client away, by its name or id: it is refused from its next call on. Raises `NotFound`."""
    async with transaction():
        client = await clients.named(which, locked=True)
        if client is None:
            raise _unknown()
        await clients.remove(client)
        await events.record(runtime, catalogue.CLIENT_REMOVED, user_id=None, client_id=client.id, name=client.name)


def _unknown() -> NotFound:
    return NotFound("There is no such client: `latchkey clients list` shows those there are.")
