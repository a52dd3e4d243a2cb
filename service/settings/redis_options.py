"""The options of REDIS_URL: each is obeyed, or refused by name. docs/operations.md has the table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

_CERTIFICATES: Final[Mapping[str, str]] = {
    # As redis-py, Celery and Python spell them.
    "none": "none", "cert_none": "none", "optional": "optional", "cert_optional": "optional",
    "required": "required", "cert_required": "required",
}  # fmt: skip
_TRUTHS: Final[Mapping[str, str]] = {
    "true": "true", "1": "true", "yes": "true", "on": "true", "false": "false", "0": "false", "no": "false",
    "off": "false",
}  # fmt: skip
_SPELLINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "ssl_cert_reqs": _CERTIFICATES,
    "ssl_check_hostname": _TRUTHS,
    "socket_keepalive": _TRUTHS,
    "protocol": {"2": "2", "3": "3"},
}
_FILES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_NUMBERS: Final = ("db", "health_check_interval")
_TEXTS: Final = ("username", "password", "client_name", "ssl_password", "sentinel_username", "sentinel_password")
OBEYED: Final = (*_TEXTS, *_NUMBERS, *_FILES, *_SPELLINGS)
"""Every option there is."""

_WAITING: Final = "how long a call waits, and what is tried again, is in docs/operations.md, and no setting"
_VERIFY: Final = "write ssl_cert_reqs=, or set REDIS_TLS_VERIFY"
_HINTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("socket_timeout", "socket_connect_timeout", "socket_read_timeout", "timeout"), _WAITING),
    **dict.fromkeys(("retry", "retry_on_timeout", "retry_on_error"), _WAITING),
    **dict.fromkeys(("max_connections", "pool_size"), "REDIS_POOL_SIZE says how many connections a process has"),
    **dict.fromkeys(("ssl", "tls"), "write rediss:// for TLS"),
    **dict.fromkeys(("rejectunauthorized", "verify_ssl", "tls_verify", "skip_verify"), _VERIFY),
    **dict.fromkeys(("decode_responses", "encoding", "encoding_errors"), "what is stored is ours to read"),
    **dict.fromkeys(("host", "port", "path"), "host, port and path are no options: they stand before the `?`"),
    "ssl_ca_data": "set REDIS_TLS_CA", "ssl_ca_path": "set REDIS_TLS_CA", "virtual_host": "write the database as /0",
}  # fmt: skip


def obeyed(options: Sequence[tuple[str, str]], *, tls: bool) -> list[tuple[str, str]]:
    """Return the options as redis-py wants them. Raises ValueError with a line that has nothing secret in it."""
    found: dict[str, str] = {}
    for number, (name, value) in enumerate(options, start=1):
        if name not in OBEYED:
            _refuse(name, number)
        if name.startswith("ssl_") and not tls:
            _wrong(f"{name} has no effect without TLS; write rediss://")
        if found.setdefault(name, _checked(name, value)) != _checked(name, value):
            _wrong(f"{name} stands there twice")
    if found.get("ssl_cert_reqs") == "none" and found.get("ssl_check_hostname") == "true":
        _wrong("ssl_check_hostname=true and ssl_cert_reqs=none contradict each other")
    if "ssl_keyfile" in found and "ssl_certfile" not in found:
        _wrong("ssl_keyfile needs ssl_certfile")
    return list(found.items())


def _checked(name: str, value: str) -> str:
    if name in _SPELLINGS:
        spellings = _SPELLINGS[name]
        if value.lower() not in spellings:
            _wrong(f"{name} must be one of {', '.join(dict.fromkeys(spellings.values()))}")
        return spellings[value.lower()]
    if not value:
        _wrong(f"{name} has no value")
    if name in _NUMBERS and not (value.isascii() and value.isdecimal() and len(value) < 6):
        _wrong("the database is a number" if name == "db" else f"{name} must be a number")
    if name in _FILES and not Path(value).is_file():
        _wrong(f"{name}: there is no such file, or it can't be read")
    if name == "client_name" and not re.fullmatch(r"[!-~]+", value):
        _wrong("client_name may have no blanks or special letters in it")
    return value


def _refuse(name: str, number: int) -> NoReturn:
    # What doesn't look like a name may be the rest of a password.
    if not re.fullmatch(r"[A-Za-z_.-]{1,40}", name):
        _wrong(f"option {number} can't be read; write @, /, ? and & in a password as %40, %2F, %3F, %26")
    hint = _HINTS.get(name.lower(), "")
    if not hint:
        from difflib import get_close_matches  # for mistakes alone

        meant = get_close_matches(name.lower(), OBEYED, n=1, cutoff=0.8)
        hint = f"is {meant[0]} meant?" if meant else "docs/operations.md lists what is"
    _wrong(f"the option {name} is not obeyed here; {hint}")


def _wrong(says: str) -> NoReturn:
    raise ValueError(says)
