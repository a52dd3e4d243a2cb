"""Passkeys: key pairs of which the account has the public half, each bound to this service's domain.

What is shown is judged here, for every way of showing it: alone, as the second step of a log-in, to step up. Nothing
says outside why one isn't taken; the log has the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from models import Credential, Passkey, User
from service.audit import events
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.core.telemetry import metrics
from service.core.text import base64url
from service.core.webauthn import ceremonies
from service.core.webauthn.ceremonies import Assertion, Flags, NewKey, Party, Read, Unacceptable
from service.credentials import factors, passkey_challenges
from service.credentials.proof import DEVICE_KEY, MORE_THAN_ONE, SYNCED_KEY, Proof, Unproven
from service.errors import InvalidPasskey
from service.letters import links, notices
from service.runtime import Runtime
from service.settings import Settings
from service.stores.letter_kinds import PASSKEY_SUSPENDED

KIND: Final = factors.PASSKEY
MOST: Final = 10

for _outcome in ("right", "wrong"):
    metrics.second_factors.labels(KIND, _outcome)


@dataclass(frozen=True, slots=True)
class Showing:
    """What a passkey is shown for: `purpose`, that of its challenge, and the log-in that may show it again.

    `alone`: nothing else is shown, so it has to verify its user. `follows`: another factor was shown just before.
    """

    purpose: str
    client: Client
    log_in: UUID | None = None
    alone: bool = False
    follows: bool = False


def party_of(settings: Settings) -> Party:
    """Return who asks for passkeys."""
    return Party(settings.passkey_rp_id, settings.admits_passkeys)


def number_of(raw_id: bytes) -> UUID:
    """Return the id of a passkey's row: made of what its authenticator calls it, so that it is there once."""
    return UUID(bytes=sha256(raw_id).digest()[:16])


async def list_of(user: User) -> list[Passkey]:
    """Return the user's passkeys, the oldest first."""
    found = Passkey.filter(credential__user_id=user.id).select_related("credential")
    return await found.order_by("credential__created_at", "credential_id")


async def good_of(runtime: Runtime, user: User) -> list[Passkey]:
    """Return those of the user's that can be shown here: one of another domain can't be."""
    domain = runtime.settings.passkey_rp_id
    return [one for one in await list_of(user) if one.suspended_at is None and one.rp_id == domain]


async def find(raw_id: bytes) -> Passkey | None:
    """Return a passkey, by what its authenticator calls it."""
    found = await Passkey.get_or_none(credential_id=number_of(raw_id)).select_related("credential")
    return found if found is not None and found.raw_id == base64url.encode(raw_id) else None


async def owner_of(shown: Assertion) -> User | None:
    """Return whose passkey is shown, as far as that can be said before it is judged."""
    raw_id = base64url.decode(shown.raw_id)
    found = await find(raw_id) if raw_id else None
    return await User.get_or_none(id=owner_id(found)) if found else None


def owner_id(passkey: Passkey) -> UUID:
    """Return the id of a passkey's user."""
    found: UUID = passkey.credential.user_id  # type: ignore[attr-defined]  # Tortoise adds it
    return found


def opens_alone(passkey: Passkey, settings: Settings) -> bool:
    """Return whether its owner can log in with it and nothing else. One of another domain can't be shown here."""
    good = passkey.suspended_at is None and passkey.rp_id == settings.passkey_rp_id
    return good and passkey.uv_initialised and passkey.discoverable is not False


async def judge(runtime: Runtime, user: User, shown: Assertion, showing: Showing) -> Proof | Unproven:
    """Return what is proven by what is shown. Raises `Unavailable`.

    Who shows a copy of a passkey that can't be copied is refused, and from then on nobody gets in with it; no session
    ends, for it may be the owner who comes second.
    """
    try:
        read, passkey = await _look(runtime, user, shown, showing)
        proof = await _use(runtime, user, passkey, read, showing)
        if proof is None:
            raise Unacceptable("counter")  # noqa: TRY301 - refused as all the others
    except Unacceptable as error:
        metrics.second_factors.labels(KIND, "wrong").inc()
        return refused(error.reason)
    metrics.second_factors.labels(KIND, "right").inc()
    return proof


def refused(reason: str) -> Unproven:
    """Return that a passkey proves nothing; the reason is for the log alone."""
    return Unproven(KIND, InvalidPasskey().noted("refused.passkey", reason))


async def _look(runtime: Runtime, user: User, shown: Assertion, showing: Showing) -> tuple[Read, Passkey]:
    """Return what is shown, and which passkey of the user's has signed it. Uses the challenge up."""
    read = ceremonies.read_assertion(shown, party_of(runtime.settings))
    if not passkey_challenges.is_good(runtime, read.challenge, showing.purpose):
        raise Unacceptable("challenge")
    passkey = await find(read.raw_id)
    if passkey is None or owner_id(passkey) != user.id:
        raise Unacceptable("unknown")
    if reason := _objection(runtime, passkey, user, read, showing):
        raise Unacceptable(reason)
    if not await passkey_challenges.claim(runtime, read.challenge, showing.log_in or uuid4()):
        raise Unacceptable("replayed")
    if not ceremonies.is_signed(read, base64url.decode(passkey.credential.verifier or "") or b""):
        raise Unacceptable("signature")
    return read, passkey


def _objection(runtime: Runtime, passkey: Passkey, user: User, read: Read, showing: Showing) -> str:
    """Return why a passkey of the user's can't be shown like this, whoever has signed; "" for no reason."""
    if passkey.suspended_at is not None:
        return "suspended"
    if passkey.rp_id != runtime.settings.passkey_rp_id:
        return "rp_id"
    if read.user_handle != user.id.bytes and (showing.alone or read.user_handle is not None):
        return "user_handle"
    if read.flags.backup_eligible != passkey.backup_eligible:
        return "backup_eligible"
    if showing.alone and not (read.flags.verified and passkey.uv_initialised):
        return "user_verification"
    return ""


async def _use(runtime: Runtime, user: User, looked_at: Passkey, read: Read, showing: Showing) -> Proof | None:
    """Note the use, under the user's lock. A passkey that was removed meanwhile is none; what is removed after that
    ends what it opens, for the door compares the user's row as it was read before.

    None for a copy, which is noted as well: nothing may be raised before that is stored.
    """
    flags, now = read.flags, runtime.clock.now()
    used_for = showing.log_in or number_of(read.challenge.encode())
    async with transaction():
        locked = await User.filter(id=user.id).select_for_update().first()
        passkey = await Passkey.get_or_none(credential_id=looked_at.credential.id, suspended_at=None).select_related(
            "credential"
        )
        if locked is None or passkey is None:
            raise Unacceptable("changed")
        credential = passkey.credential
        again = credential.used_for == used_for
        if again and showing.log_in is None:  # whoever has emptied Redis has not made it good again
            raise Unacceptable("replayed")
        if _steps_back(passkey, credential, flags, again=again):
            await Passkey.filter(credential_id=credential.id).update(suspended_at=now)
            await _note_suspended(runtime, locked, credential, showing.client)
            return None
        credential.counter, credential.used_for, credential.last_used_at = flags.counter, used_for, now
        await credential.save(update_fields=["counter", "used_for", "last_used_at"])
        passkey.backed_up = flags.backed_up
        passkey.uv_initialised = passkey.uv_initialised or (flags.verified and showing.follows)
        changed = {"backed_up": passkey.backed_up, "uv_initialised": passkey.uv_initialised}
        await Passkey.filter(credential_id=credential.id).update(**changed)
    return proof_of(runtime, passkey, flags)


def proof_of(runtime: Runtime, passkey: Passkey, flags: Flags) -> Proof:
    """Return what a passkey proves: two factors where it has verified its user, and that is believed."""
    kind = SYNCED_KEY if passkey.backup_eligible else DEVICE_KEY
    both = flags.verified and passkey.uv_initialised
    methods = frozenset({kind, MORE_THAN_ONE} if both else {kind})
    return Proof(methods, 2 if both else 1, runtime.clock.now(), phishing_resistant=True)


def _steps_back(passkey: Passkey, credential: Credential, flags: Flags, *, again: bool) -> bool:
    """Return whether there is a copy of a key that can't be copied. Of synced ones there are, and they don't count."""
    last = credential.counter or 0
    if passkey.backup_eligible or (last == 0 and flags.counter == 0):
        return False
    if again and flags.counter == last:
        return False  # the very same once more: its answer got lost
    return flags.counter <= last


async def _note_suspended(runtime: Runtime, user: User, credential: Credential, client: Client) -> None:
    await events.record(runtime, events.PASSKEY_SUSPENDED, user_id=user.id, client=client)
    said = {"passkey": credential.label or "", "link": links.security(runtime.settings), **notices.where(client, user)}
    await notices.tell(runtime, PASSKEY_SUSPENDED, user, **said)


async def add(runtime: Runtime, user: User, key: NewKey, name: str, used_for: UUID | None = None) -> Passkey:
    """Make a passkey the user's. Part of a transaction that holds the row and notes the change (`factors.changed`).

    Raises `InvalidPasskey` where there is one already that is called so: somebody's, whose row isn't held.
    """
    now = runtime.clock.now()
    try:
        credential = await Credential.create(
            id=number_of(key.raw_id),
            user_id=user.id,
            kind=KIND,
            label=name,
            verifier=base64url.encode(key.public_key),
            counter=key.flags.counter,
            used_for=used_for,
            created_at=now,
        )
    except IntegrityError:
        raise refused("taken").error from None
    return await Passkey.create(
        credential=credential,
        raw_id=base64url.encode(key.raw_id),
        rp_id=runtime.settings.passkey_rp_id,
        backup_eligible=key.flags.backup_eligible,
        backed_up=key.flags.backed_up,
        uv_initialised=key.flags.verified,
        discoverable=key.discoverable,
        transports=" ".join(key.transports),
        aaguid=UUID(bytes=key.aaguid),
    )


def known_as(passkeys: Sequence[Passkey]) -> list[tuple[str, list[str]]]:
    """Return how browsers are told of passkeys: what their authenticators call them, and how they are reached."""
    return [(passkey.raw_id, passkey.transports.split()) for passkey in passkeys]
