"""Values as they come out of an environment: without what slips in on the way, or refused with what to write.

A secret that is mounted as a file ends with a line feed; a value copied from a page has a space that can't be seen;
quotes that one shell takes off another program hands on (`docker --env-file`). Each would be a part of the value, and
nobody would see why links are cut, or why no verifier takes a token.
"""

from __future__ import annotations

import re
import unicodedata
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings

_UNSEEN_ENDS: Final = "\ufeff\u200b\u2060"
_UNSEEN: Final = ("Cc", "Cf", "Zl", "Zp")
_QUOTES: Final = ('""', "''", "``", "\u201c\u201d", "\u2018\u2019", "\u201e\u201c", "\u00ab\u00bb")
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)  # more no store counts

# A secret is bytes: a line feed or a quote within one has been a part of it ever since, and taking it away would be
# another secret. Each comes without what is around it, by `split_secrets`.
_BYTES: Final = frozenset({"SECRET_KEY"})


class TidySettings(BaseSettings, defer_build=True):
    """What all settings have in common: how their texts are read. A blank one is none."""

    @model_validator(mode="before")
    @classmethod
    def _leave_blanks_out(cls, given: Any) -> Any:  # whatever pydantic-settings has found
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if not (isinstance(value, str) and _is_blank(value))}

    @field_validator("*", mode="before")
    @classmethod
    def _tidy(cls, value: object, info: ValidationInfo) -> object:
        name = info.field_name or ""
        return tidied(value, cls.model_fields[name].annotation, name) if isinstance(value, str) else value


def tidied(value: str, kind: object, name: str = "") -> str:
    """Return a value for a setting of a kind (a type, as it is written). Raises ValueError with what to write."""
    if any(unicodedata.category(char) == "Cs" for char in value):
        raise ValueError("is not valid UTF-8")
    if name in _BYTES:
        return value.strip()
    text = _bare(value)
    if len(text) > 1 and text[0] + text[-1] in _QUOTES:
        raise ValueError("is in quotes, which would be a part of it: leave them out")
    kinds = _kinds(kind)
    if str in kinds and "-----BEGIN " not in text and (found := _unseen(text)):
        raise ValueError(f"has {found} within it: write it anew, in one line")
    if {int, float} & kinds and not _NUMBER.fullmatch(text):
        raise ValueError("must be a number in plain digits, at most twelve, such as 1000 or 0.5")
    for choice in kinds:  # of a few words: capitals make no other
        if isinstance(choice, str) and choice.casefold() == text.casefold():
            return choice
    return text


def _bare(value: str) -> str:
    before = None
    while before != value:
        before, value = value, value.strip().strip(_UNSEEN_ENDS)
    return value


def _is_blank(value: str) -> bool:
    return value != "" and not _bare(value)


def _unseen(text: str) -> str | None:
    for place, char in enumerate(text, start=1):
        if char in "\r\n":
            return "a line feed"
        if unicodedata.category(char) in _UNSEEN or (char.isspace() and char != " "):
            return f"a character that can't be seen (U+{ord(char):04X}, the {place}. character)"
    return None


def _kinds(kind: object) -> frozenset[Any]:
    """Return the types and the words that a setting may be."""
    if kind in (str, int, float):
        return frozenset({kind})
    if get_origin(kind) is Literal:
        return frozenset(get_args(kind))
    if get_origin(kind) is tuple:
        return frozenset()
    return frozenset[Any]().union(*(_kinds(choice) for choice in get_args(kind) if choice is not NoneType))
