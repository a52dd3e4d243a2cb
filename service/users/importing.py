"""Accounts from other systems, in batches; safe to run again, and after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import uuid4

from tortoise.exceptions import IntegrityError

from models import Credential, User
from service.audit import events
from service.core.sql.transactions import transaction
from service.credentials import passwords
from service.errors import ServiceError
from service.runtime import Runtime
from service.users import administration
from service.users.import_file import Entry, ImportedUser, Refused

BATCH = 500


@dataclass(slots=True)
class ImportReport:
    """What became of every line."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    refused: list[Refused] = field(default_factory=list)


async def import_users(
    runtime: Runtime, lines: Iterable[Entry | Refused], *, update: bool, progress: Callable[[int], None]
) -> ImportReport:
    """Create the accounts that aren't there; update the others if told to. `progress` hears how many lines are done.

    An update leaves out what the line leaves out, and a password that has been used or chosen here: the file's is
    older. Whatever ends sessions when an administrator does it ends them here.

    The new accounts of a batch are one transaction. An update is up to three (what an administrator changes, the
    confirmation, the password): a run that was cut off is run again, and finds what is left.
    """
    report = ImportReport()
    first_lines: dict[str, int] = {}
    for batch in _batches(lines):
        fresh = list(_first_of_their_address(batch, first_lines, report))
        known = {
            user.email_canonical: user
            for user in await User.filter(email_canonical__in=[entry.user.email.canonical for entry in fresh])
        }
        await _create(runtime, [entry for entry in fresh if entry.user.email.canonical not in known], report)
        for entry in fresh:
            if user := known.get(entry.user.email.canonical):
                await _meet(runtime, user, entry, report, update=update)
        progress(len(batch))
    await events.record(
        runtime,
        events.USERS_IMPORTED,
        user_id=None,
        created=report.created,
        updated=report.updated,
        skipped=report.skipped,
        refused=len(report.refused),
    )
    return report


def _batches(lines: Iterable[Entry | Refused]) -> Iterator[list[Entry | Refused]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _first_of_their_address(
    batch: list[Entry | Refused], first_lines: dict[str, int], report: ImportReport
) -> Iterator[Entry]:
    for line in batch:
        if isinstance(line, Refused):
            report.refused.append(line)
        elif (first := first_lines.setdefault(line.user.email.canonical, line.line)) != line.line:
            report.refused.append(Refused(line.line, f"the same mailbox as line {first}"))
        else:
            yield line


async def _create(runtime: Runtime, entries: list[Entry], report: ImportReport) -> None:
    if not entries:
        return
    try:
        async with transaction():
            made = [(_account(runtime, entry.user), entry.user.password_hash) for entry in entries]
            await User.bulk_create([user for user, _ in made])
            await Credential.bulk_create([passwords.new(runtime, user, hashed) for user, hashed in made if hashed])
        report.created += len(entries)
    except IntegrityError:  # an id twice, or somebody registered meanwhile: find out which, and keep the rest
        for entry in entries:
            try:
                async with transaction():
                    user = _account(runtime, entry.user)
                    await user.save(force_create=True)
                    if entry.user.password_hash:
                        await passwords.give(runtime, user, entry.user.password_hash)
                report.created += 1
            except IntegrityError:
                report.refused.append(Refused(entry.line, "the id or the mailbox is taken"))


async def _meet(runtime: Runtime, user: User, entry: Entry, report: ImportReport, *, update: bool) -> None:
    """An account that is there already."""
    try:
        if update and await _update(runtime, user, entry.user):
            report.updated += 1
        else:
            report.skipped += 1
    except ServiceError as error:
        report.refused.append(Refused(entry.line, error.detail))


async def _update(runtime: Runtime, user: User, line: ImportedUser) -> bool:
    """Bring an account in line with the file. Return whether anything changed. Raises `LastSuperuser`."""
    given = {
        name: getattr(line, name)
        for name in ("full_name", "is_active", "is_superuser", "email_verified")
        if name in line.model_fields_set and getattr(line, name) != getattr(user, name)
    }
    verified = given.pop("email_verified", None)
    if given:
        change = administration.Change(
            full_name=given.get("full_name"),
            clear_name="full_name" in given,
            is_active=given.get("is_active"),
            is_superuser=given.get("is_superuser"),
        )
        await administration.change_user(runtime, user.id, change, actor=None)
    if verified is not None:
        await User.filter(id=user.id).update(email_verified=verified)
    brought = await _bring_password(runtime, user, line.password_hash)
    return bool(given) or verified is not None or brought


async def _bring_password(runtime: Runtime, user: User, hashed: str | None) -> bool:
    """Take the file's hash where the account still has an imported one, or none."""
    if hashed is None:
        return False
    async with transaction():
        now = await User.filter(id=user.id).select_for_update().first()
        stored = await passwords.read(now) if now else None
        untouched = stored is None or runtime.passwords.outdated(stored)
        if now is None or hashed == stored or not untouched:
            return False
        await passwords.put(runtime, now, hashed)
        return True


def _account(runtime: Runtime, line: ImportedUser) -> User:
    return User(
        id=line.id or uuid4(),
        email=line.email.given,
        email_canonical=line.email.canonical,
        full_name=line.full_name,
        is_active=line.is_active,
        is_superuser=line.is_superuser,
        email_verified=line.email_verified,
        created_at=line.created_at or runtime.clock.now(),
    )
