"""Accounts from other systems, in batches; safe to run again, and after an interruption."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final
from uuid import uuid4

from tortoise.exceptions import IntegrityError

from models import Credential, User
from service.audit import events
from service.core.process.interrupts import to_its_end
from service.core.sql.transactions import transaction
from service.credentials import brought, brought_identities, identities, passwords
from service.credentials.brought import Brought
from service.errors import AlreadyLinked, ServiceError
from service.runtime import Runtime
from service.users import administration, import_identities
from service.users.import_file import Entry, ImportedUser
from service.users.import_records import Refused

BATCH = 500
_AT_ONCE: Final = 16  # hashed beside each other, where they are: as many as every queue takes


@dataclass(slots=True)
class ImportReport:
    """What became of every line."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    without_password: int = 0
    """Of those that were created, and open by nothing else: their owners set one, by "forgot password"."""
    linked: int = 0
    """Accounts at providers that open one of these from now on."""
    refused: list[Refused] = field(default_factory=list)
    noted: list[Refused] = field(default_factory=list)
    """Lines that were imported but for a part of them."""


@dataclass(frozen=True, slots=True)
class _New:
    """An account to be made: what is stored of its hash, and its second factor."""

    entry: Entry
    hashed: str | None = field(repr=False)
    factor: Brought | None


async def import_users(
    runtime: Runtime,
    lines: Iterable[Entry | Refused],
    *,
    update: bool,
    progress: Callable[[int], None],
    report: ImportReport | None = None,
) -> ImportReport:
    """Create the accounts that aren't there; update the others if told to. `progress` hears how many lines are done.

    `report` is what is filled in: whoever interrupts it, which is between two batches, sees how far it has come.

    An update leaves out what the line leaves out, and a password that has been used or chosen here: the file's is
    older. Whatever ends sessions when an administrator does it ends them here.

    The new accounts of a batch are one transaction. An update is up to four (what an administrator changes, the
    confirmation, the password, the second factor), and one for each account at a provider: a run that was cut off is
    run again, and finds what is left.
    """
    report = ImportReport() if report is None else report
    first_lines: dict[str, int] = {}
    try:
        for batch in _batches(lines):
            fresh = list(_first_of_their_address(batch, first_lines, report))
            await to_its_end(_take(runtime, fresh, report, update=update))
            progress(len(batch))
    except BaseException:
        if report.created or report.updated:  # whatever ended it: what it has done is on record
            await to_its_end(_record(runtime, report))
        raise
    await _record(runtime, report)
    return report


async def _take(runtime: Runtime, fresh: list[Entry], report: ImportReport, *, update: bool) -> None:
    canonical = [entry.user.email.canonical for entry in fresh]
    known = {user.email_canonical: user for user in await User.filter(email_canonical__in=canonical)}
    await _create(runtime, [entry for entry in fresh if entry.user.email.canonical not in known], report)
    for entry in fresh:
        if user := known.get(entry.user.email.canonical):
            await _meet(runtime, user, entry, report, update=update)


async def _record(runtime: Runtime, report: ImportReport) -> None:
    await events.record(
        runtime,
        events.USERS_IMPORTED,
        user_id=None,
        created=report.created,
        updated=report.updated,
        skipped=report.skipped,
        refused=len(report.refused),
    )


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
    entries = await _with_free(entries)
    hashes = await _stored_forms(runtime, entries)
    found = [
        _New(entry, hashed, await _factor_of(runtime, entry.user))
        for entry, hashed in zip(entries, hashes, strict=True)
    ]
    try:
        await _store(runtime, found)
        stored = entries
    except IntegrityError:  # an id twice, or somebody registered meanwhile: find out which, and keep the rest
        stored = []
        for one in found:
            (entry,) = await _with_free([one.entry])
            try:
                await _store(runtime, [replace(one, entry=entry)])
                stored.append(entry)
            except IntegrityError:
                report.refused.append(Refused(entry.line, "the id or the mailbox is taken"))
    report.created += len(stored)
    report.linked += sum(len(entry.identities) for entry in stored)
    report.without_password += sum(not (entry.user.password_hash or entry.identities) for entry in stored)
    report.noted += [Refused(entry.line, said) for entry in stored for said in entry.left_out]


async def _with_free(entries: list[Entry]) -> list[Entry]:
    """Return the entries without the accounts at providers that open another account, of those before them as well."""
    claimed = [external for entry in entries for external in entry.identities]
    known = await brought_identities.taken(claimed)
    found = []
    for entry in entries:
        free = tuple(one for one in entry.identities if brought_identities.key(one) not in known)
        left = [import_identities.taken(one) for one in entry.identities if one not in free]
        found.append(replace(entry, identities=free, notes=(*entry.notes, *left)) if left else entry)
        known.update(map(brought_identities.key, free))
    return found


async def _stored_forms(runtime: Runtime, entries: list[Entry]) -> list[str | None]:
    """Return what is stored of the hashes; before a transaction is opened, for some of them take time."""
    found: list[str | None] = []
    for start in range(0, len(entries), _AT_ONCE):
        hashes = [entry.user.password_hash for entry in entries[start : start + _AT_ONCE]]
        found += await asyncio.gather(*(_stored_form(runtime, hashed) for hashed in hashes))
    return found


async def _stored_form(runtime: Runtime, hashed: str | None) -> str | None:
    return await runtime.passwords.stored_form(hashed) if hashed else None


async def _store(runtime: Runtime, found: list[_New]) -> None:
    """Make accounts, with what proves them, in one transaction."""
    async with transaction():
        made = [(_account(runtime, new.entry.user), new) for new in found]
        rows = [passwords.new(runtime, user, new.hashed) for user, new in made if new.hashed]
        rows += [row for user, new in made if new.factor for row in brought.rows(runtime, user, new.factor)]
        await User.bulk_create([user for user, _ in made])
        await Credential.bulk_create(rows)
        linked = [(user, external) for user, new in made for external in new.entry.identities]
        if linked:
            await brought_identities.store(runtime, linked)
        for user, new in made:
            if new.factor:
                await brought.note(runtime, user)


async def _factor_of(runtime: Runtime, line: ImportedUser) -> Brought | None:
    return await brought.prepare(runtime, line.totp, line.recovery_codes or ()) if line.totp else None


async def _meet(runtime: Runtime, user: User, entry: Entry, report: ImportReport, *, update: bool) -> None:
    """An account that is there already."""
    try:
        if not update:
            report.skipped += 1
            return
        changed = await _update(runtime, user, entry.user)
        given, left = await _bring_identities(runtime, user, entry)
        report.linked += given
        report.noted += [Refused(entry.line, said) for said in left]
        if not (changed or given):
            report.skipped += 1
            return
        report.updated += 1
        report.noted += [Refused(entry.line, said) for said in entry.left_out]
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
        user.email_verified = verified
    password = await _bring_password(runtime, user, line.password_hash)
    factor = await _bring_factor(runtime, user, line)
    return bool(given) or verified is not None or password or factor


async def _bring_password(runtime: Runtime, user: User, hashed: str | None) -> bool:
    """Take the file's hash where the account still has an imported one, or none."""
    if hashed is None:
        return False
    hashed = await runtime.passwords.stored_form(hashed)
    async with transaction():
        now = await User.filter(id=user.id).select_for_update().first()
        stored = await passwords.read(now) if now else None
        untouched = stored is None or runtime.passwords.outdated(stored)
        if now is None or hashed == stored or not untouched:
            return False
        await passwords.put(runtime, now, hashed)
        return True


async def _bring_factor(runtime: Runtime, user: User, line: ImportedUser) -> bool:
    """Take the file's second factor where nobody has had one here; its codes aren't hashed for nothing."""
    if line.totp is None or not await brought.wanting(user):
        return False
    return await brought.give(runtime, user, await brought.prepare(runtime, line.totp, line.recovery_codes or ()))


async def _bring_identities(runtime: Runtime, user: User, entry: Entry) -> tuple[int, list[str]]:
    """Let what the file has open the account as well; return how many are new, and what is said of the others."""
    given, left = 0, list[str]()
    has = {(one.issuer, one.subject) for one in await identities.list_of(user)} if entry.identities else set()
    for external in entry.identities:
        try:
            given += brought_identities.key(external) not in has and await brought_identities.give(
                runtime, user, external
            )
        except AlreadyLinked:
            left.append(import_identities.taken(external))
    return given, left


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
