"""What somebody has just proven: a value that every way of logging in hands to the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

PASSWORD: Final = "pwd"  # noqa: S105 - the name of a method
MAIL: Final = "mail"


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody is who they say.

    `methods` are names of RFC 8176 section 2 (`pwd`, `otp`, `hwk`, `swk`, `user`, `mfa`) and ours: `mail` (a mailbox),
    `fed` (another provider), `rec` (a recovery code). `level` is 1 for one factor, 2 for two, or for a passkey that has
    verified its user. `at` is when it was proven, by the runtime's clock.
    """

    methods: frozenset[str]
    level: int
    at: datetime
    phishing_resistant: bool = False
    provider: str | None = None
