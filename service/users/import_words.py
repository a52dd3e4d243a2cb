"""What the readers of other systems' accounts share."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from service.users.import_identities import Claimed
from service.users.import_values import read_flag


class RefusedAccount(ValueError):
    """An account that doesn't come along; the reason never repeats a hash."""


@dataclass(frozen=True, slots=True)
class Told:
    """An account in our words, as far as the file says; and what of it didn't come along, in words."""

    fields: Mapping[str, object] = field(repr=False)
    notes: tuple[str, ...] = ()
    identities: tuple[Claimed, ...] = ()
    """Its accounts at other providers, as the system names them."""


@dataclass(frozen=True, slots=True)
class Project:
    """What all hashes of one project of Firebase's are made with."""

    signer: bytes = field(repr=False)
    separator: bytes = field(repr=False)
    rounds: int
    memory: int


def read_project(text: str) -> Project:
    """Read `hash_config { … }` as Firebase's console shows it. Raises ValueError with what is missing, in words."""
    found = {name.lower(): value for name, value in re.findall(r'(\w+)"?\s*[:=]\s*"?([A-Za-z0-9+/=_-]+)', text)}
    try:
        if found.get("algorithm", "SCRYPT") != "SCRYPT":
            raise ValueError("its algorithm is not SCRYPT")
        signer, separator = (
            b64decode(found[name].replace("-", "+").replace("_", "/"), validate=True)
            for name in ("base64_signer_key", "base64_salt_separator")
        )
        project = Project(signer, separator, int(found["rounds"]), int(found["mem_cost"]))
    except binascii.Error:
        raise ValueError("base64_signer_key or base64_salt_separator is not in base64") from None
    except KeyError as missing:
        raise ValueError(f"there is no {missing.args[0]} in it") from None
    if len(project.signer) != 64 or not (0 < project.rounds < 64 and 0 < project.memory < 32):
        raise ValueError("base64_signer_key has 64 bytes, rounds and mem_cost are small numbers")
    return project


def yes(value: object) -> bool:
    """Return whether a flag is up, however it is written."""
    read = read_flag(value)
    return read in (True, 1) or (isinstance(read, str) and read.lower() in ("t", "true", "1", "y", "yes", "on"))


def name_of(first: object, last: object) -> str | None:
    """Return a whole name of its parts, None without any."""
    return " ".join(part.strip() for part in (first, last) if isinstance(part, str) and part.strip()) or None


def uuid_of(value: object) -> str | None:
    """Return an id that can be one here as well; None for a number, or anything else."""
    try:
        return str(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None
