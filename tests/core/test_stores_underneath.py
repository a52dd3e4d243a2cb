"""What the service takes of the inside of Tortoise, asyncpg and redis-py is still what it was written against.

Of Tortoise: its engines' clients and transactions (`service.core.sql.postgres`, `service.core.sql.sqlite`). Of
asyncpg: the pool, and when a connection prepares statements (`service.core.sql.poolers`). Of redis-py: how a
connection comes about (`service.core.redis.tls`) and is taken over (`service.core.redis.line`), which class of them a
pool makes, that who is cut off in the middle closes the connection, and how an error's code is told.

tests/support/underneath.py says what to do when this fails; tests/faults and tests/races say whether ours still holds.
"""

from __future__ import annotations

import inspect

import pytest
from tortoise import Tortoise

from tests.support.underneath import changed, unwatched

# What ours stands in for, or calls, or is called by.
DIGESTS = {
    "tortoise.backends.base.client": {
        "ConnectionWrapper.__init__": "878e5e82ea9c",
        "ConnectionWrapper.ensure_connection": "373751e9ff82",
        "ConnectionWrapper.__aenter__": "b635a4bbd729",
        "TransactionContextPooled.__init__": "1c926374692b",
        "TransactionContextPooled.ensure_connection": "f3082927fdd1",
        "TransactionContextPooled.__aenter__": "78037ecc81de",
        "TransactionContextPooled.__aexit__": "ebb6d3aabb75",
        "NestedTransactionContext.__init__": "dd5e95eaca0a",
        "NestedTransactionContext.__aenter__": "a069c1d8213e",
        "NestedTransactionContext.__aexit__": "117e57617059",
        "PoolConnectionWrapper.ensure_connection": "d74b790ec8bd",
        "PoolConnectionWrapper.__aenter__": "fbebf1e177a1",
        "PoolConnectionWrapper.__aexit__": "7fb2b2c117a0",
    },
    "tortoise.backends.base_postgres.client": {
        "translate_exceptions": "59c546ba4a68",
        "BasePostgresClient.__init__": "33669da07a29",
        "BasePostgresClient.close": "ffc3dbe38326",
        "BasePostgresClient.acquire_connection": "1b83a843ccfd",
        "BasePostgresClient.execute_script": "09ad042304b9",
    },
    "tortoise.backends.asyncpg.client": {
        "AsyncpgDBClient.create_connection": "c17c476c4cd3",
        "AsyncpgDBClient.create_pool": "17667fee3d69",
        "AsyncpgDBClient._expire_connections": "9e4eb08fa0a2",
        "AsyncpgDBClient._close": "6b2ffb92cf5b",
        "AsyncpgDBClient._translate_exceptions": "6c62ea09369e",
        "AsyncpgDBClient._in_transaction": "d449e1fa4a1f",
        "AsyncpgDBClient.execute_query": "80ffc426d468",
        "AsyncpgDBClient.execute_insert": "40e7d20842dd",
        "AsyncpgDBClient.execute_many": "6c136881b14b",
        "AsyncpgDBClient.execute_query_dict": "82e17988559f",
        "TransactionWrapper.__init__": "838c145072e2",
        "TransactionWrapper._in_transaction": "9f01d84ba348",
        "TransactionWrapper.acquire_connection": "abfb14a6a629",
        "TransactionWrapper.begin": "dc970a8d6e9a",
        "TransactionWrapper.commit": "1785cd611c36",
        "TransactionWrapper.rollback": "21ddff30fcc7",
    },
    "tortoise.backends.sqlite.client": {
        "translate_exceptions": "b83949baf2c7",
        "SqliteClient.__init__": "fa7a38241b94",
        "SqliteClient.create_connection": "71b7bfbb0c4c",
        "SqliteClient.close": "41009ce045c2",
        "SqliteClient.acquire_connection": "f620323f1aad",
        "SqliteClient._in_transaction": "2f254a31710e",
        "SqliteClient.execute_insert": "842c767a0c8f",
        "SqliteClient.execute_query": "15babe8803a9",
        "SqliteClient.execute_query_dict": "167e5045ce00",
        "SqliteTransactionContext.__init__": "5abcc6d648a6",
        "SqliteTransactionContext.ensure_connection": "ae0579f76514",
        "SqliteTransactionContext.__aenter__": "ee18ce15f0be",
        "SqliteTransactionContext.__aexit__": "5f16d6f729e4",
        "SqliteTransactionWrapper.__init__": "a7712c4f3e97",
        "SqliteTransactionWrapper.begin": "8baaf1c62524",
        "SqliteTransactionWrapper.rollback": "355bbcf97642",
        "SqliteTransactionWrapper.commit": "1c440581c0bf",
    },
    "tortoise.connection": {
        "ConnectionHandler._create_connection": "c6a9d02a6160",
        "ConnectionHandler._discover_client_class": "bbe0d10c4a17",
        "ConnectionHandler.set": "50cdf3e02fce",
        "ConnectionHandler.reset": "0be75d788502",
        "get_connections": "ee632d423412",
    },
    "tortoise.transactions": {
        "in_transaction": "7bcd59942c43",
    },
    "tortoise.context": {
        "TortoiseContext.init": "4f2d0bda0800",
    },
    "asyncpg.pool": {
        "Pool.__init__": "aa783f583996",
        "Pool.acquire": "31b3605e16f5",
        "Pool._acquire": "6d328b6e898f",
        "Pool.release": "c068d91b0f31",
        "Pool.close": "22d9f52615f8",
        "Pool.expire_connections": "ee726acc6fdd",
        "Pool.get_size": "83b00872c669",
        "Pool.get_idle_size": "1166b38ab2f5",
        "Pool._initialize": "f9ecfd5e4475",
        "Pool._get_new_connection": "1610c7a87709",
        "PoolConnectionHolder.is_idle": "5f3403483091",
        "PoolConnectionHolder.terminate": "58b9d71d8a8a",
        "PoolConnectionHolder._release_on_close": "5ca9d0f07fd4",
        "PoolConnectionHolder.acquire": "3abc27c0d34d",
        "PoolConnectionHolder.release": "4f735df35fa6",
        "PoolConnectionHolder._release": "2163cc0b7239",
        "PoolConnectionHolder._setup_inactive_callback": "48b02dda429f",
        "PoolConnectionHolder.is_connected": "ee096274164a",
        "PoolConnectionProxyMeta._wrap_connection_method": "b90ed084af4e",
        "PoolAcquireContext.__aenter__": "6ce893901a48",
    },
    "asyncpg.connection": {
        "Connection.__init__": "cd72deedf0d2",
        "Connection.get_server_pid": "21d998498999",
        "Connection._get_statement": "1e28eb0b35bb",
        "_StatementCache.set_max_size": "b1150e18b84c",
        "_StatementCache.get": "02efbb0d29c5",
        "Connection.execute": "4cb96651785a",
        "Connection.executemany": "b0f0d71e4a12",
        "Connection.fetch": "e6db04ea562a",
        "Connection.fetchrow": "a67c05ac3e96",
        "Connection.terminate": "4463922c9b42",
        "Connection._on_release": "2016bd80b9b9",
        "Connection._reset": "0dae22e8505b",
        "Connection.reset": "9196161dea66",
    },
    "redis.asyncio.client": {
        "Redis.aclose": "fc40abfd4431",
        "Redis.from_pool": "788b1d935914",
    },
    "redis.asyncio.connection": {
        "AbstractConnection.__init__": "1455594e2372",
        "AbstractConnection._connect": "899bb2c564a1",
        "AbstractConnection.connect": "d53f8058bde6",
        "AbstractConnection.connect_check_health": "c2356745fa63",
        "AbstractConnection.disconnect": "4959d1ce7f2d",
        "AbstractConnection.on_connect_check_health": "105c2871a0d0",
        "AbstractConnection.read_response": "9654ecd91ebd",
        "AbstractConnection.send_packed_command": "76b13e05372f",
        "AbstractConnection.__del__": "588c5671393a",
        "AbstractConnection._close": "27e3ba5ad605",
        "Connection.__init__": "2b2e30c7e9d4",
        "Connection._connect": "9fd265cf5118",
        "SSLConnection.__init__": "3077fea6fcc7",
        "UnixDomainSocketConnection.__init__": "704ade44fefc",
        "UnixDomainSocketConnection._connect": "eeb37cf03c31",
        "ConnectionPool.ensure_connection": "6662f46d286f",
        "ConnectionPool.get_available_connection": "572b41fe383d",
        "ConnectionPool.make_connection": "16f943ce251f",
        "ConnectionPool.release": "0eeb1e01d0c0",
        "BlockingConnectionPool.__init__": "b18b55cfd5c3",
        "BlockingConnectionPool.get_connection": "8929d24fc15e",
        "BlockingConnectionPool.release": "be04a5552138",
        "parse_url": "f309f739bf62",
    },
    "redis.commands.core": {
        "ScriptCommands.eval": "3873bbcbe28f",
        "ScriptCommands.evalsha": "ff344c26c7e2",
    },
    "redis.connection": {
        "AbstractConnection.connect_check_health": "acea81afd3b0",
        "AbstractConnection.on_connect_check_health": "8971c86c22ac",
        "AbstractConnection.pack_command": "e21e4090284f",
        "Connection._connect": "f80688d5f0e1",
        "SSLConnection.__init__": "38309d765850",
        "SSLConnection._connect": "db79ba37ca0e",
    },
    "redis._parsers.base": {
        "BaseParser.parse_error": "851f2e5aff59",
    },
    "redis.exceptions": {
        "RedisError.__init__": "cd95df4343bc",
    },
    "redis.crc": {
        "key_slot": "9988a8e70312",
    },
}


@pytest.mark.embedded_only
@pytest.mark.parametrize("module", DIGESTS)
def test_what_ours_stands_on(module: str) -> None:
    """Each method is the one that was read."""
    assert changed({module: DIGESTS[module]}) == []


@pytest.mark.embedded_only
def test_every_override_is_watched() -> None:
    """Whatever of theirs ours stands in for is among what was read."""
    assert unwatched(DIGESTS, "tortoise", "asyncpg", "redis") == []


@pytest.mark.embedded_only
def test_the_global_fallback_can_be_asked_for() -> None:
    """Tortoise takes an argument that it calls private: without it handlers find no connection."""
    assert "_enable_global_fallback" in inspect.signature(Tortoise.init).parameters
