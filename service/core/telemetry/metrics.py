"""What is counted and timed, for Prometheus. Every name starts with `latchkey_` (or `process_`, of those that
every Prometheus client has); docs/operations.md explains each.

One set for the process, in a registry of its own: two applications in one process share it. Where a supervisor runs
several workers it names a directory in `PROMETHEUS_MULTIPROC_DIR` before they start, and prometheus-client keeps each
worker's numbers in a file there. A killed worker's file stays, so its counts are neither lost nor counted twice; its
gauges go with it (`forget`). Labels come from fixed sets: no client can make up a new one.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import MultiProcessValue

from service import __version__
from service.core.telemetry import processes
from service.errors import TooSlow, Unavailable

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"

_PARAMETER = re.compile(r"<(\w+)[^>]*>")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

REGISTRY = CollectorRegistry()
_own: Final[list[processes.Processes]] = []  # what publishes this process, where it is alone

requests = Counter(
    "latchkey_requests", "Answers, by route and status.", ["route", "method", "status"], registry=REGISTRY
)
request_seconds = Histogram(
    "latchkey_request_seconds", "Time to answer.", ["route"], buckets=_SECONDS, registry=REGISTRY
)
logins = Counter("latchkey_logins", "Log-ins, by result, and what they began with.", ["result", "method"],
                 registry=REGISTRY)  # fmt: skip
second_factors = Counter(
    "latchkey_second_factor", "What was shown as a second factor, by result.", ["method", "outcome"], registry=REGISTRY
)
refusals = Counter("latchkey_refusals", "Refusals worth a line in the log, by its name.", ["line"], registry=REGISTRY)
throttled = Counter("latchkey_throttled", "Answers 429, by the budget that is used up.", ["budget"], registry=REGISTRY)
refreshes = Counter("latchkey_refreshes", "Refreshes, by outcome.", ["outcome"], registry=REGISTRY)
device_bindings = Counter(
    "latchkey_device_bindings", "Sessions bound to a browser's key, and its proofs: what came of each, and why not.",
    ["what"], registry=REGISTRY,
)  # fmt: skip
sessions_revoked = Counter("latchkey_sessions_revoked", "Sessions ended, by way.", ["way"], registry=REGISTRY)
hash_queue = Gauge(
    "latchkey_hash_queue", "Passwords being hashed or waiting.", multiprocess_mode="livesum", registry=REGISTRY
)
hash_wait_seconds = Histogram(
    "latchkey_hash_wait_seconds", "Waiting for a hashing thread.", buckets=_SECONDS, registry=REGISTRY
)
store_seconds = Histogram(
    "latchkey_store_seconds", "One statement or script, waiting included.", ["store"], buckets=_SECONDS,
    registry=REGISTRY,
)  # fmt: skip
store_errors = Counter("latchkey_store_errors", "Statements and scripts that met an outage.", ["store"],
                       registry=REGISTRY)  # fmt: skip
slow_statements = Counter(
    "latchkey_slow_statements", "Administrators' statements that took too long, and were given up.", registry=REGISTRY
)
pool_used = Gauge("latchkey_pool_used", "Connections in use, sampled.", ["store"], multiprocess_mode="livesum",
                  registry=REGISTRY)  # fmt: skip
pool_size = Gauge("latchkey_pool_size", "Connections there may be.", ["store"], multiprocess_mode="livesum",
                  registry=REGISTRY)  # fmt: skip
session_cache = Counter(
    "latchkey_session_cache", "Looks at sessions, by where they were found.", ["outcome"], registry=REGISTRY
)
user_cache = Counter(
    "latchkey_user_cache", "Looks at the callers' own rows, by where they were found.", ["outcome"], registry=REGISTRY
)
session_cache_heard = Counter(
    "latchkey_session_cache_heard", "Changes of users' keys that Redis has told of.", registry=REGISTRY
)
session_cache_deaf_seconds = Counter(
    "latchkey_session_cache_deaf_seconds", "Time in which Redis told of no change, and was asked.", registry=REGISTRY
)
streams_refused = Counter(
    "latchkey_streams_refused", "Session streams that there was no place for, by share.", ["share"], registry=REGISTRY
)
streams = Gauge("latchkey_streams", "Open session streams.", multiprocess_mode="livesum", registry=REGISTRY)
sessions_active = Gauge(
    "latchkey_sessions_active", "Sessions that were used in this hour, sampled.", multiprocess_mode="livemostrecent",
    registry=REGISTRY,
)  # fmt: skip
loop_lag_seconds = Histogram(
    "latchkey_loop_lag_seconds", "How much too late the loop comes to what is due, sampled.", buckets=_SECONDS,
    registry=REGISTRY,
)  # fmt: skip
clock_offset_seconds = Gauge(
    "latchkey_clock_offset_seconds", "By how much a store's clock is ahead of ours, sampled.", ["store"],
    multiprocess_mode="livemostrecent", registry=REGISTRY,
)  # fmt: skip
key_since = Gauge(
    "latchkey_signing_key_since_timestamp_seconds", "Since when the key signs that signs now.",
    multiprocess_mode="livemostrecent", registry=REGISTRY,
)  # fmt: skip
key_next = Gauge(
    "latchkey_signing_key_next_timestamp_seconds", "When the next one takes over; 0: none waits.",
    multiprocess_mode="livemostrecent", registry=REGISTRY,
)  # fmt: skip
redis_memory = Gauge("latchkey_redis_memory_bytes", "What Redis uses, and may use (0: no limit).", ["node", "what"],
                     multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
redis_evicted = Gauge("latchkey_redis_evicted_keys", "Keys that Redis has thrown away since its start.", ["node"],
                      multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
redis_keys = Gauge("latchkey_redis_keys", "Keys in Redis, of all kinds.", ["node"],
                   multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
connections = Gauge("latchkey_connections", "Open connections of clients, sampled.", multiprocess_mode="livesum",
                    registry=REGISTRY)  # fmt: skip
connections_ended = Counter("latchkey_connections_ended", "Connections ended for being late, by what.", ["what"],
                            registry=REGISTRY)  # fmt: skip
jobs = Counter("latchkey_jobs", "Jobs and letters that workers have dealt with, by outcome.", ["kind", "outcome"],
               registry=REGISTRY)  # fmt: skip
job_seconds = Histogram(
    "latchkey_job_seconds", "One turn at a job.", ["kind"], buckets=(*_SECONDS, 5.0, 10.0, 20.0), registry=REGISTRY
)
purged = Counter("latchkey_purged_rows", "Rows that were too old and were deleted, by table.", ["table"],
                 registry=REGISTRY)  # fmt: skip
letters = Counter("latchkey_letters_handled", "Letters that workers have dealt with, by kind and outcome.",
                  ["letter", "outcome"], registry=REGISTRY)  # fmt: skip
worker_turned = Gauge("latchkey_worker_turned_timestamp_seconds", "When a worker last looked at a queue.", ["queue"],
                      multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
worker_trouble = Gauge("latchkey_worker_trouble", "1 while something is in the way of a whole queue.", ["queue"],
                       multiprocess_mode="livemax", registry=REGISTRY)  # fmt: skip
# As the database has it: every instance says the same of all of them.
letters_standing = Gauge("latchkey_letters", "Letters that aren't sent, by state, sampled.", ["state"],
                         multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
letters_oldest_seconds = Gauge(
    "latchkey_letters_oldest_seconds", "For how long the oldest due letter has been; since when the oldest that was "
    "put off has been written.", ["state"], multiprocess_mode="livemostrecent", registry=REGISTRY,
)  # fmt: skip
jobs_every_seconds = Gauge("latchkey_jobs_every_seconds", "How often repeated work is due.", ["kind"],
                           multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
jobs_last_done = Gauge(
    "latchkey_jobs_last_done_timestamp_seconds", "When repeated work was last done; 0: never.", ["kind"],
    multiprocess_mode="livemostrecent", registry=REGISTRY,
)  # fmt: skip
ready = Gauge("latchkey_ready", "Whether this instance can work with a part: 1 or 0, sampled.", ["part"],
              multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
jobs_waiting = Gauge("latchkey_jobs_waiting", "Jobs and letters that are due, sampled.", ["kind"],
                     multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
jobs_oldest_seconds = Gauge("latchkey_jobs_oldest_seconds", "For how long the oldest of them has been due.", ["kind"],
                            multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
jobs_failed = Gauge("latchkey_jobs_failed", "Jobs and letters that failed for good, sampled.", ["kind"],
                    multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
events_not_stored = Counter(
    "latchkey_events_not_stored", "Security events that the database could not take, by what became of them.",
    ["kept"], registry=REGISTRY,
)  # fmt: skip
events_waiting = Gauge("latchkey_events_waiting", "Security events that wait in Redis to be stored, sampled.",
                       multiprocess_mode="livemostrecent", registry=REGISTRY)  # fmt: skip
events_waiting_here = Gauge(
    "latchkey_events_waiting_here", "Those that wait in a process, for Redis was away as well, sampled.",
    multiprocess_mode="livesum", registry=REGISTRY,
)  # fmt: skip
build_info = Gauge("latchkey_build_info", "Always 1.", ["version", "python"], multiprocess_mode="max",
                   registry=REGISTRY)  # fmt: skip

build_info.labels(__version__, platform.python_version()).set(1)

# There from the start, so that the first one of its kind shows as a change and not as a new series.
for _method in ("password", "passkey", "mail", "fed"):
    logins.labels("succeeded", _method)
for _result in ("password", "inactive"):
    logins.labels(_result, "")
for _outcome in ("rotated", "replayed", "reused", "unproven", "expired", "revoked", "invalid"):
    refreshes.labels(_outcome)
for _what in (
    "registered", "proven", "skipped_unreachable", "skipped_server_error", "skipped_quota_exceeded",
    "refused_form", "refused_algorithm", "refused_key", "refused_challenge", "refused_signature", "refused_bound",
    "refused_session",
):  # fmt: skip
    device_bindings.labels(_what)
for _share in ("all", "session", "user", "network"):
    streams_refused.labels(_share)
for _kept in ("kept", "lost"):
    events_not_stored.labels(_kept)
for _what in ("silent", "idle", "head", "rest", "answer", "unread", "crowd"):
    connections_ended.labels(_what)


class Timer:
    """Times what a store is asked, and counts outages: `with metrics.redis: …`. One object serves all tasks' calls."""

    __slots__ = ("_errors", "_seconds")

    def __init__(self, store: str, of: str = "") -> None:
        """Take the store's name, which is the label; `of` which store it is, where it has a name of its own."""
        self._seconds = store_seconds.labels(store)
        self._errors = store_errors.labels(of or store)

    def done(self, began: float, error: BaseException | None = None) -> None:
        """Note one call that began at `began` (perf_counter)."""
        self._seconds.observe(perf_counter() - began)
        if isinstance(error, Unavailable) and not isinstance(error, TooSlow):
            self._errors.inc()


database = Timer("database")
lists = Timer("lists", of="database")  # what administrators look at: it may take longer, and says nothing of the others
redis = Timer("redis")


class Timed:
    """One call of a store: `with Timed(metrics.database): …`."""

    __slots__ = ("_began", "_timer")

    def __init__(self, timer: Timer) -> None:
        """Take the store's timer."""
        self._timer = timer

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._timer.done(self._began, error)


@cache
def template(path: str) -> str:
    """Return Sanic's path of a route as the documents write it: `/api/users/{user_id}`."""
    return _PARAMETER.sub(r"{\1}", f"/{path}")


_answers: dict[tuple[str | None, str, int], tuple[Counter, Histogram]] = {}


def answered(route: str | None, method: str, status: int, seconds: float) -> None:
    """Count one answer. `route` is a template, never a path: paths may hold anything. None: there is no route."""
    try:
        counter, histogram = _answers[route, method, status]
    except KeyError:
        known = method if method in _METHODS else "other"
        shown = route or "none"
        counter, histogram = requests.labels(shown, known, str(status)), request_seconds.labels(shown)
        if known == method:
            _answers[route, method, status] = counter, histogram
    counter.inc()
    histogram.observe(seconds)


def registry_of(directory: str | None) -> CollectorRegistry:
    """Return what to publish: this process's numbers, or the sum over the workers that write to `directory`."""
    if directory is None:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]  # prometheus-client
    registry.register(processes.Processes(lambda: processes.announced(Path(directory))))
    return registry


def call_this_process(name: str) -> None:
    """Say what this process is called among those of its instance, and see to it that what it takes is published."""
    directory = os.environ.get(DIRECTORY)
    if directory is not None:
        processes.announce(Path(directory), name)
        return
    for former in _own:
        REGISTRY.unregister(former)
    _own[:] = [processes.Processes(processes.this_one(name))]
    REGISTRY.register(_own[0])


def ends_of_workers() -> Callable[[str], None]:
    """Return what counts the ends of workers for their supervisor, which keeps its numbers beside theirs."""
    value = MultiProcessValue()  # type: ignore[no-untyped-call]  # prometheus-client
    name, about = "latchkey_workers_ended", "Workers that ended, or had to be ended, though nobody had asked them to."
    counts = {
        how: value("counter", name, f"{name}_total", ("how",), (how,), about) for how in ("died", "start", "frozen")
    }
    return lambda how: counts[how].inc(1)


def page(registry: CollectorRegistry) -> bytes:
    """Return the page that Prometheus reads."""
    return generate_latest(registry)


def forget(directory: Path, pid: int) -> None:
    """Drop the gauges of a worker that is gone. Its counters stay: what has happened has happened."""
    for file in directory.glob(f"gauge_live*_{pid}.db"):
        file.unlink(missing_ok=True)
    processes.take_back(directory, pid)
