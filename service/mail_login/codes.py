"""Codes, and what a browser holds that has asked for one: both come from the log-in's number, and nothing is stored.

A code is the log-in's number under a keyed hash, in six digits. So the same letter, sent again, has the same one, and
no table and no dump of Redis holds anything that could be tried out. Six digits can't be protected by hashing: the key
is, and that so few are looked at (R20, R22).
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import Final
from uuid import UUID

from service.core.crypto.derivation import derive_keys
from service.core.crypto.sealing import Sealer
from service.core.text import base64url
from service.stores.tickets import Ticket

DIGITS: Final = 6
PREFIX: Final = "lkm_"
_CONTEXT: Final = b"challenge"


def code_of(secrets: tuple[str, ...], number: UUID) -> str:
    """Return the code of the log-in `number`."""
    return _code(_keys(secrets)[0], number)


def is_code_of(secrets: tuple[str, ...], number: UUID, text: str) -> bool:
    """Return whether `text` is the code of the log-in `number`, under any of the keys. Compares in constant time."""
    right = [hmac.compare_digest(_code(key, number), text) for key in _keys(secrets)]
    return any(right)


def challenge_of(secrets: tuple[str, ...], ticket: Ticket) -> str:
    """Return the challenge of a log-in: its ticket, sealed, for that says whose account it is, if anybody's.

    All are of one length, and no two alike.
    """
    return PREFIX + base64url.encode(_sealer(secrets).seal(ticket.uid.bytes + ticket.number.bytes, _CONTEXT))


def ticket_of(secrets: tuple[str, ...], challenge: str) -> Ticket | None:
    """Return the ticket in a genuine challenge, None for anything else."""
    encoded = challenge.removeprefix(PREFIX)
    sealed = base64url.decode(encoded) if encoded != challenge else None
    plain = _sealer(secrets).open(sealed, _CONTEXT) if sealed else None
    return Ticket(UUID(bytes=plain[:16]), UUID(bytes=plain[16:])) if plain else None


def stand_in_for(secrets: tuple[str, ...], canonical: str) -> UUID:
    """Return the id that stands for nobody at this address: always the same one, as an account's would be."""
    key = derive_keys(secrets, "nobody at an address")[0]
    return UUID(bytes=hmac.digest(key, canonical.encode(), "sha256")[:16], version=4)


def _code(key: bytes, number: UUID) -> str:
    value = int.from_bytes(hmac.digest(key, number.bytes, "sha256"))
    return f"{value % 10**DIGITS:0{DIGITS}}"


@lru_cache(maxsize=4)  # a process has one set of secrets; tests have a few
def _keys(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return derive_keys(secrets, "code in a letter")


@lru_cache(maxsize=4)
def _sealer(secrets: tuple[str, ...]) -> Sealer:
    return Sealer(secrets, "challenge of a log-in by mail")
