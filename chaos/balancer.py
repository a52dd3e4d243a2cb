"""A tiny load balancer: connections go in turn to the instances that say they are ready.

It passes over one that takes no connection. A request has a connection of its own, so that an instance that stops gets
no more of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaos.proxy import Proxy
from chaos.turns import Turns

LOOK_EVERY_SECONDS = 0.1


class Balancer(Proxy):
    """Leads to the ready instances in turn, and to the others where none of these takes a connection.

    It has the request before it calls: an instance that ends need not wait for what might still come.
    """

    waits = True

    def __init__(self, ports: Sequence[int]) -> None:
        """Take the instances' ports."""
        self.turns = Turns(ports, every=LOOK_EVERY_SECONDS)
        super().__init__(self.turns.next)

    async def open(self) -> None:
        """Listen, and begin to look after the instances."""
        await super().open()
        self.turns.begin()

    async def close(self) -> None:
        """Stop looking, and close everything."""
        await self.turns.end()
        await super().close()
