"""Register with a passkey and nothing else, where no e-mail goes out: elsewhere the mailbox is the first way in.

The account is as unconfirmed as one that is registered with a password there. If mail is switched on later, whoever
then proves the mailbox gets it without this passkey (service/accounts/claims.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from models import User
from models.user import Factor
from service.accounts import accounts
from service.audit import events
from service.core.client import Client
from service.core.http.user_agents import device_name
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress
from service.core.webauthn.ceremonies import Attestation
from service.credentials import budgets, factors, passkey_challenges, passkeys, recovery_codes
from service.credentials.recovery_codes import Made
from service.errors import InvalidPasskey, NotFound
from service.factors import passkeys_set_up
from service.factors.passkeys_set_up import New, Wanted
from service.runtime import Runtime
from service.settings import Settings
from service.signin import door
from service.signin.door import Pending, SignedIn
from service.stores.letter_kinds import VERIFY_ADDRESS


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who registers: the number that the account is to have, and what it is to be called."""

    number: UUID
    email: EmailAddress
    full_name: str | None


@dataclass(frozen=True, slots=True)
class Registered:
    """The account is there, and what came of its first log-in; the recovery codes are shown this once."""

    outcome: SignedIn | Pending
    recovery_codes: tuple[str, ...] = field(repr=False)


def is_open(settings: Settings) -> bool:
    """Return whether one can register so: passkeys can be set up, and no e-mail goes out."""
    return settings.SECOND_FACTOR != "off" and not settings.mail_goes_out


def begin(runtime: Runtime, email: EmailAddress, full_name: str | None) -> Wanted:
    """Ask for a passkey for an account that isn't there yet: its number is `Wanted.user.id`. It stores nothing.

    Whether the address has an account already isn't looked at. Raises `NotFound` where one can't register so.
    """
    _expect_open(runtime)
    user = User(id=uuid4(), email=email.given, full_name=full_name)
    return Wanted(passkey_challenges.make(runtime, _purpose(user.id, email)), user, ())


async def confirm(
    runtime: Runtime, applicant: Applicant, shown: Attestation, name: str | None, client: Client
) -> Registered:
    """Make the account with the passkey that was made for it, and log in.

    Raises `NotFound` as `begin` does; `InvalidPasskey`, also for one that couldn't open the account alone;
    `EmailTaken`, `RateLimited`.
    """
    _expect_open(runtime)
    await budgets.pay_for_registration(runtime, client)
    key = await passkeys_set_up.take_for(runtime, shown, _purpose(applicant.number, applicant.email))
    if not key.flags.verified or key.discoverable is False:
        raise _refused("not_alone")
    codes = await recovery_codes.make(runtime)
    try:
        async with transaction():
            new = New(key, name or device_name(client.user_agent))
            user = await _create(runtime, applicant, new, codes, client)
    except IntegrityError:
        raise _refused("taken") from None
    passkey = await passkeys.find(key.raw_id)
    proof = passkeys.proof_of(runtime, passkey, key.flags) if passkey else passkeys.refused("changed")
    return Registered(await door.begin(runtime, user, proof, client), codes.codes)


async def _create(runtime: Runtime, applicant: Applicant, new: New, codes: Made, client: Client) -> User:
    user = await accounts.create_account(
        runtime,
        applicant.email,
        None,
        applicant.full_name,
        event=events.REGISTERED,
        letter=VERIFY_ADDRESS,
        client=client,
        user_id=applicant.number,
    )
    await passkeys.add(runtime, user, new.key, new.name)
    await recovery_codes.put(runtime, user, codes)
    await factors.changed(user, added=Factor.PASSKEY | Factor.RECOVERY_CODE)
    await events.record(runtime, events.FACTOR_ADDED, user_id=user.id, client=client, kind=passkeys.KIND)
    return user


def _expect_open(runtime: Runtime) -> None:
    if not is_open(runtime.settings):
        raise NotFound


def _purpose(number: UUID, email: EmailAddress) -> str:
    return passkey_challenges.of_registration(number, email.canonical)


def _refused(reason: str) -> InvalidPasskey:
    error = passkeys.refused(reason).error
    assert isinstance(error, InvalidPasskey)  # noqa: S101 - it always is
    return error
