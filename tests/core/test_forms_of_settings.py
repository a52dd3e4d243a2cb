"""Forms in which people write settings: whatever starts, works; else a line says what to write.

Node reads addresses as browsers do: it says of each that is taken whether the service has the same of it.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Iterator
from email import message_from_string
from email.policy import SMTP
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest

from service.features import read_settings
from service.letters import links
from service.settings import Settings, load_settings
from service.settings.checks import ConfigurationError

SCHEMES = ["https://", "http://", "HTTPS://", "", "//", "https:", "ftp://", "https:///", "javascript:"]
USERS = ["", "", "", "", "ada@", "ada:opensesame@", ":@"]
HOSTS = [
    "id.example.com", "ID.Example.COM", "id.example.com.", "localhost", "my_host", "a", "-a.example", "a..example",
    "a b", "",
    "müller.example", "MÜLLER.example", "xn--mller-kva.example", "xn--a.example", "xn--.example", "xn--abc-.example",
    "xn--i-7iq.example", "fa\u00df.example", "\u0130.example", "xn--fa-hia.example", "ex\uff0eample.com",
    "例え.テスト", "i\u2764.example",
    "\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45.com", "a\u00adb.example",
    "192.0.2.7", "192.0.2.07", "127.1", "2130706433", "0x7f.1", "1.2.3", "a.1", "a.0x", "1.2.3.4.5", "256.1.1.1",
    "\u0663.1.1.1",
    "[::1]", "[2001:DB8::7]", "[2001:db8:0:0:0:0:0:7]", "[::ffff:192.0.2.7]", "[fe80::1%25eth0]", "[::1", "::1",
    "[1.2.3.4]", "[]",
    "id%2eexample.com", "id.example.com\\@evil.example", "id,example.com", "id.example.com;", "*.example.com",
    "x" * 64, "a" + ".b" * 130,
]  # fmt: skip
PORTS = [
    "",
    "",
    "",
    ":443",
    ":80",
    ":8443",
    ":08443",
    ":",
    ":0",
    ":65536",
    ":\u0664\u0664\u0663",
    ":443:443",
    ":1e3",
    ":-1",
    ":+1",
    ": 80",
]
PATHS = [
    "",
    "",
    "/",
    "///",
    "/id",
    "/id/",
    "/a//b",
    "/../a",
    "/a/./b",
    "/%2e%2e/a",
    "/ä",
    "/%C3%A4",
    "/a b",
    "/a%",
    "/a\\b",
    "/a;b=1",
    '/"',
]
TAILS = ["", "", "", "", "#", "?", "/#", "/?lang=de", "#/", "?#"]
AROUND = [
    ("", ""), ("", ""), ("", "\n"), ("", "\r\n"), (" ", " "), ("\t", ""), ("\ufeff", ""), ("", "\u200b"),
    ("\u00a0", "\u3000"), ('"', '"'),
    ("'", "'"), ("\u201c", "\u201d"), ("<", ">"), ("", ","), ("", "\n\n"), ("", "\x00"), ("\u202a", "\u202c"),
    ("", "\\n"),
]  # fmt: skip


PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)


def tried(**values: object) -> Settings | list[str]:
    """Return the settings, or what is wrong with them: never anything else."""
    try:
        return load_settings(_env_file=None, **values)
    except ConfigurationError as error:
        return error.mistakes


def written() -> Iterator[str]:
    """Addresses, each with something about it; those with one thing odd all of them, and of others some."""
    usual: tuple[Any, ...] = ("https://", "", "id.example.com", "", "", "", ("", ""))
    parts: tuple[list[Any], ...] = (SCHEMES, USERS, HOSTS, PORTS, PATHS, TAILS, AROUND)
    for place, choices in enumerate(parts):
        for choice in choices:
            yield joined([*usual[:place], choice, *usual[place + 1 :]])
    chance = Random(17)
    for _ in range(400):
        odd = set(chance.sample(range(len(parts)), 2))
        yield joined([chance.choice(part) if place in odd else usual[place] for place, part in enumerate(parts)])
    for host, port in product(HOSTS, ("", ":443", ":8443")):
        yield f"https://{host}{port}/"


def joined(parts: list[Any]) -> str:
    *inner, (before, behind) = parts
    return f"{before}{''.join(inner)}{behind}"


BROWSER = """
const said = [];
for (const [given, link] of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
  const whole = new URL(link);
  said.push([new URL(given).origin, whole.href, whole.hash, whole.search, whole.username]);
}
console.log(JSON.stringify(said));
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node, which reads addresses as browsers do")
def test_addresses() -> None:
    """`iss`, links, the origin that calls are compared with and the sender: as a browser and a verifier read them."""
    taken: list[tuple[str, Settings]] = []
    for text in dict.fromkeys(written()):
        for name in ("PUBLIC_URL", "FRONTEND_URL"):
            found = tried(**{name: text})
            if isinstance(found, list):
                assert [line.partition(":")[0] for line in found] == [name], (text, found)
                assert "opensesame" not in str(found)
                assert all(line.isprintable() for line in found)
                continue
            if name == "PUBLIC_URL":
                taken.append((text, found))
            url = getattr(found, name)
            assert url.isascii()
            assert not any(char in url for char in " \n\"'#?@\\")
            assert getattr(tried(**{name: url}), name) == url  # one form, however often it is read
    assert len(taken) > 60
    given = [
        (text.strip(" \n\r\t\u00a0\u3000\ufeff\u200b"), links.page(found, "verify-email", "t-k_n"))
        for text, found in taken
    ]
    ran = subprocess.run(["node", "-e", BROWSER], input=json.dumps(given), capture_output=True, text=True, check=True)
    for (text, found), (_, link), said in zip(taken, given, json.loads(ran.stdout), strict=True):
        origin, href, fragment, query, user = said
        assert (found.public_origin, link) == (origin, href), text
        assert (fragment, query, user) == ("#token=t-k_n", "", ""), text
        assert urlsplit(link).path.endswith("/verify-email")
        sender = message_from_string(f"From: {found.mail_from}\n\n", policy=SMTP)["from"]
        assert len(sender.addresses) == 1
        calls = tried(BACKEND_CORS_ORIGINS=text)
        assert isinstance(calls, Settings) or urlsplit(found.PUBLIC_URL).path or "///" in text, text
        if isinstance(calls, Settings):
            assert calls.admits(origin), text
            assert len(calls.BACKEND_CORS_ORIGINS) == 1
            assert not calls.admits(origin + "\n")


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://a.example,,https://B.example:443/, ", ["https://a.example", "https://b.example"]),
        ('["https://a.example", "", "https://A.example/"]', ["https://a.example"]),
        ('[\n "https://a.example",\n "http://b.example:80"\n]\n', ["https://a.example", "http://b.example"]),
        ("https://a.example,\nhttps://b.example\n", ["https://a.example", "https://b.example"]),
        ("https://müller.example", ["https://xn--mller-kva.example"]),
        ("http://[2001:DB8::7]:8080", ["http://[2001:db8::7]:8080"]),
        (",", []),
        ("'https://a.example','https://b.example'", None),
        ('"https://a.example", "https://b.example"', None),
        ("['https://a.example']", None),
        ("https://a.example https://b.example", None),
        ("https://a.example;https://b.example", None),
        ("https://a.example\nhttps://b.example", None),
        ('["https://a.example", 1]', None),
        ('{"0": "https://a.example"}', None),
        ("https://a.example/app", None),
        ("https://a.example?", None),
        ("https://*.example", None),
        ("null", None),
    ],
)
def test_lists_of_origins(text: str, origins: list[str] | None) -> None:
    """R54: members are compared as browsers write them; empty ones are none."""
    found = tried(BACKEND_CORS_ORIGINS=text)
    if origins is None:
        assert isinstance(found, list)
        assert found[0].startswith("BACKEND_CORS_ORIGINS")
    else:
        assert isinstance(found, Settings)
        assert list(found.BACKEND_CORS_ORIGINS) == origins


NUMBERS = [
    "7", " 7", "7\n", "07", "7.0", "1e1", "0x7", "0b1", "0o7", "1_0", "+7", "\u0667", "\uff17", "7,5", "1.000,5", ".5",
    "5.", "nan", "inf", "-inf", "Infinity", "7h", "7 0", "True", "'7'", '"7"', "7;", "--7", "9" * 400, "7\u200b",
    "7\u00a0",
]  # fmt: skip
PLAIN = {"7", " 7", "7\n", "07", "7.0", "7\u200b", "7\u00a0"}


def test_numbers() -> None:
    """A number is plain digits: nothing is another number in another program, or none."""
    numbers = {name for name, field in Settings.model_fields.items() if field.annotation in (int, float)}
    assert len(numbers) > 20
    for name, text in product(sorted(numbers), NUMBERS):
        found = tried(**{name: text})
        if isinstance(found, list):
            assert {line.partition(":")[0] for line in found} <= {name, "SESSION_MAX_DAYS", "WEB_CONCURRENCY"}, (
                name,
                text,
                found,
            )
            assert text not in PLAIN or not found[0].endswith("such as 1000 or 0.5")
        else:
            assert text in PLAIN, (name, text)
            assert math.isclose(getattr(found, name), 7)


def test_what_slips_in() -> None:
    """A line feed, a space, a mark around any value make no other of it; a blank one is none."""
    for name, field in type(read_settings()).model_fields.items():
        default = getattr(read_settings(_env_file=None), name)
        if name == "SECRET_KEY":  # which is bytes, and may have anything in it
            assert read_settings(_env_file=None, SECRET_KEY=f" {default}\r\n").secrets == (default,)
            continue
        for before, behind in (("", "\n"), (" ", " "), ("\ufeff", "\r\n"), ("\u00a0", "\u200b")):
            for text in dict.fromkeys([",".join(default) if isinstance(default, tuple) else str(default), ""]):
                found = read_settings(_env_file=None, **{name: f"{before}{text}{behind}"})
                assert getattr(found, name) == default, (name, before, text, behind)
        for word in get_args(field.annotation):
            if isinstance(word, str):
                shouted = tried(**{name: word.upper() if word.islower() else word.lower()})
                assert isinstance(shouted, list) or getattr(shouted, name, word) == word


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROJECT_NAME", '"Latchkey"'), ("PROJECT_NAME", "Latch\nkey"), ("PROJECT_NAME", "Latch\u202ekey"),
        ("PROJECT_NAME", "\udcff"),
        ("ACCESS_TOKEN_AUDIENCE", "'latchkey'"), ("ACCESS_TOKEN_AUDIENCE", "latch\u200bkey"),
        ("METRICS_TOKEN", f'"{"x" * 40}"'),
        ("METRICS_TOKEN", f"{'x' * 20}\n{'x' * 20}"), ("REDIS_KEY_PREFIX", "{lk}"),
        ("HOST", "http://0.0.0.0"), ("HOST", "localhost:8000"), ("HOST", "*"), ("METRICS_HOST", "0.0.0.0:9100"),
        ("SECRET_KEY", "\udcff" * 40),
        ("PASSKEY_RP_ID", "https://example.com"), ("PASSKEY_RP_ID", "example.com:443"), ("PASSKEY_RP_ID", "192.0.2.7"),
        ("MAIL_FROM", "'Ada <ada@example.com>'"), ("FEATURES", "'myapp'"), ("DATABASE_URL", '"postgres://db/x"'),
        ("REDIS_URL", "redis://a\n/0"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant(name: str, value: str) -> None:
    """Quotes, line feeds within and what can't be seen: refused by name, without the value."""
    found = tried(**{name: value})
    assert isinstance(found, list)
    assert [line.partition(":")[0].partition(".")[0] for line in found] == [name]
    assert value not in found[0]
    assert all(line.isprintable() for line in found)


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("HOST", "[::]", "::"), ("HOST", "LOCALHOST", "localhost"), ("HOST", "fe80::1%eth0", "fe80::1%eth0"),
        ("HOST", "0.0.0.0\n", "0.0.0.0"),
        ("PASSKEY_RP_ID", "Example.com", "example.com"), ("PASSKEY_RP_ID", "müller.example", "xn--mller-kva.example"),
        ("LOG_LEVEL", "warning", "WARNING"), ("ENVIRONMENT", "Development", "development"),
        ("MAIL_FROM", "Ada <a@b.example>\n", "Ada <a@b.example>"),
        ("MAIL_FROM", '"Acme, Inc." <id@example.com>', '"Acme, Inc." <id@example.com>'),
        ("DOCS_ENABLED", " No\n", False),
        ("REDIS_TLS_CA", f"{PEM}\n", PEM),
        ("REDIS_KEY_PREFIX", "lk:", "lk:"),
    ],
)  # fmt: skip
def test_what_is_meant(name: str, value: str, taken: object) -> None:
    """Forms that can only mean one thing are taken, and written in that one."""
    assert getattr(tried(**{name: value}), name) == taken


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfPROJECT_NAME=Ada\n", b'PROJECT_NAME="Ada" \r\n'])
def test_the_file(tmp_path: Path, content: bytes) -> None:
    """A `.env` as editors write it, with a mark at its beginning and other ends of lines."""
    file = tmp_path / ".env"
    file.write_bytes(content)
    assert load_settings(_env_file=file).PROJECT_NAME == "Ada"


@pytest.mark.parametrize("content", ["PROJECT_NAME=Ada\n".encode("utf-16"), b"PROJECT_NAME=\xff\n"])
def test_a_file_that_is_no_text(tmp_path: Path, content: bytes) -> None:
    """What isn't UTF-8 is said in one line."""
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(_env_file=file)
    assert [line.partition(":")[0] for line in caught.value.mistakes] == [".env"]
