"""`latchkey serve` without the command line's library, which each worker would load and keep: 2 MB, and some time.

Words that the library would only take as they stand are read here; whatever else there is, it answers itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypedDict

SERVE: Final = "serve"
_TAKES_A_VALUE: Final = ("--host", "--port")


class Given(TypedDict, total=False):
    """The words behind `latchkey serve`."""

    host: str
    port: int
    new_secret: bool


def plainly(words: Sequence[str]) -> Given | None:
    """Return what these words say; None unless each is known, said once, and of the right kind."""
    given: Given = {}
    waiting = list(words)
    while waiting:
        name, equals, value = waiting.pop(0).partition("=")
        if name in _TAKES_A_VALUE and not equals and waiting:
            value = waiting.pop(0)
        if name == "--new-secret" and not equals and "new_secret" not in given:
            given["new_secret"] = True
        elif name == "--host" and value and not value.startswith("-") and "host" not in given:
            given["host"] = value
        elif name == "--port" and value.isascii() and value.isdecimal() and "port" not in given:
            given["port"] = int(value)
        else:
            return None
    return given
