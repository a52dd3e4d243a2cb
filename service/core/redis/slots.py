"""Who has which slots of a cluster: asked of its nodes, mended by what they answer to who asks the wrong one."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from service.core.faults import Meaning
from service.core.patience import Limited
from service.core.redis.asking import LOOK_SECONDS, Asking
from service.core.redis.connections import Address, client_of, execute, renew
from service.core.redis.faults import NOT_CLUSTERED, Told, row_of

AT_ONCE: Final = 3  # nodes that are asked


class SlotMap:
    """The masters, by ranges of slots. Not all slots need to have one."""

    def __init__(self, ranges: Iterable[tuple[int, int, Address]] = (), others: Iterable[Address] = ()) -> None:
        """Take first slot, last slot and master of each range; `others` are the replicas."""
        self._ranges = sorted(ranges)
        self._begins = [begin for begin, _, _ in self._ranges]
        self.masters: Final = frozenset(address for _, _, address in self._ranges)
        self.others: Final = frozenset(others)
        self._moved: dict[int, Address] = {}

    def master_of(self, slot: int) -> Address | None:
        """Return who serves a slot; None where nobody does."""
        if slot in self._moved:
            return self._moved[slot]
        place = bisect_right(self._begins, slot) - 1
        if place < 0 or slot > self._ranges[place][1]:
            return None
        return self._ranges[place][2]

    def move(self, slot: int, address: Address) -> None:
        """Note that a slot is somewhere else now."""
        self._moved[slot] = address


class Nodes(Asking):
    """The nodes of a cluster, each with a client, and their map."""

    def __init__(self, start: tuple[Address, ...], options: dict[str, Any]) -> None:
        """Take the nodes of REDIS_URL, any of which is enough, and redis-py's options for a connection."""
        super().__init__()
        self.map = SlotMap()
        self._start: Final = start
        self._options: Final = options
        self._clients: dict[Address, Redis] = {}
        self.doubted: Final[set[Address]] = set()  # those whose last call failed

    def client(self, address: Address) -> Redis:
        """Return the client of a node."""
        found = self._clients.get(address)
        if found is None:
            found = self._clients[address] = client_of(self._options, address)
        return found

    async def close(self) -> None:
        """Close every connection."""
        await self.stop()
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def _ask(self) -> None:
        known = {*self._start, *self.map.masters, *self.map.others}
        # Those that are well first: one that was cut off may still think that it has what others have taken over.
        order = sorted(known, key=lambda address: (address in self.doubted, random.random()))  # noqa: S311 - no secret
        failed: list[BaseException] = []
        for place in range(0, len(order), AT_ONCE):
            asking = {asyncio.ensure_future(self._seen_by(address)) for address in order[place : place + AT_ONCE]}
            try:
                for task in asyncio.as_completed(asking):
                    try:
                        found = await task
                    except Exception as error:  # noqa: BLE001 - the next one may know
                        failed.append(error)
                    else:
                        await self._take(found)
                        return
            finally:
                self.leave(asking)
        refusals = [error for error in failed if isinstance(error, ResponseError | Told)]
        raise (refusals or failed)[0]

    async def _seen_by(self, address: Address) -> SlotMap:
        try:
            with Limited(LOOK_SECONDS):
                said = await execute(self.client(address), "CLUSTER", "SLOTS")
        except ResponseError as error:
            if row_of(error).meaning is Meaning.UNCLEAR:
                raise Told(NOT_CLUSTERED, f"{address[0]}:{address[1]} says {error}") from error
            raise
        except TimeoutError:
            raise RedisConnectionError(f"{address[0]}:{address[1]} doesn't answer") from None
        ranges, others = [], []
        for begin, end, master, *replicas in said:
            if master[1]:
                ranges.append((int(begin), int(end), _address(master, address)))
                others += [_address(node, address) for node in replicas]
        if not ranges:
            raise RedisConnectionError(f"{address[0]}:{address[1]} knows of no slots")
        return SlotMap(ranges, others)

    async def _take(self, found: SlotMap) -> None:
        self.map = found
        gone = self._clients.keys() - found.masters - found.others - set(self._start)
        self.doubted.difference_update(gone)
        for address in gone:
            await renew(self._clients.pop(address), closed=True)


def _address(node: list[Any], asked: Address) -> Address:
    """Return where a node is; one that doesn't know its own address is where it was asked."""
    host = node[0].decode() if isinstance(node[0], bytes) else node[0]
    return host if host not in (None, "", "?") else asked[0], int(node[1])
