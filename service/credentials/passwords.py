"""The password: a credential of which an account has one or none. Chosen, judged, stored, taken away.

Whoever writes here holds the user's row (`SELECT … FOR UPDATE`), and takes it first: so do the triggers that keep the
column of the version before in step.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast
from uuid import UUID, uuid4

from models import Credential, User
from models.credential import PASSWORD
from models.user import UNREAD
from service.core.passwords.hashing import OURS, complaint, prepare
from service.core.sql.lookup import Lookup
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress
from service.errors import Fault, Unavailable, ValidationFailed
from service.runtime import Runtime

KIND: Final = PASSWORD
_LOOKED_AT: Final = 5_000
HASH: Final = """(SELECT "verifier" FROM "credentials" WHERE "user_id" = "users"."id" AND "kind" = 'password')"""


@dataclass(frozen=True, slots=True)
class Password:
    """A password that somebody shows. `name` is what was typed beside it, where that says who it is to be."""

    text: str = field(repr=False)
    name: str | None = None


def lookup(column: str) -> Lookup[User]:
    """Return a lookup of users that reads the hash of their password in the same statement: `user.password_hash`."""
    return Lookup(User, column, {"password_hash": HASH})


_by_id = lookup("id")


async def hash_new(runtime: Runtime, password: str, email: EmailAddress, *, pointer: str = "/password") -> str:
    """Return the hash of a password that may be chosen; raise `ValidationFailed` with the reason otherwise."""
    settings = runtime.settings
    context = (email.canonical, email.local_part, settings.PROJECT_NAME, "latchkey")
    if reason := complaint(password, min_length=settings.PASSWORD_MIN_LENGTH, context=context):
        raise ValidationFailed([Fault(pointer, reason)])
    if await runtime.breached_passwords.contains(prepare(password)):
        raise ValidationFailed([Fault(pointer, "The password is known from a breach elsewhere: others try it.")])
    return await runtime.passwords.hash(password)


async def read(user: User) -> str | None:
    """Return the hash of the user's password, None where there is none.

    `user.credentials_version` says afterwards what it was read with: both come from one statement, the one that read
    the user (`lookup`), or one of its own.
    """
    if user.password_hash != UNREAD:
        return user.password_hash
    now = await _by_id(user.id)
    if now is None:
        return None
    user.credentials_version = now.credentials_version
    return now.password_hash


async def set_at(user: User) -> datetime | None:
    """Return when the user's password was set; None where there is none."""
    row = await Credential.get_or_none(user_id=user.id, kind=KIND)
    return row.created_at if row else None


async def of_many(user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the hashes of those who have a password."""
    rows = Credential.filter(user_id__in=user_ids, kind=KIND)
    return dict(cast("list[tuple[UUID, str]]", await rows.values_list("user_id", "verifier")))


async def look_for_imported(runtime: Runtime) -> None:
    """Find out which imported hashes there are still, so that a wrong password takes as long for everybody (R17).

    A database that can't be asked is asked again later.
    """
    others = Credential.filter(kind=KIND).exclude(verifier__startswith=OURS).limit(_LOOKED_AT)
    with suppress(Unavailable):
        runtime.passwords.expect(cast("list[str]", await others.values_list("verifier", flat=True)))


async def judge(runtime: Runtime, user: User | None, shown: Password) -> bool:
    """Return whether the password is the user's. Renews its hash if that is outdated. Only `verification` calls this.

    One hash is made for nobody, and for an account without a password, as for everybody (R17).
    """
    hashed = await read(user) if user else None
    if not await runtime.passwords.verify(shown.text, hashed) or user is None or hashed is None:
        return False
    return not runtime.passwords.outdated(hashed) or await _renew(runtime, user, hashed, shown.text)


async def _renew(runtime: Runtime, user: User, hashed: str, password: str) -> bool:
    """Store the password's hash as they are made now, if nobody changed it in between; else look at what it is now.

    The credential is the same one: its version and its time stay.
    """
    fresh = await runtime.passwords.hash(password)
    async with transaction():
        await User.filter(id=user.id).select_for_update().first()
        if await Credential.filter(user_id=user.id, kind=KIND, verifier=hashed).update(verifier=fresh):
            return True
    user.password_hash = UNREAD
    return await runtime.passwords.verify(password, await read(user))


async def give(runtime: Runtime, user: User, hashed: str) -> None:
    """Give a user who was made in this transaction a password."""
    await new(runtime, user, hashed).save(force_create=True)


def new(runtime: Runtime, user: User, hashed: str) -> Credential:
    """Return the credential that `hashed` is, not stored yet."""
    return Credential(id=uuid4(), user_id=user.id, kind=KIND, verifier=hashed, created_at=runtime.clock.now())


async def put(runtime: Runtime, user: User, hashed: str) -> None:
    """Make `hashed` the user's password, whether there was one or not. Part of a transaction that holds the row."""
    stored = Credential.filter(user_id=user.id, kind=KIND)
    if not await stored.update(verifier=hashed, created_at=runtime.clock.now()):
        await give(runtime, user, hashed)
    await _note_change(user)


async def take_away(user: User) -> None:
    """Leave the user without a password. Part of a transaction that holds the row."""
    if await Credential.filter(user_id=user.id, kind=KIND).delete():
        await _note_change(user)


async def _note_change(user: User) -> None:
    user.credentials_version += 1
    user.password_hash = UNREAD
    await user.save(update_fields=["credentials_version"])
