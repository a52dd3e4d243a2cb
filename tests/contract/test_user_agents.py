"""A session's User-Agent, kept in pieces that Redis packs: whole again whoever wrote it, and however long it is."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

import pytest

from service.core.client import Client
from service.runtime import Runtime
from service.sessions.receipts import Wanted, revoke
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.agents import shortened, whole
from service.stores.sessions.assurance import Assurance
from service.stores.sessions.outcomes import Rotated
from tests.support.stores import Stores

BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/131.0.0.0 Safari/537.36"
AGENTS = [
    CHROME,
    f"{CHROME} Edg/131.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.1 Safari/605.1.15",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} Version/18.1 Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/131.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14; S918B) {BLINK} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
]
ODD = ["Mozilla/5.0 (", "\x02", "Mobile/15E148 Mobile Safari/Chrome/", "Chrome/Chrome/Safari/\x03", "a\x01b"]
TEXTS = ["", "x", "x" * 64, "x" * 65, CHROME, f"{CHROME} {'z' * 140}", "語" * 256, "\U0001f600" * 256]
PASSWORD = Assurance(("pwd",))


async def kept(runtime: Runtime, agent: str) -> tuple[Any, Any]:
    uid, sid = uuid4(), uuid4()
    await runtime.sessions.log_in(uid, sid, Client("192.0.2.1", agent, None), PASSWORD, 0)
    return uid, sid


async def shown(runtime: Runtime, uid: Any) -> str:
    (session,) = await runtime.sessions.list_living(uid)
    return session.user_agent


@pytest.mark.parametrize("before", TEXTS)
async def test_whole_again(runtime: Runtime, before: str) -> None:
    """Also after a refresh from another browser of a longer or shorter name; who refreshes hears what was there."""
    for after in TEXTS:
        uid, sid = await kept(runtime, before)
        assert await shown(runtime, uid) == before
        (living,) = await runtime.sessions.list_living(uid)
        token = RefreshToken(uid, sid, 1, living.expires_at)
        rotated = await runtime.sessions.rotate(token, Client("192.0.2.2", after, None), 0)
        assert isinstance(rotated, Rotated)
        assert await shown(runtime, uid) == after
        other = await runtime.sessions.rotate(token, Client("192.0.2.3", "?", None), 0)
        assert cast(Any, other).client.user_agent == after


async def test_one_of_the_version_before(runtime: Runtime) -> None:
    """It writes all of it in one field, and leaves the pieces that are there."""
    uid, sid = await kept(runtime, "z" * 256)
    redis = cast(Any, runtime.redis.client)
    await redis.hset(f"user:{{{uid}}}:session:{sid}", "user_agent", "w" * 117)
    assert await shown(runtime, uid) == "w" * 117


async def test_a_part_over_a_seam_is_found(runtime: Runtime) -> None:
    """`latchkey sessions revoke --user-agent` looks at the whole text."""
    uid, _ = await kept(runtime, f"{'x' * 60}Stolen/1.0 {'y' * 60}")
    await kept(runtime, "x" * 200)
    done = await revoke(runtime, Wanted(user_agent="stolen/1.0"))
    assert done.ended == 1
    assert await runtime.sessions.list_living(uid) == []


@pytest.mark.parametrize(
    "agent", [*AGENTS, *TEXTS, "Mozilla/5.0 (", "\x01\x02"[1:], "Mobile/15E148 Mobile Safari/Chrome/"]
)
def test_shortened_and_whole_again(agent: str) -> None:
    """Nothing is lost of any text, and what an older version has kept is what it was."""
    assert whole(shortened(agent)) == agent
    assert whole(agent) == agent
    assert len(shortened(agent)) <= len(agent)


def test_letters_mean_what_they_meant() -> None:
    """What is kept in a Redis was written by some version: its letters are read as that one meant them."""
    kept = "\x01\x02\x06\x03131\x04"
    assert (shortened(CHROME), whole(kept), whole(f"{kept}\x1f")) == (kept, CHROME, CHROME)


@pytest.mark.real_only
@pytest.mark.parametrize("agent", AGENTS)
async def test_it_takes_little_memory(runtime: Runtime, stores: Stores, agent: str) -> None:
    """A session with an ordinary browser's name is packed, also when it was refreshed."""
    assert stores.redis is not None
    uid, sid = await kept(runtime, agent)
    for gen in range(1, 4):
        key = f"user:{{{uid}}}:session:{sid}"
        assert stores.redis.call("OBJECT", "ENCODING", key) in ("listpack", "ziplist")
        assert int(stores.redis.call("MEMORY", "USAGE", key)) <= 448
        (living,) = await runtime.sessions.list_living(uid)
        token = RefreshToken(uid, sid, gen, living.expires_at)
        runtime.clock.advance(60)
        assert isinstance(await runtime.sessions.rotate(token, Client("192.0.2.2", agent, None), 0), Rotated)
