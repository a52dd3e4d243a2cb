"""Set up one's own passkeys, and call them something."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from models import Credential, Passkey, User
from models.user import Factor
from service.core.client import Client
from service.core.http.user_agents import device_name
from service.core.webauthn import ceremonies
from service.core.webauthn.ceremonies import Attestation, NewKey, Unacceptable
from service.credentials import passkey_challenges, passkeys
from service.credentials.recovery_codes import Made
from service.errors import NotFound, TooManyPasskeys
from service.factors import setting_up
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting, expect_shown
from service.sessions.callers import Caller

LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a browser is to make a passkey for: `challenge`, whose it is to be, and which ones there are already."""

    challenge: str
    user: User
    known: tuple[tuple[str, list[str]], ...]


@dataclass(frozen=True, slots=True)
class New:
    """A key that was made, what it is called, and the log-in in which that was, if it was in one."""

    key: NewKey
    name: str
    used_for: UUID | None = None


@dataclass(frozen=True, slots=True)
class SetUp:
    """It is the account's now. Recovery codes come with the first factor, and are shown this once."""

    passkey: Passkey
    recovery_codes: tuple[str, ...] | None = field(repr=False)


async def begin(runtime: Runtime, caller: Caller) -> Wanted:
    """Ask for a passkey. It takes a fresh session, and stores nothing. Raises `TooManyPasskeys`."""
    async with acting(runtime, caller, fresh=True) as user:
        setting_up.expect_allowed(runtime, user)
        return await wanted(runtime, user, caller.session.sid)


async def wanted(runtime: Runtime, user: User, made_for: UUID) -> Wanted:
    """Return what to make a passkey for, in this session or log-in. Raises `TooManyPasskeys`."""
    known = await passkeys.list_of(user)
    if len(known) >= passkeys.MOST:
        raise TooManyPasskeys
    purpose = passkey_challenges.of_set_up(made_for)
    return Wanted(passkey_challenges.make(runtime, purpose), user, tuple(passkeys.known_as(known)))


async def confirm(runtime: Runtime, caller: Caller, shown: Attestation, name: str | None, *, end_others: bool) -> SetUp:
    """Make a new passkey the account's; the browser has made it for the challenge of this session.

    Log-ins under way and the trust of devices end with it, other sessions if asked for, and where a recovery code was
    shown in this one. Raises `InvalidPasskey`, `TooManyPasskeys`. Once more with the same one, it says that it is done.
    """
    sid, user = caller.session.sid, caller.user
    key = await take(runtime, shown, sid)
    if there := await _there(user, key):
        return SetUp(there, None)
    ends = setting_up.asks_to_end(caller, end_others)
    codes = await setting_up.codes_for(runtime, user)
    async with acting(runtime, caller) as user:
        setting_up.expect_allowed(runtime, user)
        if there := await _there(user, key):
            return SetUp(there, None)
        await expect_shown(runtime, caller, user)
        others = await endings.living(runtime, user, keep=sid) if ends else None
        if ends:
            await endings.end_all(runtime, user, keep=sid)
        new = New(key, called(name, caller.client))
        passkey, codes = await put(runtime, user, new, codes)
        await setting_up.note_added(runtime, user, caller.client, passkeys.KIND, sid=sid, ended=ends, sessions=others)
    await setting_up.follow_up(runtime, caller, passkeys.proof_of(runtime, passkey, key.flags), ended=ends)
    return SetUp(passkey, codes.codes if codes else None)


async def take(runtime: Runtime, shown: Attestation, made_for: UUID) -> NewKey:
    """Return the key that is shown, where it was made for a challenge of this session or log-in, and for no other's.

    Raises `InvalidPasskey`.
    """
    return await take_for(runtime, shown, passkey_challenges.of_set_up(made_for))


async def take_for(runtime: Runtime, shown: Attestation, purpose: str) -> NewKey:
    """Return the key that is shown, where it was made for a challenge of this purpose. Raises `InvalidPasskey`."""
    try:
        key = ceremonies.read_attestation(shown, passkeys.party_of(runtime.settings))
    except Unacceptable as error:
        raise passkeys.refused(error.reason).error from None
    if not passkey_challenges.is_good(runtime, key.challenge, purpose):
        raise passkeys.refused("challenge").error
    if not await passkey_challenges.claim(runtime, key.challenge, passkeys.number_of(key.raw_id)):
        raise passkeys.refused("replayed").error
    return key


async def put(runtime: Runtime, user: User, new: New, codes: Made | None) -> tuple[Passkey, Made | None]:
    """Make a key the user's, with recovery codes if there are none. The row is locked. Raises `TooManyPasskeys`."""
    if len(await passkeys.list_of(user)) >= passkeys.MOST:
        raise TooManyPasskeys
    passkey = await passkeys.add(runtime, user, new.key, new.name, new.used_for)
    return passkey, await setting_up.put_codes(runtime, user, codes, beside=Factor.PASSKEY)


def called(name: str | None, client: Client) -> str:
    """Return what a new passkey is called: after the device, if nothing is said. An app's name can be of any length."""
    return (name or device_name(client.user_agent))[:LONGEST_NAME]


async def rename(runtime: Runtime, caller: Caller, number: UUID, name: str) -> Passkey:
    """Call a passkey something else. Raises `NotFound`."""
    async with acting(runtime, caller) as user:
        if not await Credential.filter(id=number, user_id=user.id, kind=passkeys.KIND).update(label=name):
            raise NotFound("There is no such passkey.")
        return await Passkey.get(credential_id=number).select_related("credential")


async def _there(user: User, key: NewKey) -> Passkey | None:
    """Return the passkey if it is the user's already. Raises `InvalidPasskey` where it is another's."""
    found = await passkeys.find(key.raw_id)
    if found is not None and passkeys.owner_id(found) != user.id:
        raise passkeys.refused("taken").error
    return found
