"""Letters that tell users what happened to their accounts (R24, R34; ASVS 6.3.7). Written with what they tell of.

Each says whether its address is one that the user has confirmed: the gate lets it go to no other (R80).
"""

from __future__ import annotations

from datetime import timedelta

from models import User
from service.core.client import Client
from service.core.http.user_agents import device_name
from service.core.text.email_address import EmailAddress
from service.letters import links, onetime, typed
from service.runtime import Runtime
from service.stores.letter_kinds import (
    ACCOUNT_DELETED,
    ADDRESS_CHANGED,
    ADDRESS_FINAL,
    ADDRESS_TAKEN,
    NEW_DEVICE,
    PASSWORD_CHANGED,
    RESET_PASSWORD,
    SESSIONS_ENDED,
    Letter,
    moment,
)


async def address_taken(runtime: Runtime, user: User) -> None:
    """Tell that somebody gave the user's address. An owner who never confirmed it gets a link to set a password.

    Somebody else may have registered it: with the link it is the owner's.
    """
    if user.email_verified:
        await tell(runtime, ADDRESS_TAKEN, user, link=links.log_in(runtime.settings))
        return
    token = typed.new_token()
    await runtime.outbox.post(RESET_PASSWORD, to=user.email, language=user.language, user_id=user.id, token=token)


async def password_changed(runtime: Runtime, user: User, client: Client | None) -> None:
    """Tell that the password is another one now. Without a `client`, an administrator changed it."""
    link = links.forgot(runtime.settings)
    await tell(runtime, PASSWORD_CHANGED, user, link=link, **where(client, user))


async def account_emptied(runtime: Runtime, letter: Letter, user: User, client: Client) -> None:
    """Tell, in this `letter`, that the account has no password since its mailbox was proven, and where to set one."""
    link = links.forgot(runtime.settings)
    await tell(runtime, letter, user, link=link, **where(client, user))


async def address_changed(
    runtime: Runtime, user: User, old: EmailAddress, *, was_confirmed: bool, providers: str = ""
) -> None:
    """Tell the old address, with a link that takes the change back. `user` has the new address already.

    `providers` are those whose accounts open this one, as a list to be read: they go on doing so.

    An address that was never confirmed is told nothing, and nothing of it can be taken back: it may be anybody's.
    """
    if not was_confirmed:
        return
    token = typed.new_token()
    expires = await onetime.issue(
        runtime,
        token,
        user_id=user.id,
        purpose=onetime.UNDO,
        life=timedelta(days=runtime.settings.EMAIL_UNDO_DAYS),
        subject=old.given,
        held_address=old.canonical,
    )
    said = {"new_email": user.email, "link": links.undo(runtime.settings, token), "expires": moment(expires)}
    said["providers"] = providers
    await tell(runtime, ADDRESS_CHANGED, user, to=old.given, confirmed=_said(was_confirmed), **said)


async def address_changed_by_administrator(
    runtime: Runtime, user: User, old: EmailAddress, *, was_confirmed: bool, providers: str = ""
) -> None:
    """Tell the old address, which may be just what the account is to be saved from: it can't take this back."""
    said = {"new_email": user.email, "link": "", "expires": "", "providers": providers}
    await tell(runtime, ADDRESS_CHANGED, user, to=old.given, confirmed=_said(was_confirmed), **said)


async def address_final(runtime: Runtime, user: User, old: str) -> None:
    """Tell an old address that it can't take the account back any more."""
    # Without the name: whoever reads there may not be who has the account now.
    await tell(runtime, ADDRESS_FINAL, user, to=old, confirmed=_said(True), new_email=user.email, name="")


async def account_deleted(runtime: Runtime, user: User) -> None:
    """Tell that the account is gone: the owner, and who could have taken it back from somebody else."""
    await tell(runtime, ACCOUNT_DELETED, user)
    for address in sorted(await onetime.undo_addresses(runtime, user) - {user.email}):
        await tell(runtime, ACCOUNT_DELETED, user, to=address, confirmed=_said(True))


async def new_device(runtime: Runtime, user: User, client: Client) -> None:
    """Tell of a log-in on a device that wasn't seen before."""
    link = links.devices(runtime.settings)
    await tell(runtime, NEW_DEVICE, user, link=link, **where(client, user))


async def sessions_ended(runtime: Runtime, user: User) -> None:
    """Tell that all other sessions, or all of them, were ended."""
    await tell(runtime, SESSIONS_ENDED, user)


async def tell(runtime: Runtime, letter: Letter, user: User, *, to: str | None = None, **values: str) -> None:
    """Write a letter to the user's address, or to another one: then `confirmed` tells whether that is a good one."""
    about = None if letter.farewell else user.id
    confirmed = _said(user.email_verified and to is None)
    said = {"name": user.full_name or "", "at": moment(runtime.clock.now()), "confirmed": confirmed, **values}
    await runtime.outbox.post(letter, to=to or user.email, language=user.language, user_id=about, **said)


def _said(confirmed: bool) -> str:
    return "yes" if confirmed else "no"


def where(client: Client | None, user: User) -> dict[str, str]:
    """Return what a letter to the user says of where something was done: `device` and `ip`, empty for nobody's."""
    if client is None:
        return {"device": "", "ip": ""}
    return {"device": device_name(client.user_agent, user.language), "ip": client.ip}
