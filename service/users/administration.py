"""What superusers do with accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from tortoise.exceptions import IntegrityError

from models import User
from service.accounts import accounts, traces
from service.accounts.removal import keep_a_superuser, remove_account
from service.audit import events
from service.core.text.email_address import EmailAddress, parse_email
from service.credentials import budgets, identities, known_devices, passwords
from service.errors import EmailTaken, InactiveUser, NotFound
from service.errors.end_reasons import EndReason
from service.letters import notices, onetime
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting, administering, demand_superuser, expect_fresh
from service.sessions.callers import Caller
from service.stores.letter_kinds import RESET_PASSWORD, SET_PASSWORD, VERIFY_ADDRESS, Letter


@dataclass(frozen=True, slots=True)
class Change:
    """What to change of a user; None leaves it. `full_name` may become empty: `clear_name` says so."""

    email: EmailAddress | None = None
    full_name: str | None = None
    clear_name: bool = False
    password: str | None = field(default=None, repr=False)
    is_active: bool | None = None
    is_superuser: bool | None = None

    @property
    def for_good(self) -> bool:
        """Whether it makes somebody more than they were, or takes what only they could give back. By what is said, not
        by what it comes to: two of the same at once are two.
        """
        roles = self.is_superuser is not None or self.is_active is True
        return roles or self.password is not None or self.email is not None

    @property
    def ends(self) -> EndReason | None:
        """Why the user's sessions end with it, if they do; of several reasons the one that is told first."""
        if self.is_active is False:
            return EndReason.USER_DISABLED
        if self.password is not None:
            return EndReason.PASSWORD_SET
        return EndReason.ROLE_CHANGED if self.is_superuser is False else None


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account to be made; without a password its user gets a letter to set one."""

    email: EmailAddress
    password: str | None = field(repr=False)
    full_name: str | None
    is_active: bool
    is_superuser: bool


async def get_user(runtime: Runtime, user_id: UUID | None) -> User:
    """Return a user; raise `NotFound`. None is an id that can't be one."""
    user = await User.get_or_none(id=user_id) if user_id else None
    if user is None:
        raise NotFound("The user with this id does not exist in the system")
    return user


async def get_user_as(runtime: Runtime, caller: Caller, user_id: UUID | None) -> User:
    """Return a user to themselves or to a superuser. Anyone else learns nothing, not even whether the id exists."""
    if user_id == caller.user.id:
        return caller.user
    demand_superuser(runtime.settings, caller.user, caller.session)
    return await get_user(runtime, user_id)


async def create_user(runtime: Runtime, new: NewUser, *, actor: Caller) -> User:
    """Create a user, and write them a letter. It takes a fresh session. Raises `EmailTaken`, `ValidationFailed`."""
    await expect_fresh(runtime, actor)
    return await accounts.create_account(
        runtime,
        new.email,
        new.password,
        new.full_name,
        event=events.USER_CREATED,
        letter=SET_PASSWORD if new.password is None else VERIFY_ADDRESS,
        is_active=new.is_active,
        is_superuser=new.is_superuser,
        actor_id=actor.user.id,
        client=actor.client,
        within=lambda: acting(runtime, actor, fresh=True, superuser=True),
    )


async def change_user(runtime: Runtime, user_id: UUID | None, change: Change, *, actor: Caller | None) -> User:
    """Change a user. Deactivating, demoting and a new password end the user's sessions (R30).

    What is for good takes a fresh session of the `actor` (None: a command's): a password, an address, a role, letting
    somebody in again. Disabling somebody doesn't: that is for emergencies, and can be taken back.
    Raises `NotFound`, `EmailTaken`, `ValidationFailed`, `LastSuperuser`, and what `administering` raises.
    """
    hashed = await _prepare(runtime, user_id, change, actor)
    ends = change.ends
    try:
        # Only one such change at a time: two superusers demoting each other must not both succeed.
        async with administering(runtime, actor, user_id, fresh=change.for_good, alone=True) as user:
            old, was_confirmed = parse_email(user.email), user.email_verified
            if change.is_active is False or change.is_superuser is False:
                await keep_a_superuser(user)
            changed = _apply(user, change)
            user.updated_at = runtime.clock.now()
            await user.save(update_fields=[*changed, "updated_at"])
            if hashed is not None:
                await passwords.put(runtime, user, hashed)
                changed.append("password")
            # Nobody else's either: a superuser's stolen session could have put another account in the owner's way.
            if change.email is not None and await onetime.is_held(runtime, user.email_canonical, user_id=user.id):
                raise EmailTaken
            gone = await endings.living(runtime, user) if ends else None
            if ends:
                await endings.end_all(runtime, user)
            if change.password is not None:
                await known_devices.forget_all(runtime, user.id)
            oneself = actor is not None and actor.user.id == user.id
            await _tell(runtime, user, change, old, was_confirmed=was_confirmed, oneself=oneself)
            await events.record(
                runtime,
                events.USER_UPDATED,
                user_id=user.id,
                actor_id=actor.user.id if actor else None,
                client=actor.client if actor else None,
                **events.which(gone),
                changed=" ".join(name for name in changed if name != "email_canonical"),
                sessions_ended=ends is not None,
                why=ends,
            )
    except IntegrityError:
        raise EmailTaken from None
    if ends:
        await endings.delete_sessions(runtime, user.id, ends)
    if change.password is not None:
        await budgets.forget_guesses(runtime, user)
    return user


async def delete_user(runtime: Runtime, user_id: UUID | None, *, actor: Caller | None) -> None:
    """Delete a user. It takes a fresh session of the `actor`; None: a command's. Raises `NotFound`, `LastSuperuser`."""
    async with administering(runtime, actor, user_id, fresh=True, alone=True) as user:
        await remove_account(runtime, user, actor_id=actor.user.id if actor else None, by_operator=actor is None)
    await traces.follow_up(runtime, user.id)


async def end_sessions(runtime: Runtime, user_id: UUID | None, *, actor: Caller) -> None:
    """End all of a user's sessions, at once: it is for emergencies. Raises `NotFound`."""
    async with administering(runtime, actor, user_id) as user:
        ended = await endings.living(runtime, user)
        await endings.end_all(runtime, user)
        if ended.number != 0:  # said again, it is no news
            await notices.sessions_ended(runtime, user)
        await events.record(
            runtime,
            events.SESSIONS_ENDED,
            user_id=user.id,
            actor_id=actor.user.id,
            client=actor.client,
            **events.which(ended),
            ended=ended.number,
        )
    await endings.delete_sessions(runtime, user.id, EndReason.ENDED_BY_ADMINISTRATOR)


async def send_letter(runtime: Runtime, user_id: UUID | None, *, actor: Caller) -> Letter:
    """Have the letter sent, once more, that gets a user in; return which that is.

    To set a first password, where there is none; to confirm the address; else to set another password. It goes like
    those that users ask for themselves, and as often. Raises `NotFound`, and `InactiveUser`: nothing gets them in.
    """
    async with administering(runtime, actor, user_id) as user:
        if not user.is_active:
            raise InactiveUser
        if await passwords.read(user) is None:
            letter = SET_PASSWORD
        else:
            letter = RESET_PASSWORD if user.email_verified else VERIFY_ADDRESS
        await accounts.ask(runtime, letter, user.email, user.language, user_id=user.id)
    return letter


async def _prepare(runtime: Runtime, user_id: UUID | None, change: Change, actor: Caller | None) -> str | None:
    """Return the new password's hash, if there is one. What is refused here is early; the transaction decides."""
    if actor is not None and change.for_good:
        await expect_fresh(runtime, actor)
    user = await User.get_or_none(id=user_id) if user_id and change.password else None
    if user is None or change.password is None:
        return None
    return await passwords.hash_new(runtime, change.password, change.email or parse_email(user.email))


async def _tell(
    runtime: Runtime, user: User, change: Change, old: EmailAddress, *, was_confirmed: bool, oneself: bool
) -> None:
    """End the links that the change outdates, and tell the user of what they must know.

    An administrator's word is the last one: what an address in between could take back would undo it. But what a
    superuser does to their own account is said by a session, which may be stolen, and the mailbox outranks it.
    """
    moved = user.email_canonical != old.canonical
    if moved or (change.password is not None and not oneself):
        await onetime.revoke(runtime, user)
    if moved:
        providers = await identities.in_words(user)
        if oneself:
            await notices.address_changed(runtime, user, old, was_confirmed=was_confirmed, providers=providers)
        else:
            await onetime.revoke_undo(user)
            await notices.address_changed_by_administrator(
                runtime, user, old, was_confirmed=was_confirmed, providers=providers
            )
        await accounts.ask(runtime, VERIFY_ADDRESS, user.email, user.language, user_id=user.id)
    if change.password is not None:
        await notices.password_changed(runtime, user, None)


def _apply(user: User, change: Change) -> list[str]:
    """Set the changed fields of the row; return their names."""
    new: dict[str, str | bool | None] = {}
    if change.email is not None:
        new |= {"email": change.email.given, "email_canonical": change.email.canonical}
        if change.email.canonical != user.email_canonical:
            new["email_verified"] = False
    if change.full_name is not None or change.clear_name:
        new["full_name"] = change.full_name
    if change.is_active is not None:
        new["is_active"] = change.is_active
    if change.is_superuser is not None:
        new["is_superuser"] = change.is_superuser
    user.update_from_dict(new)
    return list(new)
