"""Accounts: create, give a password, find; used by every feature that changes users."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Literal
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from models import KnownDevice, User
from service.audit import events
from service.core.client import Client
from service.core.http.networks import network_of
from service.core.sql.statement import Statement
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress, parse_email
from service.credentials import known_devices, passwords
from service.errors import EmailTaken
from service.letters import onetime, typed
from service.runtime import Runtime
from service.stores.event_kinds import Event
from service.stores.letter_kinds import Letter

_by_mailbox = passwords.lookup("email_canonical")
_AT_A_PLACE: Final = Statement(
    User,
    f"""SELECT {{*}}, {passwords.HASH} AS "password_hash", {known_devices.HERE} AS "known_here"
    FROM "users" WHERE "email_canonical" = {{email_canonical}}""",  # noqa: S608 - all of it is ours
    KnownDevice,
    beside=("password_hash", "known_here"),
)


async def create_account(
    runtime: Runtime,
    email: EmailAddress,
    password: str | None,
    full_name: str | None,
    *,
    event: Event,
    letter: Letter | None = None,
    email_verified: bool = False,
    is_active: bool = True,
    is_superuser: bool = False,
    actor_id: UUID | None = None,
    client: Client | None = None,
    hashed: str | None = None,
    user_id: UUID | None = None,
    within: Callable[[], AbstractAsyncContextManager[object]] = transaction,
) -> User:
    """Create a user, and write them a `letter`. The unique index decides races. `hashed` is a password's that was made.

    Raises `EmailTaken`, also for an address that somebody may yet take back, or `ValidationFailed` for the password.
    """
    if password is not None:
        hashed = await passwords.hash_new(runtime, password, email)
    try:
        async with within():
            user = await User.create(
                id=user_id or uuid4(),
                email=email.given,
                email_canonical=email.canonical,
                full_name=full_name,
                language=client.language if client else None,
                email_verified=email_verified,
                is_active=is_active,
                is_superuser=is_superuser,
                created_at=runtime.clock.now(),
            )
            if hashed is not None:
                await passwords.give(runtime, user, hashed)
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

    With the `client` that asks for it, a device of the user's own gets its own budget (letter_gate.py).
    """
    device = await _device_cookies(address, runtime, client) if client else ""
    await runtime.outbox.post(
        letter, to=address, language=language, user_id=user_id, token=typed.new_token(), device=device, **said
    )


async def _device_cookies(address: str, runtime: Runtime, client: Client) -> str:
    """Return the cookies that we made for a device of the user's: whatever else is sent under their name is left out.

    It looks for nobody as it does for somebody (R17).
    """
    if not client.device_cookies:
        return ""
    user = await find_by_email(address)
    owner = user.id if user else known_devices.NOBODY
    return " ".join(cookie for cookie in client.device_cookies if runtime.device_cookies.decode(cookie, owner))


async def find_with_device(
    text: str, client: Client
) -> tuple[User | None, known_devices.Recognised | Literal["unread"] | None]:
    """Return the user whose mailbox `text` names, the password's hash beside, and their device that is calling.

    That is what `known_devices.recognise` finds, in the same statement, for somebody as for nobody (R17). Where a
    cookie may say which device it is, it is left to be asked for.
    """
    canonical = None if client.device_cookies else _canonical(text)
    if canonical is None:
        return await find_by_email(text), "unread"
    rows = await _AT_A_PLACE.rows(network_of(client.ip), client.user_agent, canonical)
    if not rows:
        return None, None
    (user,) = rows
    place = user.known_here
    return user, None if place is None else known_devices.Recognised(UUID(str(place)), "place")


async def find_by_email(text: str) -> User | None:
    """Return the user whose mailbox `text` names, the password's hash beside. What isn't an address is nobody's."""
    canonical = _canonical(text)
    return None if canonical is None else await _by_mailbox(canonical)


def _canonical(text: str) -> str | None:
    try:
        return parse_email(text).canonical
    except ValueError:
        return None
