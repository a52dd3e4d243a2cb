"""Asking a range service whether a password was in a breach, without telling it which (SECURITY.md R5).

The protocol of Have I Been Pwned, k-anonymity: five of the forty digits of the SHA-1 go out, some 800 endings come
back, padded so that not even their number tells anything. Off unless `BREACHED_PASSWORDS_URL` is set, asked only when
a password is chosen, at most a second long, and open on failure: the built-in list has spoken already.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from hashlib import sha1

import httpx

from service.core.telemetry.logs import log_event

SECONDS = 1.0
_LONGEST_ANSWER = 1_000_000
_PREFIX = 5


class BreachedPasswords:
    """The look-up at `url`; an empty one never asks."""

    def __init__(self, url: str) -> None:
        self._url = url
        # No proxies and credentials of the environment, no redirects: it is asked where the settings say.
        self._client = httpx.AsyncClient(trust_env=False, timeout=SECONDS) if url else None
        self.failures = 0

    async def contains(self, password: str) -> bool:
        """Return whether `password` is known from a breach. False too when the service can't say: that is recorded."""
        if self._client is None:
            return False
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._ask(self._client, digest[:_PREFIX])
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as error:
            self.failures += 1
            log_event(
                "breached_passwords.unavailable",
                logging.WARNING,
                cause=f"{type(error).__name__}: {error}"[:200],
                failures=self.failures,
            )
            return False
        return any(_is_hit(line, digest[_PREFIX:]) for line in answer.splitlines())

    async def close(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.aclose()

    async def _ask(self, client: httpx.AsyncClient, prefix: str) -> str:
        received = b""
        async with client.stream("GET", f"{self._url}/{prefix}", headers={"Add-Padding": "true"}) as response:
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > _LONGEST_ANSWER:
                    raise httpx.DecodingError("the answer is too long", request=response.request)
        return received.decode("ascii")


def _is_hit(line: str, ending: str) -> bool:
    found, _, count = line.strip().partition(":")
    # Padding has a count of zero.
    return hmac.compare_digest(found.upper().encode(), ending.encode()) and count.strip().lstrip("0") != ""
