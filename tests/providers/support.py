"""What the stories of other providers have in common: a tab of a browser, which is sent there and comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from models import Identity, SecurityEvent
from service.runtime import Runtime
from tests.support.letters import Mailbox
from tests.support.people import Session, assert_problem
from tests.support.providers import Back, Fakes

PATH = "/api/auth/providers"


@dataclass
class Begun:
    """What a tab keeps while its user is away."""

    provider: str
    url: str
    flow: str


@dataclass
class Tab:
    """A tab of a browser, the providers that there are, and the mailboxes that letters come to."""

    client: httpx.AsyncClient
    providers: Fakes
    mailbox: Mailbox

    @property
    def runtime(self) -> Runtime:
        return self.mailbox.runtime

    async def start(self, provider: str = "corp", session: Session | None = None, **body: Any) -> httpx.Response:
        """Ask to be sent to a provider."""
        headers = session.headers if session else {}
        return await self.client.post(f"{PATH}/{provider}/start", json=body, headers=headers)

    async def begun(self, provider: str = "corp", session: Session | None = None, **body: Any) -> Begun:
        """Ask, and be told where to go."""
        answer = await self.start(provider, session, **body)
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"url", "flow", "expires_at"}
        return Begun(provider, answer.json()["url"], answer.json()["flow"])

    async def away(self, provider: str = "corp", session: Session | None = None, **body: Any) -> tuple[Begun, Back]:
        """Go there, agree, and be sent back."""
        begun = await self.begun(provider, session, **body)
        return begun, await self.providers[provider].visit(begun.url)

    async def finish(
        self,
        begun: Begun,
        back: Back,
        session: Session | None = None,
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> httpx.Response:
        """Hand in what was brought back."""
        sent = {"code": back.code, "state": back.state, "flow": begun.flow}
        sent |= {name: said for name, said in (("iss", back.iss), ("user", back.user)) if said}
        sent |= body
        headers = {**(session.headers if session else {}), **(headers or {})}
        return await self.client.post(f"{PATH}/{begun.provider}/finish", json=sent, headers=headers)

    async def come(self, provider: str = "corp", session: Session | None = None, **body: Any) -> httpx.Response:
        """All of it."""
        begun, back = await self.away(provider, session, **body)
        return await self.finish(begun, back, session)

    async def asked(self, provider: str = "corp") -> dict[str, Any]:
        """Come, and be asked to show something of an account; return the problem."""
        return assert_problem(await self.come(provider), 400, "account_not_linked")

    async def link(self, challenge: str, headers: dict[str, str] | None = None, **shown: Any) -> httpx.Response:
        """Show it."""
        return await self.client.post(f"{PATH}/link", json={"challenge": challenge, **shown}, headers=headers or {})

    async def mail(self, challenge: str, **body: Any) -> httpx.Response:
        """Ask for a code."""
        return await self.client.post(f"{PATH}/link/mail", json={"challenge": challenge, **body})

    async def mailed(self, challenge: str, **body: Any) -> str:
        """Ask for a code; return the challenge that it goes with."""
        answer = await self.mail(challenge, **body)
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"challenge", "expires_at"}
        found: str = answer.json()["challenge"]
        return found

    def session(self, answer: httpx.Response) -> Session:
        """The session that an answer has given."""
        assert answer.status_code == 200, answer.text
        return Session(self.client, answer.json()["access_token"], answer.json()["refresh_token"])


async def linked(user_id: object) -> list[str]:
    """The providers whose accounts open somebody's."""
    return [row.provider for row in await Identity.filter(user_id=user_id).order_by("created_at")]


async def recorded(user_id: object = None) -> list[tuple[str, dict[str, Any]]]:
    """What is on record of providers, of a user or of nobody, the oldest first."""
    rows = await SecurityEvent.filter(user_id=user_id, type__startswith="provider.").order_by("created_at", "id")
    return [(row.type, row.detail) for row in rows]
