"""Asking a range service whether a password was in a breach, without telling it which (SECURITY.md R5).

The protocol of Have I Been Pwned, k-anonymity: five of the forty digits of the SHA-1 go out, some 800 endings come
back, padded so that not even their number tells anything. Off unless `BREACHED_PASSWORDS_URL` is set, asked only when
a password is chosen, at most a second long, and open on failure: the built-in list has spoken already.
"""

from __future__ import annotations

import hmac
import logging
from hashlib import sha1

from service.core.outward.calls import OutwardFailed
from service.core.outward.client import Outward
from service.core.telemetry.logs import log_event

SECONDS = 1.0
_LONGEST_ANSWER = 1_000_000
_PREFIX = 5


class BreachedPasswords:
    """The look-up at `url`; an empty one never asks."""

    def __init__(self, url: str, outward: Outward) -> None:
        """Take where to ask, and what asks."""
        self._url = url
        self._outward = outward
        self.failures = 0

    async def contains(self, password: str) -> bool:
        """Return whether `password` is known from a breach. False too when the service can't say: that is recorded."""
        if not self._url:
            return False
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            found = await self._ask(digest[:_PREFIX])
        except (OutwardFailed, UnicodeDecodeError) as error:
            self.failures += 1
            why = error.why if isinstance(error, OutwardFailed) else "nonsense"
            cause = f"{why}: {error}"[:200]
            log_event("breached_passwords.unavailable", logging.WARNING, cause=cause, failures=self.failures)
            return False
        return any(_is_hit(line, digest[_PREFIX:]) for line in found.splitlines())

    async def _ask(self, prefix: str) -> str:
        answer = await self._outward.call(
            "GET",
            f"{self._url}/{prefix}",
            headers={"Add-Padding": "true"},
            named=True,
            seconds=SECONDS,
            most_bytes=_LONGEST_ANSWER,
        )
        if answer.status != 200:
            raise OutwardFailed("nonsense", f"it answers {answer.status}")
        return answer.body.decode("ascii")


def _is_hit(line: str, ending: str) -> bool:
    found, _, count = line.strip().partition(":")
    # Padding has a count of zero.
    return hmac.compare_digest(found.upper().encode(), ending.encode()) and count.strip().lstrip("0") != ""
