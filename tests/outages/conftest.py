"""A service on stores of its own, which may be made to answer every error there is."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.servers import Postgres, Redis
from tests.support.people import PASSWORD
from tests.support.process import Service, latchkey, serving
from tests.support.stores import GENEROUS, SECRET
from tests.support.waiting import eventually

LIMIT_SECONDS = 2.0
READY = "/api/health/ready"


@dataclass
class Caller:
    """A user with a session, who makes each kind of call."""

    http: httpx.AsyncClient
    email: str
    access: str
    refresh: str
    uid: str
    sid: str

    @property
    def key(self) -> str:
        return f"user:{{{self.uid}}}:session:{self.sid}"

    @property
    def index(self) -> str:
        return f"user:{{{self.uid}}}:sessions"

    @property
    def form(self) -> dict[str, str]:
        return {"username": self.email, "password": PASSWORD}

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}

    def calls(self) -> dict[str, Callable[[], Awaitable[httpx.Response]]]:
        """What is called, by name; the session is still there afterwards."""
        post, get = self.http.post, self.http.get
        fresh = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        return {
            "login": lambda: post("/api/auth/login", data=self.form),
            "refresh": lambda: post("/api/auth/refresh", json={"refresh_token": self.refresh}),
            "me": lambda: get("/api/users/me", headers=self.headers),
            "sessions": lambda: get("/api/sessions", headers=self.headers),
            "register": lambda: post("/api/auth/register", json=fresh),
            "reauthenticate": lambda: post(
                "/api/auth/reauthenticate", headers=self.headers, json={"password": PASSWORD}
            ),
        }

    async def make_all(self) -> dict[str, httpx.Response]:
        """Make every call, one after the other; none may be 500, or say that somebody isn't who they are."""
        answers = {}
        for name, call in self.calls().items():
            answers[name] = answer = await call()
            assert answer.status_code in (200, 204, 503), f"{name}: {answer.status_code} {answer.text}"
            if answer.status_code == 503:
                assert answer.json()["code"] == "unavailable"
                assert 1 <= int(answer.headers["retry-after"]) <= 30
            elif name == "refresh":
                self.refresh, self.access = answer.json()["refresh_token"], answer.json()["access_token"]
        return answers

    async def well(self) -> None:
        """Wait until all goes well again, with the session that there was."""

        async def is_well() -> bool:
            answers = await self.make_all()
            ready = await self.http.get(READY)
            return {answer.status_code for answer in (*answers.values(), ready)} <= {200, 204}

        await eventually(is_well)

    async def checks(self) -> dict[str, str]:
        """What readiness says of each part."""
        found: dict[str, str] = (await self.http.get(READY)).json()["checks"]
        return found


@pytest.fixture(scope="package")
def postgres() -> Iterator[Postgres]:
    with Postgres.start(settings={"max_connections": "40"}) as server:
        yield server


@pytest.fixture(scope="package")
def redis() -> Iterator[Redis]:
    with Redis.start() as server:
        yield server


@pytest.fixture(scope="package")
def env(postgres: Postgres, redis: Redis) -> dict[str, str]:
    found = {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "PUBLIC_URL": "http://localhost:8000",  # one issuer, whatever their ports
        "SECRET_KEY": SECRET,
        "DATABASE_POOL_SIZE": "4",
        "REDIS_POOL_SIZE": "6",
        **GENEROUS,
    }
    done = latchkey("db", "upgrade", **found)
    assert done.returncode == 0, done.stderr
    return found


@pytest.fixture(scope="package")
def service(env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory: Path = tmp_path_factory.mktemp("outages")
    with serving(directory / "service.log", **env) as found:
        yield found


@asynccontextmanager
async def calling(service: Service) -> AsyncIterator[Caller]:
    """A new user of a service, logged in."""
    async with httpx.AsyncClient(base_url=service.url, timeout=20, trust_env=False) as http:
        yield await logged_in(http)


async def logged_in(http: httpx.AsyncClient) -> Caller:
    """Register somebody, and log in."""
    email = f"{uuid4().hex}@example.com"
    await _post(http, "/api/auth/register", json={"email": email, "password": PASSWORD})
    answer = await _post(http, "/api/auth/login", data={"username": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    access = answer.json()["access_token"]
    claims = json.loads(urlsafe_b64decode(access.split(".")[1] + "=="))
    return Caller(http, email, access, answer.json()["refresh_token"], claims["sub"], claims["sid"])


async def _post(http: httpx.AsyncClient, path: str, **content: Any) -> httpx.Response:
    for _ in range(30):  # a busy machine's service sheds load
        answer = await http.post(path, **content)
        if answer.status_code != 503:
            break
        await asyncio.sleep(0.3)
    return answer


@pytest.fixture
async def caller(service: Service) -> AsyncIterator[Caller]:
    async with calling(service) as found:
        yield found


async def told(service: Service, code: str) -> str:
    """Return the one line in which the service tells its operator of this code."""

    def lines() -> list[str]:
        return [line for line in service.said().splitlines() if " misconfigured " in line and f"code={code} " in line]

    await eventually(lines)
    return lines()[-1]
