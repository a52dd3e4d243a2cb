"""Somebody with a passkey: logs in with it alone, and as the second step, and shows an answer once more, as thieves do.

A passkey whose set-up was acknowledged opens ever after; an answer that has opened a session opens no other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chaos.calls import Call
from chaos.oracle import Account, Kind, Oracle, Tokens
from chaos.people import LOGIN, ME, World, tokens_of
from tests.support.authenticator import Authenticator

ORIGIN = "https://id.example.com"  # PUBLIC_URL of the scene
OPTIONS, ENTER, MINE = "/auth/passkeys/options", "/auth/passkeys", "/users/me/factors/passkeys"
SECOND = "/auth/second-factor"

Confirm = Callable[[str], Awaitable[None]]


@dataclass
class Holder:
    """One user with a passkey, who has no session that stays."""

    world: World
    account: Account
    device: Authenticator = field(default_factory=lambda: Authenticator(origin=ORIGIN))
    ready: bool = False

    @property
    def oracle(self) -> Oracle:
        """The one who judges."""
        return self.world.oracle

    @property
    def promised(self) -> str:
        """What would be lost."""
        return f"the passkey of {self.account.email}" if self.ready else ""

    async def live(self) -> None:
        """Do one thing after another, for ever."""
        while True:
            if not self.ready:
                await self.set_up()
            else:
                await self.world.chance.choice((self.alone, self.second_step))()
            await self.world.rest()

    async def set_up(self) -> None:
        """Set the passkey up, once: where nothing was answered it may be there."""
        if self.device.keys and await self.alone():
            self.ready = True
            return
        call, good = await self.world.log_in(self.account, self.account.password, (200, 403))
        if not good or call.status != 200:
            return
        tokens = tokens_of(call)
        asked = await self.world.caller.call("set-up options", "POST", f"{MINE}/options", token=tokens.access)
        if not self.oracle.judge(asked, (200,)):
            return
        made = {"credential": self.device.make(asked.body)}
        self.ready = self.oracle.judge(
            await self.world.caller.call("set up", "POST", MINE, token=tokens.access, json=made), (201,)
        )

    async def alone(self) -> bool:
        """Log in with nothing else; return whether that was acknowledged."""
        asked = await self.world.caller.call("passkey options", "POST", OPTIONS)
        if not self.oracle.judge(asked, (200,)):
            return False
        body = {"credential": self.device.show(asked.body)}
        call = await self.world.caller.call("passkey", "POST", ENTER, json=body)
        right = (200,) if self.ready else (200, 400)
        if not self.oracle.judge(call, right, promised=self.promised) or call.status != 200:
            return False
        again = await self.world.caller.call("passkey, once more", "POST", ENTER, json=body)
        if again.status == 200:
            self.oracle.violate(Kind.ACCEPTED, f"an answer that was used: {again}")
        else:
            self.oracle.judge(again, (400,))
        await self._use(call)
        return True

    async def second_step(self) -> None:
        """Log in with the password first. What is half done is gone when Redis is, and is begun again."""
        emptied, trouble = self.oracle.emptied_at, self.oracle.allowed
        data = {"username": self.account.email, "password": self.account.password}
        first = await self.world.caller.call("log-in with a factor", "POST", LOGIN, data=data)
        if not self.oracle.judge(first, (403,), promised=self.promised):
            return
        challenge = first.body.get("challenge")
        asked = await self.world.caller.call(
            "second options", "POST", f"{SECOND}/options", json={"challenge": challenge}
        )
        if not self._judge(asked, emptied, trouble):
            return
        body = {"challenge": challenge, "passkey": self.device.show(asked.body)}
        call = await self.world.caller.call("second step", "POST", SECOND, json=body)
        if self._judge(call, emptied, trouble):
            await self._use(call)

    def _judge(self, call: Call, emptied: float, trouble: object) -> bool:
        lost = trouble is not None or self.oracle.allowed is not None or self.oracle.emptied_at != emptied
        return self.oracle.judge(call, (200, 400) if lost else (200,), promised="a log-in") and call.status == 200

    async def _use(self, call: Call) -> None:
        """Look at one's account, and log out: both tokens are dead from then on."""
        tokens: Tokens = tokens_of(call)
        seen = await self.world.caller.call("me", "GET", ME, token=tokens.access)
        gone = self.oracle.may_be_gone(tokens)
        self.oracle.judge(seen, (200, 401) if gone else (200,), promised="a session")
        out = await self.world.caller.call("log-out", "POST", "/auth/logout", token=tokens.access)
        if self.oracle.judge(out, (204,)):
            self.oracle.over(tokens, "logged out")


async def holder(world: World, email: str, confirm: Confirm) -> None:
    """Register somebody whose address is confirmed, who lives with a passkey for ever."""
    found = Holder(world, await world.register(email))
    await confirm(email)  # so that no letter has to ask for it, and no password alone is enough
    world.oracle.changed.discard(email)
    world.oracle.letters.discard((email, "verify-email"))
    await found.live()
