"""Every question to a provider has an end, is timed, and what goes wrong with it stands in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from time import perf_counter
from typing import Final, Literal, TypeVar

from prometheus_client import Histogram

from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.providers.parties import AnswerRefused, Identified, Party, PartyFailed, Question, Reply
from service.runtime import Runtime

SECONDS: Final = 5.5
"""For all that one call asks of a provider: whoever waits is told within six."""

seconds = Histogram(
    "latchkey_provider_seconds", "What is asked of other providers, by outcome.", ["provider", "what", "outcome"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 6.0), registry=metrics.REGISTRY,
)  # fmt: skip

What = Literal["url", "identify"]
T = TypeVar("T")


class Watched:
    """A provider, watched. Raises what a `Party` raises, and `PartyFailed` where that takes too long."""

    def __init__(self, party: Party) -> None:
        """Take what is to be watched."""
        self._party = party

    @property
    def id(self) -> str:
        """Its own."""
        return self._party.id

    @property
    def name(self) -> str:
        """Its own."""
        return self._party.name

    @property
    def proves_fresh(self) -> bool:
        """Its own."""
        return self._party.proves_fresh

    async def url(self, runtime: Runtime, question: Question) -> str:
        """Return where the browser is to go. Raises `PartyFailed`."""
        return await self._timed("url", self._party.url(runtime, question))

    async def identify(self, runtime: Runtime, reply: Reply) -> Identified:
        """Return who is there. Raises `PartyFailed`, `AnswerRefused`."""
        return await self._timed("identify", self._party.identify(runtime, reply))

    async def _timed(self, what: What, asked: Awaitable[T]) -> T:
        began, outcome = perf_counter(), "ended"
        try:
            async with asyncio.timeout(SECONDS):
                found = await asked
            outcome = "ok"
        except TimeoutError:
            outcome = "failed"
            raise self._failed(what, PartyFailed(f"slow: not done within {SECONDS:g} s")) from None
        except PartyFailed as failure:
            outcome = "failed"
            raise self._failed(what, failure) from None
        except AnswerRefused as refusal:
            outcome = "refused"
            log_event("provider.answer_refused", logging.WARNING, provider=self.id, why=str(refusal))
            raise
        else:
            return found
        finally:
            seconds.labels(self.id, what, outcome).observe(perf_counter() - began)

    def _failed(self, what: What, failure: PartyFailed) -> PartyFailed:
        log_event("provider.failed", logging.WARNING, provider=self.id, what=what, why=str(failure))
        return failure
