"""The first proof of a mailbox, and whose account it makes good (R79; Sudhodanan & Paverd, "Pre-hijacked accounts").

Anybody can register anybody's address, and wait for its owner to press the link. So the link proves the mailbox and
no more. The person is proven by a password: that of the account, or of another registration of the address. Or they
choose one. Unless it was the account's own, everything older in the account is somebody else's, and ends. It does so as
well where the mailbox alone is to let them in, without any password.

A session of the account proves nothing here: whoever prepared the account could have planted it in this browser.
"""

from __future__ import annotations

from dataclasses import dataclass

from models import Identity, KnownDevice, User
from models.user import Factor
from service.accounts import registrations
from service.audit import events
from service.core.client import Client
from service.core.text.email_address import parse_email
from service.credentials import budgets, factors, identities, known_devices, passwords, verification
from service.credentials.passwords import Password
from service.errors import Fault, InvalidGrant, InvalidToken, ValidationFailed
from service.errors.end_reasons import EndReason
from service.letters import notices, onetime
from service.runtime import Runtime
from service.sessions import endings

_WHICH = "Give the password you registered with, or choose one."
_ONE = "Give the password you registered with or choose one, not both."


@dataclass(frozen=True, slots=True)
class Own:
    """The password is the account's, as its credentials were then: whoever confirms is whoever has been in it."""

    version: int


@dataclass(frozen=True, slots=True)
class Claim:
    """The account gets this password and name; what is older in it is over. `way` is how it was claimed."""

    hashed: str
    full_name: str | None
    language: str | None
    way: str

    @property
    def ends(self) -> EndReason:
        """Why the older sessions end."""
        return EndReason.CONFIRMED_BY_ANOTHER if self.way == "registration" else EndReason.ACCOUNT_CLAIMED


@dataclass(frozen=True, slots=True)
class Emptied:
    """The account has no password any more, and this name: the mailbox lets in, and what is older in it is over."""

    full_name: str | None
    language: str | None
    way = "mailbox"
    ends = EndReason.ACCOUNT_CLAIMED


async def prove(
    runtime: Runtime, user: User, client: Client, *, password: str | None, new_password: str | None
) -> Own | Claim:
    """Return what the holder of a link to `user`'s mailbox has shown to be theirs.

    Raises `ValidationFailed` for none or both, or for a password that can't be chosen; `InvalidGrant` for a wrong one,
    `RateLimited` for too many.
    """
    if new_password is not None:
        if password is not None:
            raise ValidationFailed([Fault("/new_password", _ONE)])
        return await choose(runtime, user, new_password, client, way="link", pointer="/new_password")
    if password is None:
        raise ValidationFailed([Fault("/password", _WHICH)])
    others = await registrations.pending(runtime, user.id)
    hashes = [other.hashed_password for other in others]
    found = await verification.which(runtime, user, hashes, Password(password), client)
    if found is None:
        await events.record(runtime, events.REAUTHENTICATION_FAILED, user_id=user.id, client=client)
        raise InvalidGrant("Incorrect password")
    if found == 0:
        return Own(user.credentials_version)
    made = others[found - 1]
    name = made.full_name or await own_name(runtime, user)
    return Claim(made.hashed_password, name, made.language or user.language, "registration")


async def choose(
    runtime: Runtime, user: User, password: str, client: Client, *, way: str, pointer: str = "/password"
) -> Claim:
    """Return the claim of somebody who sets a password. Raises `ValidationFailed` for one that can't be chosen."""
    hashed = await passwords.hash_new(runtime, password, parse_email(user.email), pointer=pointer)
    return Claim(hashed, await own_name(runtime, user), client.language or user.language, way)


async def by_mailbox(runtime: Runtime, user: User, client: Client) -> Own | Emptied:
    """Return what somebody has shown who is let in because the mailbox is theirs, and gave no password.

    Where the account has one, nobody knows whose that is: it ends, and whatever was opened with it. One that has none,
    and where nobody has ever logged in, was in nobody's hands.
    """
    opened = await KnownDevice.exists(user_id=user.id) or await Identity.exists(user_id=user.id)
    if not opened and not user.factors and await passwords.read(user) is None:
        return Own(user.credentials_version)
    return Emptied(await own_name(runtime, user), client.language or user.language)


async def settle(runtime: Runtime, user: User, shown: Own | Claim | Emptied, client: Client) -> None:
    """Confirm the address for whoever has proven it, and end what isn't theirs.

    Part of the caller's transaction, in which a link was spent: the user's row is locked. Raises `InvalidGrant` when
    the account has another password by now, and `InvalidToken` when somebody has confirmed the address: what sets a
    password then is a link for that, which lives shorter.
    """
    was_confirmed = user.email_verified
    user.email_verified, user.updated_at = True, runtime.clock.now()
    match shown:
        case Own(version):
            if user.credentials_version != version:
                raise InvalidGrant("Incorrect password")
            factors.proven(user)
            await user.save(update_fields=["email_verified", "updated_at", "factors"])
            await onetime.end_confirmations(runtime, user)
        case Claim() | Emptied() if was_confirmed:
            raise InvalidToken
        case Claim(hashed, full_name, language, way):
            user.full_name, user.language = full_name, language
            await user.save(update_fields=["email_verified", "updated_at", "full_name", "language"])
            await passwords.put(runtime, user, hashed)
            await _end_what_is_older(runtime, user, client, way)
        case Emptied(full_name, language):
            user.full_name, user.language = full_name, language
            await user.save(update_fields=["email_verified", "updated_at", "full_name", "language"])
            await passwords.take_away(user)
            await _end_what_is_older(runtime, user, client, Emptied.way)
    await events.record(runtime, events.EMAIL_VERIFIED, user_id=user.id, client=client)


async def _end_what_is_older(runtime: Runtime, user: User, client: Client, way: str) -> None:
    ended = await endings.living(runtime, user)
    await endings.end_all(runtime, user)
    await onetime.revoke(runtime, user)
    await end_ways_back(runtime, user, client)
    await known_devices.forget_all(runtime, user.id)
    if Factor.UNPROVEN in Factor(user.factors):
        await factors.remove(user)
    await identities.remove(user)
    await events.record(runtime, events.ACCOUNT_CLAIMED, user_id=user.id, client=client, **events.which(ended), way=way)


async def clear(runtime: Runtime, user: User, reason: EndReason) -> None:
    """Delete what `settle` has made worthless, for `reason`. Called after the commit."""
    await endings.delete_sessions(runtime, user.id, reason)
    await budgets.forget_guesses(runtime, user)


async def end_ways_back(runtime: Runtime, user: User, client: Client) -> None:
    """End every way back to an address from before, and tell those that had been confirmed."""
    for address in await onetime.undo_addresses(runtime, user, confirmed=True):
        await notices.address_final(runtime, user, address)
        await events.record(runtime, events.EMAIL_CHANGE_FINAL, user_id=user.id, client=client)
    await onetime.revoke_undo(user)


async def own_name(runtime: Runtime, user: User) -> str | None:
    """Return the name that stays: an administrator's. One that was registered is anybody's words (R80)."""
    return None if await registrations.was_registered(runtime, user) else user.full_name
