"""Deleting accounts, and the rule that one active superuser must be left."""

from __future__ import annotations

from uuid import UUID

from models import User
from service.accounts import traces
from service.audit import events
from service.errors import LastSuperuser
from service.letters import notices
from service.runtime import Runtime


async def keep_a_superuser(user: User) -> None:
    """Raise `LastSuperuser` when `user` is the last active one. Called under SUPERUSER_LOCK, before the change."""
    if user.is_superuser and user.is_active:
        others = User.filter(is_superuser=True, is_active=True).exclude(id=user.id)
        if not await others.exists():
            raise LastSuperuser


async def remove_account(runtime: Runtime, user: User, *, actor_id: UUID | None, by_operator: bool = False) -> None:
    """Delete an account, and what features keep of its user; what else it has left is taken by traces.py.

    Called under SUPERUSER_LOCK, with the row locked; after the commit comes `traces.follow_up`. Raises `LastSuperuser`.
    `actor_id` is None where it is a command that does it (`by_operator`).
    """
    await keep_a_superuser(user)
    await traces.begin(runtime, user)
    await notices.account_deleted(runtime, user)
    for feature in runtime.features:
        if feature.deleted is not None:
            await feature.deleted(runtime, user.id)
    await user.delete()
    actor = actor_id if actor_id != user.id else None
    # The request is the owner's own: what it is called is a trace as well.
    traceable = actor is not None
    if by_operator:
        await events.record(runtime, events.USER_DELETED, user_id=None, by="operator")
    else:
        await events.record(runtime, events.USER_DELETED, user_id=None, actor_id=actor, traceable=traceable)
