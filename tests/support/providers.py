"""Other providers for tests: one of each kind, running for the whole run, and what our service is set to use them.

`fakes` (a whole run) are in the settings of the shared service: PROVIDERS=corp,google,github,microsoft,apple.
`providers` (a test's) are the same, behaving well, with the service's clock, and nothing kept of what they said before.
Log in:

    answer = (await client.post("/api/auth/providers/corp/start")).json()
    back = await providers.corp.visit(answer["url"])
    await client.post("/api/auth/providers/corp/finish", json={"flow": answer["flow"], **back.fields})

`providers.corp.account = Account(subject="2", email="ada@example.com")` is who is logged in there; its addresses are
believed (`PROVIDER_CORP_EMAILS=trusted`), Google's by their domain, GitHub's where they are verified, Apple's, and
Microsoft's not unless `providers.microsoft.claims["xms_edov"] = True`. `providers.corp.claims["amr"] = ["mfa"]` makes
it two factors (`PROVIDER_CORP_TRUST_MFA`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from service.providers import registry
from service.runtime import Runtime
from tests.servers.providers import Account, Apple, Back, Fake, GitHub, Google, Microsoft, OpenId, Said

__all__ = ["Account", "Back", "Fake", "Fakes", "Said", "fakes", "providers", "running_fakes"]


@dataclass
class Fakes:
    """One of each kind."""

    corp: OpenId = field(default_factory=OpenId)
    google: Google = field(default_factory=Google)
    github: GitHub = field(default_factory=GitHub)
    microsoft: Microsoft = field(default_factory=Microsoft)
    apple: Apple = field(default_factory=Apple)

    @property
    def all(self) -> tuple[Fake, ...]:
        return self.corp, self.google, self.github, self.microsoft, self.apple

    @property
    def settings(self) -> dict[str, str]:
        """What our service is set, to use them all: for `stores.settings(…)`, and for a process of its own alike."""
        found = {"PROVIDERS": "corp,google,github,microsoft,apple", "PROVIDER_CORP_NAME": "Example Corp"}
        found |= {"PROVIDER_CORP_EMAILS": "trusted", "PROVIDER_CORP_TRUST_MFA": "true"}
        for each in self.all:
            found |= each.settings
        return found

    def __getitem__(self, name: str) -> Fake:
        """One by its name in PROVIDERS."""
        found: Fake = getattr(self, name)
        return found

    def reset(self) -> None:
        for each in self.all:
            each.reset()


@contextmanager
def running_fakes() -> Iterator[Fakes]:
    """Run one of each kind for a block: nothing is shared with the service of the run."""
    found = Fakes()
    for each in found.all:
        each.start()
    try:
        yield found
    finally:
        for each in found.all:
            each.stop()


@pytest.fixture(scope="session")
def fakes() -> Iterator[Fakes]:
    """The providers that the shared service is set to use. A test asks for `providers`."""
    with running_fakes() as found:
        yield found


@pytest.fixture
def providers(runtime: Runtime, fakes: Fakes) -> Iterator[Fakes]:
    """The providers of the shared service: behaving well, with its clock, and nothing kept of what they said before."""
    fakes.reset()
    for each in fakes.all:
        each.now = runtime.clock.timestamp
    registry._kept.clear()
    yield fakes
    fakes.reset()
    registry._kept.clear()
