"""Codes in letters, six digits: made of the number of a log-in under a keyed hash, and nothing of them is stored.

So the same letter, sent again, has the same code, and no table and no dump of Redis holds anything that could be tried
out. Six digits can't be protected by hashing: the key is, and that so few are looked at (R20, R22).

Whoever has asked for one holds a challenge: the ticket of that log-in, sealed, for that says whose account it is, if
anybody's. For nobody an id stands in (R17).
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import Final
from uuid import UUID

from service.core.crypto.derivation import derive_keys
from service.core.crypto.sealing import Sealer
from service.core.redis.scripts import HASHES_ONLY, Script
from service.core.text import base64url
from service.runtime import Runtime
from service.stores.tickets import Ticket

DIGITS: Final = 6
MOST_TRIES: Final = 5
_CONTEXT: Final = b"challenge"

# KEYS a hash whose `tries` are fingerprints. ARGV a code's fingerprint, how many there may be. Returns 1 for one that
# may be looked at: the same one again is none, so that a lost answer can be asked for.
_TRY: Final = Script(
    "mailed_code_try",
    """
local tries = redis.call('HGET', KEYS[1], 'tries')
if not tries then return 0 end
local count = 0
for try in string.gmatch(tries, '%S+') do
  if try == ARGV[1] then return 1 end
  count = count + 1
end
if count >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'tries', tries .. ' ' .. ARGV[1])
return 1
""",
    HASHES_ONLY,
)


def code_of(secrets: tuple[str, ...], number: UUID) -> str:
    """Return the code of the log-in `number`."""
    return _code(_keys(secrets)[0], number)


def is_code_of(secrets: tuple[str, ...], number: UUID, text: str) -> bool:
    """Return whether `text` is the code of the log-in `number`, under any of the keys. Compares in constant time."""
    right = [hmac.compare_digest(_code(key, number), text) for key in _keys(secrets)]
    return any(right)


async def may_try(runtime: Runtime, key: str, number: UUID, code: str) -> bool:
    """Return whether a code may be looked at, and note it in the hash `key`, before it is looked at (R13).

    False when five others were, or the hash is gone. Raises `Unavailable`.
    """
    shown = runtime.tickets.fingerprint(str(number), code)
    return await runtime.redis.run(_TRY, [key], shown, MOST_TRIES) == 1


def stand_in_for(secrets: tuple[str, ...], canonical: str) -> UUID:
    """Return the id that stands for nobody at this address: always the same one, as an account's would be."""
    key = derive_keys(secrets, "nobody at an address")[0]
    return UUID(bytes=hmac.digest(key, canonical.encode(), "sha256")[:16], version=4)


def sealed_ticket(secrets: tuple[str, ...], purpose: str, ticket: Ticket) -> str:
    """Return a ticket sealed for this purpose: all are of one length, and no two alike."""
    return base64url.encode(_sealer(secrets, purpose).seal(ticket.uid.bytes + ticket.number.bytes, _CONTEXT))


def opened_ticket(secrets: tuple[str, ...], purpose: str, text: str) -> Ticket | None:
    """Return the ticket that was sealed for this purpose, None for anything else."""
    sealed = base64url.decode(text)
    plain = _sealer(secrets, purpose).open(sealed, _CONTEXT) if sealed else None
    return Ticket(UUID(bytes=plain[:16]), UUID(bytes=plain[16:])) if plain else None


def _code(key: bytes, number: UUID) -> str:
    value = int.from_bytes(hmac.digest(key, number.bytes, "sha256"))
    return f"{value % 10**DIGITS:0{DIGITS}}"


@lru_cache(maxsize=4)  # a process has one set of secrets; tests have a few
def _keys(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return derive_keys(secrets, "code in a letter")


@lru_cache(maxsize=8)
def _sealer(secrets: tuple[str, ...], purpose: str) -> Sealer:
    return Sealer(secrets, purpose)
