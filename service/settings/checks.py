"""What a setting may be: the checks, each an answer that a person can act on, and how mistakes are told.

`service/settings/` names the variables; this file knows what is wrong with a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from service.settings.addresses import check_web_url
from service.settings.guessing import flaw

MINIMUM_SECRET_BYTES = 32
SMTP_SCHEMES = ("smtp", "smtps", "log")
STARTTLS = ("starttls=required", "starttls=off")

_LOCAL = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[1-9][0-9]{0,4})?")

_HINTS = {
    "PUBLIC_URL": "where clients reach the service",
    "BACKEND_CORS_ORIGINS": "the front ends that may call from a browser; [] for none",
}


class ConfigurationError(Exception):
    """The settings can't be used; `mistakes` has one readable line for each, without any value that may be secret."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


def split_list(value: object) -> object:
    """Return the items of a JSON list or of comma-separated text; anything else as it is."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise ValueError("looks like a JSON list but isn't one") from None
    return [item.strip() for item in value.split(",") if item.strip()]


def check_modules(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what can't be the name of a module, and one named twice."""
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(f"{name} is no name of a module; write it as in an import: myapp.features")
    if len(set(names)) != len(names):
        raise ValueError("a module is named twice")
    return names


def is_local(origin: str) -> bool:
    """Return whether an origin is that of a page which this very machine serves over http, on whatever port.

    Exactly, for any name that merely leads here may be a stranger's (DNS rebinding): a browser finds these three
    nowhere else.
    """
    return _LOCAL.fullmatch(origin) is not None


def is_below(origin: str, domain: str) -> bool:
    """Return whether an origin is of this domain, or of one below it."""
    host = urlsplit(origin).hostname or ""
    return host == domain or host.endswith(f".{domain}")


def check_name(value: str) -> str:
    """Refuse what can't stand in one line of a letter's head."""
    if not value.isprintable():
        raise ValueError("may not contain control characters")
    return value


def origin_of(url: str) -> str:
    """Return the origin of `url` as browsers write it: lower case, without the scheme's own port (RFC 6454)."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    ordinary = parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme))
    return f"{parts.scheme}://{host}" if ordinary else f"{parts.scheme}://{host}:{parts.port}"


def check_secret(value: str) -> str:
    """Refuse secrets that can be guessed (R42)."""
    secrets = split_secrets(value)
    if not secrets or any(len(secret.encode()) < MINIMUM_SECRET_BYTES for secret in secrets):
        raise ValueError(f"each value needs at least {MINIMUM_SECRET_BYTES} bytes; try `openssl rand -base64 48`")
    return value


def exposed(secrets: Mapping[str, tuple[str, ...]], urls: Mapping[str, tuple[str, ...] | None]) -> list[str]:
    """Return a line for each secret that somebody else knows or could guess, and for each address without https.

    An address that is None isn't given: what development takes for it is none in production.
    """
    mistakes = []
    for name, values in secrets.items():
        for place, secret in enumerate(values, start=1):
            if found := flaw(secret):
                which = f"value {place} " if len(values) > 1 else ""
                mistakes.append(f"{name}: {which}{found}; try `openssl rand -base64 48`")
    for name, addresses in urls.items():
        if addresses is None:
            mistakes.append(f"{name}: production has no default; set it, to https://… ({_HINTS[name]})")
        mistakes += [
            f"{name}: production needs https://…, and {_plain(url)} is not"
            for url in addresses or ()
            if urlsplit(url).scheme != "https"
        ]
    return mistakes


def _plain(url: str) -> str:
    """Return an address without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def check_certificates(value: str) -> str:
    """Refuse what is neither PEM text nor a file. Text whose lines an environment has escaped gets them back."""
    if "-----BEGIN CERTIFICATE-----" in value:
        return value.replace("\\n", "\n")
    if value and not Path(value).is_file():
        raise ValueError("is neither a file nor PEM text")
    return value


def check_fingerprints(value: str) -> str:
    """Refuse what isn't a list of SHA-256 fingerprints; return them in lower case, without colons."""
    found = [item.strip().replace(":", "").lower() for item in value.split(",") if item.strip()]
    if any(not re.fullmatch(r"[0-9a-f]{64}", item) for item in found):
        raise ValueError("each is a SHA-256 in 64 hexadecimal digits; `latchkey doctor` shows Redis's")
    return ",".join(found)


def check_prefix(value: str) -> str:
    """Refuse braces: by what is in them a cluster finds the node of a key, and ours have the user's there."""
    if "{" in value or "}" in value:
        raise ValueError("may not have braces: a cluster goes by what is in them")
    return value


def check_token(value: str) -> str:
    """Refuse tokens that can be guessed; an empty one is none."""
    if value and len(value.encode()) < MINIMUM_SECRET_BYTES:
        raise ValueError(f"needs at least {MINIMUM_SECRET_BYTES} bytes; try `openssl rand -base64 48`")
    return value


def check_smtp_url(value: str) -> str:
    """Refuse mail servers that nothing here can talk to, and options that would not be obeyed; empty is none."""
    if not value or _check_scheme(value, SMTP_SCHEMES).startswith("log:"):
        return value
    parts = urlsplit(value)
    try:
        reachable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        reachable = False
    if not reachable:
        raise ValueError("needs a host, and a port of 1 to 65535 if any")
    # A misspelt option must not mean a connection without encryption.
    if parts.query not in ("", *STARTTLS) or parts.path not in ("", "/") or parts.fragment:
        raise ValueError("the options are ?starttls=required and =off; write @, / and ? in a password as %40, %2F, %3F")
    return value


def check_mailbox(value: str) -> str:
    """Refuse what isn't exactly one sender; empty is the default."""
    if value:
        from email.policy import SMTP  # the grammar of heads, for who has one to be read

        try:
            header = SMTP.header_factory("From", value)
        except ValueError:  # a line break
            header = None
        if header is None or header.defects or len(header.addresses) != 1 or not header.addresses[0].domain:
            raise ValueError(
                'must be one mailbox, such as `Latchkey <id@example.com>` or `"Acme, Inc." <id@example.com>`'
            )
    return value


def check_optional_web_url(value: str) -> str:
    """Like `check_web_url`; empty is none."""
    return check_web_url(value) if value else value


def split_secrets(value: str) -> tuple[str, ...]:
    """Return comma-separated secrets, the signing one first."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def mistakes_of(error: Exception) -> list[str]:
    """Return one line for each thing that is wrong, without any value."""
    if isinstance(error, OSError):
        return [_printable(f".env: {error.strerror or 'cannot be read'}")]
    if isinstance(error, UnicodeError):
        return [".env: is not text in UTF-8; write it anew"]
    if not isinstance(error, ValidationError):
        return [_printable(str(error))]
    mistakes: list[str] = []
    for found in error.errors(include_input=False, include_url=False):
        if found["type"] == "default_factory_not_called":  # what it is made of is wrong, and told
            continue
        text = found["msg"].removeprefix("Value error, ")
        where = ".".join(str(part) for part in found["loc"])[:100]
        mistakes += [_printable(f"{where}: {line}" if where else line) for line in text.splitlines()]
    return mistakes


def _printable(line: str) -> str:
    """Return a line that a terminal shows: a file that is imported may call its members anything."""
    return "".join(char if char.isprintable() else "?" for char in line)


def _check_scheme(value: str, schemes: tuple[str, ...]) -> str:
    if value.partition("://")[0] not in schemes or "://" not in value:
        raise ValueError(f"must start with one of {', '.join(f'{scheme}://' for scheme in schemes)}")
    return value
