"""Asking a provider and coming back from it, without what the service does in between."""

from __future__ import annotations

import secrets
from dataclasses import replace
from hashlib import sha256
from typing import Any

from service.core.text import base64url
from service.providers import registry
from service.providers.parties import Identified, Party, Question, Reply
from service.runtime import Runtime
from tests.support.providers import Back, Fake


def party_of(runtime: Runtime, name: str) -> Party:
    """A provider as the service has it."""
    return registry.parties(runtime)[name]


def with_settings(runtime: Runtime, **changes: object) -> Runtime:
    """The same service, with other settings."""
    return replace(runtime, settings=runtime.settings.model_copy(update=changes))


class Trip:
    """One log-in at a provider: asked, gone there, and come back."""

    def __init__(self, runtime: Runtime, fake: Any, *, fresh: bool = False, language: str | None = None) -> None:
        self.runtime, self.fake = runtime, fake
        self.party = party_of(runtime, fake.id)
        self.verifier = secrets.token_urlsafe(32)
        challenge = base64url.encode(sha256(self.verifier.encode()).digest())
        target = registry.redirect_uri(runtime.settings, self.party)
        drawn = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.question = Question(*drawn, challenge, target, fresh=fresh, language=language)

    async def url(self) -> str:
        return await self.party.url(self.runtime, self.question)

    async def back(self) -> Back:
        fake: Fake = self.fake
        return await fake.visit(await self.url())

    def reply(self, back: Back, **changes: Any) -> Reply:
        asked = self.question
        found = Reply(back.code, back.iss, asked.nonce, self.verifier, asked.redirect_uri, asked.fresh, back.user)
        return replace(found, **changes)

    async def identify(self, **changes: Any) -> Identified:
        return await self.party.identify(self.runtime, self.reply(await self.back(), **changes))


async def came_from(runtime: Runtime, fake: Any, *, fresh: bool = False, **changes: Any) -> Identified:
    """Who comes back from a provider."""
    return await Trip(runtime, fake, fresh=fresh).identify(**changes)
