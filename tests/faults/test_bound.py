"""Redis and PostgreSQL fail beside sessions that are bound to a key: 503, no key is forgotten, and all goes on (R73).

Two instances are asked by turns: what one has noted holds at the other.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from service.core.clock import Clock
from tests.faults.support import RECOVERY_SECONDS
from tests.servers import Postgres, Redis, free_port
from tests.support.bound import Bound, jwt
from tests.support.dpop import Holder
from tests.support.people import PASSWORD, Person
from tests.support.process import Service, serving
from tests.support.waiting import unless_shed

pytestmark = pytest.mark.real_only

ME = "/api/users/me"


class ByTurns(httpx.AsyncClient):
    """Asks two instances by turns."""

    def __init__(self, urls: tuple[str, str]) -> None:
        super().__init__(base_url=urls[0], timeout=10, trust_env=False)
        self._urls = urls
        self._turn = 0

    async def request(self, *args: Any, **options: Any) -> httpx.Response:
        self._turn += 1
        self.base_url = self._urls[self._turn % 2]
        return await super().request(*args, **options)


@pytest.fixture(scope="module")
def other(env: dict[str, str], directory: Path) -> Iterator[Service]:
    with serving(directory / "other.log", **env) as found:
        yield found


@dataclass
class Keys:
    """Those whose sessions have a key: a browser that is to bind its own yet, one that has, and a client."""

    new: Bound
    bound: Bound
    holder: Holder

    async def hold_refused(self) -> None:
        """Hold that each call is 503 at both instances, and no answer has a browser forget anything."""
        for _ in range(2):
            for answer in (
                await self.new.register(),
                await self.bound.ask(jwt(self.bound.key, self.bound.challenge)),
                await self.bound.send("/refresh"),
                await self.holder.me(),
                await self.holder.refresh(),
            ):
                assert answer.status_code == 503, answer.text
                assert "set-cookie" not in answer.headers

    async def go_on(self) -> None:
        """Hold that each goes on, with what it had."""
        await self._good(self.new.register)
        for browser in (self.new, self.bound):
            await self._good(browser.ask, 403)
            for call in (browser.prove, browser.refresh, browser.me):
                await self._good(call)
        for call in (self.holder.refresh, self.holder.me):
            await self._good(call)
        proof = self.holder.proof("GET", ME, token=self.holder.access_token)
        headers = {"Authorization": f"DPoP {self.holder.access_token}"}
        answers = [await self.holder.send("GET", ME, proof=proof, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 401]

    @staticmethod
    async def _good(call: Callable[[], Awaitable[httpx.Response]], status: int = 200) -> None:
        """Hold what a call is answered once it isn't 503: the instances find the store again one after the other."""
        answer = await unless_shed(call, RECOVERY_SECONDS)
        assert answer.status_code == status, answer.text


@pytest.fixture
async def keys(service: Service, other: Service, emails: list[str]) -> AsyncIterator[Keys]:
    async with ByTurns((service.url, other.url)) as client:
        found = Keys(Bound(client), Bound(client), Holder(client, Clock()))
        for browser in (found.new, found.bound):
            assert (await browser.log_in(emails[0], PASSWORD)).status_code == 200
        await found.bound.bind()
        await found.bound.ask()
        await found.holder.log_in(Person(client, uuid4(), emails[0]))
        yield found


async def test_by_turns(keys: Keys) -> None:
    """Without a fault, too; and of one proof shown to both at once one counts."""
    await keys.go_on()
    holder = keys.holder
    headers = {
        "Authorization": f"DPoP {holder.access_token}",
        "DPoP": holder.proof("GET", ME, token=holder.access_token),
    }
    answers = await asyncio.gather(*(unless_shed(lambda: holder.client.get(ME, headers=headers)) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 49}
    text = jwt(keys.bound.key, keys.bound.challenge)
    sent = {"Sec-Secure-Session-Id": keys.bound.identifier, "Secure-Session-Response": text}
    proofs = await asyncio.gather(
        *(unless_shed(lambda: keys.bound.send("/device/proof", headers=sent)) for _ in range(50))
    )
    assert Counter(answer.status_code for answer in proofs) == {200: 1, 403: 49}


async def test_redis_is_full(keys: Keys, redis: Redis) -> None:
    """What has to be noted isn't taken; a challenge needs no note."""
    await asyncio.to_thread(redis.call, "CONFIG", "SET", "maxmemory", "1")
    try:
        assert (await keys.bound.ask()).status_code == 403
        await keys.hold_refused()
    finally:
        await asyncio.to_thread(redis.call, "CONFIG", "SET", "maxmemory", "0")
    await keys.go_on()


async def test_redis_is_read_only(keys: Keys, redis: Redis) -> None:
    """A demoted one is an outage until a master is back."""
    await asyncio.to_thread(redis.call, "REPLICAOF", "127.0.0.1", str(free_port()))
    try:
        await keys.hold_refused()
    finally:
        await asyncio.to_thread(redis.call, "REPLICAOF", "NO", "ONE")
    await keys.go_on()


async def test_redis_dies(keys: Keys, redis: Redis) -> None:
    """One that keeps its data comes back with the keys."""
    await asyncio.to_thread(redis.kill)
    try:
        await keys.hold_refused()
    finally:
        await asyncio.to_thread(redis.start_again)
    await keys.go_on()


async def test_postgres_dies(keys: Keys, postgres: Postgres) -> None:
    """A proof needs no row of the database, so a browser goes on proving; nothing else is given out."""
    await asyncio.to_thread(postgres.kill)
    try:
        for answer in (await keys.new.register(), await keys.bound.send("/refresh"), await keys.holder.refresh()):
            assert answer.status_code in (200, 503), answer.text
        thief = keys.bound.stolen()
        thief.proof = None
        answer = await thief.send("/refresh")
        assert answer.status_code in (403, 503), answer.text
        assert (await keys.bound.prove()).status_code == 200
    finally:
        await asyncio.to_thread(postgres.start_again)
    await keys.go_on()
