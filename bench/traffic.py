"""Parts: mixed traffic, everybody refreshing after a restart, calls beside saturating log-ins, very many sessions."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from bench.burst import Answers, Client
from bench.grounds import Grounds, Line, median_of
from bench.many import Wanted

MIX = {"me": 90, "refresh": 8, "login": 2}
STORM_CLIENTS = 512
STORM_EACH = 4  # sessions of each, one after the other
PROBES_A_SECOND = 100
LOGGING_IN = 16
FEW = 1_000
COMING_A_SECOND = 2000  # sessions that are met for the first time, while they are all met


def mixed(ground: Grounds) -> list[Line]:
    """90 % `GET /users/me`, 8 % refreshes, 2 % log-ins, from so many clients."""
    options = ground.options
    files = ground.seed(200, 200)
    with ground.serving("mixed") as (server, _):
        wanted = Wanted(server.port, options.seconds, options.connections, files, MIX)
        ground.play(Wanted(server.port, 0.5, options.connections, files, MIX))
        found = [ground.play(wanted) for _ in range(options.rounds)]
    kinds = [(kind, [one.kinds[kind] for one in found]) for kind in MIX]
    return [
        Line("mixed", median_of([one.completed / one.seconds for one in found]), "requests/s"),
        *(Line(f"mixed: {kind} p50", median_of([one.p50_ms for one in of]), "ms") for kind, of in kinds),
        *(Line(f"mixed: {kind} p99", median_of([one.p99_ms for one in of]), "ms") for kind, of in kinds),
    ]


def storm(ground: Grounds) -> list[Line]:
    """Everybody refreshes at once, on an instance that has just been restarted."""
    clients = min(STORM_CLIENTS, ground.options.users)
    files = ground.seed(clients * STORM_EACH, clients * STORM_EACH)
    requests = _requests(files["refresh"])
    with ground.serving("before"):
        pass
    with ground.serving("after") as (server, _):
        began = perf_counter()
        found = asyncio.run(_all_at_once(server.port, requests, clients))
        took = perf_counter() - began
    return [
        Line(f"storm: {len(requests)} refreshes from {clients} connections, all at once", took, "s"),
        Line("storm: refused (503)", found.statuses[503], "", "0"),
        Line("storm: without an answer, or with another", _others(found), "", "0"),
        Line("storm: p50", found.at(200, 0.5) * 1000, "ms"),
        Line("storm: p99", found.at(200, 0.99) * 1000, "ms"),
    ]


def beside(ground: Grounds) -> list[Line]:
    """`GET /users/me` at a steady pace, calm and beside log-ins that take all that hashing has."""
    options = ground.options
    files = ground.seed(100, 100)
    with ground.serving("beside") as (server, _):
        requests = _requests(files["me"])
        calm = asyncio.run(_paced(server.port, requests, options.seconds * 2))
        saturating = threading.Thread(
            target=ground.play,
            args=(Wanted(server.port, options.seconds * 4 + 1, LOGGING_IN, {"login": files["login"]}),),
        )
        saturating.start()
        found = asyncio.run(_paced(server.port, requests, options.seconds * 4, after=0.5))
        saturating.join()
    return [
        Line("/users/me at 100/s, calm: p99", calm.at(200, 0.99) * 1000, "ms"),
        Line("/users/me at 100/s beside saturating log-ins: p50", found.at(200, 0.5) * 1000, "ms"),
        Line("/users/me at 100/s beside saturating log-ins: p99", found.at(200, 0.99) * 1000, "ms", "15 ms"),
        Line("wrong answers meanwhile", _others(calm) + _others(found) + found.statuses[503], "", "0"),
    ]


def crowd(ground: Grounds) -> list[Line]:
    """The same calls with very many users and sessions, all as likely, instead of a thousand.

    What a process keeps in memory is for those who come again: as it is set it has room for a tenth of these sessions,
    and once more for all of them.
    """
    options = ground.options
    files = ground.seed(options.users, options.users)
    lines = []
    with ground.serving("crowd") as (server, _):
        for kind, name in (("me", "GET /users/me"), ("refresh", "refresh")):
            few, many = _few_and_many(ground, server.port, {kind: files[kind]})
            lines += [
                Line(f"{name}, {FEW:,} sessions", few, "requests/s"),
                Line(f"{name}, {options.users:,} sessions, all as likely", many, "requests/s"),
                Line(f"{name}, many to few", many / few, "", "0.95"),
            ]
    with ground.serving("crowd, all kept", SESSION_CACHE_SIZE=str(options.users + FEW)) as (server, _):
        only = {"me": files["me"]}
        until_known = options.users / COMING_A_SECOND
        ground.play(Wanted(server.port, until_known, options.connections, only))
        few, many = _few_and_many(ground, server.port, only)
        lines += [
            Line(f"GET /users/me, {options.users:,} sessions, room for all", many, "requests/s"),
            Line("GET /users/me, many to few, room for all", many / few, "", "0.95"),
        ]
    return lines


def _few_and_many(ground: Grounds, port: int, files: dict[str, str]) -> tuple[float, float]:
    options = ground.options
    rates: dict[int, list[float]] = {FEW: [], 0: []}
    for most in rates:  # what is kept in memory is kept by then
        ground.play(Wanted(port, options.seconds, options.connections, files, most=most))
    for number in range(options.rounds):
        for most in sorted(rates, reverse=bool(number % 2)):
            found = ground.play(Wanted(port, options.seconds, options.connections, files, most=most))
            rates[most].append(found.completed / found.seconds)
    return median_of(rates[FEW]), median_of(rates[0])


def _requests(file: str) -> list[bytes]:
    return [json.loads(line).encode() for line in Path(file).read_text(encoding="utf-8").splitlines()]


async def _all_at_once(port: int, requests: Sequence[bytes], clients: int) -> Answers:
    found = Answers()
    opened = [Client(port) for _ in range(clients)]
    await asyncio.gather(*(client.open() for client in opened))

    async def refresh(client: Client, number: int) -> None:
        for request in requests[number::clients]:
            began = perf_counter()
            status, _ = await client.ask(request)
            found.note(status, perf_counter() - began)
        client.close()

    await asyncio.gather(*(refresh(client, number) for number, client in enumerate(opened)))
    return found


async def _paced(port: int, requests: Sequence[bytes], seconds: float, after: float = 0.0) -> Answers:
    """Send at a steady pace, whether the earlier are answered or not; times are from when each was due."""
    found = Answers()
    free = [Client(port) for _ in range(32)]
    await asyncio.gather(*(client.open() for client in free))
    await asyncio.sleep(after)
    tasks = set[asyncio.Task[None]]()

    async def probe(client: Client, due: float, request: bytes) -> None:
        status, _ = await client.ask(request)
        found.note(status, perf_counter() - due)
        free.append(client)

    began = perf_counter()
    for number in range(int(seconds * PROBES_A_SECOND)):
        due = began + number / PROBES_A_SECOND
        await asyncio.sleep(max(0.0, due - perf_counter()))
        if not free:
            free.append(Client(port))
            await free[-1].open()
        task = asyncio.create_task(probe(free.pop(), due, requests[number % len(requests)]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    for client in free:
        client.close()
    return found


def _others(found: Answers) -> int:
    return sum(count for status, count in found.statuses.items() if status not in (200, 503))
