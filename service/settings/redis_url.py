"""REDIS_URL, read: one server, several Sentinels that know the master, or some nodes of a cluster.

`redis[s]://[user:password@]host[:port][/db]`, `unix://[user:password@]/path/of.sock`,
`redis[s]+sentinel://[user:password@]host[:port],…/master[/db]` and `redis[s]+cluster://[user:password@]host[:port],…`,
each with `?options`. User and password are Redis's own; what the Sentinels want is in `sentinel_username` and
`sentinel_password`, as other programs spell it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn
from urllib.parse import parse_qsl, unquote, urlencode

from service.settings.redis_options import obeyed

Form = Literal["memory", "single", "sentinel", "cluster"]

SCHEMES: Final = (
    *("redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster", "unix", "memory"),
)
REDIS_PORT, SENTINEL_PORT = 6379, 26379
_ESCAPES = "write @, / and ? in a password as %40, %2F, %3F"


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """What REDIS_URL says. `plain` is the same for one server, for redis-py: credentials, database and options."""

    form: Form
    hosts: tuple[tuple[str, int], ...]
    plain: str = field(default="", repr=False)
    tls: bool = False
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    master: str = ""  # the name that the Sentinels know it by
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)


def read_redis_url(url: str) -> RedisUrl:
    """Return what a URL says. Raises ValueError with a line that a person can act on, without anything secret."""
    scheme, _, rest = url.partition("://")
    base, _, form = scheme.partition("+")
    if scheme == "memory":
        return RedisUrl("memory", ())
    rest, _, query = rest.partition("?")
    if scheme == "unix":
        return _socket(rest, query)
    place, _, path = rest.partition("/")
    userinfo, at, listed = place.rpartition("@")
    port = SENTINEL_PORT if form == "sentinel" else REDIS_PORT
    given = listed.split(",") if listed or form else ["localhost"]
    hosts = tuple(dict.fromkeys(_host(number, item, port) for number, item in enumerate(given, start=1)))
    if not form and len(hosts) > 1:
        _wrong("one server has one host; several are for redis+sentinel:// and redis+cluster://")
    options = _options(query, tls=base == "rediss")
    _check_text(userinfo)
    master, db = ("", path) if form != "sentinel" else _master(path)
    if form == "cluster" and (db.strip("/") not in ("", "0") or dict(options).get("db", "0") != "0"):
        _wrong("a cluster has no database but 0")
    if db.strip("/") and not db.strip("/").isdecimal():
        _wrong(f"the database is a number; {_ESCAPES}")
    if dict(options).get("db", db.strip("/") or "0") != (db.strip("/") or dict(options).get("db", "0")):
        _wrong("the database stands there twice, and not as the same number")
    ours = {name: value for name, value in options if name in ("sentinel_username", "sentinel_password")}
    if ours and form != "sentinel":
        _wrong("sentinel_username and sentinel_password are for redis+sentinel://")
    options = [(name, value) for name, value in options if name not in ours]
    return RedisUrl(
        form="sentinel" if form == "sentinel" else "cluster" if form else "single",
        hosts=hosts,
        plain=f"{base}://{userinfo}{at}{_written(hosts[0])}/{db.strip('/')}?{urlencode(options)}",
        tls=base == "rediss",
        options=tuple(options),
        master=master,
        sentinel_username=ours.get("sentinel_username") or None,
        sentinel_password=ours.get("sentinel_password") or None,
    )


def _socket(rest: str, query: str) -> RedisUrl:
    """Read what stands behind unix://."""
    userinfo, at, path = rest.rpartition("@")
    _check_text(userinfo)
    if not path.startswith("/") or path == "/":
        _wrong("unix:// takes the whole path of a socket: unix:///run/redis/redis.sock")
    options = _options(query, tls=False)
    if any(name.startswith("sentinel_") for name, _ in options):
        _wrong("sentinel_username and sentinel_password are for redis+sentinel://")
    return RedisUrl("single", (), plain=f"unix://{userinfo}{at}{path}?{urlencode(options)}", options=tuple(options))


def _options(query: str, *, tls: bool) -> list[tuple[str, str]]:
    if "@" in query:
        _wrong(f"there is a ? before the @; {_ESCAPES}")
    try:
        return obeyed(parse_qsl(query, keep_blank_values=True, errors="strict"), tls=tls)
    except UnicodeDecodeError:
        _wrong("an option isn't UTF-8")


def _check_text(userinfo: str) -> None:
    try:
        unquote(userinfo, errors="strict")
    except UnicodeDecodeError:
        _wrong("user or password isn't UTF-8")


def check_redis_url(value: str) -> str:
    """Refuse session stores that nothing here can talk to."""
    scheme, found, _ = value.partition("://")
    if scheme not in SCHEMES or not found:
        _wrong(f"must start with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    read_redis_url(value)
    return value


def _master(path: str) -> tuple[str, str]:
    name, _, db = path.partition("/")
    if not name:
        _wrong("name the master as the Sentinels know it: redis+sentinel://host1,host2/mymaster")
    return unquote(name), db


def _host(number: int, item: str, default: int) -> tuple[str, int]:
    """Read `host`, `host:port`, `[IPv6]` or `[IPv6]:port`. What can't be one may be a secret, and isn't shown."""
    host, colon, port = item.rpartition(":") if not item.endswith("]") else (item, "", "")
    if not colon:
        host, port = item, ""
    bracketed = host.startswith("[") and host.endswith("]")
    name = host[1:-1] if bracketed else host
    if ":" in name and not bracketed:
        _wrong(f"host {number}: write an IPv6 address in brackets, as in [2001:db8::1]:{default}")
    # (A name whose parts are too long for the DNS, or empty, is an error of the encoding, and not of a server.)
    odd = any(not 0 < len(part) < 64 for part in name.removesuffix(".").split("."))
    if not name or odd or any(char in name for char in " []@") or (colon and not port):
        _wrong(f"host {number} can't be read; {_ESCAPES}")
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        _wrong(f"host {number}: a port is a number of 1 to 65535; {_ESCAPES}")
    return unquote(name), int(port or default)


def _written(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _wrong(says: str) -> NoReturn:
    raise ValueError(says)
