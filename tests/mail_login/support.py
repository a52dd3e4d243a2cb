"""What the stories of logging in by mail have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from service.runtime import Runtime
from tests.support.letters import Mailbox, Received
from tests.support.people import Session

APART = 61
"""So many seconds later the next letter goes to the same address."""


def code_in(letter: Received) -> str:
    """The code that a letter tells."""
    found = re.search(r"\b(\d{6})\b", letter.text)
    assert found, letter.text
    return found[1]


def wrong(code: str, number: int = 1) -> str:
    """A code that isn't that one; another for each number."""
    return f"{(int(code) + number) % 1_000_000:06}"


@dataclass
class Desk:
    """Somebody at a browser, and the mailboxes that letters come to."""

    client: httpx.AsyncClient
    mailbox: Mailbox

    @property
    def runtime(self) -> Runtime:
        return self.mailbox.runtime

    async def start(self, email: str, **headers: str) -> httpx.Response:
        """Ask for a letter."""
        return await self.client.post("/api/auth/email/start", json={"email": email}, headers=headers)

    async def asked(self, email: str, **headers: str) -> str:
        """Ask for a letter; return the challenge."""
        answer = await self.start(email, **headers)
        assert answer.status_code == 202, answer.text
        assert set(answer.json()) == {"challenge", "expires_in"}
        found: str = answer.json()["challenge"]
        return found

    async def asked_and_sent(self, email: str, **headers: str) -> tuple[str, Received]:
        """Ask for a letter, and have it come; return the challenge and the letter."""
        challenge = await self.asked(email, **headers)
        return challenge, await self.mailbox.letter(email)

    async def by_code(self, challenge: str, code: str, **headers: str) -> httpx.Response:
        """Type a code."""
        return await self.finish({"challenge": challenge, "code": code}, **headers)

    async def press(self, token: str, **headers: str) -> httpx.Response:
        """Press the button of a link's page."""
        return await self.finish({"token": token}, **headers)

    async def finish(self, body: dict[str, str], **headers: str) -> httpx.Response:
        return await self.client.post("/api/auth/email/finish", json=body, headers=headers)

    async def look(self, token: str) -> httpx.Response:
        """Open a link's page."""
        return await self.client.post("/api/auth/email/look", json={"token": token})

    def session(self, answer: httpx.Response) -> Session:
        """The session that an answer has given."""
        assert answer.status_code == 200, answer.text
        return Session(self.client, answer.json()["access_token"], answer.json()["refresh_token"])
