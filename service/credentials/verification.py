"""Whatever somebody shows to prove who they are is looked at here, and one budget pays for all of it (R14).

A further kind of credential is a file beside `passwords`, with what is shown as a class and a `judge`, and a case in
`_judge`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from models import User
from service.core.client import Client
from service.core.passwords.turns import TurnGivenUp
from service.credentials import budgets, known_devices, passwords
from service.credentials.known_devices import Recognised
from service.credentials.passwords import Password
from service.credentials.proof import PASSWORD, Proof
from service.errors import InvalidGrant, Unavailable
from service.runtime import Runtime

Shown = Password
"""What can be shown: a union, once there are more."""


async def verify(
    runtime: Runtime,
    user: User | None,
    shown: Shown,
    client: Client,
    *,
    known: Recognised | Literal["unread"] | None = "unread",
) -> Proof | None:
    """Return what is proven by what is shown, if it is the user's; None if it proves nothing.

    Raises `RateLimited` when there is nothing left of the budget, before anything is looked at. Takes the same steps
    for nobody as for somebody (R17). `known` is the user's device that is calling, where that was read with the user.
    """
    if known == "unread":
        known = await known_devices.recognise(runtime, user.id if user else None, client)
    attempt = await budgets.pay_for_attempt(runtime, shown.name or "", known, client, user=user)
    try:
        methods = await _judge(runtime, user, shown)
    except (Unavailable, TurnGivenUp):  # the queue is full, a store or the client away: nothing was looked at
        await budgets.refund(runtime, attempt)
        raise
    if not methods:
        return None
    await budgets.clear(runtime, attempt)
    return Proof(methods, 1, runtime.clock.now(), device=known or "new")


async def which(runtime: Runtime, user: User, others: Sequence[str], shown: Password, client: Client) -> int | None:
    """Return whose password is shown: 0 for the user's own, or the place among `others`, from 1; None for nobody's.

    `others` are hashes. One attempt at the user's password, like any. Raises `RateLimited` as `verify` does.
    """
    known = await known_devices.recognise(runtime, user.id, client)
    attempt = await budgets.pay_for_attempt(runtime, user.email, known, client, user=user)
    number = 0
    try:
        for number, hashed in enumerate([await passwords.read(user), *others]):
            if await runtime.passwords.verify(shown.text, hashed):
                # Another one's password says nothing about the guesses at the account's own.
                await (budgets.refund if number else budgets.clear)(runtime, attempt)
                return number
    except (Unavailable, TurnGivenUp):  # the first was not looked at, or not all were, which has told something
        if number == 0:
            await budgets.refund(runtime, attempt)
        raise
    return None


def expect_unchanged(looked_at: User, locked: User) -> None:
    """Raise `InvalidGrant` when the credentials that `verify` looked at have changed since.

    A session that the change keeps may have a copy: what that one proves, it proves with the new ones.
    """
    if looked_at.credentials_version != locked.credentials_version:
        raise InvalidGrant("Incorrect password")


async def _judge(runtime: Runtime, user: User | None, shown: Shown) -> frozenset[str]:
    """Return the methods that are proven, none where nothing is."""
    match shown:
        case Password():
            return frozenset({PASSWORD} if await passwords.judge(runtime, user, shown) else ())
