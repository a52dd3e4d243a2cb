"""Addresses that look like most are read without the library: as it would read them."""

from __future__ import annotations

from random import Random

import email_validator
import pytest

from service.core.text import email_address
from service.core.text.email_address import EmailAddress, parse_email

PIECES = [
    *"abzAZ059_+-..@", "x" * 60, "y" * 64, "com", "de", "org", "example", ".co.uk", "xn--", "--", "local", "onion",
    "test", ".arpa", "localhost", "invalid", "1.2", "ä", "'", " ", "\u200b", "!", "%", "postmaster", "@gmail.com",
    "@a.b", "@1.de",
]  # fmt: skip


def by_the_library(text: str, monkeypatch: pytest.MonkeyPatch) -> EmailAddress | str:
    with monkeypatch.context() as without:
        without.setattr(email_address, "_is_ordinary", lambda *_: False)
        try:
            return parse_email(text)
        except ValueError as error:
            return str(error)


def test_read_as_the_library_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    random, plain = Random(5), 0
    for number in range(20_000):
        text = "".join(random.choices(PIECES, k=random.randint(2, 9)))
        if number % 2:
            text += random.choice(["@example.com", "@a-b.example.org", "@X.de", "@x.local", "@a.b.c.museum", "@x.c0m"])
        found = email_address._PLAIN.fullmatch(text)
        if len(text) > email_address.MAX_LENGTH or not found or not email_address._is_ordinary(*found.groups()):
            continue
        plain += 1
        assert parse_email(text) == by_the_library(text, monkeypatch), text
    assert plain > 500


@pytest.mark.parametrize("name", email_validator.SPECIAL_USE_DOMAIN_NAMES)
def test_what_is_nobodys_is_refused(name: str) -> None:
    """Whatever the library's next release adds to them is added here as well."""
    for domain in (f"a.{name}", f"a.b.{name}"):
        with pytest.raises(ValueError, match=r"special-use|period|top-level"):
            parse_email(f"ada@{domain}")


def test_nothing_makes_it_look_for_long() -> None:
    """Long texts aren't looked at, and the longest that are give nothing to go back to."""
    for text in ("a" * 254, "a." * 127, "a@" + "a." * 126, "a@" + "a-" * 126, "a@" + "a" * 252, "a" * 60_000 + "@"):
        with pytest.raises(ValueError, match=r"."):
            parse_email(text)
