"""What is asked of others over HTTP, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Method = Literal["GET", "POST"]
Why = Literal["refused", "unreachable", "slow", "untrusted", "nonsense", "too_long"]


class OutwardFailed(Exception):
    """There is no answer. `why` in a word; the text is for the log: no header and nothing of a body is in it."""

    def __init__(self, why: Why, text: str) -> None:
        """Take both."""
        super().__init__(text)
        self.why: Why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers are in lower case; of several of one name the last is here."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The body's media type, in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Call:
    """A question. `named`: the settings name that very host."""

    method: Method
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    named: bool
    seconds: float
    most_bytes: int
