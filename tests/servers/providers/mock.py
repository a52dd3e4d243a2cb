"""`oidc-provider-mock`: a provider that others have written, on Authlib and Flask, as a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote

import httpx

from tests.servers.process import free_port
from tests.support.process import running
from tests.support.waiting import until

from .base import Back


@dataclass(frozen=True)
class Mock:
    """It, running: it takes any client with any secret."""

    issuer: str

    def set_user(self, subject: str, **claims: object) -> None:
        """Have it know a user."""
        httpx.put(f"{self.issuer}/users/{quote(subject)}", json=claims, trust_env=False).raise_for_status()

    async def visit(self, url: str, subject: str) -> Back:
        """Fill in the form that it shows."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            assert (await browser.get(url)).status_code == 200
            answer = await browser.post(url, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        target, _, query = answer.headers["Location"].partition("?")
        return Back(target, dict(parse_qsl(query)))


@contextmanager
def mock(log: Path) -> Iterator[Mock]:
    """Run one for a block."""
    port = free_port()
    found = Mock(f"http://127.0.0.1:{port}")
    with running([sys.executable, "-m", "oidc_provider_mock", "--port", str(port)], log, fresh=True) as process:

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            with suppress(httpx.TransportError):
                url = f"{found.issuer}/.well-known/openid-configuration"
                return httpx.get(url, trust_env=False, timeout=5).status_code == 200
            return False

        until(answers, why=log.read_text)
        yield found
