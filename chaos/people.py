"""The load: people with a chain of refresh tokens each, who do what users do, and hold the service to its word.

They are good clients: after 503 or no answer they go on with the token they have, and try a change again only once it
is known what became of the first try.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

import jwt

from chaos.calls import Call, Caller
from chaos.oracle import Account, Oracle, Tokens

# A spent token is shown again so soon: well within REFRESH_GRACE_SECONDS, though the answer may be late.
AGAIN_SECONDS = 5.0
PAUSE_SECONDS = (0.1, 0.3)
LOGIN, REFRESH, ME = "/auth/login", "/auth/refresh", "/users/me"

Delete = Callable[[str, str], Awaitable[bool]]


@dataclass
class World:
    """What all who make load share. `delete` is the operator's: it says whether Redis has acknowledged it."""

    caller: Caller
    oracle: Oracle
    delete: Delete
    chance: random.Random
    pause: tuple[float, float] = PAUSE_SECONDS
    numbers: int = 0

    def number(self) -> int:
        """Return a number that nobody has had."""
        self.numbers += 1
        return self.numbers

    async def rest(self) -> None:
        """Wait as long as people do."""
        await asyncio.sleep(self.chance.uniform(*self.pause))

    async def log_in(self, account: Account, password: str, right: Collection[int] = (200,)) -> tuple[Call, bool]:
        """Log in; return the answer, and whether it was a right one."""
        data = {"username": account.email, "password": password}
        call = await self.caller.call("log-in", "POST", LOGIN, data=data)
        good = self.oracle.judge(call, right, promised=f"the password of {account.email}")
        return call, good

    async def register(self, email: str) -> Account:
        """Register, and try until it is certain."""
        password = f"correct horse {self.number()} battery"
        body = {"email": email, "password": password}
        unsure = False
        while True:
            call = await self.caller.call("register", "POST", "/auth/register", json=body)
            # The first try may have been carried out, though its answer got lost.
            taken = unsure and call.body.get("code") == "email_taken"
            if self.oracle.judge(call, (200, 400) if taken else (200,)):
                return self.oracle.registered(email, password)
            unsure = True
            await asyncio.sleep(0.5)

    async def ask_for_letter(self, account: Account) -> None:
        """Ask for a letter with a link to set a password, and again until it is promised."""
        while True:
            body = {"email": account.email}
            call = await self.caller.call("forgot", "POST", "/auth/password/forgot", json=body)
            if self.oracle.judge(call, (202,)):
                self.oracle.letter_asked(account.email)
                return
            await asyncio.sleep(0.5)


@dataclass
class Person:
    """One user: a device that stays, and others that come and go."""

    world: World
    account: Account
    main: Tokens | None = None
    done: set[str] = field(default_factory=set)

    @property
    def oracle(self) -> Oracle:
        """The one who judges."""
        return self.world.oracle

    async def live(self) -> None:
        """Do one thing after another, for ever."""
        steps: dict[Callable[[], Awaitable[None]], int] = {
            self.look: 6, self.refresh: 5, self.come_and_go: 3, self.change_password: 1,
        }  # fmt: skip
        while True:
            await self.settle()
            if self.main is None:
                self.main = await self.log_in()
            else:
                (step,) = self.world.chance.choices(list(steps), list(steps.values()))
                await step()
            await self.world.rest()

    async def settle(self) -> None:
        """Find out what became of a change of the password that got no answer, once nothing can be under way."""
        account, maybe = self.account, self.account.maybe
        if maybe is None or self.oracle.allowed is not None:
            return
        call, good = await self.world.log_in(account, maybe, (200, 400))
        if good and call.status == 200:
            self.oracle.password_set(account, maybe)
        elif good:
            account.maybe = None
            self.oracle.changed.add(account.email)

    async def log_in(self) -> Tokens | None:
        """Log in on another device; None when it can't be now."""
        if self.account.maybe is not None:
            return None
        call, good = await self.world.log_in(self.account, self.account.password)
        return tokens_of(call) if good else None

    async def look(self, tokens: Tokens | None = None) -> None:
        """Read one's own account."""
        if (asked := tokens or self.main) is None:
            return
        call = await self.world.caller.call("me", "GET", ME, token=asked.access)
        if self._judge(call, asked, 401) and call.body.get("email") == self.account.email:
            self.done.add("me")

    async def refresh(self, other: Tokens | None = None) -> None:
        """Spend the newest token; sometimes show it again, as one does whose answer got lost."""
        if (tokens := other or self.main) is None:
            return
        call = await self._spend("refresh", tokens.refresh)
        if not self._judge(call, tokens, 400):
            return
        new, access = str(call.body.get("refresh_token")), str(call.body.get("access_token"))
        if new != tokens.refresh:
            tokens.before, tokens.spent = tokens.refresh, call.at
        tokens.refresh, tokens.access = new, access
        self.done.add("refresh")
        fresh = tokens.before and time.monotonic() - tokens.spent < 1
        if fresh and self.world.chance.random() < 0.5:
            await self._again(tokens)

    async def _again(self, tokens: Tokens) -> None:
        call = await self._spend("refresh again", tokens.before)
        if call.end - tokens.spent > AGAIN_SECONDS:
            self.oracle.seen.add(call)  # it may have come after the grace, where the answer is another
            if call.status == 400:
                self._gone(tokens)
        elif self._judge(call, tokens, 400) and call.body.get("refresh_token") != tokens.refresh:
            self.oracle.judge(call, (), promised="the same successor for a repeated refresh")

    async def _spend(self, name: str, token: str) -> Call:
        return await self.world.caller.call(name, "POST", REFRESH, json={"refresh_token": token})

    async def come_and_go(self) -> None:
        """Log in on another device, find it in the list, and end it in one of four ways."""
        if (main := self.main) is None or (other := await self.log_in()) is None:
            return
        await self.look(other)
        await self.refresh(other)  # a new session's first refresh is a rotation; later ones are once in a grace
        call = await self.world.caller.call("sessions", "GET", "/sessions", token=main.access)
        if self._judge(call, main, 401) and other.sid not in call.text and not self.oracle.may_be_gone(other):
            self.oracle.judge(call, (), promised="a session in the list")
        ways = (self._by_access, self._by_refresh, self._from_here, self._by_hand)
        why = await self.world.chance.choice(ways)(other, main)
        if why:
            self.oracle.over(other, why)
            self.done.add("ended")

    async def _by_access(self, other: Tokens, _main: Tokens) -> str:
        call = await self.world.caller.call("log-out", "POST", "/auth/logout", token=other.access)
        return "logged out" if self.oracle.judge(call, (204,)) else ""

    async def _by_refresh(self, other: Tokens, _main: Tokens) -> str:
        body = {"refresh_token": other.refresh}
        call = await self.world.caller.call("log-out", "POST", "/auth/logout", json=body)
        return "logged out by the refresh token" if self.oracle.judge(call, (204,)) else ""

    async def _from_here(self, other: Tokens, main: Tokens) -> str:
        call = await self.world.caller.call("end session", "DELETE", f"/sessions/{other.sid}", token=main.access)
        gone = self.oracle.may_be_gone(main) or self.oracle.may_be_gone(other)
        right = (204, 401, 404) if gone else (204,)
        good = self.oracle.judge(call, right, promised="a session")
        return "ended from another device" if good and call.status == 204 else ""

    async def _by_hand(self, other: Tokens, _main: Tokens) -> str:
        return "its key was deleted" if await self.world.delete(other.user, other.sid) else ""

    async def change_password(self) -> None:
        """Set another password: every other session is over, and so is the old password."""
        account, main = self.account, self.main
        if main is None or (other := await self.log_in()) is None:
            return
        new = f"correct horse {self.world.number()} battery"
        body = {"password": new, "current_password": account.password}
        account.maybe = new
        call = await self.world.caller.call("password", "PUT", ME, token=main.access, json=body)
        if not self._judge(call, main, 401):
            return
        self.oracle.password_set(account, new)
        self.oracle.over(other, "another password was set")

    def _judge(self, call: Call, tokens: Tokens, gone: int) -> bool:
        """Return whether the answer is 200. A session that is gone, rightly or not, is replaced by a new one."""
        may_be_gone = self.oracle.may_be_gone(tokens)
        self.oracle.judge(call, (200, gone) if may_be_gone else (200,), promised="a session")
        if call.status == gone:
            self._gone(tokens)
        return call.status == 200

    def _gone(self, tokens: Tokens) -> None:
        if self.oracle.may_be_gone(tokens):
            self.oracle.over(tokens, "Redis came back empty")
        if tokens is self.main:
            self.main = None


def tokens_of(call: Call) -> Tokens:
    """Return what a log-in gave."""
    access, refresh = str(call.body.get("access_token")), str(call.body.get("refresh_token"))
    claims = jwt.decode(access, options={"verify_signature": False})
    return Tokens(claims["sub"], claims["sid"], access, refresh, time.monotonic())


async def newcomers(world: World) -> None:
    """Register, log in and ask for a letter with a link, as somebody new, once a second and for ever."""
    while True:
        account = await world.register(f"newcomer{world.number()}@example.com")
        await world.log_in(account, account.password)
        await world.ask_for_letter(account)
        await asyncio.sleep(world.chance.uniform(0.7, 1.3))


async def probe(world: World) -> None:
    """Show the tokens of sessions that are over, newer ones more often than old ones, for ever."""
    oracle, chance = world.oracle, world.chance
    while True:
        await asyncio.sleep(0.1)
        if oracle.ended:
            newest = min(len(oracle.ended), 10 if chance.random() < 0.7 else len(oracle.ended))
            await show(world, oracle.ended[-chance.randint(1, newest)].tokens.sid)


async def show(world: World, sid: str) -> None:
    """Show both tokens of a session that is over: each has to be refused."""
    for ended in [found for found in world.oracle.ended if found.tokens.sid == sid]:
        tokens = ended.tokens
        call = await world.caller.call("me, session over", "GET", ME, token=tokens.access)
        world.oracle.judge_dead(call, (401,), ended)
        body = {"refresh_token": tokens.refresh}
        call = await world.caller.call("refresh, session over", "POST", REFRESH, json=body)
        world.oracle.judge_dead(call, (400,), ended)
