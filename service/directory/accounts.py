"""Accounts: create, give a password, find; used by every feature that changes users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from models import User
from service.audit import events
from service.core.database import transaction
from service.core.email_address import EmailAddress, parse_email
from service.core.lookup import Lookup
from service.core.passwords import complaint, prepare
from service.directory import budgets, devices, onetime
from service.errors import EmailTaken, Fault, InvalidGrant, Unavailable, ValidationFailed
from service.mail.letters import Letter
from service.runtime import Runtime
from service.sessions.store import Client

NO_PASSWORD = ""  # an account that was made without one: nothing verifies against it

_by_mailbox = Lookup(User, "email_canonical")


async def create_account(
    runtime: Runtime,
    email: EmailAddress,
    password: str | None,
    full_name: str | None,
    *,
    event: str,
    letter: Letter | None = None,
    email_verified: bool = False,
    is_active: bool = True,
    is_superuser: bool = False,
    actor_id: UUID | None = None,
    client: Client | None = None,
    hashed: str = NO_PASSWORD,
    within: Callable[[], AbstractAsyncContextManager[object]] = transaction,
) -> User:
    """Create a user, and write them a `letter`. The unique index decides races. `hashed` is a password's that was made.

    Raises `EmailTaken`, also for an address that somebody may yet take back, or `ValidationFailed` for the password.
    """
    if password is not None:
        hashed = await hash_new_password(runtime, password, email)
    try:
        async with within():
            user = await User.create(
                id=uuid4(),
                email=email.given,
                email_canonical=email.canonical,
                full_name=full_name,
                language=client.language if client else None,
                email_verified=email_verified,
                hashed_password=hashed,
                is_active=is_active,
                is_superuser=is_superuser,
                created_at=runtime.clock.now(),
            )
            if await onetime.is_held(runtime, email.canonical, user_id=user.id):
                raise EmailTaken
            await events.record(runtime, event, user_id=user.id, actor_id=actor_id, client=client)
            if letter is not None:
                await ask(runtime, letter, user.email, user.language, user_id=user.id)
    except IntegrityError:
        raise EmailTaken from None
    return user


async def ask(
    runtime: Runtime,
    letter: Letter,
    address: str,
    language: str | None,
    *,
    user_id: UUID | None = None,
    client: Client | None = None,
    **said: str,
) -> None:
    """Ask for a letter with a link. The same work whether somebody lives at `address` or not: the worker looks.

    With the `client` that asks for it, a device of the user's own gets its own budget (service/mail/gate.py).
    """
    device = await _device_cookies(address, runtime, client) if client else ""
    await runtime.outbox.post(
        letter, to=address, language=language, user_id=user_id, token=onetime.new_token(), device=device, **said
    )


async def _device_cookies(address: str, runtime: Runtime, client: Client) -> str:
    """Return the cookies that we made for a device of the user's: whatever else is sent under their name is left out.

    It looks for nobody as it does for somebody (R17).
    """
    if not client.device_cookies:
        return ""
    user = await find_by_email(address)
    owner = user.id if user else devices.NOBODY
    return " ".join(cookie for cookie in client.device_cookies if runtime.device_cookies.decode(cookie, owner))


async def hash_new_password(runtime: Runtime, password: str, email: EmailAddress, *, pointer: str = "/password") -> str:
    """Return the hash of a password that may be chosen; raise `ValidationFailed` with the reason otherwise."""
    settings = runtime.settings
    context = (email.canonical, email.local_part, settings.PROJECT_NAME, "latchkey")
    if reason := complaint(password, min_length=settings.PASSWORD_MIN_LENGTH, context=context):
        raise ValidationFailed([Fault(pointer, reason)])
    if await runtime.breached_passwords.contains(prepare(password)):
        raise ValidationFailed([Fault(pointer, "The password is known from a breach elsewhere: others try it.")])
    return await runtime.passwords.hash(password)


async def find_by_email(text: str) -> User | None:
    """Return the user whose mailbox `text` names. What isn't an address names nobody."""
    try:
        canonical = parse_email(text).canonical
    except ValueError:
        return None
    return await _by_mailbox(canonical)


async def check_password(
    runtime: Runtime, user: User | None, password: str, *, client: Client, name: str | None = None
) -> bool:
    """Return whether `password` is the user's. Rehashes if outdated. `name` is what was typed, for want of a user.

    The place that looks at a password (beside `which_password`), with one budget for all that want it looked at (R14):
    `RateLimited` when there is nothing left of it, before any hashing. Takes the same steps for nobody as for somebody
    (R17).
    """
    known = await devices.recognise(runtime, user.id if user else None, client)
    attempt = await budgets.pay_for_attempt(runtime, name or "", known, client, user=user)
    hashed = user.hashed_password if user else None
    try:
        right = await runtime.passwords.verify(password, hashed or None)
    except Unavailable:  # the queue is full: nothing was looked at
        await budgets.was_none(runtime, attempt)
        raise
    if not right or user is None:
        return False
    await budgets.was_right(runtime, attempt)
    if runtime.passwords.outdated(user.hashed_password):
        return await _rehash(runtime, user, password)
    return True


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
    known = await devices.recognise(runtime, user.id, client)
    attempt = await budgets.pay_for_attempt(runtime, user.email, known, client, user=user)
    try:
        for number, hashed in enumerate(hashes):
            if await runtime.passwords.verify(password, hashed or None):
                # Another one's password says nothing about the guesses at the account's own.
                await (budgets.was_none if number else budgets.was_right)(runtime, attempt)
                return number
    except Unavailable:  # the queue is full: not all were looked at
        await budgets.was_none(runtime, attempt)
        raise
    return None
