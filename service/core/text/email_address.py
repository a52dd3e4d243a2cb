"""E-mail addresses: kept as given, compared in canonical form, one account per mailbox (DESIGN: E-mail addresses)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_LENGTH = 254  # RFC 5321 section 4.5.3.1.3
_LONGEST_TEXT: Final = 1000  # as it is typed or pasted: nobody looks for what can't be seen in more

# Carriers of Japan that gave out addresses with dots at an end or in a row, against RFC 5321. People still have them;
# anywhere else that is a slip of the finger.
_CARRIERS: Final = (
    "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "disney.ne.jp",
    "ymobile.ne.jp", "willcom.com", "pdx.ne.jp",
)  # fmt: skip
_ODD_DOTS: Final = re.compile(r"\A\.|\.\.|\.\Z")
# Letters, digits and single dots between them, a domain of several short names, the last of letters.
_NAME: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN: Final = re.compile(rf"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@((?:{_NAME}\.)+[a-z]{{2,63}})")
_LONGEST_LOCAL: Final = 64
_SPECIAL: Final = ("arpa", "invalid", "local", "localhost", "onion", "test")  # names that no address can be at
_JOINERS: Final = "\u200c\u200d"  # these are letters of some domains


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """`given` is what the user typed, without what can't be seen around it; `canonical` is what is unique."""

    given: str
    canonical: str

    @property
    def local_part(self) -> str:
        """The part before the @."""
        return self.canonical.rpartition("@")[0]

    @property
    def on_the_wire(self) -> str:
        """The address as every mail server takes it: the local part as given, the domain in ASCII (RFC 5890).

        Dots that no grammar allows are put in quotes (RFC 5321 section 4.1.2): that is the same mailbox.
        """
        local, _, _ = self.given.rpartition("@")
        written = f'"{local}"' if _ODD_DOTS.search(local) else local
        return f"{written}@{self.canonical.rpartition('@')[2]}"


def parse_email(text: str) -> EmailAddress:
    """Read an address; raise ValueError, with the reason, for what isn't exactly one plain address.

    The local part must be ASCII: look-alike letters there would let someone else's mailbox pass for a user's.
    A domain in another script is compared in its IDNA form. What can't be seen comes along when one copies an address,
    and is none of it.
    """
    if len(text) <= MAX_LENGTH and (plain := _PLAIN.fullmatch(text)) and _is_ordinary(*plain.groups()):
        return EmailAddress(text, text.casefold())
    from email_validator import EmailNotValidError, validate_email  # whose expressions take their time to compile

    given = text if len(text) > _LONGEST_TEXT else _seen(text)
    if len(given) > MAX_LENGTH:
        raise ValueError(f"An e-mail address has at most {MAX_LENGTH} characters.")
    local, at, domain = given.rpartition("@")
    odd = local.strip(".") and _of_carrier(domain) and _ODD_DOTS.search(local)
    try:
        parsed = validate_email(
            f"{local.replace('.', 'x')}{at}{domain}" if odd else given,
            allow_smtputf8=False,
            check_deliverability=False,
            allow_display_name=False,
            strict=True,
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return EmailAddress(given, f"{local if odd else parsed.local_part}@{parsed.ascii_domain}".casefold())


def _is_ordinary(local: str, domain: str) -> bool:
    """Whether nothing more is to be known of an address than that it looks like most: what is left is the library's.

    That takes as long as a statement, for an address that it has nothing to say of.
    """
    # Two hyphens: a domain in another script, or what no domain may look like.
    return len(local) <= _LONGEST_LOCAL and "--" not in domain and not domain.endswith(_SPECIAL)


def _seen(text: str) -> str:
    return "".join(char for char in text if char in _JOINERS or unicodedata.category(char) != "Cf").strip()


def _of_carrier(domain: str) -> bool:
    name = domain.lower()
    return name in _CARRIERS or name.endswith(tuple(f".{carrier}" for carrier in _CARRIERS))


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
