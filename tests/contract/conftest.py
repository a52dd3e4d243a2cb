"""The session store on every Redis: the fake in the embedded run, one server and a cluster of three in the real one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from types import ModuleType
from uuid import UUID, uuid4

import pytest

from service.core.client import Client
from service.core.clock import Clock
from service.core.redis import client
from service.core.redis.client import RedisScripts, connect
from service.core.redis.scripts import Script
from service.settings import Settings
from service.stores.sessions import scripts
from service.stores.sessions.assurance import Assurance
from service.stores.sessions.outcomes import Grant
from service.stores.sessions.store import SessionStore
from tests.servers import RedisCluster
from tests.support.stores import Stores

CLIENT = Client("192.0.2.1", "Test/1.0")
PASSWORD_ONLY = Assurance(("pwd",))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        real = metafunc.config.getoption("--stores") == "real"
        metafunc.parametrize("kind", ["redis", "cluster"] if real else ["fake"], scope="session")


@pytest.fixture(scope="session")
def cluster() -> Iterator[RedisCluster]:
    with RedisCluster.start() as found:
        yield found


@pytest.fixture(scope="session")
def store_settings(kind: str, stores: Stores, request: pytest.FixtureRequest) -> Settings:
    url = request.getfixturevalue("cluster").url if kind == "cluster" else stores.redis_url
    return stores.settings(REDIS_URL=url, REDIS_KEY_PREFIX="contract:", MAX_SESSIONS_PER_USER=3)


@pytest.fixture(scope="session")
async def redis(store_settings: Settings) -> AsyncIterator[RedisScripts]:
    with pytest.MonkeyPatch.context() as patient:
        for seconds in ("ANSWER_SECONDS", "ROUTED_SECONDS"):
            patient.setattr(client, seconds, 30.0)
        connection = connect(store_settings)
    yield connection
    await connection.close()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred at once are all looked at, however busy the machine: nobody is turned away who has waited a while."""
    monkeypatch.setattr(client, "WAIT_SECONDS", 30.0)


@dataclass
class Subject:
    """A store, its clock, and a user of its own."""

    store: SessionStore
    clock: Clock
    redis: RedisScripts
    uid: UUID

    async def log_in(self, valid_after: int = 0) -> Grant:
        return await self.store.log_in(self.uid, uuid4(), CLIENT, PASSWORD_ONLY, valid_after)

    def key(self, sid: UUID) -> str:
        return f"contract:user:{{{self.uid}}}:session:{sid}"

    @property
    def index(self) -> str:
        return f"contract:user:{{{self.uid}}}:sessions"


@pytest.fixture
def subject(redis: RedisScripts, store_settings: Settings) -> Subject:
    clock = Clock()
    return Subject(SessionStore(redis, store_settings, clock), clock, redis, uuid4())


def stand_at(monkeypatch: pytest.MonkeyPatch, moment: int, where: ModuleType = scripts) -> None:
    """Have a module's scripts run at exactly `moment`, in ms: Redis's own time goes on between two lines of a test."""
    standing = f"{{'{moment // 1000}', '{moment % 1000 * 1000}'}}"
    timed = {name: found for name, found in vars(where).items() if isinstance(found, Script) and "clock" in found.text}
    assert timed
    for name, script in timed.items():
        text = re.sub(r"local clock = .*", f"local clock = {standing}", script.text, count=1)
        assert standing in text
        monkeypatch.setattr(where, name, Script(name, text, script.cure))
