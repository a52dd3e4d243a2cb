"""Settings as they are in force, to be shown: without what is secret, whoever's settings they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import SecretBytes, SecretStr

from service.settings import Settings

HIDDEN: Final = "(set; not shown)"

_SECRETS: Final = re.compile(r"(?:^|_)(?:SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIALS?|KEY|DSN|HEADERS)S?$")
# What stands before the last @ of an address, and what an option of it says that is called so.
_BEFORE_HOST: Final = re.compile(r"://.*@", re.DOTALL)
_OPTION: Final = re.compile(r"(?i)([?&][^=&]*(?:pass|secret|token|key|auth|user)[^=&]*=)[^&]*")


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting: its value as text, whether somebody has set it, what it is for."""

    name: str
    value: str
    is_set: bool
    about: str


def shown(settings: Settings) -> Iterator[Shown]:
    """Yield every setting as it is in force. A secret is said to be there, and an address has no password in it."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        is_set = name in settings.model_fields_set
        yield Shown(name, _told(name, value, is_secret=not field.repr), is_set, field.description or "")


def _told(name: str, value: object, *, is_secret: bool) -> str:
    if isinstance(value, SecretStr | SecretBytes):
        return HIDDEN if value.get_secret_value() else ""
    text = ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    if "://" in text and not _SECRETS.search(name):
        return _OPTION.sub(rf"\1{HIDDEN}", _BEFORE_HOST.sub("://", text))
    return HIDDEN if text and (is_secret or _SECRETS.search(name)) else text
