"""What stands between a right proof and a session, in this order, whichever way somebody comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from models import User
from service.core.client import Client
from service.credentials import factors, trusted_devices
from service.credentials.proof import Proof
from service.errors import EmailNotVerified, InactiveUser
from service.runtime import Runtime
from service.signin.proofs import assured


@dataclass(frozen=True, slots=True)
class Need:
    """That something is still owed: one of `methods`, as the API names them, the likeliest first.

    With `enrolment` nobody could show it yet: one of them has to be set up now. `note` is for the record.
    """

    methods: tuple[str, ...]
    enrolment: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One of them. `owed` says what is still owed after these proofs, None for nothing; or it raises a refusal.

    `name` is the refusal's reason in the record.
    """

    name: str
    owed: Callable[[Runtime, User, Sequence[Proof], Client], Awaitable[Need | None]]


async def _active(_: Runtime, user: User, proofs: Sequence[Proof], client: Client) -> Need | None:
    if not user.is_active:
        raise InactiveUser
    return None


async def _confirmed(runtime: Runtime, user: User, proofs: Sequence[Proof], client: Client) -> Need | None:
    if runtime.settings.REQUIRE_EMAIL_VERIFICATION and not user.email_verified:
        raise EmailNotVerified
    return None


async def _second_factor(runtime: Runtime, user: User, proofs: Sequence[Proof], client: Client) -> Need | None:
    """Ask for the second factor that there is, but on a device that its user trusts; else for one to be set up, where
    there has to be one.
    """
    if assured(proofs).level > 1:
        return None
    if user.has_factor:
        trust = await trusted_devices.look(runtime, user, client)
        if trust == "holds":
            return None
        return Need(user.factor_methods, note="trust_ended" if trust == "over" else "")
    if factors.demanded(runtime.settings, user):
        return Need(factors.CAN_BE_SET_UP, enrolment=True)
    return None


# What may refuse comes before what may ask: nobody shows a second factor to an account that is closed anyway. A step
# that asks comes last, and is asked again after each proof.
STEPS: Final[tuple[Step, ...]] = (
    Step("inactive", _active),
    Step("unverified", _confirmed),
    Step("second_factor", _second_factor),
)
