"""How letters leave: over SMTP, or, in development, into the log and a mailbox that a browser shows."""

from __future__ import annotations

from collections import deque
from email.message import EmailMessage
from typing import Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from service.core.telemetry import log_event

SECONDS = 15.0  # for a whole letter, and for connecting
_SHOWN = 100


class Undeliverable(Exception):
    """A letter that did not leave; `final` when no later try will do better, `reason` for the operator."""

    def __init__(self, reason: str, *, final: bool) -> None:
        self.reason = reason
        self.final = final
        super().__init__(reason)


class Unreachable(Exception):
    """The mail server can't be talked to at all; no letter is to blame."""


class Transport(Protocol):
    """Delivers messages."""

    async def deliver(self, message: EmailMessage) -> None:
        """Hand over one message. Raises `Undeliverable` or `Unreachable`."""

    async def rest(self) -> None:
        """Let go of what the last deliveries held."""


class SmtpTransport:
    """A mail server. The connection is kept for a batch, and opened anew for the next."""

    def __init__(self, url: str) -> None:
        """`smtp://user:password@host:587` takes STARTTLS where it is offered, `?starttls=required` insists on it.

        `smtps://` is TLS from the start.
        """
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        required = "required" in parse_qs(parts.query).get("starttls", [])
        self._options = {
            "hostname": parts.hostname or "localhost",
            "port": parts.port or (465 if tls else 587 if required else 25),
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": tls,
            "start_tls": None if not required else True,
            "timeout": SECONDS,
        }
        self._client: aiosmtplib.SMTP | None = None

    async def deliver(self, message: EmailMessage) -> None:
        """Hand over one message."""
        try:
            client = await self._connected()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise Unreachable(_said(error)) from error
        try:
            await client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusals = error.recipients
            raise Undeliverable(_said(refusals[0]), final=all(found.code >= 500 for found in refusals)) from error
        except aiosmtplib.SMTPDataError as error:
            raise Undeliverable(_said(error), final=error.code >= 500) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            await self.rest()
            raise Unreachable(_said(error)) from error

    async def rest(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is None or not self._client.is_connected:
            self._client = aiosmtplib.SMTP(**self._options)  # type: ignore[arg-type]  # one dict, several types
            await self._client.connect()
        return self._client


class LogTransport:
    """Development's: the log shows each letter, links and all, and `mailbox` keeps the last ones."""

    def __init__(self) -> None:
        self.mailbox: deque[EmailMessage] = deque(maxlen=_SHOWN)

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


def transport_for(url: str, *, production: bool) -> Transport | None:
    """Return what `SMTP_URL` names; without one, development's log, and in production nothing: letters wait."""
    if url.startswith(("smtp:", "smtps:")):
        return SmtpTransport(url)
    return None if production and not url else LogTransport()


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
