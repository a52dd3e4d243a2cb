"""What somebody has just proven: a value that every way of logging in hands to the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from service.credentials.identities import External
from service.credentials.known_devices import Recognised
from service.errors import ServiceError

PASSWORD: Final = "pwd"  # noqa: S105 - the name of a method
MAIL: Final = "mail"
CODE: Final = "otp"
RECOVERY_CODE: Final = "rec"
DEVICE_KEY: Final = "hwk"
SYNCED_KEY: Final = "swk"
PROVIDER: Final = "fed"
MORE_THAN_ONE: Final = "mfa"
"""A passkey that has verified its user."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody is who they say.

    `methods` are names of RFC 8176 section 2 (`pwd`, `otp`, `hwk`, `swk`, `user`, `mfa`) and ours: `mail` (a mailbox),
    `fed` (another provider), `rec` (a recovery code). `level` is 1 for one factor, 2 for two, or for a passkey that has
    verified its user. `at` is when it was proven, by the runtime's clock. `device` is the user's device that it was
    proven on, or `new`, where that has been looked at: it is a query, and the door wants to know as well. `trusts` says
    that its user won't be asked for a second factor on this device, for a while. `links` is an account at a provider
    that was shown beside, and opens this one from now on: once all is shown that is owed, and the session is there.
    """

    methods: frozenset[str]
    level: int
    at: datetime
    phishing_resistant: bool = False
    provider: str | None = None
    device: Recognised | Literal["new"] | None = None
    trusts: bool = False
    links: External | None = None


@dataclass(frozen=True, slots=True)
class Unproven:
    """That what was shown proves nothing: `reason` is for the record, `error` is what is answered."""

    reason: str
    error: ServiceError
