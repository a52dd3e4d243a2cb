"""A real SMTP server inside the tests' loop: it takes letters, refuses them, hangs, or is dead."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from service.core.process.sockets import listen

TAKEN = "250 OK"
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's: a line for every command


@dataclass
class PostOffice:
    """What came in, and how it behaves: `recipient` and `data` are what it says; a closed `gate` is no answer at all.

    `on_data` is called when a letter has been taken, before that is said.
    """

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    recipient: Callable[[str], str] = lambda _: TAKEN
    data: str = TAKEN
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    on_data: Callable[[], None] = lambda: None
    logins: list[str] = field(default_factory=list)
    greeted: list[str] = field(default_factory=list)
    at_once: ssl.SSLContext | None = None
    _server: asyncio.Server | None = None
    _options: dict[str, Any] = field(default_factory=dict)
    _transports: list[asyncio.Transport] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.received]

    async def open(self, **options: Any) -> None:
        """Listen, on the same port as before if there was one. `options` are aiosmtpd's."""
        self.gate.set()
        self._options = options or self._options
        sock = listen("127.0.0.1", self.port)[0]
        self.port = sock.getsockname()[1]
        self._server = await asyncio.get_running_loop().create_server(self._connection, sock=sock, ssl=self.at_once)

    async def close(self) -> None:
        """Stop listening, and cut every connection."""
        if self._server is not None:
            self._server.close()
            self.cut()
            await asyncio.sleep(0)  # aborted connections say so on the next turn
            self._server = None

    def cut(self) -> None:
        """Cut every connection."""
        for transport in self._transports:
            transport.abort()
        self._transports.clear()

    # What follows are aiosmtpd's hooks.

    async def handle_RCPT(self, _s: object, _t: object, envelope: Envelope, address: str, _o: object) -> str:
        said = self.recipient(address)
        if said == TAKEN:
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _s: object, session: Session, envelope: Envelope) -> str:
        self.greeted.append(cast("str", session.host_name))
        self.held.set()
        await self.gate.wait()
        if self.data == TAKEN:
            self.received.append(message_from_bytes(cast("bytes", envelope.content), policy=default))
            self.on_data()
        return self.data

    def _connection(self) -> SMTP:
        self.connections += 1
        office = self

        class Connection(SMTP):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                office._transports.append(cast("asyncio.Transport", transport))
                super().connection_made(transport)

        loop = asyncio.get_running_loop()
        return Connection(self, loop=loop, hostname="post.example", authenticator=self._log_in, **self._options)

    def _log_in(self, _s: object, _session: object, _e: object, _mechanism: str, data: LoginPassword) -> AuthResult:
        self.logins.append(f"{data.login.decode()}:{data.password.decode()}")
        right = data.password == b"p@ss/word"
        return AuthResult(success=right, handled=right)  # what isn't handled is answered 535


@asynccontextmanager
async def post_office(
    tls: ssl.SSLContext | None = None, *, at_once: bool = False, **options: Any
) -> AsyncIterator[PostOffice]:
    """Open a post office for a block; with `tls` it offers STARTTLS, or speaks TLS `at_once`."""
    office = PostOffice(at_once=tls if at_once else None)
    await office.open(tls_context=None if at_once else tls, **options)
    try:
        yield office
    finally:
        await office.close()
