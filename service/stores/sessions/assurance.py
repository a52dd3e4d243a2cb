"""How surely a session's user is who they say: how they have proven it, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal


@dataclass(frozen=True, slots=True)
class Assurance:
    """What has been shown on a session.

    `methods` are names of RFC 8176 and ours, sorted; `level` is 1 for one factor, 2 for two (see
    `service/credentials/proof.py`).
    """

    methods: tuple[str, ...]
    level: int = 1
    phishing_resistant: bool = False

    @property
    def acr(self) -> Literal["phr", "aal1", "aal2"]:
        """The same in one word for tokens: `phr` is OpenID Connect's name for what no phisher can pass on."""
        if self.phishing_resistant:
            return "phr"
        return "aal2" if self.level > 1 else "aal1"

    @property
    def arguments(self) -> tuple[str, int, int]:
        """The same for a script."""
        return " ".join(self.methods), self.level, int(self.phishing_resistant)


@lru_cache(maxsize=256)  # there are few that differ, and each request has one
def read_assurance(methods: bytes, level: bytes, phishing_resistant: bytes) -> Assurance:
    """Return what a script has told of a session."""
    return Assurance(tuple(sorted(methods.decode().split())), int(level), phishing_resistant == b"1")
