"""How letters leave: over SMTP, or, in development, into the log and a mailbox that a browser shows."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from email.message import EmailMessage
from typing import Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from service.core.telemetry import log_event

SECONDS = 15.0  # for a whole letter, and for connecting
GOODBYE_SECONDS = 1.0
_SHOWN = 100


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
            "start_tls": True if required else None,
            "timeout": SECONDS,
        }
        self._client: aiosmtplib.SMTP | None = None

    async def connect(self) -> None:
        """Connect, and log in where there is a user name."""
        await self.rest()
        client = aiosmtplib.SMTP(**self._options)  # type: ignore[arg-type]  # one dict, several types
        try:
            async with asyncio.timeout(SECONDS):
                await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise Unreachable(_said(error)) from error
        self._client = client

    async def deliver(self, message: EmailMessage) -> None:
        """Hand over one message."""
        if self._client is None:
            raise Unreachable("not connected")
        try:
            # The library's own limit is for one command, and there are five.
            async with asyncio.timeout(SECONDS):
                await self._client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusals = error.recipients
            raise Undeliverable(_said(refusals[0]), final=all(found.code >= 500 for found in refusals)) from error
        except aiosmtplib.SMTPDataError as error:
            raise Undeliverable(_said(error), final=error.code >= 500) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unreachable(_said(error)) from error

    async def rest(self) -> None:
        """Say goodbye, and close the connection."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(aiosmtplib.SMTPException, OSError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await client.quit()
            client.close()


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


def transport_for(url: str, *, production: bool) -> Transport | None:
    """Return what `SMTP_URL` names; without one, development's log, and in production nothing: letters wait."""
    if url.startswith(("smtp:", "smtps:")):
        return SmtpTransport(url)
    return None if production and not url else LogTransport()


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")[:200]
