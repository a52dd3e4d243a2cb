"""A service that follows the stream asks once about a token, and knows when what it was told counts no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from tests.other_services.pretender import Pretender, ending
from tests.other_services.support import FRAMEWORKS, Notes, ready, started
from tests.support.waiting import eventually


@pytest.fixture(params=FRAMEWORKS)
async def notes(request: pytest.FixtureRequest, pretender: Pretender, tmp_path: Path) -> AsyncIterator[Notes]:
    """An example that follows."""
    settings = {"LATCHKEY_WAY": "following", **pretender.environment}
    async with httpx.AsyncClient(trust_env=False) as client:
        with started(request.param, tmp_path / "notes", client, **settings) as found:
            yield await ready(found)


async def followed(notes: Notes, pretender: Pretender) -> None:
    """Wait until it keeps what it is told: two calls, one question, and a third later than any answer is believed."""

    async def keeps() -> bool:
        token, before = pretender.token(), len(pretender.asked)
        assert [await notes.status(token) for _ in range(2)] == [200, 200]
        await asyncio.sleep(1.1)  # of what is asked while nothing is heard, an answer is believed for a second
        assert await notes.status(token) == 200
        return len(pretender.asked) == before + 1

    await eventually(keeps, why=notes.said)


async def test_it_asks_once_until_it_hears_of_an_end(notes: Notes, pretender: Pretender) -> None:
    """One question about a token, however often it is shown; what the stream says of a session, or a user, is heard."""
    await followed(notes, pretender)
    kept, ended, users = pretender.token(), pretender.token(), pretender.token()
    for token in (kept, ended, users):
        assert await notes.status(token) == 200
    pretender.asked.clear()
    assert {await notes.status(token) for token in (kept, ended, users) for _ in range(5)} == {200}
    assert pretender.asked == []

    pretender.end(ended)
    pretender.end(users, all_of_them=True)

    async def are_over() -> bool:
        return [await notes.status(token) for token in (ended, users)] == [401, 401]

    since = monotonic()
    await eventually(are_over, 1.0)
    print(f"heard of after {monotonic() - since:.3f} s")
    pretender.asked.clear()
    assert await notes.status(kept) == 200
    assert pretender.asked == []


async def test_an_end_while_the_answer_is_on_its_way(notes: Notes, pretender: Pretender) -> None:
    """What was asked before an end and is answered after it is not believed, be it the session's or all of a user's."""
    await followed(notes, pretender)
    for all_of_them in (False, True):
        token = pretender.token()
        pretender.asked.clear()
        pretender.held.clear()
        asked = asyncio.create_task(notes.status(token))
        await eventually(lambda: bool(pretender.asked))
        pretender.end(token, all_of_them=all_of_them)
        await asyncio.sleep(0.1)  # the end is there before the answer
        pretender.held.set()
        # It says what was true when it was asked: that one call is let in where it may be of a later session.
        assert await asked == (200 if all_of_them else 401)
        assert await notes.status(token) == 401


async def test_what_is_told_anew_counts(notes: Notes, pretender: Pretender) -> None:
    """`forget`, silence, a lost connection: it asks again, and refuses what has ended meanwhile."""
    await followed(notes, pretender)

    token = pretender.token()
    assert await notes.status(token) == 200
    pretender.end(token, say=False)
    assert await notes.status(token) == 200  # it hasn't heard: so what follows does it
    pretender.say("event: forget\nid: 8\ndata: {}\n\n")
    await is_over(notes, token, 1.0)

    token = pretender.token()
    assert await notes.status(token) == 200
    pretender.beats = False
    pretender.end(token, say=False)
    await is_over(notes, token, 2.5)  # a second of silence, and one for which an answer from then on is believed
    pretender.beats = True
    await followed(notes, pretender)

    token = pretender.token()
    assert await notes.status(token) == 200
    pretender.streams = False
    pretender.cut()
    pretender.end(token, say=False)
    await is_over(notes, token, 2.5)
    assert "lks_" not in notes.said()


async def test_what_was_missed_is_heard_before_anything_is_believed(notes: Notes, pretender: Pretender) -> None:
    """It comes back with the last event's number; what it kept is believed again only after what it missed."""
    await followed(notes, pretender)
    kept, token = pretender.token(), pretender.token()
    pretender.say(ending("somebody", "else", 41))
    assert [await notes.status(one) for one in (kept, token)] == [200, 200]
    pretender.streams = False
    pretender.cut()
    answer = pretender.answers[token]
    pretender.end(token, say=False)
    await is_over(notes, token, 2.5)
    pretender.missed = (ending("somebody", "else", 42), ending(answer["sub"], answer["sid"], 43))
    pretender.streams = True
    before = len(pretender.stream_ids)
    await eventually(lambda: len(pretender.stream_ids) > before)
    assert pretender.stream_ids[-1] == "41"
    while not pretender.listeners:  # meanwhile it is told what it has missed
        assert await notes.status(token) == 401
    await followed(notes, pretender)
    pretender.asked.clear()
    assert [await notes.status(one) for one in (kept, token)] == [200, 401]
    assert kept not in pretender.asked  # it wasn't forgotten


async def is_over(notes: Notes, token: str, seconds: float) -> None:
    """Hold that a token is refused within so many seconds."""

    async def refused() -> bool:
        return await notes.status(token) == 401

    await eventually(refused, seconds, why=notes.said)
