"""Clients with a secret, as they are stored: services of the same owner that may ask about tokens (RFC 6749 section 2).

A secret is 256 random bits, so its SHA-256 is kept and no password hash: there is nothing to guess, and it is looked at
by every call. It is shown once. A client has two at most, so that a service can be given the new one in peace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from uuid import uuid4

from tortoise.exceptions import IntegrityError

from models import OAuthClient, OAuthClientSecret
from service.core.clock import Clock
from service.core.sql.database import dialect
from service.core.sql.lookup import Lookup
from service.core.sql.rows import rows_of
from service.core.sql.transactions import transaction

RESOURCE_SERVER: Final = "resource_server"
USE_IS_NOTED: Final = timedelta(hours=1)
"""How long a use counts for by itself: a call a second is no reason for a write a second."""
NAMES: Final = "A name has 1 to 64 letters, digits, spaces and ._-, and neither begins nor ends with a space."

_ID: Final = re.compile(r"rs_[A-Za-z0-9_-]{16}")
_SECRET: Final = re.compile(r"lks_[A-Za-z0-9_-]{43}")
_NAME: Final = re.compile(r"(?! )[A-Za-z0-9 ._-]{1,64}(?<! )")

_by_id: Final = Lookup(OAuthClient, "id")

# Every introspection asks this: as little as there is to say, and no model made of it.
_FIND: Final = """
SELECT "oauth_clients"."name" FROM "oauth_client_secrets" JOIN "oauth_clients"
ON "oauth_clients"."id" = "oauth_client_secrets"."client_id"
WHERE "oauth_client_secrets"."hash" = $1 AND "oauth_clients"."id" = $2 AND "oauth_clients"."kind" = $3
"""
_FIND_EMBEDDED: Final = re.sub(r"\$\d", "?", _FIND)

# By the secret's hash, when a use was last noted by this process, and which of these are still to be written.
_noted: Final[dict[str, datetime]] = {}
_unwritten: Final[set[str]] = set()


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows to be a client; `secret` is empty where there is none."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """A client that has shown one of its secrets."""

    client_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A client with a new secret, which nobody can be told a second time. `ended` is how many before it have ended."""

    client_id: str
    name: str
    secret: str = field(repr=False)
    ended: int = 0


@dataclass(frozen=True, slots=True)
class SecretInfo:
    """A living secret, by what may be said of it. `last_used_at` is right within an hour."""

    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """A client, and its secrets, the newest first."""

    client_id: str
    name: str
    kind: str
    created_at: datetime
    secrets: tuple[SecretInfo, ...]


async def is_registered(client_id: str) -> bool:
    """Return whether there is such a client. Raises `Unavailable`."""
    return _ID.fullmatch(client_id) is not None and await _by_id(client_id) is not None


async def find(shown: Shown, clock: Clock) -> Known | None:
    """Return the resource server that a secret is of; None unless it is the very client that it says it is.

    It is read each time: one that was taken away is refused at its next call, by every process. Raises `Unavailable`.
    """
    if not _ID.fullmatch(shown.client_id) or not _SECRET.fullmatch(shown.secret):
        return None
    secret = hashed(shown.secret)
    sql = _FIND if dialect() == "postgres" else _FIND_EMBEDDED
    rows = await rows_of(sql, secret, shown.client_id, RESOURCE_SERVER)
    if not rows:
        return None
    now = clock.now()
    if (noted := _noted.get(secret)) is None or now - noted >= USE_IS_NOTED:
        _noted[secret] = now
        _unwritten.add(secret)
    return Known(shown.client_id, str(rows[0]["name"]))


async def write_uses() -> None:
    """Write when secrets were used, as far as that isn't written. Raises `Unavailable`, and then has lost nothing."""
    for secret in list(_unwritten):
        await OAuthClientSecret.filter(hash=secret).update(last_used_at=_noted[secret])
        _unwritten.discard(secret)


def demand_name(name: str) -> None:
    """Raise ValueError for what can't be a client's name: also for what an id looks like, for either will do."""
    if not _NAME.fullmatch(name) or _ID.fullmatch(name):
        raise ValueError(NAMES)


async def add(name: str, now: datetime) -> Made | None:
    """Make a resource server and its first secret; None where the name is taken. Raises `Unavailable`."""
    try:
        async with transaction():
            client = await OAuthClient.create(
                id=f"rs_{token_urlsafe(12)}", name=name, kind=RESOURCE_SERVER, created_at=now
            )
            return await renew(client, now, keep=0)
    except IntegrityError:
        return None


async def named(which: str, *, locked: bool = False) -> OAuthClient | None:
    """Return the client of this id or name; `locked` until the transaction ends. Raises `Unavailable`."""
    query = OAuthClient.filter(id=which) if _ID.fullmatch(which) else OAuthClient.filter(name=which)
    return await (query.select_for_update() if locked else query).first()


async def renew(client: OAuthClient, now: datetime, *, keep: int) -> Made:
    """Give a client another secret, and end all before it but the newest `keep`. Raises `Unavailable`."""
    before = await OAuthClientSecret.filter(client_id=client.id).order_by("-created_at", "-id")
    ended = [secret.id for secret in before[keep:]]
    if ended:
        await OAuthClientSecret.filter(id__in=ended).delete()
    secret = f"lks_{token_urlsafe(32)}"
    if before:  # whatever the clock has done since, it is the newest
        now = max(now, before[0].created_at + timedelta(microseconds=1))
    await OAuthClientSecret.create(id=uuid4(), client=client, hash=hashed(secret), created_at=now)
    return Made(client.id, client.name, secret, len(ended))


async def remove(client: OAuthClient) -> None:
    """Delete a client and its secrets. Raises `Unavailable`."""
    await OAuthClientSecret.filter(client_id=client.id).delete()
    await OAuthClient.filter(id=client.id).delete()


async def list_clients() -> list[ClientInfo]:
    """Return every client, by name. Raises `Unavailable`."""
    secrets: dict[str, list[SecretInfo]] = {}
    for row in await OAuthClientSecret.all().order_by("-created_at", "-id"):
        client_id = str(row.client_id)  # type: ignore[attr-defined] # Tortoise's column
        secrets.setdefault(client_id, []).append(SecretInfo(row.created_at, row.last_used_at))
    found: Sequence[OAuthClient] = await OAuthClient.all().order_by("name")
    return [ClientInfo(row.id, row.name, row.kind, row.created_at, tuple(secrets.get(row.id, ()))) for row in found]


def hashed(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()
