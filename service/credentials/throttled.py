"""What throttles hold against somebody, seen and taken back by who runs the service (decision 105).

Buckets are called by keyed hashes: nobody can read from Redis whom one is about. But whoever asks about a user or an
address knows whom to hash; and of all buckets there are, those can be named that recent failures were about.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, cast

from models import KnownDevice, SecurityEvent, User
from service.audit import events
from service.core.clock import from_ms, to_ms
from service.core.http.networks import networks_of
from service.core.windows import Budget, Charge, by_network
from service.credentials import budgets, factor_guesses
from service.runtime import Runtime
from service.stores.throttle import Bucket

Whose = Literal["account", "mailbox", "device", "place", "address", "network", ""]

RECENT: Final = timedelta(days=1)
MOST_RECENT: Final = 2000
_ADDRESSES: Final = 20  # of a user's recent failures


@dataclass(frozen=True, slots=True)
class Throttled:
    """A bucket: of which `budget`, `whose` it is and `about` whom, as far as that is known, and how much is `taken`.

    `until` is how long everything is refused, None where there is something left; `of` after how many that begins.
    """

    key: str
    budget: str
    whose: Whose
    about: str
    taken: int
    of: int | None
    until: datetime | None
    forgotten_at: datetime


@dataclass(frozen=True, slots=True)
class _Named:
    charge: Charge
    whose: Whose
    about: str


async def of_user(runtime: Runtime, user: User) -> list[Throttled]:
    """Return what is counted against a user: at the account, its mailbox, the devices that it is known on.

    Raises `Unavailable`.
    """
    return await _looked_at(runtime, await _named_for(runtime, user))


async def around_user(runtime: Runtime, user: User) -> list[Throttled]:
    """Return what keeps a user from logging in just now: also at the addresses where that failed lately.

    Raises `Unavailable`.
    """
    since = runtime.clock.now() - RECENT
    recent = SecurityEvent.filter(user_id=user.id, type__in=_FAILURES, created_at__gte=since, ip__isnull=False)
    ips = await recent.order_by("-created_at").limit(MOST_RECENT).values_list("ip", flat=True)
    addresses = list(dict.fromkeys(cast("list[str]", ips)))[:_ADDRESSES]
    named = await _named_for(runtime, user) + [one for ip in addresses for one in _named_at(runtime, ip)]
    return [one for one in await _looked_at(runtime, named) if one.until is not None]


async def of_name(runtime: Runtime, name: str) -> list[Throttled]:
    """Return what is counted against a name that no account has. Raises `Unavailable`."""
    subject, budget = budgets.subject_of(None, name), budgets.guessing(runtime.settings)
    return await _looked_at(
        runtime,
        [
            _Named(Charge(budget, subject.own), "account", name),
            _Named(Charge(budget, f"account {subject.mailbox}"), "mailbox", subject.mailbox),
        ],
    )


async def of_address(runtime: Runtime, address: str) -> list[Throttled]:
    """Return what is counted against an address, and against the networks around it. Raises `Unavailable`."""
    return await _looked_at(runtime, _named_at(runtime, address))


async def everywhere(runtime: Runtime) -> AsyncIterator[list[Throttled]]:
    """Yield every bucket there is, some at a time; those are named that failures of a day were about.

    Raises `Unavailable`.
    """
    names = await _names(runtime)
    known = {budget.name: budget for budget in _budgets(runtime)}
    seen: set[str] = set()
    async for batch in runtime.throttle.buckets():
        fresh = [bucket for bucket in batch if bucket.key not in seen]
        seen.update(bucket.key for bucket in fresh)
        yield [_told(runtime, bucket, names.get(bucket.key), known.get(bucket.budget)) for bucket in fresh]


async def clear(runtime: Runtime, found: Iterable[Throttled]) -> int:
    """Forget what is counted in these buckets; return how many there still were. Raises `Unavailable`."""
    return sum([await runtime.throttle.forget_bucket(one.key) for one in found])


async def clear_user(runtime: Runtime, user: User) -> int:
    """Let a user try again, whatever was guessed; return how many buckets that were. It is recorded."""
    cleared = await clear(runtime, await of_user(runtime, user))
    if cleared:
        await events.record(runtime, events.THROTTLES_CLEARED, user_id=user.id, cleared=cleared, by="operator")
    return cleared


_FAILURES: Final = (events.LOGIN_FAILED.name, events.LOGIN_THROTTLED.name, events.REAUTHENTICATION_FAILED.name)


async def _named_for(runtime: Runtime, user: User) -> list[_Named]:
    budget, guesses = budgets.guessing(runtime.settings), list(factor_guesses.BUDGETS.items())
    mailbox = budgets.mailbox(user.email_canonical)
    found = [
        _Named(Charge(budget, f"user {user.id}"), "account", user.email),
        _Named(Charge(budget, f"account {mailbox}"), "mailbox", mailbox),
        *(_Named(Charge(one, factor_guesses.whose(user, method)), "account", user.email) for method, one in guesses),
    ]
    for device in await KnownDevice.filter(user_id=user.id):
        about = device.name or device.network
        found += [
            _Named(Charge(budget, f"device {device.id}"), "device", about),
            _Named(Charge(budget, f"place {device.id}"), "place", about),
            *(_Named(Charge(one, f"device {device.id}"), "device", about) for _, one in guesses),
        ]
    return found


def _named_at(runtime: Runtime, address: str) -> list[_Named]:
    found: list[_Named] = []
    for budget in budgets.of_addresses(runtime.settings):
        own, *around = by_network(budget, address)
        found.append(_Named(own, "address", own.subject))
        found += [_Named(charge, "network", charge.subject) for charge in around]
    return found


async def _names(runtime: Runtime) -> dict[str, _Named]:
    """Return whom buckets may be about, by the names of their keys: those who failed within a day."""
    since = runtime.clock.now() - RECENT
    rows = await (
        SecurityEvent.filter(type__in=_FAILURES, created_at__gte=since)
        .order_by("-created_at")
        .limit(MOST_RECENT)
        .values_list("user_id", "ip")
    )
    people = {row[0] for row in rows if row[0]}
    addresses = {network: row[1] for row in rows if row[1] for network in networks_of(row[1])[:1]}
    named = [one for user in await User.filter(id__in=list(people)) for one in await _named_for(runtime, user)]
    named += [one for address in addresses.values() for one in _named_at(runtime, address)]
    return {runtime.throttle.key(one.charge.budget, one.charge.subject): one for one in named}


async def _looked_at(runtime: Runtime, named: Sequence[_Named]) -> list[Throttled]:
    found = []
    for one in {runtime.throttle.key(one.charge.budget, one.charge.subject): one for one in named}.values():
        bucket = await runtime.throttle.look(one.charge.budget, one.charge.subject)
        if bucket is not None:
            found.append(_told(runtime, bucket, one, one.charge.budget))
    return found


def _told(runtime: Runtime, bucket: Bucket, named: _Named | None, known: Budget | None) -> Throttled:
    budget = named.charge.budget if named else known
    until, now = None, to_ms(runtime.clock.now())
    if budget is not None and bucket.taken >= budget.most:
        until = bucket.ends_at
    elif bucket.opens_at > now:
        until = bucket.opens_at
    return Throttled(
        key=bucket.key,
        budget=bucket.budget,
        whose=named.whose if named else "",
        about=named.about if named else "",
        taken=bucket.taken,
        of=budget.quota if budget else None,
        until=from_ms(until) if until is not None else None,
        forgotten_at=from_ms(bucket.ends_at),
    )


def _budgets(runtime: Runtime) -> list[Budget]:
    """Return the budgets whose buckets can be told from their names alone: of a network, the narrow one."""
    settings = runtime.settings
    return [budgets.guessing(settings), *factor_guesses.BUDGETS.values(), *map(replace, budgets.of_addresses(settings))]
