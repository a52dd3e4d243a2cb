"""`latchkey top`."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.live import Live
from rich.text import Text

from service.console import EXIT_TRY_AGAIN, EXIT_USAGE, Json, fail, out, print_json, print_table, run
from service.core.http.networks import is_loopback
from service.core.process import interrupts
from service.core.text.moments import written
from service.core.text.printable import visible
from service.ops.overview import Overview, Reading, look, overview
from service.runtime import Runtime
from service.settings import Settings

_COUNTED_EVERY = 15  # readings: going through all keys is for now and then
_PAGE_SECONDS = 3.0


def top(
    url: Annotated[
        list[str] | None,
        typer.Option("--url", help="Where an instance publishes its metrics; more than once for several. "
                                   "Left out: METRICS_PORT of this machine, if it is set."),
    ] = None,
    interval: Annotated[float, typer.Option("--interval", min=0.2, max=3600, help="Seconds between readings.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Say it once, and end.")] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Show the service at work: sessions, log-ins, refreshes, errors, pools, queue, memory. Ctrl-C ends it."""
    urls = [_page_of(one) for one in url or ()]

    async def flow(runtime: Runtime) -> Overview | None:
        pages = urls or _own_pages(runtime.settings)
        before = await look(runtime, await _fetch(runtime.settings, pages))
        if once or json or not sys.stdout.isatty():
            await asyncio.sleep(min(interval, 1.0) if pages else 0)
            return overview(before, await look(runtime, await _fetch(runtime.settings, pages), before.sessions))
        with Live(console=out, auto_refresh=False, screen=False) as live:
            try:
                await _watch(runtime, live, before, pages, interval)
            except asyncio.CancelledError:
                if interrupts.heard() != signal.SIGINT:  # which is how one leaves it
                    raise
        return None

    if (found := run(flow)) is None:
        return
    if json:
        print_json(_as_json(found))
    else:
        print_table(("what", "now"), list(_rows(found)))
    if found.away:
        raise typer.Exit(EXIT_TRY_AGAIN)


async def _watch(runtime: Runtime, live: Live, before: Reading, pages: Sequence[str], interval: float) -> None:
    number = 0
    while True:
        await asyncio.sleep(interval if number else min(interval, 1.0))
        number += 1
        known = before.sessions if number % _COUNTED_EVERY else None
        now = await look(runtime, await _fetch(runtime.settings, pages), known)
        rows = list(_rows(overview(before, now)))
        width = max(len(name) for name, _ in rows)
        live.update(Text("\n".join(f"{name:<{width}}  {visible(value)}" for name, value in rows)), refresh=True)
        before = now


def _page_of(url: str) -> str:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:  # a port that is none
        usable = False
    if not usable:
        fail(f"--url: {url!a} is no address of metrics: write http://10.0.0.5:9100.", EXIT_USAGE)
    return parts._replace(path=parts.path if parts.path.strip("/") else "/metrics", fragment="").geturl()


def _own_pages(settings: Settings) -> list[str]:
    if not settings.METRICS_PORT:
        return []
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.METRICS_HOST, settings.METRICS_HOST)  # noqa: S104
    return [f"http://{f'[{host}]' if ':' in host else host}:{settings.METRICS_PORT}/metrics"]


async def _fetch(settings: Settings, urls: Sequence[str]) -> dict[str, str | Exception]:
    """Return each instance's page, or why there is none. The token goes where nobody can read it on the way."""
    if not urls:
        return {}
    import httpx

    async def fetch(client: httpx.AsyncClient, url: str) -> str | Exception:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
        headers = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"} if settings.METRICS_TOKEN and safe else {}
        try:
            answer = await client.get(url, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return OSError(str(error) or type(error).__name__)
        return answer.text if answer.status_code == 200 else OSError(f"it answers {answer.status_code}")

    async with httpx.AsyncClient(timeout=_PAGE_SECONDS, trust_env=False) as client:
        return dict(zip(urls, await asyncio.gather(*(fetch(client, url) for url in urls)), strict=True))


def _as_json(found: Overview) -> Mapping[str, object]:
    told = asdict(found)
    pools = {store: {"used": used, "size": size} for store, (used, size) in found.pools.items()}
    return told | {"pools": pools}


def _rows(found: Overview) -> Iterator[tuple[str, str]]:
    yield "at", written(found.at)
    yield "sessions", _number(found.sessions)
    yield "log-ins/s", f"{_number(found.log_ins_per_second)} ({_number(found.failed_log_ins_per_second)} failed)"
    yield "refreshes/s", _number(found.refreshes_per_second)
    yield "requests/s", _number(found.requests_per_second)
    yield "errors/s", f"{_number(found.errors_per_second)} (429: {_number(found.refused_per_second)})"
    yield "store errors/s", _number(found.store_errors_per_second)
    yield "pools", ", ".join(f"{store} {used}/{size}" for store, (used, size) in found.pools.items()) or "?"
    yield "hashing", _number(found.hash_queue)
    waits = f"{_number(found.waiting)} due, the oldest for {_number(found.oldest_seconds)} s"
    yield "queue", f"{waits}; {_number(found.dead)} dead"
    limit = f" of {_bytes(found.redis.limit)}" if found.redis.limit else ""
    yield "memory", f"Redis {_bytes(found.redis.used)}{limit}, instances {_bytes(found.instances_bytes)}"
    for store in found.away:
        yield store, "out of reach"
    yield from found.faults.items()


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:,}"


def _bytes(value: int | None) -> str:
    return "?" if value is None else f"{value / 1e6:,.0f} MB"
