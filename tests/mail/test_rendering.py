"""What letters say: every one in every language, as text and as HTML; nothing missing, nothing smuggled in."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from uuid import UUID

import pytest
from jinja2 import Environment, UndefinedError, meta

from service.core.clock import Clock
from service.letters import links
from service.letters.rendering import DEFAULT_LANGUAGE, LANGUAGES, compose
from service.providers.catalogue import CODE
from service.settings import Settings, load_settings
from service.stores.letter_kinds import (
    ACCOUNT_DELETED,
    ADDRESS_CHANGED,
    ADDRESS_FINAL,
    CONFIRM_NEW_ADDRESS,
    DEVICE_TRUSTED,
    FACTOR_CODE,
    FACTORS_RESET,
    RESET_PASSWORD,
    SESSIONS_ENDED,
    VERIFY_ADDRESS,
    Letter,
)
from service.stores.outbox import Envelope
from tests.support.brought import LETTERS

LATER = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
LINK = "https://app.example.com/page#token=abc_-123"
VALUES = {
    "name": "Ada <b> & {{ 7 * 7 }}", "link": LINK, "expires": "2026-11-25 10:00 UTC",
    "at": "2026-11-24 10:00 UTC", "device": "Chrome on macOS", "ip": "192.0.2.7", "new_email": "ada@example.org",
    "browser": "Chrome on macOS", "code": "271828", "linked": "yes", "kind": "totp", "left": "3",
    "passkey": "Ada's telephone", "due": "2026-11-27 10:00 UTC", "provider": "Google",
    "providers": "Google, GitHub",
}  # fmt: skip
NO_BUTTON = {ACCOUNT_DELETED, ADDRESS_FINAL, SESSIONS_ENDED, FACTORS_RESET, DEVICE_TRUSTED, FACTOR_CODE, CODE}
# What the version before doesn't say yet: its letters are sent without.
OF_LATE = {"providers"}
ALL = [(letter, language) for letter in LETTERS for language in LANGUAGES]


def settings(**changes: object) -> Settings:
    return load_settings(**{"_env_file": None, "PROJECT_NAME": "Acme & Söhne", **changes})


def message(letter: Letter, language: str = "en", /, *, to: str = "ada@example.com", **values: str) -> EmailMessage:
    """Return a letter as its reader's mail program gets it."""
    number = UUID("b3b9c2f6-2a53-4ae3-9a80-52c6f9f4d5c1")
    envelope = Envelope(number, letter, to, language, None, {**VALUES, **values}, 1, LATER)
    sent = compose(envelope, settings(), Clock()).as_bytes()
    assert all(len(line) <= 998 for line in sent.split(b"\r\n"))  # RFC 5322 section 2.1.1
    return message_from_bytes(sent, policy=default)


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize(("letter", "language"), ALL)
def test_every_letter_in_every_language(letter: Letter, language: str) -> None:
    """Both forms are there, with a subject, the greeting, the link where there is one, and nothing left to fill in."""
    found = message(letter, language)
    text, html = body(found, "plain"), body(found, "html")
    assert 8 < len(found["Subject"]) < 78
    assert f'<html lang="{language}">' in html
    for shown in (text, unescape(html)):
        assert "Acme & Söhne" in shown
        assert "Ada <b> & {{ 7 * 7 }}" in shown
        assert (LINK in shown) == (letter not in NO_BUTTON)
        assert "None" not in shown
        assert "{%" not in shown
    assert html.count(f'href="{LINK}"') == (letter not in NO_BUTTON)
    assert "<b>" not in html
    assert not re.search(r"<(script|img|link|style|form)|javascript:|https?://(?!app\.example\.com/)", html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_say_the_same(language: str) -> None:
    """A language has every letter, in the same parts, naming the same values as English does."""
    assert set(_shape(language)) == set(_shape(DEFAULT_LANGUAGE)) == {
        *(letter.name for letter in LETTERS), "greeting", "typed",
    }  # fmt: skip
    assert _shape(language) == _shape(DEFAULT_LANGUAGE)


def test_german_is_there() -> None:
    """Two languages prove that there can be more."""
    assert set(LANGUAGES) >= {"en", "de"}
    assert body(message(VERIFY_ADDRESS, "de"), "plain").startswith("Guten Tag Ada")
    assert message(VERIFY_ADDRESS, "xx")["Subject"] == "Confirm your e-mail address"


@pytest.mark.parametrize("letter", LETTERS)
def test_a_missing_value_is_an_error(letter: Letter) -> None:
    """A letter with a hole in it is not sent: each value that its words name is needed."""
    named = _shape(DEFAULT_LANGUAGE)[letter.name][1] | (set() if letter in NO_BUTTON else {"link"})
    for name in named - {"service", "name"} - OF_LATE:
        envelope = Envelope(UUID(int=1), letter, "a@example.com", "en", None, {**VALUES}, 1, LATER)
        del envelope.values[name]
        with pytest.raises((UndefinedError, KeyError)):
            compose(envelope, settings(), Clock())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_of_the_version_before(language: str) -> None:
    """It waits in the outbox while versions change, or comes from an instance that is still the old one."""
    values = {name: value for name, value in VALUES.items() if name not in OF_LATE}
    envelope = Envelope(UUID(int=1), ADDRESS_CHANGED, "ada@example.com", language, None, values, 1, LATER)
    assert "ada@example.org" in compose(envelope, settings(), Clock()).as_string()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0", "\x1b", "\u2028", "\x85", "\v"])
def test_no_header_can_be_smuggled_in(end: str) -> None:
    """Whatever a value holds, the head of a letter has the lines that we wrote, and one recipient."""
    evil = f"x{end}Bcc: eve@example.com{end}{end}<p>read me</p>"
    for letter in LETTERS:
        found = message(letter, **{name: evil for name in VALUES if name != "link"})
        assert found["Bcc"] is None
        assert str(found["To"]) == "ada@example.com"
        assert str(found["Subject"]).isprintable()
        assert "<p>read me</p>" not in body(found, "html")


@pytest.mark.parametrize(
    "to", ["a@example.com\r\nBcc: eve@example.com", "a@example.com, eve@example.com", "Ada <a@example.com>", "", "a"]
)
def test_one_plain_recipient(to: str) -> None:
    """An address that is not exactly one is refused, not interpreted."""
    with pytest.raises(ValueError, match=r"\S"):
        message(SESSIONS_ENDED, to=to)


@pytest.mark.parametrize(
    "name", ["You won! evil.example/prize", "https://evil.example", "call eve@evil.example", "evil。example", "x" * 61]
)
def test_a_name_is_no_message(name: str) -> None:
    """Anybody can register a stranger's address under any name: what isn't a name is not passed on to the stranger."""
    found = message(VERIFY_ADDRESS, name=name)
    for kind in ("plain", "html"):
        assert name not in body(found, kind)
        assert "Hello," in body(found, kind)


@pytest.mark.parametrize(
    "name", ["Ada", "J. R. R. Tolkien", "Dr. Ada O'Neill-Söderström", "李小龍", "Martin L. King Jr."]
)
def test_names_are_greeted(name: str) -> None:
    """Names of people are."""
    assert f"Hello {name}," in body(message(VERIFY_ADDRESS, name=name), "plain")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"PROJECT_NAME": "Acme, Inc."}, '"Acme, Inc." <no-reply@localhost>'),
        ({"PROJECT_NAME": "Söhne", "PUBLIC_URL": "https://id.example.com"}, "Söhne <no-reply@id.example.com>"),
        ({"MAIL_FROM": '"Acme, the team" <id@example.com>'}, '"Acme, the team" <id@example.com>'),
        ({"MAIL_FROM": "id@example.com"}, "id@example.com"),
        ({"PUBLIC_URL": "http://[::1]:8000"}, "Latchkey <no-reply@[IPv6:::1]>"),
    ],
)
def test_one_sender(changes: dict[str, object], expected: str) -> None:
    """Whatever the service is called, a letter has one sender."""
    envelope = Envelope(UUID(int=1), SESSIONS_ENDED, "a@example.com", "en", None, dict(VALUES), 1, LATER)
    sent = compose(envelope, load_settings(_env_file=None, **changes), Clock()).as_bytes()
    found = message_from_bytes(sent, policy=default)
    assert str(found["From"]) == expected
    assert len(found["From"].addresses) == 1


def test_links_lead_to_the_front_end() -> None:
    """R23: links come from FRONTEND_URL, or else PUBLIC_URL; tokens stand in the fragment."""
    both = settings(FRONTEND_URL="https://app.example.com/", PUBLIC_URL="https://id.example.com")
    assert links.page(both, page_of(VERIFY_ADDRESS), "T") == "https://app.example.com/verify-email#token=T"
    assert links.page(both, page_of(RESET_PASSWORD), "T") == "https://app.example.com/reset-password#token=T"
    assert links.page(both, page_of(CONFIRM_NEW_ADDRESS), "T") == "https://app.example.com/confirm-email#token=T"
    assert links.undo(both, "T") == "https://app.example.com/undo-email-change#token=T"
    assert links.devices(settings(PUBLIC_URL="https://id.example.com")) == "https://id.example.com/devices"


def page_of(letter: Letter) -> str:
    assert letter.link
    return letter.link.page


def _shape(language: str) -> dict[str, tuple[set[str], set[str]]]:
    """Return, for each letter, its parts and the values that its words name."""
    shape = {}
    for folder in {letter.words for letter in LETTERS}:
        for letter, said in tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8")).items():
            parts = said if isinstance(said, dict) else {"greeting": said}
            named = meta.find_undeclared_variables(Environment().parse(str(list(parts.values()))))
            assert letter not in shape
            shape[letter] = (set(parts), named)
    return shape
