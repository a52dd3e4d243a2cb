"""Second factors that come from another system: an app's secret, and recovery codes in clear.

They are live at once: the next log-in asks for them. What somebody has set up here, replaced or taken away is newer
than any file, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from models import Credential, SecurityEvent, User
from models.user import Factor
from service.audit import events
from service.core.sql.transactions import transaction
from service.credentials import factors, recovery_codes, totp
from service.letters import links, notices
from service.runtime import Runtime
from service.stores.letter_kinds import FACTOR_ADDED

MOST_CODES: Final = 50
LEAST_BITS: Final = 40  # of a code, as it may have been made: then nobody finds one within the budget of guesses
_CODE: Final = re.compile(r"[0-9A-Za-z]{1,32}")
_TOUCHED: Final = (events.FACTOR_ADDED, events.FACTOR_REMOVED, events.FACTORS_RESET, events.FACTORS_RECOVERED)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a system had of somebody: the secret, and hashes of ours of the codes that were left."""

    secret: bytes = field(repr=False)
    hashes: tuple[str, ...] = field(repr=False)


def complaint(codes: Sequence[str]) -> str | None:
    """Return why these can't be recovery codes, or None. It repeats none of them."""
    if len(codes) > MOST_CODES:
        return f"there are more than {MOST_CODES} recovery codes"
    for number, code in enumerate(codes, start=1):
        bare = code.replace("-", "").replace(" ", "")
        if not _CODE.fullmatch(bare):
            return f"recovery code {number} has other signs than letters and digits, or more than 32"
        if len(bare) * (3.32 if bare.isdigit() else 5) < LEAST_BITS:
            return f"recovery code {number} is so short that it can be guessed"
    return None


async def prepare(runtime: Runtime, secret: bytes, codes: Sequence[str]) -> Brought:
    """Hash the codes: a third of a second of one core for ten, so it is done before a transaction is opened."""
    return Brought(secret, await recovery_codes.hashed(runtime, list(dict.fromkeys(map(recovery_codes.normal, codes)))))


def rows(runtime: Runtime, user: User, brought: Brought) -> list[Credential]:
    """Return the credentials that it is, not stored yet, and note in `user`, who isn't either, that they are there."""
    user.factors = int(_bits(brought))
    secret = Credential(
        id=uuid4(),
        user_id=user.id,
        kind=factors.TOTP,
        sealed=totp.seal_secret(runtime, user, brought.secret),
        created_at=runtime.clock.now(),
    )
    return [secret, *recovery_codes.rows(runtime, user, brought.hashes)]


async def note(runtime: Runtime, user: User) -> None:
    """Record that it came. Part of the transaction that has stored it."""
    await events.record(runtime, events.FACTOR_ADDED, user_id=user.id, kind=factors.TOTP, imported=True)


async def wanting(user: User) -> bool:
    """Return whether the account may yet take what a file has: nobody has had anything to do with its factors here."""
    touched = SecurityEvent.filter(user_id=user.id, type__in=[event.name for event in _TOUCHED])
    return user.email_verified and not user.factors and not await touched.exists()


async def give(runtime: Runtime, user: User, brought: Brought) -> bool:
    """Give it to an account that is there, and tell its user; False where something of theirs is newer, or has become
    so. Log-ins under way and the trust of devices end, as with any change.
    """
    async with transaction():
        locked = await User.filter(id=user.id).select_for_update().first()
        if locked is None or not await wanting(locked):
            return False
        await Credential.bulk_create(rows(runtime, locked, brought))
        await factors.changed(locked, added=_bits(brought))
        await note(runtime, locked)
        said = {"kind": factors.TOTP, "link": links.security(runtime.settings), **notices.where(None, locked)}
        await notices.tell(runtime, FACTOR_ADDED, locked, **said)
    return True


def _bits(brought: Brought) -> Factor:
    return Factor.TOTP | Factor.RECOVERY_CODE if brought.hashes else Factor.TOTP
