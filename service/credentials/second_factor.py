"""Whatever somebody shows as a second factor is looked at here: at log-in, and to show again that they are there.

The first factor has a door of its own (`verification`): its budget is another one, for whoever guesses here has that.
A further kind is a class and a case.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from models import User
from service.audit import events
from service.core.client import Client
from service.core.crypto.totp import step_at
from service.core.passwords.turns import TurnGivenUp
from service.core.sql.transactions import transaction
from service.core.telemetry import metrics
from service.core.webauthn.ceremonies import Assertion
from service.credentials import factor_guesses, known_devices, passkeys, recovery_codes, totp
from service.credentials.factor_guesses import Method
from service.credentials.passkeys import Showing
from service.credentials.proof import CODE, RECOVERY_CODE, Proof, Unproven
from service.errors import InvalidCode, Unavailable
from service.letters import links, notices
from service.runtime import Runtime
from service.stores.letter_kinds import SECOND_FACTOR_FAILED


@dataclass(frozen=True, slots=True)
class Code:
    """A code from an app."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """A recovery code."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Key:
    """A passkey, and what its challenge is for."""

    shown: Assertion
    purpose: str


Shown = Code | RecoveryCode | Key

for _method in ("totp", "recovery_code"):
    for _outcome in ("right", "wrong"):
        metrics.second_factors.labels(_method, _outcome)


async def verify(
    runtime: Runtime, user: User, shown: Shown, client: Client, *, challenge: UUID | None = None
) -> Proof | Unproven:
    """Return what is proven by what is shown. With the log-in it is shown for (`challenge`) it may be repeated there,
    and nowhere else; without one it is good once.

    Raises `RateLimited` when there is nothing left of the budget, before anything is looked at. A passkey can't be
    guessed, so it has none; a right one opens those of the others again.
    """
    if isinstance(shown, Key):
        return await _verify_key(runtime, user, shown, client, challenge)
    method: Method = "totp" if isinstance(shown, Code) else "recovery_code"
    known = await known_devices.recognise(runtime, user.id, client)
    guess = _guess(runtime, shown)
    paid = await factor_guesses.pay(runtime, user, method, guess, known=known, challenge=challenge)
    try:
        right = not paid.wrong and await _judge(runtime, user, shown, challenge or uuid4(), client)
    except (Unavailable, TurnGivenUp):  # a store or the client away, the queue is full: nothing was looked at
        await factor_guesses.refund(runtime, paid, challenge)
        raise
    metrics.second_factors.labels(method, "right" if right else "wrong").inc()
    if not right:
        if challenge is not None and not paid.wrong:
            await factor_guesses.note_wrong(runtime, user, method, guess, challenge)
        await _note_failure(runtime, user, paid, client)
        error = InvalidCode()
        error.attempts_left = paid.left
        return Unproven("code" if method == "totp" else method, error)
    await factor_guesses.forget(runtime, user, paid)
    proven = CODE if method == "totp" else RECOVERY_CODE
    return Proof(frozenset({proven}), 1, runtime.clock.now(), device=known or "new")


async def _verify_key(
    runtime: Runtime, user: User, key: Key, client: Client, challenge: UUID | None
) -> Proof | Unproven:
    """Only a log-in asks for a second step: so with `challenge` another factor was shown just before."""
    showing = Showing(key.purpose, client, log_in=challenge, follows=challenge is not None)
    found = await passkeys.judge(runtime, user, key.shown, showing)
    if isinstance(found, Proof):
        with suppress(Unavailable):  # what it counted too much is forgotten in time
            await factor_guesses.forget_all(runtime, user)
    return found


def _guess(runtime: Runtime, shown: Code | RecoveryCode) -> str:
    """Return what is the same guess when it comes again: of codes that change, only while they don't."""
    match shown:
        case Code(text):
            return f"{text} {step_at(runtime.clock.now())}"
        case RecoveryCode(text):
            return text


async def _judge(runtime: Runtime, user: User, shown: Code | RecoveryCode, used_for: UUID, client: Client) -> bool:
    match shown:
        case Code(text):
            return await totp.judge(runtime, user, text, used_for)
        case RecoveryCode(text):
            return await recovery_codes.judge(runtime, user, text, used_for, client)


async def _note_failure(runtime: Runtime, user: User, paid: factor_guesses.Paid, client: Client) -> None:
    """Tell the user once for each wait, not for each guess: whoever is asked for a code has the first factor."""
    if not paid.waits:
        return
    async with transaction():
        await events.record(runtime, events.SECOND_FACTOR_FAILED, user_id=user.id, client=client)
        said = {"link": links.forgot(runtime.settings), **notices.where(client, user)}
        await notices.tell(runtime, SECOND_FACTOR_FAILED, user, **said)
