"""REDIS_URL: what it may say, and what is wrong with it, in one line without anything secret."""

from __future__ import annotations

import pytest
from redis.asyncio.connection import parse_url

from service.core.redis.client import connect
from service.settings import load_settings
from service.settings.checks import ConfigurationError
from service.settings.redis_url import read_redis_url
from tests.support.process import latchkey
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


@pytest.mark.parametrize("url", ["redis://one?nothing=1", "redis+cluster://one?nothing=1", "redis://one?protocol=9"])
def test_an_option_that_is_none(url: str) -> None:
    """It is found at the start, and not by the first request."""
    with pytest.raises(ConfigurationError, match=r"REDIS_URL: one of its options"):
        connect(load_settings(REDIS_URL=url, SECRET_KEY=SECRET, _env_file=None))


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
