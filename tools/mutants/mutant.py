"""One small change of one file."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """What stands in `path` from byte `start` to `end` is `new` instead.

    Tests that run one of the lines `first` to `last` can notice; where `name` is given, what is changed is run when the
    module is imported, and those can that run a line in which this name is used.
    """

    path: str
    start: int
    end: int
    new: bytes
    kind: str
    line: int
    first: int
    last: int
    name: str = ""

    def of(self, source: bytes) -> bytes:
        """Return the whole file with the change."""
        return source[: self.start] + self.new + source[self.end :]

    def title(self, source: bytes) -> str:
        """Return it on one line."""
        old = " ".join(source[self.start : self.end].decode().split())
        new = " ".join(self.new.decode().split())
        return f"{self.path}:{self.line} {self.kind}: {_short(old)} -> {_short(new) or 'nothing'}"

    def diff(self, source: bytes) -> str:
        """Return it as others will want to read it."""
        before, after = source.decode().splitlines(), self.of(source).decode().splitlines()
        return "\n".join(difflib.unified_diff(before, after, self.path, self.path, n=2, lineterm=""))

    def is_python(self, source: bytes) -> bool:
        """Return whether the file still is: what isn't would be noticed by anybody."""
        try:
            ast.parse(self.of(source))
        except (SyntaxError, ValueError):
            return False
        return True


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:40]} ... {text[-15:]}"
