"""Sessions kept in memory: whatever happens to a key, whoever does it, the next look knows of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from chaos.proxy import Mode, Proxy
from service.core.client import Client
from service.core.clock import Clock, steady_seconds
from service.core.redis import client as redis_client
from service.core.redis import tracking, watching
from service.core.redis.client import RedisScripts
from service.features import read_settings
from service.stores.sessions.assurance import Assurance
from service.stores.sessions.memory import SessionMemory
from service.stores.sessions.store import SessionStore
from tests.servers import Redis, Watched
from tests.support.stores import SECRET
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only

TIMES = 1000
PASSWORD = Assurance(("pwd",))
SOMEWHERE = Client("192.0.2.1", "a browser", None)


@dataclass
class Worker:
    """The part of a worker that looks at sessions."""

    redis: RedisScripts
    clock: Clock
    store: SessionStore
    uid: UUID = field(default_factory=uuid4)

    @property
    def memory(self) -> SessionMemory:
        assert self.store.memory is not None
        return self.store.memory

    def key(self, sid: UUID) -> str:
        return f"user:{{{self.uid}}}:session:{sid}"

    async def log_in(self) -> UUID:
        sid = uuid4()
        await self.store.log_in(self.uid, sid, SOMEWHERE, PASSWORD, 0)
        return sid

    async def lives(self, sid: UUID) -> bool:
        return await self.store.check(self.uid, sid, 1) is not None

    async def remembers(self, sid: UUID) -> bool:
        """Say whether it answered from memory just now."""
        before = self.memory.hits
        return await self.lives(sid) and self.memory.hits > before

    async def remembered(self) -> UUID:
        """Return a session that is kept."""
        sid = await self.log_in()
        await eventually(lambda: self.remembers(sid))
        return sid


def working(url: str, **changes: object) -> Worker:
    settings = read_settings(
        REDIS_URL=url, DATABASE_URL="sqlite://nowhere", SECRET_KEY=SECRET, _env_file=None, **changes
    )
    clock, connection = Clock(), redis_client.connect(settings)
    watch = connection.watch("user:") if settings.SESSION_CACHE == "on" else None
    return Worker(connection, clock, SessionStore(connection, settings, clock, watch))


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with Redis.start() as found:
        yield found


@pytest.fixture
def redis(server: Redis) -> Redis:
    server.call("FLUSHALL")
    return server


@pytest.fixture
async def worker(redis: Redis) -> AsyncIterator[Worker]:
    found = working(redis.url)
    yield found
    await found.redis.close()


async def test_a_kept_session_is_not_asked_for_again(worker: Worker, redis: Redis) -> None:
    sid = await worker.remembered()
    calls = _calls(redis)
    hits = worker.memory.hits
    for _ in range(100):
        assert await worker.lives(sid)
    asked = _calls(redis) - calls
    assert worker.memory.hits - hits + asked == 100
    assert asked < 50, "a beat now and then, on a machine however slow"


async def test_whoever_has_seen_the_answer_to_an_unlink_is_refused(redis: Redis) -> None:
    """A thousand times, in several workers, by a connection that is none of theirs."""
    workers = [working(redis.url) for _ in range(3)]
    reader, writer = await asyncio.open_connection("127.0.0.1", redis.port)
    uid, from_memory = workers[0].uid, 0
    for other in workers:
        other.uid = uid
    try:
        for _ in range(TIMES):
            sid = await workers[0].log_in()
            for one in workers:
                for _ in range(4):
                    assert await one.lives(sid)
                from_memory += await one.remembers(sid)
            writer.write(f"UNLINK {workers[0].key(sid)}\r\n".encode())
            assert await reader.readline() == b":1\r\n"
            assert [await one.lives(sid) for one in workers] == [False] * 3
    finally:
        writer.close()
        for one in workers:
            await one.redis.close()
    assert from_memory > TIMES, "it was memory that knew, most of the time"


Change = Callable[[Redis, Worker, UUID], None]


def _evict(redis: Redis, worker: Worker, sid: UUID) -> None:
    redis.call("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    redis.call("CONFIG", "SET", "maxmemory", "1")
    try:
        with pytest.raises(Exception, match="maxmemory"):
            redis.call("SET", "something", "else")
    finally:
        redis.call("CONFIG", "SET", "maxmemory", "0")
        redis.call("CONFIG", "SET", "maxmemory-policy", "noeviction")


CHANGES: dict[str, Change] = {
    "UNLINK": lambda redis, worker, sid: _do(redis, "UNLINK", worker.key(sid)),
    "DEL": lambda redis, worker, sid: _do(redis, "DEL", worker.key(sid)),
    "FLUSHALL": lambda redis, worker, sid: _do(redis, "FLUSHALL"),
    "FLUSHDB": lambda redis, worker, sid: _do(redis, "FLUSHDB"),
    "FLUSHALL ASYNC": lambda redis, worker, sid: _do(redis, "FLUSHALL", "ASYNC"),
    "EXPIRE 0": lambda redis, worker, sid: _do(redis, "EXPIRE", worker.key(sid), "0"),
    "RENAME": lambda redis, worker, sid: _do(redis, "RENAME", worker.key(sid), "elsewhere"),
    "MOVE": lambda redis, worker, sid: _do(redis, "MOVE", worker.key(sid), "5"),
    "SET": lambda redis, worker, sid: _do(redis, "SET", worker.key(sid), "overwritten"),
    "HDEL": lambda redis, worker, sid: _do(redis, "HDEL", worker.key(sid), "gen"),
    "eviction": _evict,
    "a script": lambda redis, worker, sid: _do(redis, "EVAL", "redis.call('DEL', KEYS[1])", "1", worker.key(sid)),
}


def _do(redis: Redis, *command: str) -> None:
    redis.call(*command)


def _calls(redis: Redis) -> int:
    for line in redis.call("INFO", "commandstats").splitlines():
        if line.startswith("cmdstat_evalsha:"):
            return int(line.partition("calls=")[2].partition(",")[0])
    return 0


@pytest.mark.parametrize("name", CHANGES)
async def test_each_way_in_which_a_key_goes(name: str, worker: Worker, redis: Redis) -> None:
    redis.call("FLUSHALL")
    sid = await worker.remembered()
    await asyncio.to_thread(CHANGES[name], redis, worker, sid)
    assert not await worker.lives(sid)


async def test_what_is_changed_in_a_session_is_seen(worker: Worker, redis: Redis) -> None:
    sid = await worker.remembered()
    await asyncio.to_thread(redis.call, "HSET", worker.key(sid), "valid_from", "12345")
    found = await worker.store.check(worker.uid, sid, 1)
    assert found is not None
    assert found.valid_from == 12345


async def test_a_key_that_expires_is_not_waited_for(worker: Worker, redis: Redis) -> None:
    """Redis tells of an expired key when it comes across it, which may be never: the time is known here too."""
    sid = await worker.log_in()
    redis.call("EXPIRE", worker.key(sid), "30")
    await eventually(lambda: worker.remembers(sid))
    worker.clock.advance(29)
    await eventually(lambda: worker.remembers(sid))
    worker.clock.advance(2)
    assert not await worker.remembers(sid), "Redis was asked, whose clock wasn't moved"


async def test_time_goes_on(worker: Worker) -> None:
    """The end of its life ends it, and a use is noted once a minute."""
    sid = await worker.remembered()
    worker.clock.advance(61)
    hits = worker.memory.hits
    found = await worker.store.check(worker.uid, sid, 1)
    assert worker.memory.hits == hits, "this use is noted"
    assert found is not None
    listed = await worker.store.list_living(worker.uid)
    assert listed[0].last_used_at == found.now
    await eventually(lambda: worker.remembers(sid))
    worker.clock.advance(8 * 86400)
    assert not await worker.lives(sid)


async def test_the_first_use_of_a_token_is_told(worker: Worker, redis: Redis) -> None:
    sid = await worker.remembered()
    redis.call("HSET", worker.key(sid), "gen", "2")
    assert await worker.store.check(worker.uid, sid, 2)
    assert redis.call("HGET", worker.key(sid), "ack") == "2"
    await eventually(lambda: worker.remembers(sid), why=lambda: "an older token of the same session may be remembered")


async def test_what_changes_while_it_is_read_is_not_kept(
    worker: Worker, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is heard of before the answer that it makes old has been looked at."""
    await worker.remembered()
    sid = await worker.log_in()
    run = worker.redis.run

    async def slowly(*arguments: object) -> object:
        reply = await run(*arguments)  # type: ignore[arg-type]
        await asyncio.to_thread(redis.call, "UNLINK", worker.key(sid))
        await asyncio.sleep(0.05)
        worker.memory.recall(uuid4(), uuid4(), 1)
        return reply

    monkeypatch.setattr(worker.redis, "run", slowly)
    assert await worker.lives(sid), "it did, when it was read"
    monkeypatch.undo()
    assert not await worker.lives(sid)


async def test_a_cut_connection_forgets_all(worker: Worker, redis: Redis) -> None:
    """Also what changes while nobody listens is known afterwards."""
    sid, other = await worker.remembered(), await worker.remembered()
    assert len(worker.memory) == 2
    redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    redis.call("UNLINK", worker.key(sid))
    assert not await worker.lives(sid)
    assert await worker.lives(other)
    await eventually(lambda: worker.remembers(other))


@pytest.mark.parametrize("mode", [Mode.BLACK_HOLE, Mode.HALF_OPEN])
async def test_a_silent_network(mode: Mode, redis: Redis) -> None:
    """Whoever can't hear answers from memory for a beat and not a moment longer; then it is 503 as ever."""
    proxy = Proxy(lambda: [redis.port])
    await proxy.open()
    worker = working(f"redis://127.0.0.1:{proxy.port}/0")
    try:
        sid = await worker.remembered()
        await proxy.become(mode)
        redis.call("UNLINK", worker.key(sid))
        ended, answers = steady_seconds(), list[float]()
        while steady_seconds() - ended < 2:
            hits = worker.memory.hits
            worker.memory.recall(worker.uid, sid, 1)
            if worker.memory.hits > hits:
                answers.append(steady_seconds() - ended)
            await asyncio.sleep(0.005)
        assert max(answers, default=0) <= watching.BEAT_SECONDS + 0.1
        await proxy.become(Mode.PASS)
        await eventually(lambda: _answered_no(worker, sid))
    finally:
        await worker.redis.close()
        await proxy.close()


async def _answered_no(worker: Worker, sid: UUID) -> bool:
    try:
        return not await worker.lives(sid)
    except Exception:  # noqa: BLE001 - it is away still
        return False


async def test_a_frozen_redis(worker: Worker, redis: Redis) -> None:
    sid = await worker.remembered()
    redis.freeze()
    try:
        await eventually(lambda: worker.memory.recall(worker.uid, sid, 1) is None)
    finally:
        redis.thaw()
    await eventually(lambda: worker.remembers(sid))


async def test_a_frozen_worker(worker: Worker, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was stopped for an hour, or whose machine slept, trusts nothing of before."""
    sid = await worker.remembered()
    monkeypatch.setattr(watching, "steady_seconds", lambda: steady_seconds() + 3600)
    assert worker.memory.recall(worker.uid, sid, 1) is None


async def test_a_failover() -> None:
    """The watch goes where the commands go."""
    with Watched.start() as watched:
        worker = working(watched.url)
        try:
            sid = await worker.remembered()
            await asyncio.to_thread(watched.fail_over)
            await asyncio.to_thread(watched.wait)
            await asyncio.to_thread(watched.master().call, "UNLINK", worker.key(sid))
            await eventually(lambda: _answered_no(worker, sid), seconds=30)
            await worker.remembered()
        finally:
            await worker.redis.close()


@pytest.mark.parametrize("rule", ["-client", "-client|tracking"])
async def test_a_redis_that_does_not_let_us(rule: str, redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    """Everything is as it was without a watch; the log says why."""
    try:
        redis.call("ACL", "SETUSER", "service", "on", ">secret", "~*", "+@all", rule)
    except Exception:  # noqa: BLE001 - Redis 6 takes no single subcommands away
        pytest.skip("this Redis can't forbid that")
    worker = working(f"redis://service:secret@127.0.0.1:{redis.port}/0")
    try:
        sid = await worker.log_in()
        assert await worker.lives(sid)
        await eventually(lambda: "sessions.not_kept" in caplog.messages)
        assert await worker.lives(sid)
        redis.call("UNLINK", worker.key(sid))
        assert not await worker.lives(sid)
        assert worker.memory.hits == 0
    finally:
        await worker.redis.close()
        redis.call("ACL", "DELUSER", "service")


async def test_a_watch_that_is_told_nothing_is_not_believed(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A server in between that takes the wish and does nothing about it."""
    opened = tracking.open_tracking
    monkeypatch.setattr(watching, "open_tracking", lambda options, address, _: opened(options, address, "another:"))
    worker = working(redis.url)
    try:
        sid = await worker.log_in()
        assert await worker.lives(sid)
        await eventually(lambda: "sessions.not_kept" in caplog.messages)
        assert not await worker.remembers(sid)
    finally:
        await worker.redis.close()


async def test_it_can_be_turned_off(redis: Redis) -> None:
    worker = working(redis.url, SESSION_CACHE="off")
    try:
        sid = await worker.log_in()
        assert await worker.lives(sid)
        assert worker.store.memory is None
    finally:
        await worker.redis.close()


async def test_so_many_are_kept_and_no_more(redis: Redis) -> None:
    worker = working(redis.url, SESSION_CACHE_SIZE=3)
    sessions = [await worker.remembered() for _ in range(5)]
    assert len(worker.memory) == 3
    assert all([await worker.lives(sid) for sid in sessions])
    await worker.redis.close()


async def test_a_burst_of_changes_is_taken_whole(worker: Worker, redis: Redis) -> None:
    """More than one read of the socket brings."""
    sid = await worker.remembered()
    script = "for i = 1, 20000 do redis.call('SET', 'user:{x}:' .. i .. string.rep('x', 40), 1) end"
    redis.call("EVAL", script, "0")
    redis.call("UNLINK", worker.key(sid))
    assert not await worker.lives(sid)
    await eventually(lambda: worker.memory.heard >= 20000)  # it comes in pieces, as the server likes
