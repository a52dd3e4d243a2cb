"""DATABASE_URL as asyncpg takes it: where to, as whom, trusting whom."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any, Final

from service.core.sql import poolers
from service.settings import Settings
from service.settings.checks import ConfigurationError
from service.settings.database_url import DatabaseUrl, read_database_url

CONNECT_SECONDS: Final = 0.8  # for commands; a request waits for `pool.OPEN_SECONDS`

_VERSIONS: Final = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
_LIBPQS_OWN: Final = Path("~/.postgresql")  # where libpq looks for what nobody names


def url_of(settings: Settings) -> DatabaseUrl:
    """Return what DATABASE_URL says. Raises `ConfigurationError`."""
    try:
        return read_database_url(settings.DATABASE_URL)
    except ValueError as error:
        raise ConfigurationError([f"DATABASE_URL: {error}"]) from None


def credentials(settings: Settings, *, pool: bool) -> dict[str, Any]:
    """Return asyncpg's keyword arguments, for one connection or for the service's `pool`. Raises `ConfigurationError`.

    One connection prepares no statement: whoever is in between may give what it has prepared to another.
    """
    url = url_of(settings)
    found: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.user,
        "password": url.password,
        "database": url.database,
        "timeout": url.connect_seconds or CONNECT_SECONDS,
        "ssl": _trust(url),
        "statement_cache_size": 0,
        "server_settings": dict(url.server),
        **({"passfile": url.passfile} if url.passfile else {}),
        **({"target_session_attrs": url.target_session_attrs} if url.target_session_attrs != "any" else {}),
    }
    if pool:
        found |= {
            "minsize": 0,
            "maxsize": settings.DATABASE_POOL_SIZE,
            "connect": poolers.Opening(url),
            "open_seconds": url.connect_seconds,
            # The pool would send a reset query after each use, doubling the round trips. We use no SET, LISTEN or
            # session-level lock on pooled connections, so there is nothing to reset.
            "reset": _nothing_to_reset,
        }
    return found


def _trust(url: DatabaseUrl) -> str | ssl.SSLContext:
    """Return asyncpg's `ssl`: a context where somebody is to be trusted, else libpq's own word.

    As for libpq, `require` checks the certificate where an authority is named or lies in its folder.
    """
    root, crl = _file(url, "sslrootcert", "root.crt"), _file(url, "sslcrl", "root.crl")
    certificate = _file(url, "sslcert", "postgresql.crt")
    if url.sslmode in ("disable", "allow", "prefer") or (
        url.sslmode == "require" and not (root or crl or certificate or url.tls)
    ):
        return url.sslmode
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = url.sslmode == "verify-full"
    try:
        if root == "system":
            context.load_default_certs()
        elif root:
            context.load_verify_locations(cafile=root)
        elif url.sslmode == "require":
            context.verify_mode = ssl.CERT_NONE
        else:
            _wrong(f"sslmode={url.sslmode} needs sslrootcert: a file with the authority's certificate, or `system`")
        if crl:
            context.load_verify_locations(cafile=crl)
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
        if certificate:
            # Without a password OpenSSL would ask the terminal for one.
            password = url.tls.get("sslpassword", "")
            context.load_cert_chain(certificate, _file(url, "sslkey", "postgresql.key"), lambda: password)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        _wrong(f"what sslrootcert, sslcrl, sslcert or sslkey names can't be used: {error}")
    context.minimum_version = _VERSIONS[url.tls.get("ssl_min_protocol_version", "TLSv1.2")]
    if most := url.tls.get("ssl_max_protocol_version"):
        context.maximum_version = _VERSIONS[most]
    return context


def _file(url: DatabaseUrl, option: str, usual: str) -> str | None:
    """Return the file that the URL, or the environment as for libpq, names; else the usual one, where it is there."""
    named = url.tls.get(option) or os.environ.get(f"PG{option.upper()}")
    if named:
        return named
    try:
        found = _LIBPQS_OWN.expanduser() / usual
        return str(found) if found.is_file() else None
    except (OSError, RuntimeError):  # there is no home
        return None


def _wrong(says: str) -> None:
    raise ConfigurationError([f"DATABASE_URL: {says}"])


async def _nothing_to_reset(connection: object) -> None:
    """Leave the connection as it is."""
