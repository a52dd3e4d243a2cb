"""What stands between a right proof and a session, in this order, whichever way somebody comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from models import User
from service.credentials.proof import Proof
from service.errors import EmailNotVerified, InactiveUser
from service.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Need:
    """That something is still owed: one of `methods`, as the API names them, the likeliest first."""

    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One of them. `owed` says what is still owed after these proofs, None for nothing; or it raises a refusal.

    `name` is the refusal's reason in the record.
    """

    name: str
    owed: Callable[[Runtime, User, Sequence[Proof]], Awaitable[Need | None]]


async def _active(_: Runtime, user: User, proofs: Sequence[Proof]) -> Need | None:
    if not user.is_active:
        raise InactiveUser
    return None


async def _confirmed(runtime: Runtime, user: User, proofs: Sequence[Proof]) -> Need | None:
    if runtime.settings.REQUIRE_EMAIL_VERIFICATION and not user.email_verified:
        raise EmailNotVerified
    return None


# What may refuse comes before what may ask: nobody shows a second factor to an account that is closed anyway. A step
# that asks comes last, and is asked again after each proof.
STEPS: Final[tuple[Step, ...]] = (Step("inactive", _active), Step("unverified", _confirmed))
