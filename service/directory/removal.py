"""Deleting accounts, and the rule that one active superuser must be left."""

from __future__ import annotations

from uuid import UUID

from tortoise.expressions import Q

from models import OutboxMail, SecurityEvent, User
from service.audit import events
from service.directory import notices
from service.errors import LastSuperuser
from service.runtime import Runtime


async def keep_a_superuser(user: User) -> None:
    """Raise `LastSuperuser` when `user` is the last active one. Called under SUPERUSER_LOCK, before the change."""
    if user.is_superuser and user.is_active:
        others = User.filter(is_superuser=True, is_active=True).exclude(id=user.id)
        if not await others.exists():
            raise LastSuperuser


async def remove_account(runtime: Runtime, user: User, *, actor_id: UUID | None) -> None:
    """Delete an account. Its security events stay, without anything that says whose they were.

    Called under SUPERUSER_LOCK, with the row locked; its sessions are to be deleted after the commit. Raises
    `LastSuperuser`.
    """
    await keep_a_superuser(user)
    await SecurityEvent.filter(user_id=user.id).update(user_id=None, ip=None, user_agent=None, actor_id=None)
    addresses = (user.email, user.email_canonical)
    await OutboxMail.filter(Q(user_id=user.id) | Q(recipient__in=addresses)).delete()
    await notices.account_deleted(runtime, user)
    await user.delete()
    actor = actor_id if actor_id != user.id else None
    await events.record(runtime, events.USER_DELETED, user_id=None, actor_id=actor)
