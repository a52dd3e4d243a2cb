"""The servers that tests and benchmarks run against start, hang, die, come back and stop."""

import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from tests.servers import Postgres, Redis, RedisCluster, ServerFailed, process, reaper
from tests.support.waiting import until

ROOT = Path(__file__).parents[1]
LINUX = sys.platform == "linux"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres.start(settings={"max_connections": "37"}) as server:
        yield server


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis.start() as server:
        yield server


def test_postgres_is_as_its_url_says(postgres: Postgres) -> None:
    """The URL names user, password, address and database, and the settings given are in force."""
    assert postgres.url == f"postgres://latchkey:latchkey@127.0.0.1:{postgres.port}/latchkey"
    assert postgres.query("SELECT current_user::text, current_database()::text") == [("latchkey", "latchkey")]
    assert postgres.query("SHOW max_connections") == [("37",)]
    assert postgres.query("SHOW fsync") == [("off",)]
    assert postgres.query("SHOW server_encoding") == [("UTF8",)]
    assert str(postgres.query("SHOW server_version")[0][0]).split()[0] == postgres.version


def test_postgres_wants_the_password(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client with another password is refused, so that tests notice a URL read wrongly."""
    monkeypatch.setattr("tests.servers.postgres.PASSWORD", "other")
    with pytest.raises(asyncpg.InvalidPasswordError):
        postgres.query("SELECT 1")


def test_databases_come_and_go(postgres: Postgres) -> None:
    """A database can be made empty or from another, and dropped, whatever its name."""
    url = postgres.create_database('first "one"')
    assert url == f"postgres://latchkey:latchkey@127.0.0.1:{postgres.port}/first%20%22one%22"
    postgres.query("CREATE TABLE t (n int)", database='first "one"')
    postgres.create_database("second", template='first "one"')
    assert postgres.query("SELECT * FROM t", database="second") == []
    for name in ("second", 'first "one"', "never there"):
        postgres.drop_database(name)
    left = postgres.query("SELECT datname::text FROM pg_database WHERE NOT datistemplate")
    assert sorted(left) == [("latchkey",), ("postgres",)]


def test_a_database_in_use_is_dropped(postgres: Postgres) -> None:
    """Dropping a database closes what is connected to it."""
    postgres.create_database("busy")
    with ThreadPoolExecutor(1) as pool:
        sleeping = pool.submit(postgres.query, "SELECT pg_sleep(60)", database="busy")
        # Asleep, not only connected: who is cut off between two steps of a statement is told something else.
        seen = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'busy' AND wait_event = 'PgSleep'"
        until(lambda: postgres.query(seen) == [(1,)])
        postgres.drop_database("busy")
        with pytest.raises((asyncpg.PostgresError, OSError)):
            sleeping.result(10)


def test_frozen_postgres_hangs_until_thawed(postgres: Postgres) -> None:
    """A frozen server accepts a connection and answers nothing, not even on open ones."""
    with ThreadPoolExecutor(1) as pool:
        postgres.freeze()
        asked = pool.submit(postgres.query, "SELECT 1")
        with pytest.raises(TimeoutError):
            asked.result(0.2)
        postgres.thaw()
        assert asked.result(10) == [(1,)]


def test_killed_postgres_comes_back_with_its_data(postgres: Postgres) -> None:
    """SIGKILL leaves none of its processes; started again, port and committed rows are the same."""
    postgres.query("CREATE TABLE kept AS SELECT 7 AS n")
    port, pid = postgres.port, postgres.pid
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    assert len(family) > 3
    postgres.kill()
    postgres.kill()
    assert all(map(reaper.is_gone, family))
    with pytest.raises(ConnectionRefusedError):
        postgres.query("SELECT 1")
    with pytest.raises(ServerFailed):
        postgres.freeze()
    postgres.start_again()
    assert (postgres.port, postgres.query("SELECT n FROM kept")) == (port, [(7,)])
    with pytest.raises(ServerFailed):
        postgres.start_again()


def test_restarted_postgres_keeps_its_data(postgres: Postgres) -> None:
    """A restart, of a frozen server even, is a new process on the same port and data."""
    postgres.query("CREATE TABLE lasting AS SELECT 8 AS n")
    port, pid = postgres.port, postgres.pid
    postgres.freeze()
    postgres.restart()
    assert postgres.pid != pid
    assert (postgres.port, postgres.query("SELECT n FROM lasting")) == (port, [(8,)])


def test_redis_is_as_its_url_says(redis: Redis) -> None:
    """The server is where its URL says, keeps nothing on disk and refuses when it is full."""
    assert redis.url == f"redis://127.0.0.1:{redis.port}/0"
    assert redis.cli("CONFIG", "GET", "maxmemory-policy") == "maxmemory-policy\nnoeviction"
    assert redis.cli("CONFIG", "GET", "save") == "save\n"
    assert redis.cli("CONFIG", "GET", "appendonly") == "appendonly\nno"
    assert f"redis_version:{redis.version}" in redis.cli("INFO", "server") or "valkey" in (redis.cli("INFO", "server"))


@pytest.mark.parametrize("binary", [True, False], ids=["redis-cli", "connection"])
def test_cli_is_the_same_without_redis_cli(redis: Redis, *, binary: bool) -> None:
    """With a redis-cli and without, replies print alike, and an error reply raises."""
    if binary and redis.redis_cli is None:
        pytest.skip("no redis-cli here")
    run = redis.cli if binary else redis.call
    assert run("SET", "name", "Ada Lovelace") == "OK"
    assert run("GET", "name") == "Ada Lovelace"
    assert run("GET", "nobody") == ""
    assert run("RPUSH", "list", "a", "b") == "2"
    assert run("LRANGE", "list", "0", "-1") == "a\nb"
    assert run("DEL", "name", "list") == "2"
    with pytest.raises(ServerFailed, match="unknown command"):
        run("FLY")


def test_frozen_redis_hangs_until_thawed(redis: Redis) -> None:
    """A frozen server accepts a connection and answers nothing."""
    redis.freeze()
    with socket.create_connection(("127.0.0.1", redis.port)) as peer:
        peer.sendall(b"PING\r\n")
        peer.settimeout(0.2)
        with pytest.raises(TimeoutError):
            peer.recv(10)
        redis.thaw()
        peer.settimeout(10)
        assert peer.recv(10) == b"+PONG\r\n"


def test_killed_redis_comes_back_empty(redis: Redis) -> None:
    """After SIGKILL, the server is on its port again and has forgotten everything."""
    redis.cli("SET", "name", "Ada")
    port = redis.port
    redis.kill()
    with pytest.raises(ServerFailed):
        redis.call("PING")
    redis.start_again()
    assert (redis.port, redis.cli("DBSIZE")) == (port, "0")


def test_redis_takes_arguments() -> None:
    """With its append-only file turned on, a restart and a kill keep the data."""
    with Redis.start("--appendonly", "yes", "--appendfsync", "always", "--databases", "3") as server:
        assert server.cli("CONFIG", "GET", "databases") == "databases\n3"
        server.cli("SET", "name", "Ada")
        server.restart()
        server.kill()
        server.start_again()
        assert server.cli("GET", "name") == "Ada"
    assert not server.directory.exists()


def test_redis_that_does_not_start_says_why() -> None:
    """The error shows what the server said, and nothing is left of it."""
    with pytest.raises(ServerFailed, match="no-such-thing"):
        Redis.start("--no-such-thing", "1")


def test_a_port_taken_in_between_is_given_up(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another server is faster on the chosen port, the next port is tried."""
    ports = iter([redis.port, redis.port, process.free_port()])
    monkeypatch.setattr(process, "free_port", lambda *, above: next(ports))
    with Redis.start() as other:
        assert other.port != redis.port


def test_cluster_serves_every_slot() -> None:
    """The cluster is up when `start` returns, and loses state and processes when stopped."""
    with RedisCluster.start() as cluster:
        assert cluster.url == f"redis+cluster://127.0.0.1:{cluster.port}"
        ports = {node.port for node in cluster.nodes}
        for node in cluster.nodes:
            shown = node.call("CLUSTER", "NODES")
            assert all(f"127.0.0.1:{port}@{port + 10_000}" in shown for port in ports)
        answers = []
        for node in cluster.nodes:
            try:
                answers.append(node.call("SET", "name", "Ada"))
            except ServerFailed as moved:
                answers.append(str(moved).split()[-1])
        assert answers.count("OK") == 1
        assert len(set(answers)) == 2  # both others name the same owner
    assert not any(node.directory.exists() for node in cluster.nodes)
