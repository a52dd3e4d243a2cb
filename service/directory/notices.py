"""Letters that tell users what happened to their accounts (R24, R34; ASVS 6.3.7). Written with what they tell of."""

from __future__ import annotations

from datetime import timedelta

from models import User
from service.core.devices import device_name
from service.core.email_address import EmailAddress
from service.directory import onetime
from service.directory.requests import moment
from service.mail import links
from service.mail.letters import Letter
from service.runtime import Runtime
from service.sessions.store import Client


async def address_taken(runtime: Runtime, user: User) -> None:
    """Tell that somebody tried to register the user's address."""
    await _tell(runtime, Letter.ADDRESS_TAKEN, user, link=links.log_in(runtime.settings))


async def password_changed(runtime: Runtime, user: User, client: Client | None) -> None:
    """Tell that the password is another one now. Without a `client`, an administrator changed it."""
    link = links.forgot(runtime.settings)
    await _tell(runtime, Letter.PASSWORD_CHANGED, user, link=link, **_where(client))


async def address_changed(runtime: Runtime, user: User, old: EmailAddress, *, held: bool) -> None:
    """Tell the old address, with a link that takes the change back. `user` has the new address already.

    Only an address that was confirmed is `held` meanwhile: else a stranger could keep it from its owner (R79).
    """
    token = onetime.new_token()
    expires = await onetime.issue(
        runtime,
        token,
        user_id=user.id,
        purpose=onetime.UNDO,
        life=timedelta(days=runtime.settings.EMAIL_UNDO_DAYS),
        subject=old.given,
        held_address=old.canonical if held else None,
    )
    said = {"new_email": user.email, "link": links.undo(runtime.settings, token), "expires": moment(expires)}
    await _tell(runtime, Letter.ADDRESS_CHANGED, user, to=old.given, **said)


async def address_changed_by_administrator(runtime: Runtime, user: User, old: EmailAddress) -> None:
    """Tell the old address, which may be just what the account is to be saved from: it can't take this back."""
    await _tell(runtime, Letter.ADDRESS_CHANGED, user, to=old.given, new_email=user.email, link="", expires="")


async def address_final(runtime: Runtime, user: User, old: str) -> None:
    """Tell an old address that it can't take the account back any more."""
    # Without the name: whoever reads there may not be who has the account now.
    await _tell(runtime, Letter.ADDRESS_FINAL, user, to=old, new_email=user.email, name="")


async def account_deleted(runtime: Runtime, user: User) -> None:
    """Tell that the account is gone: the owner, and who could have taken it back from somebody else."""
    for address in sorted({user.email} | await onetime.undo_addresses(runtime, user)):
        await _tell(runtime, Letter.ACCOUNT_DELETED, user, to=address)


async def new_device(runtime: Runtime, user: User, client: Client) -> None:
    """Tell of a log-in on a device that wasn't seen before."""
    link = links.devices(runtime.settings)
    await _tell(runtime, Letter.NEW_DEVICE, user, link=link, **_where(client))


async def sessions_ended(runtime: Runtime, user: User) -> None:
    """Tell that all other sessions, or all of them, were ended."""
    await _tell(runtime, Letter.SESSIONS_ENDED, user)


async def token_reused(runtime: Runtime, user: User, client: Client) -> None:
    """Tell that a refresh token was used twice, and its session ended."""
    link = links.devices(runtime.settings)
    await _tell(runtime, Letter.TOKEN_REUSED, user, link=link, **_where(client))


async def _tell(runtime: Runtime, letter: Letter, user: User, *, to: str | None = None, **values: str) -> None:
    about = None if letter is Letter.ACCOUNT_DELETED else user.id
    said = {"name": user.full_name or "", "at": moment(runtime.clock.now()), **values}
    await runtime.outbox.post(letter, to=to or user.email, language=user.language, user_id=about, **said)


def _where(client: Client | None) -> dict[str, str]:
    if client is None:
        return {"device": "", "ip": ""}
    return {"device": device_name(client.user_agent), "ip": client.ip}
