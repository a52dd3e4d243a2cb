"""A service that asks asks once in a while, believes an answer for seconds, and nobody when it can't ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from tests.other_services.pretender import CLIENT, Pretender
from tests.other_services.support import FRAMEWORKS, Notes, ready, started
from tests.support.waiting import eventually

SECONDS = 5.0  # as both examples have it
A_LITTLE = 1.0


@pytest.fixture(params=FRAMEWORKS)
async def notes(request: pytest.FixtureRequest, pretender: Pretender, tmp_path: Path) -> AsyncIterator[Notes]:
    """An example that asks."""
    settings = {"LATCHKEY_WAY": "asking", **pretender.environment}
    async with httpx.AsyncClient(trust_env=False) as client:
        with started(request.param, tmp_path / "notes", client, **settings) as found:
            yield await ready(found)


async def test_fifty_at_once_are_one_question(notes: Notes, pretender: Pretender) -> None:
    """Parallel calls with one token wait for one answer; those after it have that one; other tokens have their own."""
    token, other = pretender.token(), pretender.token()
    pretender.held.clear()
    calls = [asyncio.create_task(notes.status(token)) for _ in range(50)]
    await eventually(lambda: bool(pretender.asked))
    pretender.held.set()
    assert set(await asyncio.gather(*calls)) == {200}
    assert await notes.status(token) == 200
    assert await notes.status(other) == 200
    assert pretender.asked == [token, other]


async def test_an_answer_is_believed_for_seconds(notes: Notes, pretender: Pretender) -> None:
    """An ended session is let in for as long as an answer is kept, from when it was asked; no longer than `exp`."""
    token = pretender.token()
    asked_at = monotonic()
    assert await notes.status(token) == 200
    pretender.end(token, say=False)
    assert await notes.status(token) == 200

    brief = pretender.token(exp=int(time.time()) + 2)
    assert await notes.status(brief) == 200
    pretender.answers[brief] = {"active": False}
    await is_over(notes, brief, 2 + A_LITTLE)

    await is_over(notes, token, asked_at + SECONDS + A_LITTLE - monotonic())


async def test_a_no_is_kept_for_a_second(notes: Notes, pretender: Pretender) -> None:
    """So that whoever repeats a bad token doesn't ask Latchkey each time."""
    token = pretender.token()
    good = pretender.answers.pop(token)
    began = monotonic()
    assert {await notes.status(token) for _ in range(10)} == {401}
    if monotonic() - began < 1.0:
        assert pretender.asked == [token]
    pretender.answers[token] = good

    async def is_good() -> bool:
        return await notes.status(token) == 200

    await eventually(is_good, 1.0 + A_LITTLE)


async def test_what_is_no_token_is_no_question(notes: Notes, pretender: Pretender) -> None:
    """Nobody has us ask about what can't be one."""
    for flawed in ("", "x", "a.b", "a.b.c.d", "a.b.c " * 2, f"a.{'b' * 3000}.c", "a.b.%0A", "ä.b.c"):
        headers = [(b"Authorization", f"Bearer {flawed}".encode("latin-1"))]
        assert (await notes.client.get(notes.url, headers=headers)).status_code == 401, flawed
    for scheme in ("Basic a.b.c", "a.b.c", "Bearer"):
        assert (await notes.client.get(notes.url, headers={"Authorization": scheme})).status_code == 401, scheme
    assert pretender.asked == []


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_nobody_is_let_in_where_it_cannot_ask(notes: Notes, pretender: Pretender, status: int) -> None:
    """503 and Retry-After, never 200, and no 401 either, for that would have clients log in. And nothing is kept."""
    token = pretender.token()
    pretender.status = status
    refused = await notes.ask(token)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    pretender.status = 200
    assert await notes.status(token) == 200
    assert CLIENT["LATCHKEY_CLIENT_SECRET"] not in notes.said()
    assert token not in notes.said()


async def test_answers_that_are_none(notes: Notes, pretender: Pretender) -> None:
    """What can't be an answer lets nobody in."""
    for answer in ({}, {"active": "true", "sub": "x", "sid": "y", "exp": 2**31}, {"active": True}, {"error": "x"}):
        token = pretender.token()
        pretender.answers[token] = answer
        assert await notes.status(token) == 503, answer


async def is_over(notes: Notes, token: str, seconds: float) -> None:
    """Hold that a token is refused within so many seconds."""

    async def refused() -> bool:
        return await notes.status(token) == 401

    await eventually(refused, seconds, why=notes.said)
