"""DATABASE_URL, read: a server, a role, a database, and options.

An option means what it means to libpq, or it is refused by name: one that is dropped without a word is a connection
without the encryption, the schema or the patience that somebody has asked for. docs/operations.md has the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import unquote

SCHEMES: Final = ("postgres", "postgresql", "postgresql+asyncpg", "sqlite")
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
PORT: Final = 5432
LONGEST_CONNECT_SECONDS: Final = 60
MOST_CACHED: Final = 10_000

_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
_TLS: Final = ("sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "ssl_min_protocol_version",
               "ssl_max_protocol_version")  # fmt: skip
_TLS_VERSIONS: Final = ("TLSv1.2", "TLSv1.3")
_WRITERS: Final = ("any", "read-write", "primary")
_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "connect_timeout": (1, LONGEST_CONNECT_SECONDS),
    "keepalives": (0, 1),
    "keepalives_idle": (0, 86_400),
    "keepalives_interval": (0, 86_400),
    "keepalives_count": (0, 127),
    "tcp_user_timeout": (0, 86_400_000),
    "statement_cache_size": (0, MOST_CACHED),
}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "sslmode": SSL_MODES,
    "ssl_min_protocol_version": _TLS_VERSIONS,
    "ssl_max_protocol_version": _TLS_VERSIONS,
    "target_session_attrs": _WRITERS,
    "gssencmode": ("disable", "prefer"),
    "channel_binding": ("disable", "prefer"),
    "sslnegotiation": ("postgres",),
    "sslcompression": ("0",),
    "client_encoding": ("utf8", "utf-8", "UTF8", "UTF-8", "auto"),
    "pgbouncer": ("true", "false"),
}
_TEXTS: Final = ("host", "port", "user", "password", "dbname", "application_name", "fallback_application_name",
                 "options", "sslpassword")  # fmt: skip
OBEYED: Final = tuple(dict.fromkeys((*_TEXTS, *_FILES, *_NUMBERS, *_CHOICES)))
"""Every option there is."""

_POOL: Final = "DATABASE_POOL_SIZE says how many connections a process has"
_SCHEMA: Final = "write ?options=-csearch_path%3DNAME"
_HINTS: Final[Mapping[str, str]] = {
    "schema": _SCHEMA, "currentschema": _SCHEMA, "search_path": _SCHEMA,
    "connection_limit": _POOL, "pool_size": _POOL, "max_overflow": _POOL, "minsize": _POOL, "maxsize": _POOL,
    "pool_timeout": "how long one waits for one's turn is in docs/operations.md, and no setting",
    "prepared_statement_cache_size": "write ?statement_cache_size=", "preparethreshold": "write ?pgbouncer=true",
    "prepared_statements": "write ?pgbouncer=true", "hostaddr": "write the address as the host",
    "service": "write what the service file says into the URL",
    "servicefile": "write what the service file says into the URL",
    "sslaccept": "write ?sslmode=", "tls": "write ?sslmode=", "sslsni": "the name is always sent",
}  # fmt: skip
# How we read what the server writes: it is not for a URL to change.
_NOT_THROUGH_OPTIONS: Final = re.compile(
    "client_encoding|standard_conforming_strings|bytea_output|datestyle|intervalstyle|escape_string_warning|"
    "session_replication_role|default_transaction_read_only"
)
_ESCAPES: Final = "write @, /, ? and : in a password as %40, %2F, %3F and %3A"


@dataclass(frozen=True, slots=True)
class Keepalive:
    """TCP's own questions whether the other side is there: seconds of silence, then between them, and how many.

    Firewalls forget a connection on which nothing was said for four minutes, and tell nobody. 0 is the system's own.
    """

    on: bool = True
    idle: int = 60
    interval: int = 15
    count: int = 4
    user_timeout: int = 0  # milliseconds in which what was sent has to be received


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """What DATABASE_URL says. `tls` are libpq's options about it, `server` what is told the server at the beginning."""

    host: str
    port: int
    user: str
    database: str
    password: str | None = field(default=None, repr=False)
    sslmode: str = "prefer"
    tls: Mapping[str, str] = field(default_factory=dict, repr=False)
    server: Mapping[str, str] = field(default_factory=dict)
    target_session_attrs: str = "any"
    passfile: str | None = None
    connect_seconds: int | None = None
    keepalive: Keepalive = Keepalive()
    statement_cache_size: int | None = None  # None: as it is found to be good


def check_database_url(value: str) -> str:
    """Refuse databases that nothing here can talk to, and options that would not be obeyed."""
    scheme, found, rest = value.partition("://")
    if scheme not in SCHEMES or not found:
        _wrong(f"must start with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    if scheme == "sqlite":
        path, _, query = rest.partition("?")
        if not path:
            _wrong("sqlite:// needs a file name")
        if query:
            _wrong("sqlite:// takes no options")
    else:
        read_database_url(value)
    return value


def read_database_url(url: str) -> DatabaseUrl:
    """Return what the URL of a server says. Raises ValueError with a line that a person can act on, nothing secret."""
    rest, _, query = url.partition("://")[2].partition("?")
    place, _, path = rest.partition("/")
    userinfo, _, listed = place.rpartition("@")
    user, _, password = userinfo.partition(":")
    given = _options(query)
    host, port = _address(listed, given)
    numbers = {name: _number(name, value) for name, value in given.items() if name in _NUMBERS}
    for name, allowed in _CHOICES.items():
        if given.get(name, allowed[0]) not in allowed:
            _wrong(f"{name} must be one of {', '.join(allowed)}")
    _check_files(given)
    _check_tls(given)
    return DatabaseUrl(
        host=host,
        port=port,
        user=_text("the user", user) or given.get("user") or "postgres",
        password=_text("the password", password) if password else given.get("password"),
        database=_text("the name of the database", path) or given.get("dbname") or "postgres",
        sslmode=given.get("sslmode", "prefer"),
        tls={name: given[name] for name in _TLS if name in given},
        server=_told_to_the_server(given),
        target_session_attrs=given.get("target_session_attrs", "any"),
        passfile=given.get("passfile"),
        connect_seconds=numbers.get("connect_timeout"),
        keepalive=_keepalive(numbers),
        statement_cache_size=_cache(given, numbers),
    )


def _options(query: str) -> dict[str, str]:
    """Read the options; names and values are percent-encoded, and `+` is itself, as for libpq."""
    if "@" in query:
        _wrong(f"there is a ? before the @; {_ESCAPES}")
    found: dict[str, str] = {}
    for number, item in enumerate((item for item in query.split("&") if item), start=1):
        name, equals, value = item.partition("=")
        name = "sslmode" if name == "ssl" else _text("an option", name)
        if name not in OBEYED:
            _refuse(name, number)
        text = _text(name, value)
        if not equals or not text:
            _wrong(f"{name} has no value")
        if found.setdefault(name, text) != text:
            _wrong(f"{name} stands there twice")
    return found


def _refuse(name: str, number: int) -> NoReturn:
    # What doesn't look like a name may be the rest of a password.
    if not re.fullmatch(r"[A-Za-z_.-]{1,40}", name):
        _wrong(f"option {number} can't be read; {_ESCAPES}, & as %26")
    hint = _HINTS.get(name.lower(), "")
    if not hint:
        from difflib import get_close_matches  # for mistakes alone

        meant = get_close_matches(name.lower(), OBEYED, n=1, cutoff=0.8)
        hint = f"is {meant[0]} meant?" if meant else "docs/operations.md lists what is"
    _wrong(f"the option {name} is not obeyed here; {hint}")


def _address(listed: str, given: Mapping[str, str]) -> tuple[str, int]:
    host, port = given.get("host", ""), given.get("port", "")
    if "," in listed or "," in host or "," in port:
        _wrong("several hosts can't be tried here; name one: the address that follows a fail-over, or a proxy's")
    if listed and not host:
        name, colon, number = listed.rpartition(":") if not listed.endswith("]") else (listed, "", "")
        name, port = (name, port or number) if colon else (number, port)
        bracketed = name.startswith("[") and name.endswith("]")
        if ":" in name and not bracketed:
            _wrong(f"write an IPv6 address in brackets, as in [2001:db8::1]:{PORT}; {_ESCAPES}")
        host = _text("the host", name[1:-1] if bracketed else name)
    if any(char in host for char in " []@"):
        _wrong(f"the host can't be read; {_ESCAPES}")
    if not host.startswith("/") and (any(not 0 < len(part) < 64 for part in host.rstrip(".").split(".")) and host):
        _wrong("the host is no name: each part between two dots has 1 to 63 letters")
    if port and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        _wrong(f"the port is a number of 1 to 65535; {_ESCAPES}")
    return host or "localhost", int(port or PORT)


def _number(name: str, value: str) -> int:
    least, most = _NUMBERS[name]
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and least <= int(value) <= most):
        _wrong(f"{name} must be a number of {least} to {most}")
    return int(value)


def _check_files(given: Mapping[str, str]) -> None:
    for name in _FILES:
        where = given.get(name)
        if where and not (name == "sslrootcert" and where == "system") and not Path(where).is_file():
            _wrong(f"{name}: there is no such file, or it can't be read")


def _check_tls(given: Mapping[str, str]) -> None:
    mode = given.get("sslmode", "prefer")
    if mode in SSL_MODES[:3] and (used := [name for name in _TLS if name in given]):
        _wrong(f"{used[0]} has no effect with sslmode={mode}; write sslmode=verify-full, verify-ca or require")
    if given.get("sslrootcert") == "system" and mode != "verify-full":
        _wrong("sslrootcert=system needs sslmode=verify-full")
    if ("sslkey" in given) != ("sslcert" in given):
        _wrong("sslcert and sslkey belong together")


def _told_to_the_server(given: Mapping[str, str]) -> dict[str, str]:
    options = given.get("options", "")
    if found := _NOT_THROUGH_OPTIONS.search(options.lower().replace("-", "_")):  # to the server both are the same
        _wrong(f"options may not set {found[0]}")
    name = given.get("application_name") or given.get("fallback_application_name") or "latchkey"
    return {"application_name": name, **({"options": options} if options else {})}


def _keepalive(numbers: Mapping[str, int]) -> Keepalive:
    ours = Keepalive()
    return Keepalive(
        on=bool(numbers.get("keepalives", 1)),
        idle=numbers.get("keepalives_idle", ours.idle),
        interval=numbers.get("keepalives_interval", ours.interval),
        count=numbers.get("keepalives_count", ours.count),
        user_timeout=numbers.get("tcp_user_timeout", ours.user_timeout),
    )


def _cache(given: Mapping[str, str], numbers: Mapping[str, int]) -> int | None:
    size = numbers.get("statement_cache_size")
    if given.get("pgbouncer") == "true":
        if size:
            _wrong("pgbouncer=true and statement_cache_size contradict each other")
        return 0
    return DIRECT if size is None and given.get("pgbouncer") == "false" else size


DIRECT: Final = 100
"""How many statements a connection keeps prepared, where it leads to one server process: asyncpg's own number."""


def _text(what: str, value: str) -> str:
    try:
        found = unquote(value, errors="strict")
    except UnicodeDecodeError:
        _wrong(f"{what} isn't UTF-8")
    if any(ord(char) < 32 or ord(char) == 127 for char in found):
        _wrong(f"{what} has a control character in it")
    return found


def _wrong(says: str) -> NoReturn:
    raise ValueError(says)
