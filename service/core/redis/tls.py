"""TLS to Redis: whom to trust. The system's authorities, a given one, a pinned certificate, or nobody, by name.

Managed Redis often has a certificate that nobody signed but the provider. Pinning it is safe where no authority can be
had; `REDIS_TLS_VERIFY=off` only encrypts, and is never the default.
"""

from __future__ import annotations

import asyncio
import ssl
from hashlib import sha256
from typing import Any, Literal

from redis import SSLConnection as BlockingSSLConnection
from redis.asyncio import SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError

from service.settings import Settings
from service.settings.redis_url import read_redis_url

LOOK_SECONDS = 2.0

Trust = Literal["none", "off", "pinned", "given", "system"]


class PinnedConnection(SSLConnection):
    """A connection that is closed before a byte is sent, unless the server shows one of the certificates expected."""

    def __init__(self, *, fingerprints: frozenset[str], **options: Any) -> None:
        """Take SHA-256 fingerprints in lower-case hexadecimal."""
        super().__init__(**options)
        self._fingerprints = fingerprints

    async def _connect(self) -> None:
        await super()._connect()  # type: ignore[no-untyped-call]  # redis-py
        if self._writer is not None and _fingerprint(self._writer) not in self._fingerprints:
            self._writer.transport.abort()
            raise _another_certificate()


class BlockingPinnedConnection(BlockingSSLConnection):
    """The same for a thread."""

    def __init__(self, *, fingerprints: frozenset[str], **options: Any) -> None:
        """Take what `PinnedConnection` takes."""
        super().__init__(**options)
        self._fingerprints = fingerprints

    def _connect(self) -> Any:
        found = super()._connect()  # type: ignore[no-untyped-call]  # redis-py
        if sha256(found.getpeercert(binary_form=True)).hexdigest() not in self._fingerprints:
            found.close()
            raise _another_certificate()
        return found


def _another_certificate() -> RedisConnectionError:
    return RedisConnectionError("Redis shows another certificate than REDIS_TLS_FINGERPRINT names")


def trust(settings: Settings) -> Trust:
    """Return whom a connection of `settings` trusts; `none` is one without TLS."""
    url = read_redis_url(settings.REDIS_URL)
    if not url.tls:
        return "none"
    query = dict(url.options)
    if settings.REDIS_TLS_VERIFY == "off" or query.get("ssl_cert_reqs") == "none":
        return "off"
    if settings.REDIS_TLS_FINGERPRINT:
        return "pinned"
    return "given" if settings.REDIS_TLS_CA or "ssl_ca_certs" in query else "system"


def tls_options(settings: Settings) -> dict[str, Any]:
    """Return redis-py's keyword arguments for the connections; none without TLS. The URL's own `ssl_…` come first."""
    match trust(settings):
        case "off":
            return {"ssl_cert_reqs": "none"}
        case "pinned":  # the certificate itself is checked, so who signed it says nothing more
            fingerprints = frozenset(settings.REDIS_TLS_FINGERPRINT.split(","))
            return {"connection_class": PinnedConnection, "fingerprints": fingerprints, "ssl_cert_reqs": "none"}
        case "given" if settings.REDIS_TLS_CA:
            kind = "ssl_ca_data" if "-----BEGIN" in settings.REDIS_TLS_CA else "ssl_ca_certs"
            return {kind: settings.REDIS_TLS_CA}
        case _:
            return {}


async def shown_fingerprint(settings: Settings) -> str | None:
    """Return the fingerprint of the certificate that Redis shows, whoever that is; None when it shows none.

    Of several hosts the first is asked.
    """
    host, port = read_redis_url(settings.REDIS_URL).hosts[0]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError, ValueError):
        return None
    try:
        return _fingerprint(writer)
    finally:
        writer.transport.abort()


def _fingerprint(writer: asyncio.StreamWriter) -> str:
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return sha256(certificate).hexdigest()
