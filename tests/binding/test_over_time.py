"""What changes while a session is bound. It goes on, and only by its own key (R85)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from models import SecurityEvent
from service.app import create_app
from service.core.clock import Clock
from service.runtime import Runtime
from service.stores.device_proofs import DeviceProofs
from service.stores.refresh_tokens import RefreshTokenCodec
from tests.http.support import logging_kept
from tests.support.bound import Bound
from tests.support.serving import served

NEW = "n" * 40


@asynccontextmanager
async def with_secret(runtime: Runtime, secret: str) -> AsyncIterator[httpx.AsyncClient]:
    """A service on the same stores with these secrets, its signing keys sealed anew."""
    settings = runtime.settings.model_copy(update={"SECRET_KEY": secret})
    changed = replace(
        runtime,
        settings=settings,
        refresh_tokens=RefreshTokenCodec(settings.secrets),
        device_proofs=DeviceProofs(settings, runtime.clock),
    )
    with logging_kept():
        async with served(create_app(runtime=changed)) as url, httpx.AsyncClient(base_url=url) as client:
            yield client


async def test_a_secret_that_is_gone(bound: Bound, runtime: Runtime, clock: Clock) -> None:
    """SECRET_KEY is changed as docs/operations.md has it, and the old one taken away at last: nobody is logged out.

    A browser has the name of its session for good, so that can't be made with a secret.
    """
    old = runtime.settings.SECRET_KEY
    for secret in (f"{old},{NEW}", f"{NEW},{old}", NEW):
        async with with_secret(runtime, secret) as bound.client:
            for _ in range(2):
                clock.advance(700)
                bound.proof = None
                answer = await bound.used()
                assert answer.status_code == 200, answer.text
    assert not await SecurityEvent.filter(type="session.unproven").exists()
