"""Fields that several request models share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, SecretStr

from service.core.http.pagination import Cursor, unpack
from service.core.passwords.hashing import MAX_LENGTH
from service.core.text.printable import PLAIN_PATTERN, seen_name
from service.settings import Settings

PasswordField = Annotated[SecretStr, Field(min_length=1, max_length=MAX_LENGTH)]
"""A password as typed. Whether it may be *chosen* is decided later: a wrong one is no validation error."""

NewPasswordField = Annotated[
    PasswordField,
    Field(
        description="At least `PASSWORD_MIN_LENGTH` characters; not your address, this service's name or a common one.",
        json_schema_extra={"minLength": Settings.model_fields["PASSWORD_MIN_LENGTH"].default, "pattern": PLAIN_PATTERN},
    ),
]
"""A password to be chosen: the document says what `service.core.passwords.complaint` will ask of it."""

CodeField = Annotated[str, Field(pattern=r"^[0-9]{6}$", description="Six digits.")]
"""A code of six digits, as typed."""

RecoveryCodeField = Annotated[
    str, Field(min_length=1, max_length=64, description="As it was shown; groups and small letters don't matter.")
]
"""A recovery code, as typed. What can't be one is a wrong one, and no validation error."""

FullNameField = Annotated[
    str, Field(max_length=200, json_schema_extra={"pattern": PLAIN_PATTERN}), AfterValidator(seen_name)
]
"""A person's name, as it is seen: one in which nothing is, blanks for one, is none."""


def _cursor(value: str) -> str:
    Cursor.decode(value)
    return value


def _place(value: str) -> str:
    unpack(value)
    return value


_AFTER = Field(pattern=r"^[A-Za-z0-9_-]{32}$", description="The cursor from the `Link` header.")

After = Annotated[str, _AFTER, AfterValidator(_cursor)]
"""Where a page begins: an opaque cursor, from the `Link` of the page before."""

AfterInOrder = Annotated[str, _AFTER, AfterValidator(_place)]
"""The same of a list that comes in several orders: whether it is a cursor of this one only the list knows."""


def _written_out(value: object) -> object:
    if isinstance(value, str) and not re.match(r"\d{4}-\d{2}-\d{2}[Tt]", value):
        raise ValueError("should be a date and time by RFC 3339, such as 2026-11-24T09:00:00Z")
    return value


def in_utc(value: datetime) -> datetime:
    """Return `value` in UTC, which it is in when it names no zone; raise ValueError when UTC has no such year."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("should be between the years 1 and 9999 in UTC") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(in_utc)]
"""A time with its zone, as text: pydantic alone would also take a number for seconds since 1970. In UTC afterwards."""
