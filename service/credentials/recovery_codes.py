"""Recovery codes: ten of them, shown once, each good once in the place of a second factor that is lost.

Thirteen letters of Crockford's are 65 bits, which no budget protects from whoever reads the table: so they are hashed
as passwords are (ASVS 6.5.2), all of one set under one salt, so that a try costs one hash and not ten.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

from models import Credential, User
from models.user import Factor
from service.audit import events
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.credentials import factors
from service.letters import links, notices
from service.runtime import Runtime
from service.stores.letter_kinds import RECOVERY_CODE_USED

KIND: Final = factors.RECOVERY_CODE
HOW_MANY: Final = 10
LETTERS: Final = 13
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none that looks like another
_READ_AS: Final = str.maketrans("OIL", "011", " -")


@dataclass(frozen=True, slots=True)
class Made:
    """New codes, as their owner sees them once, and their hashes."""

    codes: tuple[str, ...] = field(repr=False)
    hashes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Left:
    """How many codes are good yet, and when they were made; None where there were never any."""

    number: int
    created_at: datetime | None


@dataclass(slots=True, weakref_slot=True)
class _Once:
    """A code that is hashed just now, or was lately, and what came of it."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    hashed: str = field(default="", repr=False)


# A log-in pays for a code once, so whoever paid with others may ask for its hash when they have been answered already.
_lately: deque[_Once] = deque(maxlen=64)
_known: WeakValueDictionary[tuple[UUID, bytes, str | None], _Once] = WeakValueDictionary()


async def make(runtime: Runtime) -> Made:
    """Return ten new codes, which nobody has yet. It hashes each, so it is done before a transaction is opened."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(HOW_MANY)]
    return Made(tuple(map(shown, codes)), await hashed(runtime, codes))


async def hashed(runtime: Runtime, codes: Sequence[str]) -> tuple[str, ...]:
    """Return the hashes of the codes of one set, as `normal` has them: all under one salt."""
    if not codes:
        return ()
    first = await runtime.passwords.hash_like(codes[0], None)
    others = await asyncio.gather(*(runtime.passwords.hash_like(code, first) for code in codes[1:]))
    return (first, *others)


async def put(runtime: Runtime, user: User, made: Made) -> None:
    """Make these the user's codes; the ones before are dead. Part of a transaction that holds the row and notes the
    change (`factors.changed`).
    """
    await Credential.filter(user_id=user.id, kind=KIND).delete()
    await Credential.bulk_create(rows(runtime, user, made.hashes))


def rows(runtime: Runtime, user: User, hashes: Sequence[str]) -> list[Credential]:
    """Return the credentials that these codes are, not stored yet."""
    now = runtime.clock.now()
    return [Credential(id=uuid4(), user_id=user.id, kind=KIND, verifier=one, created_at=now) for one in hashes]


async def take_away(user: User) -> None:
    """Leave the user without codes. Part of a transaction, as `put` is."""
    await Credential.filter(user_id=user.id, kind=KIND).delete()


async def left(user: User) -> Left:
    """Return how many codes the user has left."""
    stored = Credential.filter(user_id=user.id, kind=KIND)
    found = cast("list[tuple[datetime, UUID | None]]", await stored.values_list("created_at", "used_for"))
    return Left(sum(used_for is None for _, used_for in found), found[0][0] if found else None)


async def judge(runtime: Runtime, user: User, code: str, used_for: UUID, client: Client) -> bool:
    """Return whether the code is one of the user's, and used up for nobody but `used_for`; the user is told of its use.

    Takes one hash, also where the user has no codes; the same code many times at once for one use takes one in all.
    Only `second_factor` calls this.
    """
    stored = await Credential.filter(user_id=user.id, kind=KIND)
    guess = await _hash(runtime, normal(code), stored[0].verifier if stored else None, used_for)
    found = [row for row in stored if hmac.compare_digest(row.verifier or "", guess)]
    if not found:
        return False
    async with transaction():
        locked = await User.filter(id=user.id).select_for_update().first()
        row = await Credential.get_or_none(id=found[0].id)  # as it is now: of log-ins at once one gets it
        if locked is None or row is None or row.used_for not in (None, used_for):
            return False
        if row.used_for is None:
            await _use(runtime, locked, row, used_for, client)
    return True


async def _hash(runtime: Runtime, code: str, like: str | None, used_for: UUID) -> str:
    """Hash a code; whoever asks for the same one for the same use, meanwhile or soon after, gets that.

    A log-in pays for it once, however often its client asks: many at once must not take the threads of everybody.
    """
    key = (used_for, hashlib.sha256(code.encode()).digest(), like)  # what was typed isn't kept
    once = _known.setdefault(key, _Once())
    async with once.turn:
        if not once.hashed:
            once.hashed = await runtime.passwords.hash_like(code, like)
            _lately.append(once)
    return once.hashed


async def _use(runtime: Runtime, user: User, row: Credential, used_for: UUID, client: Client) -> None:
    row.used_for, row.last_used_at = used_for, runtime.clock.now()
    await row.save(update_fields=["used_for", "last_used_at"])
    number = (await left(user)).number
    if not number:
        user.factors = int(Factor(user.factors) & ~Factor.RECOVERY_CODE)
        await user.save(update_fields=["factors"])
    await events.record(runtime, events.RECOVERY_CODE_USED, user_id=user.id, client=client, left=number)
    said = {"left": str(number), "link": links.security(runtime.settings), **notices.where(client, user)}
    await notices.tell(runtime, RECOVERY_CODE_USED, user, **said)


def shown(code: str) -> str:
    """Return a code as it is shown: in three groups."""
    return f"{code[:5]}-{code[5:9]}-{code[9:]}"


def normal(text: str) -> str:
    """Return a code as it was made, from whatever was typed: groups, small letters, letters that look like digits."""
    return text.upper().translate(_READ_AS)
