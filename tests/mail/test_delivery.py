"""Letters over SMTP, to a real server."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from models import OutboxMail
from service.runtime import Runtime
from service.stores.mailer import SmtpTransport, Unreachable
from service.work.letters import send_due
from tests.mail.conftest import only, write
from tests.support.people import register
from tests.support.smtp import PostOffice, post_office


async def test_a_letter_arrives(client: httpx.AsyncClient, sender: Runtime, office: PostOffice) -> None:
    """Registering brings one letter, as text and as HTML, with the link in both and a token in its fragment."""
    await register(client, "new@example.com", "Grace Hopper")
    assert await send_due(sender) == 1
    (message,) = office.received
    assert message["To"] == "new@example.com"
    assert message["From"] == "Latchkey <no-reply@localhost>"
    assert message["Auto-Submitted"] == "auto-generated"
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    for part in parts:
        assert part is not None
        assert "http://localhost:8000/verify-email#token=" in part.get_content()
        assert "Grace" not in part.get_content()  # R80: nobody has confirmed the address yet
    assert await send_due(sender) == 0
    row = await only()
    assert (row.state, row.attempts, row.values_sealed, row.last_error) == ("sent", 1, None, None)
    assert row.sent_at is not None


async def test_one_connection_for_a_batch(sender: Runtime, office: PostOffice) -> None:
    """Ten letters that are due are one connection, and in the order they were written."""
    for number in range(10):
        await write(sender, f"user{number}@example.com")
        sender.clock.advance(1)
    assert await send_due(sender) == 10
    assert [message["To"] for message in office.received] == [f"user{number}@example.com" for number in range(10)]
    assert office.connections == 1


async def test_a_domain_in_another_script(client: httpx.AsyncClient, sender: Runtime, office: PostOffice) -> None:
    """R25: the letter goes to the stored address, its domain as every server takes it, the local part as given."""
    await register(client, "Ada.L@Bücher.example")
    assert await send_due(sender) == 1
    assert office.received[0]["To"] == "Ada.L@xn--bcher-kva.example"


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate, of an authority that only this test trusts."""
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    began = datetime(2020, 1, 1, tzinfo=UTC)
    found = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + found.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return context


async def test_encrypted_and_logged_in(runtime: Runtime, certificate: ssl.SSLContext) -> None:
    """STARTTLS is taken where it is offered; the user name and password of SMTP_URL are decoded."""
    async with post_office(certificate, auth_required=True) as office:
        transport = SmtpTransport(f"smtp://ada%40x:p%40ss%2Fword@127.0.0.1:{office.port}?starttls=required")
        await write(runtime)
        assert await send_due(replace(runtime, mailer=transport)) == 1
    assert office.logins == ["ada@x:p@ss/word"]
    assert len(office.received) == 1


async def test_encryption_is_insisted_on(runtime: Runtime) -> None:
    """With `?starttls=required` neither a password nor a letter goes to a server that offers none."""
    async with post_office(auth_require_tls=False) as office:
        await write(runtime)
        url = f"smtp://ada:p%40ss%2Fword@127.0.0.1:{office.port}?starttls=required"
        with pytest.raises(Unreachable):
            await send_due(replace(runtime, mailer=SmtpTransport(url)))
    assert (office.logins, office.received) == ([], [])
    assert (await only()).state == "pending"


async def test_a_stranger_in_between(
    runtime: Runtime, certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that nobody vouches for gets neither a password nor a letter, in either kind of TLS."""
    monkeypatch.delenv("SSL_CERT_FILE")
    async with post_office(certificate) as office:
        await write(runtime)
        for scheme in ("smtp", "smtps"):
            with pytest.raises(Unreachable):
                await send_due(replace(runtime, mailer=SmtpTransport(f"{scheme}://ada:x@127.0.0.1:{office.port}")))
    assert (office.logins, office.received) == ([], [])


async def test_a_wrong_password_is_said_and_not_shown(runtime: Runtime) -> None:
    """R70: what the server says goes into the log; the password doesn't, and the letter waits."""
    async with post_office(auth_require_tls=False) as office:
        await write(runtime)
        with pytest.raises(Unreachable) as caught:
            await send_due(replace(runtime, mailer=SmtpTransport(f"smtp://ada:wrong-one@127.0.0.1:{office.port}")))
    assert "535" in str(caught.value)
    assert "wrong-one" not in str(caught.value)
    assert [row.attempts for row in await OutboxMail.all()] == [0]
