"""All connections of one process: an end for each, a share for each network, and room for who comes next (R82).

Where a network has its share, or there is no room left, nobody is refused who may be honest: the connection gives way
that has kept us waiting the longest. So a thousand silent connections shut nobody out, not even their neighbours.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from contextlib import suppress
from ipaddress import IPv6Network
from time import monotonic
from typing import TYPE_CHECKING, Any

from sanic.exceptions import RequestTimeout, ServiceUnavailable
from sanic.http import Stage

from service.core.http.networks import network_of
from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.core.wire import descriptors
from service.core.wire.deadlines import Deadlines, Verdict

if TYPE_CHECKING:
    from asyncio import Transport
    from collections.abc import Mapping

    from service.core.wire.connection import Connection

_USER_TIMEOUT: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux
_BLIP = 3  # times UNREAD_TIMEOUT: a network may be away for a moment
_ENOUGH_TIME = 0.25  # seconds that an honest client never needs between two packets of one head
_WORD_SECONDS = 60.0  # one line in the log of each kind in this time, however many there are

Members = dict["Connection", None]  # in the order in which they came


class Crowd:
    """Knows every connection; one sweep over them a second stands in for a timer each."""

    def __init__(self, config: Mapping[str, Any], *, stores: int, proxies: int) -> None:
        """Take Sanic's configuration, the descriptors of the stores' pools, and how many proxies stand in front."""
        self._config = config
        self._stores = stores
        # Behind a proxy all connections are the proxy's, and what they carry is any client's: the share is the
        # proxy's to keep (nginx's limit_conn), and would only strike the proxy here.
        self._shared = proxies == 0
        self._networks: dict[str, Members] = {}
        self._size = 0
        self.leaving = False  # the server is about to end: each answer is the last of its connection
        self.unfinished: set[asyncio.Task[None]] = set()  # changes whose clients are gone
        self._sweep: asyncio.TimerHandle | None = None
        self._gave_way: Counter[str] = Counter()
        self._next_word = {"crowd": 0.0, "descriptors": 0.0}

    def __len__(self) -> int:
        return self._size

    def enter(self, connection: Connection, address: str) -> bool:
        """Take a connection in; False where there is no room, and nobody who could give way."""
        if self._sweep is None:
            self._begin()
        connection.networks = networks_of(address)
        fits = all(self._fits(network, place) for place, network in enumerate(connection.networks))
        if fits and self._size >= self._room.connections:
            fits = self._make_room_anywhere()
        if not fits:
            self._gave_way[connection.networks[0]] += 1
            return False
        for network in connection.networks:
            self._networks.setdefault(network, {})[connection] = None
        self._size += 1
        return True

    def _fits(self, network: str, place: int) -> bool:
        members = self._networks.get(network, {})
        share = self._room.site_share if place else self._room.share
        return not self._shared or len(members) < share or self._make_room(members)

    def hold_to_time(self, transport: Transport) -> None:
        """Have the system give up a client that takes nothing of what it was sent, such as one that has vanished.

        What the system keeps for a client is not seen from here: a stream's few bytes would fit in for days.
        """
        if _USER_TIMEOUT is not None and (sock := transport.get_extra_info("socket")) is not None:
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, _USER_TIMEOUT, int(_BLIP * self._deadlines.unread * 1000))

    def leave(self, connection: Connection) -> None:
        """Forget a connection, if it is known."""
        known = False
        for network in connection.networks:
            members = self._networks.get(network)
            if members is not None and connection in members:
                known = True
                del members[connection]
                if not members:
                    del self._networks[network]
        self._size -= known

    def see_through(self, task: asyncio.Task[None]) -> None:
        """Keep a change whose client is gone until it is made; no longer than a client would have been kept waiting."""
        late = asyncio.get_running_loop().call_later(self._deadlines.answer, task.cancel)

        def done(_: asyncio.Task[None]) -> None:
            late.cancel()
            self.unfinished.discard(task)

        self.unfinished.add(task)
        task.add_done_callback(done)

    def close(self) -> None:
        """Look no more: the server stops."""
        if self._sweep is not None:
            self._sweep.cancel()

    def _begin(self) -> None:
        # Read again whenever the first connection comes: both may change until then.
        self._deadlines = Deadlines.of(self._config)
        self._room = descriptors.room(self._stores)
        self._again()

    def _again(self) -> None:
        self._sweep = asyncio.get_running_loop().call_later(self._deadlines.interval, self._look)

    def _make_room(self, members: Members) -> bool:
        leaving = _longest_waiting(members)
        if leaving is None:
            return False
        self._gave_way[leaving.networks[0]] += 1
        self.leave(leaving)
        leaving.drop()
        return True

    def _make_room_anywhere(self) -> bool:
        """Have one give way of the network that has most; where nobody there may, of any."""
        most = max(self._networks.values(), key=len)
        return self._make_room(most) or any(self._make_room(members) for members in list(self._networks.values()))

    def _look(self) -> None:
        now = monotonic()
        for network, members in list(self._networks.items()):
            for connection in list(members) if not network.endswith("/48") else ():  # who is there is in a /64 too
                if (verdict := self._deadlines.judge(connection, now)) is not None:
                    metrics.connections_ended.labels(verdict.value).inc()
                    end(connection, verdict)
        metrics.connections.set(self._size)
        self._say(now)
        if self._size:
            self._again()
        else:
            self._sweep = None

    def _say(self, now: float) -> None:
        if self._gave_way and now >= self._next_word["crowd"]:
            self._next_word["crowd"] = now + _WORD_SECONDS
            network, most = self._gave_way.most_common(1)[0]
            count = self._gave_way.total()
            metrics.connections_ended.labels("crowd").inc(count)
            log_event(
                "connections.crowded", logging.WARNING, closed=count, open=self._size, network=network, of_network=most
            )
            self._gave_way.clear()
        if now >= self._next_word["descriptors"] and (used := descriptors.used()) > descriptors.SHORT * (
            limit := descriptors.limit()
        ):
            self._next_word["descriptors"] = now + _WORD_SECONDS
            log_event("descriptors.short", logging.WARNING, used=used, limit=limit, connections=self._size)


def end(connection: Connection, verdict: Verdict) -> None:
    """End a connection as its state allows: with an answer where one is due."""
    if verdict is Verdict.UNREAD or connection.http is None:
        connection.drop()
    elif verdict is Verdict.HEAD:
        connection.interrupt(RequestTimeout())
    elif verdict is Verdict.ANSWER:
        connection.interrupt(ServiceUnavailable())
    elif verdict is Verdict.REST:
        connection.drop()
    else:
        connection.close()


def networks_of(address: str) -> tuple[str, ...]:
    """Return the networks an address counts for: its own, and of IPv6 the /48 that a site may have all of."""
    network = network_of(address)
    if not network.endswith("/64"):
        return (network,)
    return network, str(IPv6Network((int(IPv6Network(network).network_address) >> 80 << 80, 48)))


def _longest_waiting(members: Members) -> Connection | None:
    """Return who gives way, the first that came: one that has long not asked for anything yet; if none has, an idle
    one; in a rush of newcomers, one of them; at last one that has not taken all of its answer. Never one we work for.
    """
    now = monotonic()
    idle = newcomer = behind = None
    newcomers = 0
    for connection in members:
        http = connection.http
        if connection.unsent():
            behind = behind or connection
        elif http is None or (http.stage is Stage.IDLE and connection.requests and not http.request_body):
            idle = idle or connection
        elif http.stage in (Stage.IDLE, Stage.REQUEST) or http.request_body:
            if now - connection.since > _ENOUGH_TIME:
                return connection
            newcomer = newcomer or connection
            newcomers += 1
    if newcomer is not None and (idle is None or newcomers > len(members) // 2):
        return newcomer
    return idle or behind
