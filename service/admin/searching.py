"""Events as an operator asks for them: by range of addresses and kind as well, streamed, and followed as they happen.

However many there are, memory holds one page of them; each page is a statement of its own that may take its time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from ipaddress import IPv4Network, IPv6Network, ip_address
from operator import or_
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent
from service.admin import events
from service.admin.events import AT_ONCE, EventFilter, Told
from service.core.http.networks import host_of
from service.core.http.pagination import Cursor
from service.core.sql.keyset import after, before
from service.core.sql.leisure import at_leisure
from service.errors import Unavailable
from service.runtime import Runtime

Network = IPv4Network | IPv6Network

SECONDS: Final = 1.0
"""Between two looks of who follows."""

OVERLAP: Final = timedelta(seconds=15)
"""An event is stored a moment after it happened: so far back is looked again."""

_MOST_LISTED: Final = 256


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: those that fit the filter, come from one of the `networks`, and are of one of the `kinds`.

    A kind that ends with `*` is all that begin so. None given: any.
    """

    filter: EventFilter
    networks: tuple[Network, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def condition(self) -> Q:
        """What the database looks for: it may find more, from addresses that only begin alike."""
        found = Q()
        if self.kinds:
            found &= reduce(or_, map(_of_kind, self.kinds))
        if self.networks:
            found &= reduce(or_, map(_from, self.networks))
        return found

    def fits(self, event: SecurityEvent) -> bool:
        """Return whether an event comes from one of the networks."""
        return not self.networks or (event.ip is not None and any(_holds(one, event.ip) for one in self.networks))


async def read(
    runtime: Runtime, wanted: Wanted, *, newest_first: bool, last: Cursor | None = None
) -> AsyncIterator[list[Told]]:
    """Yield the events that fit, some at a time, those behind `last`. Raises `Unavailable`, `TooSlow`."""
    order = ("-created_at", "-id") if newest_first else ("created_at", "id")
    while True:
        async with at_leisure():
            found = await events.matching(wanted.filter)
            if found is None:
                return
            found = found.filter(wanted.condition)
            if last is not None:
                found = found.filter(before(last) if newest_first else after(last))
            page = await found.order_by(*order).limit(AT_ONCE)
            fitting = await events.told([row for row in page if wanted.fits(row)])
        if fitting:
            yield fitting
        if len(page) < AT_ONCE:
            return
        last = Cursor(page[-1].created_at, page[-1].id)


async def newest(runtime: Runtime, wanted: Wanted, limit: int) -> list[Told]:
    """Return the newest events that fit, the newest first, at most `limit`. Raises as `read` does."""
    found: list[Told] = []
    async for page in read(runtime, wanted, newest_first=True):
        found += page
        if len(found) >= limit:
            break
    return found[:limit]


async def follow(
    runtime: Runtime, wanted: Wanted, *, shown: int, seconds: float = SECONDS
) -> AsyncIterator[list[Told] | Unavailable]:
    """Yield the newest events that fit, at most `shown`, the oldest first; then all others as they are stored.

    An outage is yielded, once, and then waited for. What is stored long after it happened isn't found.
    """
    began = latest = runtime.clock.now()
    seen: dict[UUID, datetime] = {}
    if shown:
        found = list(reversed(await newest(runtime, wanted, shown)))
        seen = {told.event.id: told.event.created_at for told in found}
        yield found
    away = False
    while True:
        since = latest - OVERLAP
        try:
            async for page in read(runtime, _since(wanted, since), newest_first=False):
                fresh = [told for told in page if told.event.id not in seen and told.event.created_at >= began]
                seen |= {told.event.id: told.event.created_at for told in page}
                latest = max(latest, page[-1].event.created_at)
                if fresh:
                    yield fresh
            away = False
        except Unavailable as error:
            if not away:
                yield error
            away = True
        seen = {known: at for known, at in seen.items() if at >= since}
        await asyncio.sleep(seconds)


def _since(wanted: Wanted, moment: datetime) -> Wanted:
    since = wanted.filter.since
    return replace(wanted, filter=replace(wanted.filter, since=max(since, moment) if since else moment))


def _of_kind(kind: str) -> Q:
    return Q(type__startswith=kind[:-1]) if kind.endswith("*") else Q(type=kind)


def _from(network: Network) -> Q:
    """Return a condition that all addresses of a network meet, in whatever spelling they are stored."""
    if network.num_addresses <= _MOST_LISTED:
        listed = [str(one) for one in network]
        mapped = [f"::ffff:{one}" for one in listed] if isinstance(network, IPv4Network) else []
        return Q(ip__in=[*listed, *mapped])
    return reduce(or_, (Q(ip__startswith=start) for start in _starts(network)))


def _starts(network: Network) -> list[str]:
    """Return how addresses of a network begin: whole numbers of them alone, and of IPv6 none behind a zero."""
    if isinstance(network, IPv4Network):
        start = "".join(f"{number}." for number in str(network.network_address).split(".")[: network.prefixlen // 8])
        return [start, f"::ffff:{start}"] if start else [""]
    numbers = network.network_address.exploded.split(":")[: network.prefixlen // 16]
    start = ""
    for number in numbers:
        if int(number, 16) == 0:
            break
        start += f"{int(number, 16):x}:"
    return [start]


def _holds(network: Network, text: str) -> bool:
    host = host_of(text)
    if host is not None and host in network:
        return True
    try:
        return ip_address(text) in network
    except ValueError:
        return False
