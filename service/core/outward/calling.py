"""Calls by httpcore, loaded with the first of them: connections that are kept, limits, what went wrong in a word."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

import certifi
import httpcore

from service import __version__
from service.core.outward.addresses import is_public
from service.core.outward.calls import Answer, Call, OutwardFailed
from service.core.outward.connecting import Guarded, NotPublic, addresses_of
from service.core.outward.proxies import proxy_for

MOST_AT_ONCE: Final = 20
KEPT_SECONDS: Final = 30.0
_PORTS: Final = {"http": 80, "https": 443}


class Callers:
    """Connections, apart for those who may call anybody and those who may not, and for each proxy."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take where the proxy's settings are."""
        self._environment = environment
        self._pools: dict[tuple[bool, str | None], httpcore.AsyncConnectionPool] = {}

    async def ask(self, call: Call) -> Answer:
        """Return the answer. Raises `OutwardFailed`."""
        try:
            async with asyncio.timeout(call.seconds):
                return await self._asked(call)
        except (TimeoutError, httpcore.TimeoutException):
            raise OutwardFailed("slow", f"no whole answer within {call.seconds:g} s") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, ssl.SSLError) as error:
            raise _told(error) from None

    async def close(self) -> None:
        """Close the connections."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()

    async def _asked(self, call: Call) -> Answer:
        pool = await self._pool_for(call)
        headers = [("User-Agent", f"latchkey/{__version__}"), ("Accept-Encoding", "identity"), *call.headers.items()]
        limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), call.seconds)}
        async with pool.stream(
            call.method, call.url, headers=headers, content=call.content, extensions=limits
        ) as response:
            return await _whole(response, call.most_bytes)

    async def _pool_for(self, call: Call) -> httpcore.AsyncConnectionPool:
        scheme, host, port = _checked(call)
        proxy = proxy_for(scheme, host, port, self._environment)
        if proxy is not None and not call.named:
            await _look_before_the_proxy(host, port)
        try:
            return self._pools[call.named, proxy]
        except KeyError:
            self._pools[call.named, proxy] = pool = httpcore.AsyncConnectionPool(
                ssl_context=_authorities(),
                proxy=_proxy(proxy) if proxy else None,
                max_connections=MOST_AT_ONCE,
                keepalive_expiry=KEPT_SECONDS,
                # The proxy is the operator's own; what lies behind it was looked at before.
                network_backend=Guarded(anywhere=call.named or proxy is not None),
            )
            return pool


def _split(url: str, what: str) -> tuple[SplitResult, str, int]:
    """Return the parts of an address, its host and its port. Raises `OutwardFailed` for what is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OutwardFailed("refused", f"{what} is no address") from None
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise OutwardFailed("refused", f"{what} is no address")
    return parts, host, port or _PORTS.get(parts.scheme, 0)


def _checked(call: Call) -> tuple[str, str, int]:
    """Return scheme, host and port of an address that may be called."""
    parts, host, port = _split(call.url, "that")
    if parts.scheme != "https" and not (call.named and parts.scheme == "http"):
        raise OutwardFailed("refused", f"only https is called, and that is {parts.scheme or 'nothing'}")
    if parts.username is not None or parts.password is not None:
        raise OutwardFailed("refused", "an address with a name or password in it")
    return parts.scheme, host, port


async def _look_before_the_proxy(host: str, port: int) -> None:
    """Refuse what isn't public as far as is known here; a proxy may know names that nobody else does."""
    try:
        addresses = await addresses_of(host, port)
    except httpcore.ConnectError:
        return
    if not any(map(is_public, addresses)):
        raise NotPublic("it leads to no public address")


def _proxy(url: str) -> httpcore.Proxy:
    parts, host, port = _split(url, "the proxy of the environment")
    if parts.scheme not in _PORTS:
        raise OutwardFailed("refused", f"a proxy is http or https, and that of the environment is {parts.scheme}")
    where = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    return httpcore.Proxy(where, auth=(parts.username, parts.password or "") if parts.username else None)


def _authorities() -> ssl.SSLContext:
    """Return whom TLS trusts: the system's authorities (SSL_CERT_FILE and SSL_CERT_DIR too), or Mozilla's if none."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or (paths.capath and any(Path(paths.capath).iterdir()))):
        context.load_verify_locations(certifi.where())
    return context


async def _whole(response: httpcore.Response, most_bytes: int) -> Answer:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise OutwardFailed("nonsense", "the answer is compressed, which nobody asked for")
    body = bytearray()
    async for part in response.aiter_stream():
        body += part
        if len(body) > most_bytes:
            raise OutwardFailed("too_long", f"the answer is longer than {most_bytes} bytes")
    return Answer(response.status, headers, bytes(body))


def _told(error: Exception) -> OutwardFailed:
    """Return what an error of the network comes to."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    text = str(cause or error)[:200] or type(error).__name__
    if isinstance(error, NotPublic):
        return OutwardFailed("refused", text)
    if cause is not None:
        return OutwardFailed("untrusted", text)
    if isinstance(error, httpcore.ProtocolError):
        return OutwardFailed("nonsense", f"that isn't HTTP as we know it: {text}")
    return OutwardFailed("unreachable", text)
