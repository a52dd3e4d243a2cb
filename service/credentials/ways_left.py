"""Whether an account can still be opened once something is taken away from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from models import Credential, User
from service.credentials import identities, passkeys, passwords
from service.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Beside:
    """What is offered beside passwords and passkeys: whether a way that asks for nothing to be set up, such as a
    letter, and the providers one can come by.
    """

    without_row: bool
    providers: Collection[str]


async def opens(runtime: Runtime, user: User, beside: Beside) -> bool:
    """Return whether something opens the account: what is taken away is taken already, in the same transaction."""
    if beside.without_row or await Credential.exists(user_id=user.id, kind=passwords.KIND):
        return True
    if await identities.open_by(user, beside.providers):
        return True
    return any(passkeys.opens_alone(passkey, runtime.settings) for passkey in await passkeys.list_of(user))
