"""A relay with a certificate of its own, and what we call ourselves to it: ML1 of what people ran into."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from service.feature.findings import Level
from service.ops.facts import Facts
from service.ops.settings_checks import mail_tls
from service.runtime import Runtime
from service.settings import load_settings
from service.settings.checks import ConfigurationError
from service.settings.mail_checks import own_name
from service.stores.mail_trust import Trust
from service.stores.mailer import SmtpTransport, Unreachable, transport_for
from service.work.letters import send_due
from tests.mail.conftest import write
from tests.support.smtp import PostOffice, post_office
from tests.support.tls import self_signed


@dataclass(frozen=True)
class Relay:
    """What a relay shows, and where it is written down."""

    context: ssl.SSLContext
    certificate: Path
    fingerprint: str


@pytest.fixture
def relay(tmp_path: Path) -> Relay:
    """A certificate for 127.0.0.1 that nobody but the relay itself has signed."""
    certificate, fingerprint = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    return Relay(context, certificate, fingerprint)


async def sent(runtime: Runtime, office: PostOffice, trust: Trust, query: str = "", *, scheme: str = "smtp") -> None:
    url = f"{scheme}://ada:p%40ss%2Fword@127.0.0.1:{office.port}{query}"
    await write(runtime)
    assert await send_due(replace(runtime, mailer=SmtpTransport(url, trust, "id.example.com"))) > 0


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_relay_of_ones_own(runtime: Runtime, relay: Relay, scheme: str) -> None:
    """An authority as a file or as text, a fingerprint, or nobody at all by name: then letters go, encrypted."""
    ways = [
        Trust(authorities=str(relay.certificate)),
        Trust(authorities=relay.certificate.read_text()),
        Trust(fingerprints=frozenset({"0" * 64, relay.fingerprint})),
        Trust(verify=False),
    ]
    async with post_office(relay.context, at_once=scheme == "smtps", auth_require_tls=scheme == "smtp") as office:
        for trust in ways:
            await sent(runtime, office, trust, scheme=scheme)
        assert len(office.received) == len(office.logins) == len(ways)
        assert set(office.greeted) == {"id.example.com"}


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_another_certificate(runtime: Runtime, relay: Relay, scheme: str, tmp_path: Path) -> None:
    """One that isn't the one expected gets neither a password nor a letter; the reason says what to look at."""
    (tmp_path / "other").mkdir()
    other, fingerprint = self_signed(tmp_path / "other")
    async with post_office(relay.context, at_once=scheme == "smtps") as office:
        for trust, said in (
            (Trust(), "CERTIFICATE_VERIFY_FAILED"),
            (Trust(authorities=str(other)), "CERTIFICATE_VERIFY_FAILED"),
            (Trust(fingerprints=frozenset({fingerprint})), "SMTP_TLS_FINGERPRINT"),
        ):
            with pytest.raises(Unreachable, match=said):
                await sent(runtime, office, trust, scheme=scheme)
        assert (office.logins, office.received) == ([], [])


async def test_whom_one_trusts_has_to_be_there(runtime: Runtime, relay: Relay) -> None:
    """Whoever says whom to trust sends nothing in clear: the offer of TLS may have been taken away in between."""
    async with post_office(auth_require_tls=False) as office:
        for trust in (Trust(authorities=str(relay.certificate)), Trust(fingerprints=frozenset({relay.fingerprint}))):
            with pytest.raises(Unreachable):
                await sent(runtime, office, trust)
        assert (office.logins, office.received) == ([], [])
        await sent(runtime, office, Trust(), "?starttls=off")
    async with post_office(relay.context, auth_require_tls=False) as office:  # where it is offered, and not wanted
        await sent(runtime, office, Trust(), "?starttls=off")
        assert len(office.received) == 1


def _settings(**given: str) -> object:
    return load_settings(_env_file=None, **given)


def test_what_is_said_at_the_start(relay: Relay) -> None:
    """A name is taken in the form that goes over the wire, or refused; nothing is dropped in silence."""
    for given, name in (
        ("mail.example.com", "mail.example.com"), ("Mail.B\u00fccher.Example", "mail.xn--bcher-kva.example"),
        ("[192.0.2.1]", "[192.0.2.1]"), ("[2001:DB8::1]", "[IPv6:2001:db8::1]"),
        ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
        ("mailhost", "mailhost"), ("", ""),
    ):  # fmt: skip
        assert name == load_settings(_env_file=None, SMTP_EHLO=given).SMTP_EHLO
    for wrong in (
        "a b",
        "a..b",
        "-a.example",
        "http://a.example",
        "a.example:25",
        "[300.1.1.1]",
        "192.0.2.1]",
        "a\r\nRSET",
    ):
        with pytest.raises(ConfigurationError, match="SMTP_EHLO"):
            _settings(SMTP_EHLO=wrong)
    for url, ehlo in (
        ("https://id.example.com", "id.example.com"), ("https://id.b\u00fccher.example", "id.xn--bcher-kva.example"),
        ("http://192.0.2.1:8000", "[192.0.2.1]"), ("http://[2001:db8::7]", "[IPv6:2001:db8::7]"),
        ("http://localhost:8000", None),
    ):  # fmt: skip
        settings = load_settings(_env_file=None, PUBLIC_URL=url, SMTP_URL="smtp://127.0.0.1")

        found = transport_for(settings.SMTP_URL, production=True, ehlo=own_name(settings.PUBLIC_URL))
        assert isinstance(found, SmtpTransport)
        assert found._ehlo == ehlo
    for name in ("SMTP_TLS_CA", "SMTP_TLS_FINGERPRINT"):
        with pytest.raises(ConfigurationError, match=name):
            _settings(**{name: "nowhere"})
    empty = relay.certificate.with_name("empty.pem")
    empty.write_text("")
    for wrong in (
        str(empty),
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        str(relay.certificate.parent),
    ):
        with pytest.raises(ConfigurationError, match="SMTP_TLS_CA"):
            _settings(SMTP_TLS_CA=wrong)
    escaped = relay.certificate.read_text().replace("\n", "\\n")
    assert relay.certificate.read_text() == load_settings(_env_file=None, SMTP_TLS_CA=escaped).SMTP_TLS_CA
    shown = "sha256 Fingerprint=" + ":".join(["AB"] * 32)
    assert load_settings(_env_file=None, SMTP_TLS_FINGERPRINT=shown).SMTP_TLS_FINGERPRINT == "ab" * 32
    both = {"SMTP_URL": "smtp://127.0.0.1?starttls=off", "SMTP_TLS_CA": str(relay.certificate)}
    with pytest.raises(ConfigurationError, match="starttls=off"):
        _settings(**both)
    pinned = load_settings(_env_file=None, SMTP_TLS_FINGERPRINT=":".join(["AB"] * 32), SMTP_TLS_VERIFY="off")
    assert Trust.of(pinned) == Trust(verify=False, fingerprints=frozenset({"ab" * 32}))


def test_senders(runtime: Runtime) -> None:
    """A sender on an international domain goes out in ASCII; what is before the @ has to be in it."""
    for given, sender in (
        ("Latchkey <id@b\u00fccher.example>", "Latchkey <id@xn--bcher-kva.example>"),
        ("id@B\u00dcCHER.example", "id@xn--bcher-kva.example"),
        ('"Acme, Inc." <Id@Example.com>', '"Acme, Inc." <Id@example.com>'),
        ("B\u00fccher <id@example.com>", "B\u00fccher <id@example.com>"),
        ("id@[192.0.2.1]", "id@[192.0.2.1]"),
    ):
        assert load_settings(_env_file=None, MAIL_FROM=given).mail_from == sender
    for wrong in ("b\u00fccher@example.com", "id@-x.example", "id@a..example", "two@example.com, three@example.com"):
        with pytest.raises(ConfigurationError, match="MAIL_FROM"):
            _settings(MAIL_FROM=wrong)
    settings = load_settings(_env_file=None, PUBLIC_URL="https://id.b\u00fccher.example")
    assert settings.mail_from == "Latchkey <no-reply@id.xn--bcher-kva.example>"


async def test_an_international_sender_is_taken(runtime: Runtime) -> None:
    """The whole letter is one that a server without SMTPUTF8 takes."""
    settings = load_settings(
        _env_file=None, MAIL_FROM="B\u00fccher <id@b\u00fccher.example>", PUBLIC_URL="https://b\u00fccher.example"
    )
    async with post_office() as office:
        await write(runtime)
        assert await send_due(replace(runtime, settings=settings, mailer=SmtpTransport(office.url))) == 1
        (message,) = office.received
        assert message["From"] == "B\u00fccher <id@xn--bcher-kva.example>"
        assert message["Message-ID"].endswith("@xn--bcher-kva.example>")


def test_the_check_up_says_so() -> None:
    """A server that nobody looks at, and letters in clear, are warnings; a pinned certificate is none."""
    levels = {
        url + more: (found.level if (found := mail_tls(_facts(url, **given))) else None)
        for url, more, given in (
            ("", "", {}),
            ("smtp://127.0.0.1", "", {}),
            ("smtp://127.0.0.1?starttls=off", "", {}),
            ("smtps://127.0.0.1", " unlooked", {"SMTP_TLS_VERIFY": "off"}),
            ("smtps://127.0.0.1", " pinned", {"SMTP_TLS_VERIFY": "off", "SMTP_TLS_FINGERPRINT": "ab" * 32}),
        )
    }
    assert list(levels.values()) == [None, Level.OK, Level.WARNING, Level.WARNING, Level.OK]


def _facts(url: str, **given: str) -> Facts:
    return cast("Facts", SimpleNamespace(settings=load_settings(_env_file=None, SMTP_URL=url, **given)))
