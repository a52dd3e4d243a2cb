"""Challenges for who has come from a provider, and has to show something of an account first.

    user:{<uid>}:provider_link:<number>     HASH  asked, sealed: whom the provider has named, what is to be shown,
                                                  where a code has gone; tries; used

Beside the door's pending log-in, and for as long: it ends with that, so with the user's keys, their sessions, another
password or address. Where there is no account, or it may not be told whether there is one, an id stands in (R17). What
the browser holds says whose it is, so it is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal, cast
from uuid import uuid4

import orjson

from models import User
from service.core.client import Client
from service.core.crypto.sealing import Sealer
from service.core.redis.scripts import HASHES_ONLY, Script
from service.core.text.email_address import EmailAddress
from service.credentials import mailed_codes, passkeys, passwords
from service.credentials.identities import External
from service.errors import AccountNotLinked, InvalidChallenge
from service.providers.parties import Identified
from service.runtime import Runtime
from service.signin import pending
from service.signin.pending import Waiting
from service.stores.sessions.layout import ms
from service.stores.tickets import Ticket

PREFIX: Final = "lkl_"
LIFE: Final = timedelta(minutes=10)
Step = Literal["owner", "nobody", "mail"]
"""What is to be shown: something of the account; a code that has yet to be sent; the code."""

_PURPOSE: Final = "challenge to link an account at a provider"

# KEYS note. ARGV what is asked, life ms.
_NOTE: Final = Script(
    "provider_link_note",
    """
redis.call('HSET', KEYS[1], 'asked', ARGV[1], 'tries', '')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
""",
    HASHES_ONLY,
    deed=True,
)
_LOOK: Final = Script("provider_link_look", "return redis.call('HGET', KEYS[1], 'asked')", HASHES_ONLY)

# KEYS note. Returns 1 to one of all who come.
_USE: Final = Script(
    "provider_link_use",
    """
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], 'used') == 1 then return 0 end
redis.call('HSET', KEYS[1], 'used', '1')
return 1
""",
    HASHES_ONLY,
    deed=True,
)
_LEAVE: Final = Script("provider_link_leave", "return redis.call('HDEL', KEYS[1], 'used')", HASHES_ONLY)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of somebody, and whom the provider has named. `address` is theirs, if anybody has said one."""

    step: Step
    who: Identified
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A challenge that is good, and the log-in that it belongs to."""

    waiting: Waiting
    asked: Asked

    @property
    def ticket(self) -> Ticket:
        """Which log-in it is."""
        return self.waiting.ticket


async def for_owner(runtime: Runtime, user: User, who: Identified, client: Client) -> AccountNotLinked:
    """Return what is answered who has to show that `user`'s account, whose address the provider vouches for, is theirs.

    Raises `Unavailable`, as all of these do.
    """
    ways = ["password"] if await passwords.read(user) is not None else []
    ways += ["passkey"] if await passkeys.good_of(runtime, user) else []
    ticket = await pending.expect(runtime, user, user.id, client, LIFE)
    asked = Asked("owner", who, user.email)
    return await _asking(runtime, ticket, asked, [*ways, "mail"], who.external.email)


async def for_nobody(
    runtime: Runtime, who: Identified, address: EmailAddress | None, client: Client
) -> AccountNotLinked:
    """Return what is answered whose address nobody vouches for. It looks for no account, so it can't tell of any."""
    ticket = await pending.expect(runtime, None, uuid4(), client, LIFE)
    said = address.given if address else None
    return await _asking(runtime, ticket, Asked("nobody", who, said), ["mail"], said)


async def note(runtime: Runtime, ticket: Ticket, asked: Asked, life: timedelta) -> str:
    """Keep what is asked in a log-in, and return the challenge to it."""
    secrets = runtime.settings.secrets
    sealed = _sealer(secrets).seal(_written(asked), ticket.number.bytes).hex()
    await runtime.redis.run(_NOTE, [key_of(runtime, ticket)], sealed, ms(life))
    return PREFIX + mailed_codes.sealed_ticket(secrets, _PURPOSE, ticket)


async def find(runtime: Runtime, challenge: str, *steps: Step) -> Found:
    """Return what a challenge asks for, which is one of `steps`. Raises `InvalidChallenge` when it is over, or another.

    Whatever ends a log-in under way ends it, too.
    """
    secrets = runtime.settings.secrets
    encoded = challenge.removeprefix(PREFIX)
    ticket = mailed_codes.opened_ticket(secrets, _PURPOSE, encoded) if encoded != challenge else None
    if ticket is None:
        raise InvalidChallenge().noted("refused.challenge")
    waiting = await pending.waiting(runtime, runtime.tickets.encode(ticket))
    reply = cast("bytes | None", await runtime.redis.run(_LOOK, [key_of(runtime, ticket)]))
    plain = _sealer(secrets).open(bytes.fromhex(reply.decode()), ticket.number.bytes) if reply else None
    asked = _opened(plain) if plain else None
    if asked is None or asked.step not in steps:
        raise InvalidChallenge
    return Found(waiting, asked)


async def use(runtime: Runtime, ticket: Ticket) -> bool:
    """Use a challenge up that no session can be repeated of; return whether nothing else had."""
    return await runtime.redis.run(_USE, [key_of(runtime, ticket)]) == 1


async def leave(runtime: Runtime, ticket: Ticket) -> None:
    """Leave a challenge to be used after all: what it was used for has come to nothing."""
    await runtime.redis.run(_LEAVE, [key_of(runtime, ticket)])


def key_of(runtime: Runtime, ticket: Ticket) -> str:
    """Return the name of the hash that says what is asked."""
    return f"{runtime.settings.REDIS_KEY_PREFIX}user:{{{ticket.uid}}}:provider_link:{ticket.number}"


async def _asking(
    runtime: Runtime, ticket: Ticket, asked: Asked, methods: list[str], email: str | None
) -> AccountNotLinked:
    expires_at = runtime.clock.now() + LIFE
    challenge = await note(runtime, ticket, asked, LIFE)
    return AccountNotLinked(asked.who.external.provider, challenge, methods, email, expires_at)


def _written(asked: Asked) -> bytes:
    who, said = asked.who, asked.who.external
    external = [said.provider, said.issuer, said.subject, said.email]
    return orjson.dumps([asked.step, external, who.vouched, who.full_name, asked.address])


def _opened(plain: bytes) -> Asked:
    step, external, vouched, full_name, address = orjson.loads(plain)
    # The provider's own second factor is its word about an account that isn't linked: here it counts for nothing.
    return Asked(step, Identified(External(*external), vouched, full_name), address)


@lru_cache(maxsize=4)  # a process has one set of secrets; tests have a few
def _sealer(secrets: tuple[str, ...]) -> Sealer:
    return Sealer(secrets, "account at a provider, that isn't linked yet")
