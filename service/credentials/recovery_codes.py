"""Recovery codes: ten of them, shown once, each good once in the place of a second factor that is lost.

Thirteen letters of Crockford's are 65 bits, which no budget protects from whoever reads the table: so they are hashed
as passwords are (ASVS 6.5.2), all of one set under one salt, so that a try costs one hash and not ten.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID, uuid4

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

    codes: tuple[str, ...]
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """How many codes are good yet, and when they were made; None where there were never any."""

    number: int
    created_at: datetime | None


async def make(runtime: Runtime) -> Made:
    """Return ten new codes, which nobody has yet. It hashes each, so it is done before a transaction is opened."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(HOW_MANY)]
    first = await runtime.passwords.hash_like(codes[0], None)
    others = await asyncio.gather(*(runtime.passwords.hash_like(code, first) for code in codes[1:]))
    return Made(tuple(map(shown, codes)), (first, *others))


async def put(runtime: Runtime, user: User, made: Made) -> None:
    """Make these the user's codes; the ones before are dead. Part of a transaction that holds the row and notes the
    change (`factors.changed`).
    """
    await Credential.filter(user_id=user.id, kind=KIND).delete()
    now = runtime.clock.now()
    await Credential.bulk_create(
        [Credential(id=uuid4(), user_id=user.id, kind=KIND, verifier=hashed, created_at=now) for hashed in made.hashes]
    )


async def take_away(user: User) -> None:
    """Leave the user without codes. Part of a transaction, as `put` is."""
    await Credential.filter(user_id=user.id, kind=KIND).delete()


async def left(user: User) -> Left:
    """Return how many codes the user has left."""
    rows = Credential.filter(user_id=user.id, kind=KIND)
    found = cast("list[tuple[datetime, UUID | None]]", await rows.values_list("created_at", "used_for"))
    return Left(sum(used_for is None for _, used_for in found), found[0][0] if found else None)


async def judge(runtime: Runtime, user: User, code: str, used_for: UUID, client: Client) -> bool:
    """Return whether the code is one of the user's, and used up for nobody but `used_for`; the user is told of its use.

    Takes one hash, also where the user has no codes. Only `second_factor` calls this.
    """
    rows = await Credential.filter(user_id=user.id, kind=KIND)
    hashed = await runtime.passwords.hash_like(normal(code), rows[0].verifier if rows else None)
    found = [row for row in rows if hmac.compare_digest(row.verifier or "", hashed)]
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


async def _use(runtime: Runtime, user: User, row: Credential, used_for: UUID, client: Client) -> None:
    row.used_for, row.last_used_at = used_for, runtime.clock.now()
    await row.save(update_fields=["used_for", "last_used_at"])
    number = (await left(user)).number
    if not number:
        user.factors = int(Factor(user.factors) & ~Factor.RECOVERY_CODE)
        await user.save(update_fields=["factors"])
    await events.record(runtime, events.RECOVERY_CODE_USED, user_id=user.id, client=client, left=number)
    said = {"left": str(number), "link": links.security(runtime.settings), **notices.where(client)}
    await notices.tell(runtime, RECOVERY_CODE_USED, user, **said)


def shown(code: str) -> str:
    """Return a code as it is shown: in three groups."""
    return f"{code[:5]}-{code[5:9]}-{code[9:]}"


def normal(text: str) -> str:
    """Return a code as it was made, from whatever was typed: groups, small letters, letters that look like digits."""
    return text.upper().translate(_READ_AS)
