"""How letters leave: over SMTP, or, in development, into the log and a mailbox that a browser shows."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

from service.core.telemetry.logs import log_event
from service.stores.mail_trust import Trust

if TYPE_CHECKING:
    from email.message import EmailMessage

    import aiosmtplib

SECONDS = 15.0  # for a whole letter, and for connecting
GOODBYE_SECONDS = 1.0
CLOSING = 421  # RFC 5321 section 3.8: the server is about to hang up, whatever the command was
_SHOWN = 100
_UNTRUSTED = " - if it is your own server, name its certificate: SMTP_TLS_CA or SMTP_TLS_FINGERPRINT"
ANYBODY_KNOWN = Trust()
"""Whoever the system's authorities vouch for."""


class Undeliverable(Exception):
    """A letter that did not leave; `final` when no later try will do better, `reason` for the operator."""

    def __init__(self, reason: str, *, final: bool) -> None:
        self.reason = reason
        self.final = final
        super().__init__(reason)


class Unreachable(Exception):
    """The mail server can't be talked to, or not any more."""


class Transport(Protocol):
    """Delivers messages, between `connect` and `rest`."""

    async def connect(self) -> None:
        """Get ready for the messages to come. Raises `Unreachable`."""

    async def deliver(self, message: EmailMessage) -> None:
        """Hand over one message. Raises `Undeliverable` or `Unreachable`."""

    async def rest(self) -> None:
        """Let go of what the last deliveries held."""


class SmtpTransport:
    """A mail server. The connection is kept for a batch, and opened anew for the next."""

    def __init__(self, url: str, trust: Trust = ANYBODY_KNOWN, ehlo: str = "") -> None:
        """`smtp://user:password@host:587` takes STARTTLS where it is offered, `?starttls=required` insists on it.

        So does `trust` that names whom. `?starttls=off` never takes it, and `smtps://` is TLS from the start. `ehlo` is
        what we call ourselves; without it, what the machine is called.
        """
        parts = urlsplit(url)
        self._at_once = parts.scheme == "smtps"
        (said,) = parse_qs(parts.query).get("starttls", ["offered"])
        self._starttls = "required" if trust.insists and said == "offered" else said
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._at_once else 587 if said == "required" else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password or "")
        self._trust = trust
        self._ehlo = ehlo or None
        self._client: aiosmtplib.SMTP | None = None

    async def connect(self) -> None:
        """Connect, and log in where there is a user name."""
        import aiosmtplib  # here and below: whoever serves knows where letters go, and hardly ever sends one

        self._close()
        client = None
        try:
            client = aiosmtplib.SMTP(
                hostname=self._host,
                port=self._port,
                use_tls=self._at_once,
                start_tls=False,  # we do, for we look at the certificate before anything is said
                tls_context=self._trust.context(),
                local_hostname=self._ehlo,
                timeout=SECONDS,
            )
            async with asyncio.timeout(SECONDS):
                await client.connect()
                await self._encrypt(client)
                if self._user is not None:
                    await client.login(self._user, self._password)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if client is not None:
                client.close()
            hint = _UNTRUSTED if "CERTIFICATE_VERIFY_FAILED" in str(error) else ""
            raise Unreachable(_said(error) + hint) from error
        self._client = client

    async def _encrypt(self, client: aiosmtplib.SMTP) -> None:
        """Start TLS as it was said, and look whom it is with. Raises `SMTPException`."""
        import aiosmtplib

        if not self._at_once:
            if self._starttls == "off":
                return
            with suppress(aiosmtplib.SMTPHeloError):  # a server so old that it knows HELO alone
                await client.ehlo()
            if self._starttls != "required" and not client.supports_extension("starttls"):
                return
            await client.starttls()
        found = client.get_transport_info("ssl_object")
        if not self._trust.admits(found.getpeercert(binary_form=True) if found is not None else None):
            raise aiosmtplib.SMTPConnectError("the server shows another certificate than SMTP_TLS_FINGERPRINT names")

    async def deliver(self, message: EmailMessage) -> None:
        """Hand over one message."""
        import aiosmtplib

        if self._client is None or not self._client.is_connected:  # some servers take so many, and then hang up
            await self.connect()
        assert self._client is not None  # noqa: S101 - or connect() had raised
        try:
            # The library's own limit is for one command, and there are five.
            async with asyncio.timeout(SECONDS):
                await self._client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]  # each letter has one recipient
            self._refused(refusal, refusal.code)
        except aiosmtplib.SMTPDataError as error:
            self._refused(error, error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._close()
            raise Unreachable(_said(error)) from error

    async def rest(self) -> None:
        """Say goodbye, and close the connection."""
        if self._client is not None and self._client.is_connected:
            import aiosmtplib

            with suppress(aiosmtplib.SMTPException, OSError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._client.quit()
        self._close()

    def _refused(self, error: Exception, code: int) -> NoReturn:
        if code == CLOSING:
            self._close()
            raise Unreachable(_said(error)) from error
        raise Undeliverable(_said(error), final=code >= 500) from error

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


class LogTransport:
    """Development's: the log shows each letter, links and all, and `mailbox` keeps the last ones."""

    def __init__(self) -> None:
        self.mailbox: deque[EmailMessage] = deque(maxlen=_SHOWN)

    async def connect(self) -> None:
        """Nothing is needed."""

    async def deliver(self, message: EmailMessage) -> None:
        """Show one message."""
        self.mailbox.append(message)
        log_event("mail", to=str(message["To"]), subject=str(message["Subject"]), text=text_of(message))

    async def rest(self) -> None:
        """Nothing is held."""


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a message."""
    part = cast("EmailMessage", message.get_body(("plain",)))
    return str(part.get_content())


def transport_for(url: str, *, production: bool, trust: Trust = ANYBODY_KNOWN, ehlo: str = "") -> Transport | None:
    """Return what `SMTP_URL` names; without one, development's log, and in production nothing: letters wait."""
    if url.startswith(("smtp:", "smtps:")):
        return SmtpTransport(url, trust, ehlo)
    return None if production and not url else LogTransport()


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")[:200]
