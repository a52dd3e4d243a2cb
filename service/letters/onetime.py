"""Tokens of links in letters (R20, R21): 140 random bits, only the hash stored, for one user and purpose, good once.

A newer token of the same purpose takes the place of an older one. But one that a stranger asked for leaves one that was
asked for on a device of the user's, which would be dead before it is pressed; and where an address was registered more
than once, each registration has a token of its own. A new password or address ends them all, and the requests that have
no token yet; what a session does ends less (docs/decisions/042).

Only the token that takes a change of address back outlives what a session can do: whoever took the account over would
otherwise end it first. For the same reason nobody else gets the old address while it lives. A password that is set with
a letter to the new mailbox ends it (docs/decisions/044).

Whatever touches a user's tokens locks the user's row before: so no two of them wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, cast
from uuid import UUID

from tortoise.expressions import Q

from models import OneTimeToken, Registration, User
from service.core.sql import purging
from service.letters import typed
from service.runtime import Runtime
from service.stores import letter_kinds
from service.stores.letter_kinds import CONFIRM_NEW_ADDRESS, VERIFY_ADDRESS

VERIFY: Final = letter_kinds.VERIFY
PASSWORD: Final = letter_kinds.PASSWORD
ADDRESS: Final = letter_kinds.ADDRESS
UNDO: Final = "undo"

LONGEST = 128
KEPT = timedelta(days=7)  # past its end


@dataclass(frozen=True, slots=True)
class Good:
    """A token that can be used."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class Spent:
    """A token that was good, and is no more: whose, their row locked.

    `subject` is the address it confirms, where that isn't the user's own; `held` says that nobody else could get it.
    """

    user: User
    subject: str | None
    held: bool
    issued_at: datetime


async def issue(
    runtime: Runtime,
    token: str,
    *,
    user_id: UUID,
    purpose: str,
    life: timedelta,
    subject: str | None = None,
    held_address: str | None = None,
    by_known_device: bool = False,
    registration_id: UUID | None = None,
    at_once: int | None = None,
) -> datetime:
    """Make `token` good for `life`; return when it ends. With `at_once` so many of the purpose are, the newest.

    Part of the caller's transaction, which holds the user's row.
    """
    hashed, now = digest(token), runtime.clock.now()
    if purpose != UNDO:
        older = OneTimeToken.filter(user_id=user_id, purpose=purpose)
        if not by_known_device:
            older = older.filter(by_known_device=False)
        await older.filter(Q(registration_id=registration_id)).delete()
        if at_once is not None:
            stay = await older.order_by("-created_at").limit(at_once - 1).values_list("token_hash", flat=True)
            await older.exclude(token_hash__in=list(stay)).delete()
    await OneTimeToken.create(
        token_hash=hashed,
        user_id=user_id,
        purpose=purpose,
        subject=subject,
        held_address=held_address,
        by_known_device=by_known_device,
        registration_id=registration_id,
        created_at=now,
        expires_at=now + life,
    )
    return now + life


async def extend(runtime: Runtime, token: str, life: timedelta) -> datetime | None:
    """Make a token that was issued, and is still there, good for `life` from now; return when it ends.

    None when it is used up, or another has taken its place: a letter that is sent again must not bring it back.
    """
    ends = runtime.clock.now() + life
    return ends if await OneTimeToken.filter(token_hash=digest(token)).update(expires_at=ends) else None


async def find(runtime: Runtime, token: str, purpose: str) -> Good | None:
    """Return whose `token` is, and leave it as it is; None when it is unknown, used, expired or for something else.

    A disabled user's is none, and becomes one again with its user.
    """
    found = await _look_up(runtime, token, purpose)
    return Good(_user_id(found)) if found else None


async def spend(runtime: Runtime, token: str, purpose: str) -> Spent | None:
    """Use `token` up; None when `find` finds nothing. Of many at once, one gets it.

    Part of the caller's transaction: what fails afterwards gives the token back.
    """
    found = await _look_up(runtime, token, purpose)
    if found is None:
        return None
    user = await User.filter(id=_user_id(found), is_active=True).select_for_update().first()
    # The deletion decides, not the looks before it.
    if user is None or await OneTimeToken.filter(token_hash=found.token_hash).delete() != 1:
        return None
    return Spent(user, found.subject, found.held_address is not None, found.created_at)


async def revoke(runtime: Runtime, user: User) -> None:
    """End the user's tokens, all but those that take a change of address back, and what was asked for and not sent.

    A request that still waits for a mail server would otherwise get its token after all of this. With the links end
    the registrations that they could have confirmed.
    """
    await Registration.filter(user_id=user.id).delete()
    await OneTimeToken.filter(user_id=user.id).exclude(purpose=UNDO).delete()
    asked_for = [letter for letter in runtime.outbox.letters.values() if letter.link]
    await runtime.outbox.withdraw(asked_for, user_ids=(user.id,), addresses=(user.email, user.email_canonical))


async def end(user: User, purpose: str) -> None:
    """End the user's tokens of one purpose. Part of the caller's transaction, which holds the user's row."""
    await OneTimeToken.filter(user_id=user.id, purpose=purpose).delete()


async def revoke_moves(runtime: Runtime, *user_ids: UUID) -> None:
    """End the links to mailboxes that users were to move to, sent or not. What went to a user's own mailbox stays.

    A session asked for them, so they end with the user's sessions: else a thief whose session was ended would wait, and
    press. And nothing else ends with them, for a session doesn't outrank the mailbox: a thief who keeps setting the
    password must not be able to end the owner's link to reset it.
    """
    # The letters first: a worker that is at one of them issues its token before it lets go.
    await runtime.outbox.withdraw((CONFIRM_NEW_ADDRESS,), user_ids=user_ids)
    await OneTimeToken.filter(user_id__in=user_ids, purpose=ADDRESS).delete()


async def end_confirmations(runtime: Runtime, user: User) -> None:
    """End what could confirm the user's address once more: links, letters that are to bring one, registrations."""
    await Registration.filter(user_id=user.id).delete()
    await OneTimeToken.filter(user_id=user.id, purpose=VERIFY).delete()
    await runtime.outbox.withdraw((VERIFY_ADDRESS,), user_ids=(user.id,), addresses=(user.email, user.email_canonical))


async def revoke_undo(user: User, since: datetime | None = None) -> None:
    """End the tokens that would take back what happened from `since` on: that has been taken back as a whole."""
    found = OneTimeToken.filter(user_id=user.id, purpose=UNDO)
    await (found.filter(created_at__gte=since) if since else found).delete()


async def undo_addresses(runtime: Runtime, user: User, *, confirmed: bool = False) -> set[str]:
    """Return the addresses that can still take the account back; only those that were `confirmed`, if told so."""
    found = OneTimeToken.filter(user_id=user.id, purpose=UNDO, expires_at__gt=runtime.clock.now())
    return {row.subject for row in await found if row.subject and (row.held_address or not confirmed)}


async def is_held(runtime: Runtime, canonical: str, *, user_id: UUID) -> bool:
    """Return whether an address is kept for somebody else than `user_id`, who may yet take it back.

    Asked after the address was written, in the same transaction: whoever gave it up has committed by then.
    """
    held = OneTimeToken.filter(held_address=canonical, expires_at__gt=runtime.clock.now())
    return await held.exclude(user_id=user_id).exists()


async def purge(runtime: Runtime, *, enough: Callable[[], bool] = purging.never) -> int:
    """Delete tokens that expired a while ago, until it is `enough`; return how many.

    Of those that expired just now the letters may still be waiting for a mail server.
    """
    return await purging.purge(OneTimeToken.filter(expires_at__lte=runtime.clock.now() - KEPT), enough=enough)


async def _look_up(runtime: Runtime, token: str, purpose: str) -> OneTimeToken | None:
    if len(token) > LONGEST:
        return None
    return await OneTimeToken.get_or_none(
        token_hash=digest(token), purpose=purpose, expires_at__gt=runtime.clock.now(), user__is_active=True
    )


async def end_all(batch: int = 1000) -> int:
    """End every link there is, but those that take a change of address back; return how many.

    For a database that was set back: what was used since would be good once more.
    """
    count = 0
    links = OneTimeToken.exclude(purpose=UNDO)
    while hashes := await links.limit(batch).values_list("token_hash", flat=True):
        count += await OneTimeToken.filter(token_hash__in=cast("list[str]", hashes)).delete()
    return count


def _user_id(token: OneTimeToken) -> UUID:
    return token.user_id  # type: ignore[attr-defined, no-any-return]  # Tortoise adds it


def digest(token: str) -> str:
    """Return what is stored of a token, whether it came with the link or was typed."""
    return sha256(typed.meant(token).encode("utf-8", "replace")).hexdigest()
