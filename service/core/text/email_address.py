"""E-mail addresses: kept as given, compared in canonical form, one account per mailbox (DESIGN: E-mail addresses)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_LENGTH = 254  # RFC 5321 section 4.5.3.1.3


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """`given` is what the user typed, without the spaces around it; `canonical` is what is unique."""

    given: str
    canonical: str

    @property
    def local_part(self) -> str:
        """The part before the @."""
        return self.canonical.rpartition("@")[0]

    @property
    def on_the_wire(self) -> str:
        """The address as every mail server takes it: the local part as given, the domain in ASCII (RFC 5890)."""
        return f"{self.given.rpartition('@')[0]}@{self.canonical.rpartition('@')[2]}"


def parse_email(text: str) -> EmailAddress:
    """Read an address; raise ValueError, with the reason, for what isn't exactly one plain address.

    The local part must be ASCII: look-alike letters there would let someone else's mailbox pass for a user's.
    A domain in another script is compared in its IDNA form.
    """
    given = text.strip(" \t\r\n")
    if len(given) > MAX_LENGTH:
        raise ValueError(f"An e-mail address has at most {MAX_LENGTH} characters.")
    try:
        parsed = validate_email(
            given, allow_smtputf8=False, check_deliverability=False, allow_display_name=False, strict=True
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return EmailAddress(given, f"{parsed.local_part}@{parsed.ascii_domain}".casefold())


def _validate(value: object) -> EmailAddress:
    if isinstance(value, EmailAddress):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    try:
        return parse_email(value)
    except ValueError as error:
        raise PydanticCustomError("email", "{reason}", {"reason": str(error)}) from None


EmailField = Annotated[
    EmailAddress,
    BeforeValidator(_validate),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": MAX_LENGTH}),
]
"""A field of a request model: the text of an address in, an `EmailAddress` out."""
