"""What a Redis says about itself, node by node, for the operators' check-up.

Managed servers refuse some of these questions: what can't be known is None. Nothing here is on a request's path.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from service.core.clock import Clock
from service.core.faults import Meaning, away
from service.core.patience import Limited
from service.core.redis.client import RedisScripts
from service.core.redis.connections import OTHERS_SECONDS, execute
from service.core.redis.faults import FAILURES, row_of
from service.core.redis.sentinel import SentinelClient, View


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """One node. `persistent` is AOF or snapshots; `ahead` is its clock minus ours, in seconds."""

    node: str
    version: str | None
    policy: str | None
    persistent: bool | None
    max_clients: int | None
    ahead: float | None


async def redis_facts(connection: RedisScripts, clock: Clock) -> tuple[RedisFacts, ...]:
    """Ask every node that holds data. Raises `Unavailable`."""
    try:
        return tuple([await _node(name, client, clock) for name, client in await connection.servers()])
    except FAILURES as error:
        if row_of(error, cluster=True).meaning is Meaning.OURS:
            raise
        away("redis", error)


@dataclass(frozen=True, slots=True)
class SentinelFacts:
    """What the Sentinels of REDIS_URL say. `silent` are those of whom nothing was to be learned, each with the reason.

    `masters` are whom the others name: one, unless they don't agree. `can_fail_over` is None where nobody says.
    """

    masters: tuple[str, ...]
    answering: int
    silent: tuple[str, ...]
    quorum: int
    replicas: int
    can_fail_over: bool | None


async def sentinel_facts(connection: RedisScripts) -> SentinelFacts | None:
    """Ask every Sentinel; None where there are none. Raises nothing."""
    client: object = connection.client
    if not isinstance(client, SentinelClient):
        return None
    found = await asyncio.gather(*client.sentinels.ask(), return_exceptions=True)
    views = [view for view in found if isinstance(view, View)]
    return SentinelFacts(
        masters=tuple(sorted({"{}:{}".format(*view.address) for view in views})),
        answering=len(views),
        silent=tuple(str(error).rstrip(".") for error in found if isinstance(error, BaseException)),
        quorum=max((view.quorum for view in views), default=0),
        replicas=max((view.replicas for view in views), default=0),
        can_fail_over=await client.sentinels.can_fail_over() if views else None,
    )


@dataclass(frozen=True, slots=True)
class RedisLoad:
    """How full one node is, and what its clock says. `limit` 0: as much as the machine has. None: it doesn't say."""

    node: str
    used: int | None
    limit: int | None
    evicted: int | None
    keys: int | None
    ahead: float | None


async def redis_load(connection: RedisScripts, clock: Clock) -> tuple[RedisLoad, ...]:
    """Ask every node that holds data, and leave out those that are away. Raises `Unavailable` if all are."""
    found, failed = list[RedisLoad](), list[BaseException]()
    try:
        for name, client in await connection.servers():
            try:
                found.append(await _load(name, client, clock))
            except FAILURES as error:
                failed.append(error)
        if failed and not found:
            raise failed[0]
    except FAILURES as error:
        if row_of(error, cluster=True).meaning is Meaning.OURS:
            raise
        away("redis", error)
    return tuple(found)


async def _load(name: str, client: Redis, clock: Clock) -> RedisLoad:
    reply = await _ask(client, "INFO")
    info, known = _texts(reply), reply is not None
    keys = [space.get("keys") for space in reply.values() if isinstance(space, Mapping)] if known else []
    return RedisLoad(
        node=name,
        used=_number(info, "used_memory"),
        limit=_number(info, "maxmemory"),
        evicted=_number(info, "evicted_keys"),
        keys=sum(int(number) for number in keys if number is not None) if known else None,
        ahead=await _ahead(client, clock),
    )


async def _ahead(client: Redis, clock: Clock) -> float | None:
    before = clock.timestamp()
    moment = await _ask(client, "TIME")
    ours = (before + clock.timestamp()) / 2
    return int(moment[0]) + int(moment[1]) / 1e6 - ours if moment else None


def _number(info: Mapping[str, str], name: str) -> int | None:
    text = info.get(name, "")
    return int(text) if text.isdecimal() else None


async def _node(name: str, client: Redis, clock: Clock) -> RedisFacts:
    info = _texts(await _ask(client, "INFO"))
    config: dict[str, str] = {}
    for wanted in ("maxmemory-policy", "save", "appendonly", "maxclients"):
        config |= _texts(await _ask(client, "CONFIG GET", wanted))
    clients = config.get("maxclients") or info.get("maxclients")
    return RedisFacts(
        node=name,
        version=info.get("redis_version"),
        policy=config.get("maxmemory-policy") or info.get("maxmemory_policy"),
        persistent=_persistent(info, config),
        max_clients=int(clients) if clients else None,
        ahead=await _ahead(client, clock),
    )


def _persistent(info: Mapping[str, str], config: Mapping[str, str]) -> bool | None:
    if info.get("aof_enabled") == "1" or config.get("appendonly") == "yes" or config.get("save"):
        return True
    return False if "save" in config else None  # INFO doesn't tell whether there are snapshots


async def _ask(client: Redis, *command: str) -> Any:
    try:
        with Limited(OTHERS_SECONDS):
            return await execute(client, *command)
    except ResponseError as error:
        if row_of(error).meaning is Meaning.AWAY:
            raise
        return None  # renamed, or not for us


def _texts(reply: Any) -> dict[str, str]:
    pairs = reply.items() if isinstance(reply, Mapping) else ()
    return {_text(name): _text(value) for name, value in pairs}


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
