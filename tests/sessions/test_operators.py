"""An operator ends sessions by deleting their Redis keys, and it takes effect on the very next request."""

from __future__ import annotations

import asyncio
import subprocess
from typing import Any

import pytest

from service.runtime import Runtime
from tests.support.people import Person, assert_problem
from tests.support.stores import Stores


async def delete_keys(runtime: Runtime, pattern: str) -> int:
    redis: Any = runtime.redis.client
    return sum([await redis.unlink(key) async for key in redis.scan_iter(match=pattern)])


async def test_deleting_is_revoking(ada: Person, grace: Person, runtime: Runtime) -> None:
    """R31: both tokens are refused from the next request on; nobody else notices."""
    first, second, stranger = await ada.log_in(), await ada.log_in(), await grace.log_in()
    assert await delete_keys(runtime, f"user:{{{ada.id}}}:*") == 3
    for session in (first, second):
        assert_problem(await session.me(), 401, "invalid_token")
        assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    assert (await stranger.me()).status_code == 200
    assert (await (await ada.log_in()).me()).status_code == 200


@pytest.mark.real_only
async def test_with_nothing_but_redis_cli(ada: Person, stores: Stores) -> None:
    """The command of the runbook, as written there, against the real server."""
    assert stores.redis is not None
    session = await ada.log_in()
    command = stores.redis.redis_cli
    if command is None:
        # This machine has no redis-cli: the harness speaks the same two commands.
        keys = stores.redis.cli("--scan", "--pattern", f"user:{{{ada.id}}}:*").split()
        stores.redis.cli("unlink", *keys)
    else:
        cli = f"{command} -p {stores.redis.port}"
        line = f"{cli} --scan --pattern 'user:{{{ada.id}}}:*' | xargs {cli} unlink"
        await asyncio.to_thread(subprocess.run, line, shell=True, check=True, capture_output=True)
    assert_problem(await session.me(), 401, "invalid_token")
    assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"


async def test_deleting_only_the_session_hash(ada: Person, runtime: Runtime) -> None:
    """One key, one session; the list heals itself."""
    session, other = await ada.log_in(), await ada.log_in()
    await delete_keys(runtime, f"user:{{{ada.id}}}:session:{session.sid}")
    assert_problem(await session.me(), 401, "invalid_token")
    assert [entry["id"] for entry in (await other.call("GET", "/sessions")).json()] == [str(other.sid)]


async def test_losing_the_index_loses_no_revocation(ada: Person, runtime: Runtime) -> None:
    """The index is a hint: without it sessions live, ending all still ends all, and it comes back with use."""
    session, other = await ada.log_in(), await ada.log_in()
    await delete_keys(runtime, f"user:{{{ada.id}}}:sessions")
    await session.advance()
    assert [entry["id"] for entry in (await session.call("GET", "/sessions")).json()] == [str(session.sid)]
    assert (await session.call("POST", "/auth/logout-all")).status_code == 204
    assert_problem(await other.me(), 401, "invalid_token")
    assert assert_problem(await other.refresh(), 400, "invalid_grant")["reason"] == "revoked"


async def test_flushall(ada: Person, grace: Person, runtime: Runtime) -> None:
    """Everyone is out, no 500, and logging in works at once."""
    sessions = [await ada.log_in(), await grace.log_in()]
    await runtime.redis.client.flushall()  # type: ignore[attr-defined]
    for session in sessions:
        assert_problem(await session.me(), 401, "invalid_token")
        assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    assert (await (await ada.log_in()).me()).status_code == 200


async def test_script_flush(ada: Person, runtime: Runtime) -> None:
    """A Redis that has forgotten the scripts (restart, SCRIPT FLUSH) is told them again."""
    session = await ada.log_in()
    await runtime.redis.client.script_flush()  # type: ignore[attr-defined]
    assert (await session.me()).status_code == 200
    await session.advance()


async def test_a_refresh_loop_brings_nothing_back(ada: Person, runtime: Runtime) -> None:
    """Race: sessions that refresh without pause while their keys are deleted stay dead."""
    sessions = [await ada.log_in() for _ in range(4)]
    stop = asyncio.Event()

    async def loop(session: Any) -> str:
        while not stop.is_set():
            response = await session.refresh()
            if response.status_code != 200:
                return str(response.json()["reason"])
            session.refresh_token = response.json()["refresh_token"]
        return "alive"

    loops = [asyncio.create_task(loop(session)) for session in sessions]
    await asyncio.sleep(0.05)
    await delete_keys(runtime, f"user:{{{ada.id}}}:*")
    done, pending = await asyncio.wait(loops, timeout=10)
    stop.set()
    assert not pending
    assert [task.result() for task in done] == ["revoked"] * 4
    assert await delete_keys(runtime, f"user:{{{ada.id}}}:*") == 0


async def test_a_dump_of_redis_holds_no_token(ada: Person, runtime: Runtime) -> None:
    """R36: nothing stored is a secret: no token, nor a part of one that could be used, is in any key or value."""
    session = await ada.log_in()
    await session.advance()
    redis: Any = runtime.redis.client
    texts: list[bytes] = []
    async for key in redis.scan_iter():
        texts.append(key)
        if await redis.type(key) == b"hash":
            texts += [part for pair in (await redis.hgetall(key)).items() for part in pair]
    dump = b"\n".join(texts).decode()
    assert session.refresh_token[4:] not in dump
    assert session.refresh_token[-43:] not in dump
    assert session.access_token.rpartition(".")[2] not in dump
    stored = await redis.hgetall(f"user:{{{ada.id}}}:session:{session.sid}")
    assert sorted(name.decode() for name in stored) == [
        "ack", "auth_at", "created_at", "expires_at", "gen", "handed_at", "ip", "last_used_at", "rotated_at",
        "user_agent", "valid_from",
    ]  # fmt: skip


async def test_every_key_expires(ada: Person, runtime: Runtime) -> None:
    """No key outlives the session it is for; those of the throttles end by themselves too."""
    await ada.log_in()
    redis: Any = runtime.redis.client
    assert all([await redis.pttl(key) > 0 async for key in redis.scan_iter()])
    lives = [await redis.pttl(key) async for key in redis.scan_iter("user:*")]
    assert len(lives) == 2
    assert all(6.9 * 86_400_000 < life <= 7 * 86_400_000 for life in lives)


async def test_key_prefix(stores: Stores, runtime: Runtime) -> None:
    """REDIS_KEY_PREFIX goes in front of every key."""
    from uuid import uuid4

    from service.core.client import Client
    from service.stores.sessions.assurance import Assurance
    from service.stores.sessions.store import SessionStore

    store = SessionStore(runtime.redis, stores.settings(REDIS_KEY_PREFIX="lk:"), runtime.clock)
    uid, sid = uuid4(), uuid4()
    await store.log_in(uid, sid, Client("", ""), Assurance(("pwd",)), 0)
    redis: Any = runtime.redis.client
    keys = {key.decode() async for key in redis.scan_iter()}
    assert keys == {f"lk:user:{{{uid}}}:session:{sid}", f"lk:user:{{{uid}}}:sessions"}
