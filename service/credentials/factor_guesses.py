"""What guesses at second factors cost: five in one log-in, and few of one account in all of them together.

The wait grows from a minute, and a right password doesn't end it: it is just who has the password that guesses here.
After a hundred wrong ones since the last right one no code is looked at any more, until another factor or a recovery
code is shown, or an administrator resets it (NIST SP 800-63B-4, 3.2.2). Recovery codes can't be guessed, so their
budget only bounds what is hashed, and never closes.

Codes that are asked for where one is set up at the door are another budget, which ends with the password.

What strangers got wrong isn't held against a device that the user is known on, by its cookie. A code that was paid for
once in a log-in costs nothing there again: its answer may have got lost, or it is sent twice at once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID
from weakref import WeakValueDictionary

from models import User
from service.core.redis.scripts import HASHES_ONLY, Script
from service.core.windows import Budget, Refused, Taken
from service.credentials.budgets import HOUR, MINUTE, MOST_GUESSES
from service.credentials.known_devices import Recognised
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.sessions.layout import ms
from service.stores.sessions.pending import LIFE

Method = Literal["totp", "recovery_code", "set_up"]

AT_ONCE: Final = 5
BUDGETS: Final[dict[Method, Budget]] = {
    "totp": Budget("second-factor", AT_ONCE, 6 * HOUR, wait_ms=MINUTE, longest_ms=HOUR, ceiling=MOST_GUESSES),
    "set_up": Budget("factor-set-up", AT_ONCE, 6 * HOUR, wait_ms=MINUTE, longest_ms=HOUR, ceiling=MOST_GUESSES),
    "recovery_code": Budget(
        "recovery-code", AT_ONCE, 10 * MINUTE, wait_ms=MINUTE, longest_ms=15 * MINUTE, ceiling=2**31
    ),
}

# KEYS tried. ARGV a fingerprint. Returns 1 where it was paid for, 2 where it was wrong, too.
_WAS_PAID: Final = Script(
    "guess_was_paid",
    """
local tries, wrong = unpack(redis.call('HMGET', KEYS[1], 'tries', 'wrong'))
if string.find(wrong or '', ARGV[1], 1, true) then return 2 end
return string.find(tries or '', ARGV[1], 1, true) and 1 or 0
""",
    HASHES_ONLY,
)

# KEYS tried. ARGV `tries` or `wrong`, a fingerprint, life ms.
_NOTE: Final = Script(
    "guess_note",
    """
redis.call('HSET', KEYS[1], ARGV[1], (redis.call('HGET', KEYS[1], ARGV[1]) or '') .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
""",
    HASHES_ONLY,
)

_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Paid:
    """A guess that may be looked at. `taken` is None where it was paid for earlier; `wrong`, where it was looked at
    then, so that it needn't be again.
    """

    method: Method
    subject: str
    taken: Taken | None
    wrong: bool = False

    @property
    def left(self) -> int:
        """How many may be looked at before there is a wait."""
        return max(0, AT_ONCE - self.taken.taken) if self.taken else 0

    @property
    def waits(self) -> bool:
        """Whether the next one has to wait, if this one is wrong."""
        return self.taken is not None and self.taken.taken >= AT_ONCE


async def pay(
    runtime: Runtime, user: User, method: Method, text: str, *, known: Recognised | None, challenge: UUID | None
) -> Paid:
    """Take a guess of the account's, before it is looked at. Raises `RateLimited`; `Unavailable` without Redis.

    Within one log-in (`challenge`) the same text is paid for once.
    """
    subject = f"device {known.id}" if known and known.by == "cookie" else whose(user, method)
    if challenge is None:
        return Paid(method, subject, await _take(runtime, method, subject))
    tried, fingerprint = _tried(runtime, user, challenge), runtime.tickets.fingerprint(method, text)
    async with _turns.setdefault(challenge, asyncio.Lock()):
        if found := await runtime.redis.run(_WAS_PAID, [tried], fingerprint):
            return Paid(method, subject, None, wrong=found == 2)
        taken = await _take(runtime, method, subject)
        await runtime.redis.run(_NOTE, [tried], "tries", fingerprint, ms(LIFE))
    return Paid(method, subject, taken)


async def note_wrong(runtime: Runtime, user: User, method: Method, text: str, challenge: UUID) -> None:
    """It was looked at, and is wrong: in this log-in it stays so. Else one that is paid for once could be hashed for
    ever.
    """
    fingerprint = runtime.tickets.fingerprint(method, text)
    with suppress(Unavailable):
        await runtime.redis.run(_NOTE, [_tried(runtime, user, challenge)], "wrong", fingerprint, ms(LIFE))


async def refund(runtime: Runtime, paid: Paid, challenge: UUID | None) -> None:
    """It was never looked at. In a log-in it stays paid for: the same one again costs nothing."""
    if challenge is None and paid.taken is not None:
        with suppress(Unavailable):
            await runtime.throttle.give_back(paid.taken)


async def forget(runtime: Runtime, user: User, paid: Paid) -> None:
    """The guess was right: the row of wrong ones is over. A recovery code opens the app's codes again, too."""
    with suppress(Unavailable):  # what it counted too much is forgotten in time
        await runtime.throttle.forget(BUDGETS[paid.method], paid.subject)
        if paid.method == "recovery_code":
            await runtime.throttle.forget(BUDGETS["totp"], paid.subject)
            await forget_all(runtime, user)


async def forget_all(runtime: Runtime, user: User) -> None:
    """Make the account's budgets whole again. Raises `Unavailable`."""
    for method, budget in BUDGETS.items():
        await runtime.throttle.forget(budget, whose(user, method))


def whose(user: User, method: Method) -> str:
    """Return whose guesses they are, on no device that is known.

    What is guessed where one is set up at the door is the code of a letter, by who has the password: with another
    password that is over, and its owner has no factor yet that would open anything again.
    """
    return f"user {user.id} {user.credentials_version}" if method == "set_up" else f"user {user.id}"


def _tried(runtime: Runtime, user: User, challenge: UUID) -> str:
    return f"{runtime.settings.REDIS_KEY_PREFIX}user:{{{user.id}}}:tried:{challenge}"


async def _take(runtime: Runtime, method: Method, subject: str) -> Taken:
    found = await runtime.throttle.take(BUDGETS[method], subject)
    if isinstance(found, Refused):
        raise found.error()
    return found
