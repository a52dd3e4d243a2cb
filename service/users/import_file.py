"""Accounts in files: what a line may say, in our words or in those of the system that it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from service.core.crypto import foreign_secrets
from service.core.http.fields import FullNameField, in_utc
from service.core.passwords.foreign_hashes import refusal, usable
from service.core.text.email_address import EmailField
from service.credentials import brought
from service.credentials.identities import External
from service.settings.checks import mistakes_of
from service.users import import_identities
from service.users.import_identities import Claimed, NoIdentities
from service.users.import_records import NOT_UTF8, Found, Record, Refused, UnreadableFile, open_file
from service.users.import_systems import RefusedAccount, Settled, System, by_name, recognised
from service.users.import_values import is_nothing, read_flag, read_moment

Format = Literal["csv", "jsonl"]
_LONGEST_CODE: Final = 32
_WITHOUT: Final = "Without password_hash the account comes along, and its owner sets a new password"
_NO_UTF8: Final = re.compile("[\udc80-\udcff]")
_NOTHING_SAID: Final = Settled()
_KEPT_EMPTY: Final = frozenset({"full_name", "recovery_codes"})


def _check_hash(value: str) -> str | None:
    """Return a hash that can be checked; None where there is to be none, which systems write as well."""
    if not usable(value):
        return None
    if reason := refusal(value):
        raise PydanticCustomError("hash", "{reason}. {advice}", {"reason": reason, "advice": _WITHOUT})
    return value


def _read_secret(given: object) -> bytes:
    try:
        return foreign_secrets.read(given)
    except foreign_secrets.RefusedSecret as error:
        raise PydanticCustomError("secret", "{reason}", {"reason": str(error)}) from None


def _read_codes(given: object) -> tuple[str, ...] | None:
    """Return codes in clear: a list, or a text in which they are parted by commas, semicolons or line ends.

    None where they are hashes: nobody can type what those were made of into another hash.
    """
    parts = re.split(r"[,;\n]+", given) if isinstance(given, str) else given
    if isinstance(given, dict) and given.get("type") == "recovery-authn-codes":  # Keycloak has SHA-512 of them
        return None
    if given is None:
        return ()
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise PydanticCustomError("codes", "they are no list of texts")
    codes = tuple(part.strip() for part in parts if part.strip())
    if any(len(code) > _LONGEST_CODE or "$" in code for code in codes):
        return None
    if reason := brought.complaint(codes):
        raise PydanticCustomError("codes", "{reason}", {"reason": reason})
    return codes


def _without_blanks(name: str, value: object) -> object:
    """Return a value without what fills up cells of a fixed width; a name is its owner's, and stays as it is."""
    return value.strip() if isinstance(value, str) and name != "full_name" else value


_Flag = Annotated[bool, BeforeValidator(read_flag)]


class ImportedUser(BaseModel):
    """An account as a file has it. What isn't given is left as it is, or takes the default of a new account."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    email: EmailField
    full_name: FullNameField | None = None
    password_hash: Annotated[Annotated[str, AfterValidator(_check_hash)] | None, Field(repr=False)] = None
    is_active: _Flag = True
    is_superuser: _Flag = False
    email_verified: _Flag = False
    created_at: Annotated[Annotated[datetime, AfterValidator(in_utc)] | None, BeforeValidator(read_moment)] = None
    id: UUID | None = None
    totp: Annotated[Annotated[bytes, BeforeValidator(_read_secret)] | None, Field(repr=False)] = None
    recovery_codes: Annotated[tuple[str, ...] | None, BeforeValidator(_read_codes), Field(repr=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def _given(cls, fields: object) -> object:
        """Take what says nothing for what isn't there: null, an empty text, NULL. A name is taken away by it."""
        if not isinstance(fields, dict):
            return fields
        return {
            name: None if is_nothing(value) else _without_blanks(name, value)
            for name, value in fields.items()
            if name in _KEPT_EMPTY or not is_nothing(value)
        }

    @model_validator(mode="after")
    def _confirmed(self) -> Self:
        """Nobody's second factor is on an account whose mailbox may be somebody else's."""
        if self.totp is not None and not self.email_verified:
            raise PydanticCustomError("unconfirmed", "a second factor needs a confirmed address (email_verified)")
        return self

    @property
    def left_out(self) -> str | None:
        """What of the line isn't taken, in words."""
        if self.recovery_codes is None:
            return "its recovery codes are hashed by another system, and were left out: new ones can be made"
        if self.recovery_codes and self.totp is None:
            return "its recovery codes were left out: they stand in for no second factor"
        return None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that can be read, with the accounts at providers that open its. `notes` say what of it stays behind."""

    line: int
    user: ImportedUser
    notes: tuple[str, ...] = ()
    identities: tuple[External, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What of the line isn't taken, in words."""
        return (*self.notes, self.user.left_out) if self.user.left_out else self.notes


_NOT_TAKEN: Final = frozenset({"last_login_at"})
"""What our own exports have beside: the events of another service tell nothing here."""

_IDENTITIES: Final = "identities"
COLUMNS: Final = (*ImportedUser.model_fields, _IDENTITIES)
"""Ours: what a line may have."""

_OURS: Final = frozenset(COLUMNS) | _NOT_TAKEN


class UnknownColumns(UnreadableFile):
    """A CSV header has columns that nothing here reads: most likely it is another file, or misspelt."""


def format_of(path: Path) -> Format | None:
    """Return what a file's name says of its format; None where the file has to be looked at."""
    return "csv" if path.suffix.lower() == ".csv" else None


def read_file(path: Path, form: Format | None = None, settled: Settled = _NOTHING_SAID) -> Iterator[Entry | Refused]:
    """Read a file, or what is piped in, record by record. Raises `UnreadableFile`."""
    chosen = by_name(settled.system) if settled.system else None
    with open_file(path, csv_only=form == "csv", encoding=settled.encoding) as found:
        if found.columns is not None and chosen is None:
            chosen = _of_columns(found, settled)
        for number, record in found.records:
            yield record if isinstance(record, Refused) else _entry(number, record, chosen, settled)


def _of_columns(found: Found, settled: Settled) -> System | None:
    """Return which system a header is of, None for one of ours. Raises `UnreadableFile`."""
    columns = found.columns or frozenset()
    if settled.columns:
        if missing := set(settled.columns.values()) - columns:
            raise UnreadableFile(f"There is no column {', '.join(sorted(missing))} in the file.")
        return None
    unknown = {column for column in columns if column.lower() not in _OURS}
    system = recognised(columns) if unknown else None
    if unknown and system is None:
        raise UnknownColumns(", ".join(sorted(unknown)))
    return system


def _entry(number: int, record: Record, system: System | None, settled: Settled) -> Entry | Refused:
    if any(isinstance(value, str) and _NO_UTF8.search(value) for value in record.values()):
        return Refused(number, NOT_UTF8)
    if settled.columns:
        record = {ours: record[theirs] for ours, theirs in settled.columns.items() if theirs in record}
    elif system is None and {name.lower() for name in record} <= _OURS:
        record = {name.lower(): value for name, value in record.items() if name.lower() not in _NOT_TAKEN}
    if system is None and not set(record) <= set(COLUMNS):
        system = recognised(frozenset(record))
    try:
        return _read(number, record, system, settled)
    except (RefusedAccount, NoIdentities) as error:
        return Refused(number, str(error))
    except ValidationError as error:
        return Refused(number, "; ".join(mistakes_of(error)))


def _read(number: int, record: Record, system: System | None, settled: Settled) -> Entry | Refused:
    notes: tuple[str, ...] = ()
    claims: tuple[Claimed, ...] = ()
    if system is not None:
        told = system.tell({name.lower(): value for name, value in record.items()}, settled)
        record = {name: value for name, value in told.fields.items() if not is_nothing(value)}
        notes, claims = told.notes, told.identities
        if "email" not in record:
            return Refused(number, "it has no e-mail address, which is what accounts are found by here")
    elif not is_nothing(record.get(_IDENTITIES)):
        claims = tuple(import_identities.ours(record[_IDENTITIES]))
    user = ImportedUser.model_validate({name: value for name, value in record.items() if name != _IDENTITIES})
    found, left = import_identities.settle(claims, settled.providers, confirmed=user.email_verified)
    return Entry(number, user, (*notes, *left), found)
