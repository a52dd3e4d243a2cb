"""The password of an account: chosen, looked at, one budget for all who want it looked at."""

from __future__ import annotations

from collections.abc import Sequence

from models import User
from service.core.client import Client
from service.core.passwords.hashing import complaint, prepare
from service.core.text.email_address import EmailAddress
from service.credentials import budgets, known_devices
from service.credentials.proof import PASSWORD, Proof
from service.errors import Fault, InvalidGrant, Unavailable, ValidationFailed
from service.runtime import Runtime

NO_PASSWORD = ""  # an account that was made without one: nothing verifies against it


async def hash_new_password(runtime: Runtime, password: str, email: EmailAddress, *, pointer: str = "/password") -> str:
    """Return the hash of a password that may be chosen; raise `ValidationFailed` with the reason otherwise."""
    settings = runtime.settings
    context = (email.canonical, email.local_part, settings.PROJECT_NAME, "latchkey")
    if reason := complaint(password, min_length=settings.PASSWORD_MIN_LENGTH, context=context):
        raise ValidationFailed([Fault(pointer, reason)])
    if await runtime.breached_passwords.contains(prepare(password)):
        raise ValidationFailed([Fault(pointer, "The password is known from a breach elsewhere: others try it.")])
    return await runtime.passwords.hash(password)


async def check_password(
    runtime: Runtime, user: User | None, password: str, *, client: Client, name: str | None = None
) -> Proof | None:
    """Return what `password` proves, if it is the user's. Rehashes if outdated. `name` is what was typed.

    The place that looks at a password (beside `which_password`), with one budget for all that want it looked at (R14):
    `RateLimited` when there is nothing left of it, before any hashing. Takes the same steps for nobody as for somebody
    (R17).
    """
    known = await known_devices.recognise(runtime, user.id if user else None, client)
    attempt = await budgets.pay_for_attempt(runtime, name or "", known, client, user=user)
    hashed = user.hashed_password if user else None
    try:
        right = await runtime.passwords.verify(password, hashed or None)
    except Unavailable:  # the queue is full: nothing was looked at
        await budgets.refund(runtime, attempt)
        raise
    if not right or user is None:
        return None
    await budgets.clear(runtime, attempt)
    if runtime.passwords.outdated(user.hashed_password) and not await _rehash(runtime, user, password):
        return None
    return Proof(frozenset({PASSWORD}), 1, runtime.clock.now(), device=known or "new")


async def _rehash(runtime: Runtime, user: User, password: str) -> bool:
    """Store the password's hash as they are made now, if nobody changed it in between; else look at what it is now."""
    fresh = await runtime.passwords.hash(password)
    if await User.filter(id=user.id, hashed_password=user.hashed_password).update(hashed_password=fresh):
        user.hashed_password = fresh
        return True
    now = await User.get_or_none(id=user.id)
    if now is None or not await runtime.passwords.verify(password, now.hashed_password or None):
        return False
    user.hashed_password = now.hashed_password
    return True


def expect_unchanged(looked_at: User, locked: User) -> None:
    """Raise `InvalidGrant` when the password that `check_password` found right is another one by now.

    A session that a change of the password keeps may have a copy: what that one proves, it proves with the new one.
    """
    if looked_at.hashed_password != locked.hashed_password:
        raise InvalidGrant("Incorrect password")


async def which_password(
    runtime: Runtime, user: User, hashes: Sequence[str], password: str, *, client: Client
) -> int | None:
    """Return which of `hashes`, the user's own first, is `password`'s; None when none is.

    One attempt at the user's password, like any (R14). Raises `RateLimited` as `check_password` does.
    """
    known = await known_devices.recognise(runtime, user.id, client)
    attempt = await budgets.pay_for_attempt(runtime, user.email, known, client, user=user)
    try:
        for number, hashed in enumerate(hashes):
            if await runtime.passwords.verify(password, hashed or None):
                # Another one's password says nothing about the guesses at the account's own.
                await (budgets.refund if number else budgets.clear)(runtime, attempt)
                return number
    except Unavailable:  # the queue is full: not all were looked at
        await budgets.refund(runtime, attempt)
        raise
    return None
