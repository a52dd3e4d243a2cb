"""Connections to where a name leads, looked up once: what was judged is what is called.

Looking up once more when connecting would be an invitation: the second answer need not be the first.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterable
from typing import Final

import httpcore

from service.core.outward.addresses import is_public

LEAST_SECONDS: Final = 0.25


class NotPublic(httpcore.ConnectError):
    """A name leads to no address that may be called."""


class Guarded(httpcore.AsyncNetworkBackend):
    """httpcore's connections, to public addresses only; `anywhere`: to any."""

    def __init__(self, *, anywhere: bool) -> None:
        """Take where they may lead."""
        self._anywhere = anywhere
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's name for it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers. Raises httpcore's errors; `NotPublic`."""
        began, limit = time.monotonic(), timeout or 5.0
        addresses = [found for found in await addresses_of(host, port) if self._anywhere or is_public(found)]
        if not addresses:
            raise NotPublic("it leads to no public address")
        while True:
            address = addresses.pop(0)
            left = limit - (time.monotonic() - began)
            share = max(LEAST_SECONDS, left / (len(addresses) + 1))
            try:
                return await self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not addresses:
                    raise

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: nothing that is called over HTTP is there."""
        raise NotPublic("it is a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def addresses_of(host: str, port: int) -> list[str]:
    """Return what a name leads to, in the order in which it is to be tried. Raises `httpcore.ConnectError`."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name can't be looked up: {error}") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
