"""The letters of a test: sent by hand, read from the mailbox."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.runtime import Runtime
from service.stores.mailer import LogTransport, text_of
from service.work.letters import send_due


@dataclass(frozen=True)
class Received:
    """A letter as its reader sees it."""

    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        """The address that its button leads to."""
        found = re.search(r"^https?://\S+$", self.text, re.MULTILINE)
        assert found, self.text
        return found[0]

    @property
    def token(self) -> str:
        """The token in the link."""
        _, mark, token = self.link.partition("#token=")
        assert mark, self.link
        return token


@dataclass
class Mailbox:
    """Every mailbox there is."""

    runtime: Runtime

    async def letters(self, to: str | None = None) -> list[Received]:
        """Send what is due; return the letters that have come since the last look, the oldest first."""
        while await send_due(self.runtime):
            pass
        return [letter for letter in self.received() if to is None or letter.to == to]

    def received(self) -> list[Received]:
        """Return the letters that have come since the last look, without sending any."""
        transport = self.runtime.mailer
        assert isinstance(transport, LogTransport)
        found = [Received(str(mail["To"]), str(mail["Subject"]), text_of(mail)) for mail in transport.mailbox]
        transport.mailbox.clear()
        return found

    async def letter(self, to: str) -> Received:
        """Return the only letter that has come for `to`."""
        found = await self.letters(to)
        assert len(found) == 1, found
        return found[0]
