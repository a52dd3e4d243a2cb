"""Codes from an app: a secret of which an account has one or none, and codes of which none is good twice.

The secret has to be known to make codes of it, so it is sealed, bound to its user. The last step that was used is
claimed in one statement, with the log-in that used it: the same code is refused everywhere but in that very log-in,
whose answer may have got lost (RFC 6238 section 5.2). Whoever writes here holds the user's row.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from uuid import UUID, uuid4

from tortoise.expressions import Q

from models import Credential, User
from service.core.crypto import totp
from service.core.crypto.sealing import Sealer
from service.credentials import factors
from service.runtime import Runtime

KIND: Final = factors.TOTP
BATCH: Final = 500


async def read(user: User) -> Credential | None:
    """Return the user's secret, sealed; None where there is none."""
    return await Credential.get_or_none(user_id=user.id, kind=KIND)


async def judge(runtime: Runtime, user: User, code: str, used_for: UUID) -> bool:
    """Return whether the code is right, and used up for nobody but `used_for`. Only `second_factor` calls this."""
    row = await read(user)
    secret = open_secret(runtime, user, row.sealed) if row and row.sealed else None
    now = runtime.clock.now()
    step = totp.step_of(secret, code, now) if secret else None
    if row is None or step is None:
        return False
    later = Q(counter__isnull=True) | Q(counter__lt=step) | Q(counter=step, used_for=used_for)
    claimed = Credential.filter(later, id=row.id)
    return bool(await claimed.update(counter=step, used_for=used_for, last_used_at=now))


async def put(runtime: Runtime, user: User, secret: bytes, *, step: int, used_for: UUID) -> None:
    """Make `secret` the user's, whether there was one or not; the code of `step` has been shown. Part of a transaction
    that holds the row and notes the change (`factors.changed`).
    """
    now = runtime.clock.now()
    await Credential.filter(user_id=user.id, kind=KIND).delete()
    await Credential.create(
        id=uuid4(),
        user_id=user.id,
        kind=KIND,
        sealed=seal_secret(runtime, user, secret),
        counter=step,
        used_for=used_for,
        created_at=now,
        last_used_at=now,
    )


async def was_put_by(runtime: Runtime, user: User, code: str, used_for: UUID) -> bool:
    """Return whether `used_for` has just set up the secret that is there, with this code: its answer got lost."""
    row = await read(user)
    secret = open_secret(runtime, user, row.sealed) if row and row.sealed else None
    if row is None or secret is None or row.used_for != used_for:
        return False
    step = totp.step_of(secret, code, runtime.clock.now())
    return step is not None and step == int(row.counter or 0)


async def take_away(user: User) -> bool:
    """Leave the user without a secret; return whether there was one. Part of a transaction, as `put` is."""
    return bool(await Credential.filter(user_id=user.id, kind=KIND).delete())


async def reseal(runtime: Runtime) -> int:
    """Seal every secret anew under the first value of SECRET_KEY; return how many. For when the others are to go."""
    count, last = 0, UUID(int=0)
    while rows := await Credential.filter(kind=KIND, id__gt=last).order_by("id").limit(BATCH):
        for row in rows:
            owner: UUID = row.user_id  # type: ignore[attr-defined]  # Tortoise adds it
            plain = _sealer(runtime.settings.secrets).open(bytes(row.sealed or b""), owner.bytes)
            if plain is not None:  # a secret that is replaced meanwhile is another row
                sealed = _sealer(runtime.settings.secrets).seal(plain, owner.bytes)
                count += await Credential.filter(id=row.id).update(sealed=sealed)
        last = rows[-1].id
    return count


async def unreadable(secrets: tuple[str, ...]) -> bool:
    """Return whether there is a secret that SECRET_KEY doesn't open: of all, the oldest and the newest are tried."""
    for order in ("created_at", "-created_at"):
        row = await Credential.filter(kind=KIND).order_by(order).first()
        if row is None:
            return False
        owner: UUID = row.user_id  # type: ignore[attr-defined]
        if _sealer(secrets).open(bytes(row.sealed or b""), owner.bytes) is None:
            return True
    return False


def seal_secret(runtime: Runtime, user: User, secret: bytes) -> bytes:
    """Return a secret as it is stored."""
    return _sealer(runtime.settings.secrets).seal(secret, user.id.bytes)


def open_secret(runtime: Runtime, user: User, sealed: bytes) -> bytes | None:
    """Return a stored secret of this user; None where it is another's, or SECRET_KEY isn't given any more."""
    return _sealer(runtime.settings.secrets).open(bytes(sealed), user.id.bytes)


@lru_cache(maxsize=4)  # a process has one set of secrets; tests have a few
def _sealer(secrets: tuple[str, ...]) -> Sealer:
    return Sealer(secrets, "secret of an app for codes")
