"""One service for the whole run, on the stores that `--stores` names; every test starts with empty ones.

`--stores=embedded` (the default) is SQLite and the in-process fake; `--stores=real` is a PostgreSQL and a Redis that
this run starts and stops. One run has one dialect: Tortoise keeps its statements per process.
"""

from __future__ import annotations

import gc
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sanic import Sanic

from service.app import create_app
from service.core.clock import Clock
from service.core.passwords.hashing import Passwords
from service.core.sql import database
from service.features import all_features
from service.runtime import Runtime, open_runtime, schemas_of
from service.settings import Settings
from tests.servers.binaries import running_on
from tests.support.letters import Mailbox
from tests.support.people import Person, confirmed, register
from tests.support.providers import Fakes, fakes, providers  # noqa: F401 - fixtures, for all
from tests.support.serving import served
from tests.support.stores import Stores, embedded_stores, empty, real_stores
from tests.support.thrift import save, settle

# What takes longest begins first, else a worker ends with it while the others are done; a file stays on one worker,
# as its fixtures do. (By itself xdist begins with the files of most tests, and so ends with those of one long one.)
LONGEST = (
    "tests/test_bench.py", "tests/other_services/test_measured.py",
    "tests/deploy/test_rotation.py", "tests/faults/test_postgres.py",
    "tests/upgrade/test_side_by_side.py", "tests/faults/test_second_factors.py", "tests/factors/test_at_every_step.py",
    "tests/upgrade/test_locks.py",
    "tests/faults/test_redis.py", "tests/faults/test_cluster.py", "tests/faults/test_sentinel.py",
    "tests/http/test_every_parameter.py", "tests/http/test_schemathesis.py",
    "tests/serve/test_workers.py",
    "tests/users/test_traces.py", "tests/deploy/test_processes.py", "tests/ops/test_metrics.py",
    "tests/faults/test_cancellation.py", "tests/faults/test_start.py", "tests/mail/test_strangers.py",
    "tests/contract/test_two_holders.py", "tests/contract/test_rotation_model.py", "tests/races/test_thieves.py",
    "tests/auth/test_networks_counted.py", "tests/http/test_framing_fuzz.py", "tests/http/test_deadlines.py",
    "tests/auth/test_throttle.py", "tests/auth/test_shared_budgets.py", "tests/auth/test_budgets.py",
    "tests/races/test_races.py", "tests/servers/test_reaper.py", "tests/servers/test_binaries.py",
    "tests/serve/test_few_descriptors.py", "tests/sessions/test_stream_shares.py", "tests/ops/test_doctor.py",
    "tests/features/test_page.py", "tests/test_snippets.py", "tests/own_api/test_examples.py",
    "tests/other_services/test_examples.py", "tests/other_services/test_following.py",
)  # fmt: skip

# A shell has the one ignored in what it starts with `&`, as `make test` does, and `nohup` the other; every process of
# ours would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
Sanic.test_mode = True  # several applications may have one name
save()
gc.disable()  # until all tests are collected: what is imported and collected stays


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stores", choices=("embedded", "real"), default="embedded")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say on what it ran, by name and version: a promise holds for what was tried."""
    if config.getoption("--stores") == "real":
        terminalreporter.write_line(f"stores: {', '.join(running_on())}")
    else:
        terminalreporter.write_line(f"stores: embedded (SQLite {sqlite3.sqlite_version}, fakeredis)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs servers of its own (they run with --stores=real), and what needs none (only embedded).

    What asks for no fixture that leads to `stores` meets the same in both runs: once is enough. What is left is put
    into the order in which xdist gives it out.
    """
    real = config.getoption("--stores") == "real"
    wanted = on_real_stores if real else on_embedded_stores
    kept = [item for item in items if wanted(item)]
    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    first = {file: number for number, file in enumerate(LONGEST)}
    items[:] = sorted(kept, key=lambda item: first.get(item.nodeid.partition("::")[0], len(first)))


def on_embedded_stores(item: pytest.Item) -> bool:
    return item.get_closest_marker("real_only") is None


def on_real_stores(item: pytest.Item) -> bool:
    if item.get_closest_marker("embedded_only") is not None:
        return False
    return "stores" in getattr(item, "fixturenames", ()) or item.get_closest_marker("real_only") is not None


def pytest_collection_finish() -> None:
    settle()


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    directory: Path = tmp_path_factory.mktemp("stores")
    if request.config.getoption("--stores") == "real":
        with real_stores() as found:
            yield found
    else:
        yield embedded_stores(directory)


@pytest.fixture(scope="session")
def settings(stores: Stores, fakes: Fakes) -> Settings:  # noqa: F811 - the fixture itself
    # Log-in by mail and by other providers is off unless somebody turns it on: here every call there is can be made.
    return stores.settings(PASSWORD_MIN_LENGTH=8, EMAIL_SIGN_IN="both", **fakes.settings)


@pytest.fixture(scope="session")
async def shared_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    features = all_features(settings.FEATURES)
    await database.upgrade(settings, schemas_of(features))
    # Nearly every test logs in: what hashing costs is looked at where it matters, with the real parameters
    # (tests/core/test_passwords.py, and every service that runs as a process of its own).
    cheap = Passwords(memory_kib=1024, passes=1)
    async with open_runtime(settings, features, clock=Clock()) as runtime:
        runtime.passwords.close()
        yield replace(runtime, passwords=cheap)
    cheap.close()


@pytest.fixture(scope="session")
async def base_url(shared_runtime: Runtime) -> AsyncIterator[str]:
    async with served(create_app(runtime=shared_runtime)) as url:
        yield url


@pytest.fixture
async def runtime(shared_runtime: Runtime) -> AsyncIterator[Runtime]:
    """The running service's parts, its stores empty, its clock right."""
    await empty(shared_runtime)
    yield shared_runtime
    shared_runtime.clock.advance(-shared_runtime.clock.shift_ms / 1000)


@pytest.fixture
def clock(runtime: Runtime) -> Clock:
    return runtime.clock


@pytest.fixture
async def mailbox(runtime: Runtime) -> Mailbox:
    """The letters that the service sends, from now on."""
    found = Mailbox(runtime)
    await found.letters()
    return found


@pytest.fixture
async def client(runtime: Runtime, base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running service, over real HTTP."""
    limits = httpx.Limits(max_connections=128, max_keepalive_connections=128)
    async with httpx.AsyncClient(base_url=base_url, limits=limits, timeout=30, verify=False) as found:
        yield found


@pytest.fixture
async def ada(client: httpx.AsyncClient) -> Person:
    """A registered user who has confirmed the address, not logged in."""
    return await confirmed(await register(client, "ada@example.com", "Ada Lovelace"))


@pytest.fixture
async def grace(client: httpx.AsyncClient) -> Person:
    """Another."""
    return await confirmed(await register(client, "grace@example.com", "Grace Hopper"))


@pytest.fixture
async def root(client: httpx.AsyncClient, runtime: Runtime) -> Person:
    """A superuser."""
    from models import User

    person = await confirmed(await register(client, "root@example.com", "Root"))
    await User.filter(id=person.id).update(is_superuser=True)
    return person
