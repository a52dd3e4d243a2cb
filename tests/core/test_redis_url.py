"""REDIS_URL: what it may say, and what is wrong with it, in one line without anything secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio.connection import parse_url

from service.core.redis.client import connect
from service.core.redis.tls import trust
from service.settings import load_settings
from service.settings.checks import ConfigurationError
from service.settings.redis_options import OBEYED
from service.settings.redis_url import read_redis_url
from tests.support.process import ROOT, latchkey
from tests.support.stores import SECRET

pytestmark = pytest.mark.embedded_only

HOSTS = {
    "redis://": [("localhost", 6379)],
    "redis://cache": [("cache", 6379)],
    "rediss://cache:7000/2": [("cache", 7000)],
    "redis://[::1]:7000": [("::1", 7000)],
    "redis+cluster://one,two:7000,[2001:db8::3]": [("one", 6379), ("two", 7000), ("2001:db8::3", 6379)],
    "redis+cluster://one:7000/0": [("one", 7000)],
    "redis+sentinel://one,two:1/mymaster": [("one", 26379), ("two", 1)],
    "rediss+sentinel://user:p,w@one,[::1]:5,one/mymaster/3": [("one", 26379), ("::1", 5)],
}


@pytest.mark.parametrize("url", HOSTS)
def test_hosts(url: str) -> None:
    """One or several, with and without ports, IPv6 in brackets; one that is named twice is one."""
    found = read_redis_url(url)
    assert list(found.hosts) == HOSTS[url]
    assert found.tls == url.startswith("rediss")


def test_whose_password() -> None:
    """What stands before the hosts is Redis's, what the query names is the Sentinels'; both may have any letter."""
    found = read_redis_url(
        "redis+sentinel://ser%40vice:p%2Fw%23@one/my%2Fmaster/7?sentinel_username=w&sentinel_password=a%26b+c&protocol=2"
    )
    assert (found.master, found.sentinel_username, found.sentinel_password) == ("my/master", "w", "a&b c")
    plain = dict(parse_url(found.plain))
    assert (plain["username"], plain["password"], plain["db"], plain["protocol"]) == ("ser@vice", "p/w#", 7, 2)
    assert not {"sentinel_username", "sentinel_password"} & set(plain)
    assert "p/w" not in repr(found)
    assert "a&b" not in repr(found)


WRONG = {
    "http://cache": "must start with",
    "redis+sentinels://one/mymaster": "must start with",
    "redis://one,two": "redis+sentinel://",
    "redis://:secret@one:port": "a number of 1 to 65535",
    "redis://:secret@one:70000": "a number of 1 to 65535",
    "redis://:sec/ret@one": "%2F",
    "redis://one/first": "the database is a number",
    "redis+cluster://one,,two": "host 2 can't be read",
    "redis+cluster://": "host 1 can't be read",
    "redis+cluster://one/1": "no database but 0",
    "redis+cluster://one?db=1": "no database but 0",
    "redis+cluster://one?sentinel_password=secret": "are for redis+sentinel://",
    "redis+sentinel://one:0,two/mymaster": "host 1: a port",
    "redis+sentinel://one,2001:db8::1/mymaster": "host 2: write an IPv6 address in brackets",
    "redis+sentinel://one,two": "name the master",
    "redis+sentinel://one,two/": "name the master",
    "redis+sentinel://one/mymaster/zero": "the database is a number",
    "redis+sentinel://one/mymaster?host=two": "no options",
}


@pytest.mark.parametrize("url", WRONG)
def test_what_cannot_be_read(url: str) -> None:
    """One line that names the setting and the place."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(REDIS_URL=url, SECRET_KEY=SECRET, _env_file=None)
    (line,) = caught.value.mistakes
    assert line.startswith("REDIS_URL: ")
    assert WRONG[url] in line
    assert "secret" not in line


NOT_OBEYED = {
    "redis://one?nothing=1": "the option nothing is not obeyed here; docs/operations.md lists what is",
    "redis+cluster://one?nothing=1": "the option nothing is not obeyed here",
    "redis://one?protocol=9": "protocol must be one of 2, 3",
    "rediss://one?ssl_cert_req=none": "is ssl_cert_reqs meant?",
    "rediss://one?ssl_cert_reqs=maybe": "ssl_cert_reqs must be one of none, optional, required",
    "rediss://one?ssl_cert_reqs=": "ssl_cert_reqs must be one of none, optional, required",
    "redis://one?ssl_cert_reqs=none": "ssl_cert_reqs has no effect without TLS; write rediss://",
    "redis+sentinel://one/m?ssl_check_hostname=false": "ssl_check_hostname has no effect without TLS",
    "rediss://one?ssl_ca_certs=/nowhere/ca.pem": "ssl_ca_certs: there is no such file",
    "rediss://one?ssl_keyfile=/dev/null": "ssl_keyfile",
    "redis://one?socket_timeout=5": "how long a call waits",
    "redis://one?retry=3": "what is tried again",
    "redis://one?max_connections=3": "REDIS_POOL_SIZE",
    "redis://one?decode_responses=true": "ours to read",
    "redis://one?credential_provider=x": "credential_provider is not obeyed",
    "redis://one?redis_connect_func=x": "redis_connect_func is not obeyed",
    "redis://one?ssl=true": "write rediss://",
    "redis://one?host=two": "they stand before the `?`",
    "redis://one/1?db=2": "the database stands there twice",
    "redis://one?db=1&db=2": "db stands there twice",
    "redis://one?db=one": "the database is a number",
    "redis://one?client_name=a%20b": "client_name may have no blanks",
    "redis://one?password=": "password has no value",
    "redis://:sec%ffret@one": "user or password isn't UTF-8",
    "redis://sec?ret=secret@one": "there is a ? before the @",
    "redis://:sec?ret=secret@one": "%3F",
    "redis://one..two": "can't be read",
    f"redis://{'a' * 64}": "can't be read",
    "unix://one": "the whole path of a socket",
    "unix:///run/redis.sock?ssl_cert_reqs=none": "has no effect without TLS",
    "unix:///run/redis.sock?sentinel_password=secret": "are for redis+sentinel://",
}


@pytest.mark.parametrize("url", NOT_OBEYED)
def test_an_option_that_is_not_obeyed(url: str) -> None:
    """It stops the start, and is named: not one of them is dropped, or left to the first request."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(REDIS_URL=url, SECRET_KEY=SECRET, _env_file=None)
    (line,) = caught.value.mistakes
    assert line.startswith("REDIS_URL: ")
    assert NOT_OBEYED[url] in line
    assert "secret" not in line.replace("sentinel_password", "")


@pytest.mark.parametrize("spelt", ["none", "NONE", "CERT_NONE", "cert_none"])
@pytest.mark.parametrize("form", ["rediss://one?{}", "rediss+cluster://one?{}", "rediss+sentinel://one/m?{}"])
def test_spellings_of_one_thing(spelt: str, form: str) -> None:
    """What Celery's documents and redis-py's have one write is the same: nobody's certificate is checked."""
    settings = load_settings(REDIS_URL=form.format(f"ssl_cert_reqs={spelt}"), SECRET_KEY=SECRET, _env_file=None)
    assert trust(settings) == "off"
    connect(settings)


def test_whatever_is_obeyed_can_be_used(tmp_path: Path) -> None:
    """Each option by itself makes a connection; where it needs a file, that is looked at before."""
    values = {"protocol": "3", "socket_keepalive": "no", "ssl_cert_reqs": "required", "ssl_check_hostname": "false",
              "db": "0", "health_check_interval": "30"}  # fmt: skip
    for name in OBEYED:
        if name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile") or name.startswith("sentinel_"):
            continue
        connect(
            load_settings(REDIS_URL=f"rediss://one?{name}={values.get(name, 'x')}", SECRET_KEY=SECRET, _env_file=None)
        )


def test_a_socket() -> None:
    """A Redis on this machine needs no port."""
    found = read_redis_url("unix://user:p%40ss@/run/redis/redis.sock?db=2")
    plain = dict(parse_url(found.plain))
    assert (plain["path"], plain["username"], plain["password"], plain["db"]) == (
        "/run/redis/redis.sock", "user", "p@ss", 2,
    )  # fmt: skip
    assert (found.form, found.hosts) == ("single", ())


def test_a_pinned_certificate_is_one_servers() -> None:
    """Sentinels, and nodes, have a certificate each."""
    for url in ("rediss+cluster://one", "rediss+sentinel://one/mymaster"):
        with pytest.raises(ConfigurationError, match="REDIS_TLS_CA"):
            load_settings(REDIS_URL=url, REDIS_TLS_FINGERPRINT="ab" * 32, SECRET_KEY=SECRET, _env_file=None)


def test_a_start_with_one_bad_entry() -> None:
    """One line, and an end with 2."""
    done = latchkey("serve", REDIS_URL="redis+sentinel://one,two:x,three/mymaster", SECRET_KEY=SECRET)
    assert done.returncode == 2
    assert done.stderr.count("REDIS_URL") == 1
    assert "host 2: a port" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_runbook_has_them_all() -> None:
    """The table of options names each that there is."""
    runbook = (ROOT / "docs" / "operations.md").read_text()
    table = runbook.partition("<!-- redis options -->")[2].partition("<!-- /redis options -->")[0]
    assert [name for name in OBEYED if f"`{name}`" not in table] == []
