"""Files of accounts from other systems: CSV with a header, or a JSON object a line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TextIO
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from service.core.http.fields import FullNameField, in_utc
from service.core.passwords.foreign_hashes import refusal
from service.core.text.email_address import EmailField
from service.core.text.spreadsheets import from_text
from service.settings.checks import mistakes_of

Format = Literal["csv", "jsonl"]


def _check_hash(value: str) -> str:
    if reason := refusal(value):
        raise PydanticCustomError("hash", "{reason}", {"reason": reason})
    return value


class ImportedUser(BaseModel):
    """An account as a file has it. What isn't given is left as it is, or takes the default of a new account."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    email: EmailField
    full_name: FullNameField | None = None
    password_hash: Annotated[str, AfterValidator(_check_hash)] | None = None
    is_active: bool = True
    is_superuser: bool = False
    email_verified: bool = False
    created_at: Annotated[datetime, AfterValidator(in_utc)] | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that can be read."""

    line: int
    user: ImportedUser


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that can't be imported, and why: without any hash."""

    line: int
    reason: str


class UnknownColumns(ValueError):
    """A CSV header has columns that nothing here reads: most likely it is another file, or misspelt."""


def format_of(path: Path) -> Format:
    """Guess the format from a file's name; what isn't called .csv holds JSON lines."""
    return "csv" if path.suffix.lower() == ".csv" else "jsonl"


def read_file(path: Path, form: Format) -> Iterator[Entry | Refused]:
    """Read a file line by line. Raises OSError, and `UnknownColumns`."""
    # Bytes that aren't UTF-8 become lone surrogates, which no field takes: that line is refused, and not the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        for number, fields in _csv(file) if form == "csv" else _json_lines(file):
            yield fields if isinstance(fields, Refused) else _entry(number, fields)


def _entry(number: int, fields: Mapping[str, object]) -> Entry | Refused:
    try:
        return Entry(number, ImportedUser.model_validate(fields))
    except ValidationError as error:
        return Refused(number, "; ".join(mistakes_of(error)))


def _csv(file: TextIO) -> Iterator[tuple[int, Mapping[str, object] | Refused]]:
    reader = csv.DictReader(file)
    if unknown := sorted(set(reader.fieldnames or ()) - set(ImportedUser.model_fields)):
        raise UnknownColumns(", ".join(unknown))
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield reader.line_num, Refused(reader.line_num, str(error))
            continue
        if row is None:
            return
        if None in row:
            yield reader.line_num, Refused(reader.line_num, "more cells than the header has")
        else:
            yield reader.line_num, {name: from_text(value) for name, value in row.items() if value}


def _json_lines(file: TextIO) -> Iterator[tuple[int, Mapping[str, object] | Refused]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            fields = None
        yield number, fields if isinstance(fields, dict) else Refused(number, "not a JSON object")
