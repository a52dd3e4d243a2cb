"""The load: everybody who calls the service, from the first fault to the last."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chaos.calls import Caller, client_of, client_through
from chaos.gateway import Gateway
from chaos.keys import holder
from chaos.oracle import Account, Kind, Oracle
from chaos.people import Person, World, newcomers, probe, show
from chaos.scene import Scene
from service.stores.mailer import text_of
from tests.servers import ServerFailed

PEOPLE = 8
PROBES = 2
QUIET_SECONDS = 1.2
ALIVE_SECONDS = 0.25
KINDS = {"me", "refresh", "ended"}
PAGES = {"verify_address": "verify-email", "reset_password": "reset-password"}  # where their links lead


@dataclass
class Load:
    """Everybody, and the oracle whom they ask."""

    scene: Scene
    world: World
    people: list[Person] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def oracle(self) -> Oracle:
        """The one who judges."""
        return self.world.oracle

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Have something done until the end."""
        self.tasks.append(asyncio.create_task(work))

    async def quiet(self, since: float, patience: float) -> bool:
        """Wait until nobody has had trouble for a while and everybody has been served; say whether that came.

        Each has to have been served at all, and every kind of call by somebody.
        """
        for person in self.people:
            person.done.clear()
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            self.check()
            still = time.monotonic() - max(self.oracle.troubled_at, since) > QUIET_SECONDS
            if still and all(found := [person.done for person in self.people]) and set().union(*found) >= KINDS:
                return True
            await asyncio.sleep(0.02)
        return False

    def check(self) -> None:
        """Raise what has gone wrong in here, if anything has."""
        for task in self.tasks:
            if task.done():
                task.result()
                raise ServerFailed("somebody has left")

    async def audit(self) -> None:
        """Ask for everything that was promised since the last time: passwords, and ends of sessions."""
        oracle, world = self.oracle, self.world
        for email in list(oracle.changed):
            await self._ask_for(oracle.accounts[email])
        sids = [ended.tokens.sid for ended in oracle.ended]
        chosen = sids[-20:] + world.chance.sample(sids[:-20], min(10, len(sids[:-20])))
        for sid in chosen:
            await show(world, sid)

    async def _ask_for(self, account: Account) -> None:
        oracle, world = self.oracle, self.world
        oracle.changed.discard(account.email)
        for password in account.older[-2:]:
            call, good = await world.log_in(account, password, (200, 400))
            if good and call.status == 200:
                oracle.violate(Kind.ACCEPTED, f"an old password of {account.email}: {call}")
        # Its owner may be setting another one at this moment, or not know whether there is another one.
        password = account.password
        call, _ = await world.log_in(account, password, (200, 400))
        if account.maybe is not None or account.password != password:
            oracle.changed.add(account.email)
        elif call.status == 400:
            oracle.violate(Kind.LOST, f"the password of {account.email}: {call}")

    def missing_letters(self) -> set[tuple[str, str]]:
        """Return the letters that were promised and haven't come: to whom, and the page that the link leads to."""
        come = set()
        for letter in self.scene.office.received:
            text = text_of(letter)
            pages = [page for page in PAGES.values() if f"/{page}#token=" in text]
            come |= {(str(letter["To"]), page) for page in pages}
        return self.oracle.letters - come

    async def waiting_letters(self, longer_than: float | None = None) -> set[tuple[str, str]]:
        """Return the letters that are in the outbox; if so wanted, those that nobody takes in so many seconds."""
        sql = "SELECT recipient, letter FROM outbox_mails WHERE state = 'pending'"
        if longer_than is not None:
            sql += f" AND due_at > now() + interval '{longer_than:.3f} seconds'"
        rows = await asyncio.to_thread(self.scene.postgres.query, sql)
        return {(str(to), PAGES[str(letter)]) for to, letter in rows if letter in PAGES}

    def doubled_letters(self) -> int:
        """Return how many letters came more than once."""
        ids = [str(letter["Message-ID"]) for letter in self.scene.office.received]
        return len(ids) - len(set(ids))

    async def watch(self) -> None:
        """See that every instance lives, whatever is away: /api/health answers 200."""
        client = [(instance, client_of(instance.url)) for instance in self.scene.instances]
        while True:
            for instance, http in client:
                allowed, up = self.oracle.allowed, instance.up
                call = await Caller(http).call(f"health of {instance.name}", "GET", "/health")
                excused = (allowed is not None and allowed.cut) or self.oracle.allowed is not allowed
                if call.status != 200 and up and instance.up and not excused:
                    self.oracle.violate(Kind.WRONG, str(call))
            await asyncio.sleep(ALIVE_SECONDS)

    async def measure_lag(self) -> None:
        """Note how late this process itself is: that is no fault of the service's."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            self.oracle.lag = max(self.oracle.lag, time.monotonic() - began - 0.01)


@asynccontextmanager
async def loaded(scene: Scene, seed: int) -> AsyncIterator[Load]:
    """Have everybody call the service until the block ends."""
    gateway = Gateway([instance.port for instance in scene.instances])
    async with gateway, client_of(scene.url) as http, client_through(gateway) as kept:
        world = World(Caller(http, kept), Oracle(), scene.key_deleted, random.Random(seed))
        found = Load(scene, world)
        for number in range(PEOPLE):
            found.people.append(Person(world, await world.register(f"person{number}@example.com")))
        for person in found.people:
            found.begin(person.live())
        for _ in range(PROBES):
            found.begin(probe(world))
        keys = holder(world, "holder@example.com", scene.confirmed)
        for work in (newcomers(world), keys, found.watch(), found.measure_lag()):
            found.begin(work)
        try:
            yield found
        finally:
            for task in found.tasks:
                task.cancel()
            await asyncio.gather(*found.tasks, return_exceptions=True)
