"""Redis behind Sentinels: who is the master, as they see it, and commands that go to whoever that is.

All Sentinels are asked at once, and the one with the newest view (the highest epoch) is believed: one that was cut off,
or hasn't heard of a change yet, still names a former master. Who is silent is waited for only until more than half have
answered, and a little longer. While none answers, the master that is known is kept. A connection is made to a server
only that says itself that it is a master. A Sentinel demotes one that is alive seconds after it has named another, and
until then that one takes writes that come to nothing: so we listen for the change of the name, and go at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError

from service.core.faults import Meaning
from service.core.patience import TURN, Limited
from service.core.redis.asking import LOOK_SECONDS, Asking, Routed
from service.core.redis.connections import Address, client_of, execute, renew
from service.core.redis.faults import FAILURES, NO_SENTINEL, SENTINEL_USER, UNKNOWN_MASTER, Told, row_of
from service.settings.redis_url import RedisUrl

FRESH_SECONDS = 1.0  # old knowledge is looked at again, while it is used
MORE_TURNS = 3  # for the others, once more than half have answered: for two seconds one alone may know of a change
STALE_SECONDS = 5.0  # older than that it isn't used before it was looked at again
SAID: Final = ("+promoted-slave", "+switch-master")  # by whoever has brought it about, and by those who hear of it
# What one answers that follows another, or whom the others have left.
_NO_MASTERS: Final = ("READONLY", "MASTERDOWN", "NOREPLICAS")


@dataclass(frozen=True, slots=True)
class View:
    """A master as one Sentinel sees it."""

    address: Address
    epoch: int
    quorum: int
    sentinels: int  # itself among them
    replicas: int


class Sentinels:
    """The Sentinels of REDIS_URL."""

    def __init__(self, url: RedisUrl, options: dict[str, Any]) -> None:
        """Take redis-py's options for a connection to Redis: of them, those that are about TLS hold here as well."""
        about_tls = {name: value for name, value in options.items() if name.startswith("ssl_")}
        shared = ("connection_class", "timeout", "socket_connect_timeout", "socket_timeout", "retry")
        self.name: Final = url.master
        self.hosts: Final = url.hosts
        kept = {name: options[name] for name in shared}
        credentials = {"username": url.sentinel_username, "password": url.sentinel_password}
        self._clients: Final = [
            # Protocol 2 is what every Sentinel speaks, to whom `HELLO` is forbidden as well.
            client_of({**about_tls, **kept, **credentials, "protocol": 2, "max_connections": 3}, host)
            for host in url.hosts
        ]

    def ask(self) -> list[asyncio.Task[View]]:
        """Ask all of them at once."""
        return [asyncio.create_task(self.view_of(number)) for number in range(len(self.hosts))]

    async def view_of(self, number: int) -> View:
        """Ask one of them. Raises `Told`, `ConnectionError`."""
        (host, port), client = self.hosts[number], self._clients[number]
        try:
            with Limited(LOOK_SECONDS):
                said = await execute(client, "SENTINEL", "MASTERS")
                # In this order: in between it may learn of another, and mustn't name the former with the newer epoch.
                named = await execute(client, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name)
        except (AuthenticationError, NoPermissionError) as error:
            raise Told(SENTINEL_USER, f"{host}:{port} says {error}") from error
        except ResponseError as error:
            raise Told(NO_SENTINEL, f"{host}:{port} says {error}") from error
        except TimeoutError:
            raise RedisConnectionError(f"Sentinel {host}:{port} doesn't answer") from None
        for fields in said:
            texts = [text.decode() for text in fields]
            found = dict(zip(texts[::2], texts[1::2], strict=True))
            if found["name"] == self.name and named:
                return View(
                    # Not the `ip` among the others: that is the former one's until every replica follows the new one.
                    address=(named[0].decode(), int(named[1])),
                    epoch=int(found["config-epoch"]),
                    quorum=int(found["quorum"]),
                    sentinels=int(found["num-other-sentinels"]) + 1,
                    replicas=int(found["num-slaves"]),
                )
        raise Told(UNKNOWN_MASTER, f"Sentinel {host}:{port} knows no master {self.name!r}")

    async def listen(self, number: int, changed: Callable[[], None]) -> None:
        """Call `changed` whenever this Sentinel says that a master is another, until cancelled."""
        while True:
            with suppress(*FAILURES):
                async with self._clients[number].pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(*SAID)
                    async for _ in channel.listen():
                        changed()
            await asyncio.sleep(FRESH_SECONDS)
            changed()  # it may have said so meanwhile

    async def can_fail_over(self) -> bool | None:
        """Return whether enough of them see one another to name another master; None where nobody says."""
        for client in self._clients:
            try:
                with Limited(LOOK_SECONDS):
                    await execute(client, "SENTINEL", "CKQUORUM", self.name)
            except ResponseError as error:
                if row_of(error).meaning is Meaning.AWAY:  # NOQUORUM
                    return False
            except FAILURES:
                pass
            else:
                return True
        return None

    async def close(self) -> None:
        """Close the connections to them."""
        for client in self._clients:
            await client.aclose()


class SentinelClient(Asking, Routed):
    """A client of whoever is the master."""

    def __init__(self, url: RedisUrl, options: dict[str, Any]) -> None:
        """Take REDIS_URL, and redis-py's options for connections to the master."""
        super().__init__()
        self.sentinels: Final = Sentinels(url, options)
        self.options: Final = {**options, "only_master": True}
        self._address: Address | None = None
        self._master: Redis | None = None
        self._doubted = False  # since the last call that failed
        self._listening: list[asyncio.Task[None]] = []

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Have the master do a command; once more, where it turns out to be another one, or the connection closed."""
        former = self._address
        try:
            return await self._done(args, options)
        except RedisConnectionError:
            pass
        except ResponseError as error:
            if row_of(error).code not in _NO_MASTERS:
                raise
            await self.asked()
            if self._address == former:
                raise
        return await self._done(args, options)

    async def _done(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        master, sound = await self.master(), False
        try:
            reply = await execute(master, *args, **options)
            sound = True
        except ResponseError as error:
            sound = row_of(error).code not in _NO_MASTERS
            raise
        finally:  # also where the caller has waited long enough
            if master is self._master:
                self._doubted = not sound
        return reply

    async def master(self) -> Redis:
        """Return a client of the master. Raises what kept the Sentinels from naming one."""
        if self._master is None or self._doubted or self.outdated or self.age > STALE_SECONDS:
            await self.asked()
        elif self.age > FRESH_SECONDS:
            self.ask_beside()
        if self._master is None:
            raise self.failed or RedisConnectionError("no Sentinel names a master")
        return self._master

    async def _ask(self) -> None:
        if not self._listening:
            numbers = range(len(self.sentinels.hosts))
            self._listening = [asyncio.create_task(self.sentinels.listen(number, self.changed)) for number in numbers]
        address = (await self._newest()).address
        if address == self._address:
            return
        former, self._master, self._address = self._master, client_of(self.options, address), address
        if former is not None:
            # Who still waits for an answer of the former one would be told of what nobody else knows of.
            await renew(former, closed=True)

    async def _newest(self) -> View:
        views: list[View] = []
        failed: list[BaseException] = []
        asked = self.sentinels.ask()
        left, turns = set(asked), MORE_TURNS
        try:
            while left and turns:
                turn = TURN if 2 * len(views) > len(asked) else None  # each has an end of its own
                done, left = await asyncio.wait(left, timeout=turn, return_when=asyncio.FIRST_COMPLETED)
                turns -= not done
                for task in done:
                    if (error := task.exception()) is None:
                        views.append(task.result())
                    else:
                        failed.append(error)
        finally:
            self.leave(left)
        if views:
            return max(views, key=lambda view: view.epoch)
        refusals = [error for error in failed if isinstance(error, Told)]
        raise next(iter([*refusals, *failed]), RedisConnectionError("no Sentinel answers"))

    def known(self) -> Address | None:
        """Return the master that commands go to, None while there is none."""
        return self._address

    @property
    def address(self) -> str:
        """Where the master is, for people."""
        return "{}:{}".format(*self._address) if self._address else "no master"

    async def aclose(self) -> None:
        """Close every connection."""
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        await self.stop()
        if self._master is not None:
            await self._master.aclose()
        await self.sentinels.close()
