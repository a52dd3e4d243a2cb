"""Everything a run needs, started and stopped: PostgreSQL, Redis, the service, the limits, users, the generator."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from bench import limits
from bench.generator import Outcome, Plan
from bench.machine import Meter
from tests.servers import Postgres, Redis, free_port
from tests.support.people import PASSWORD, Person, Session, register
from tests.support.process import MODULE, Process, environment, running
from tests.support.waiting import NotInTime, until

START_SECONDS = 60.0
USERS = 8  # who hold sessions; as many others only log in


class BenchFailed(Exception):
    """The benchmark could not be carried out; says why."""


@dataclass(frozen=True)
class Server:
    """A server of ours: its port and its first process."""

    port: int
    pid: int


@dataclass(frozen=True)
class People:
    """The users: ready-made requests, one for each client."""

    me: list[str]
    refresh: list[str]
    login: list[str]
    introspect: list[str]


class Generator:
    """The load generator's process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def play(self, plan: Plan) -> Outcome:
        """Play one round. Raises `BenchFailed` when it could not even begin."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(plan)) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"error": "it has ended"}')
        if "error" in answer:
            raise BenchFailed(f"load generator: {answer['error']}")
        return Outcome(**answer)


@dataclass(frozen=True)
class Stage:
    """What is running."""

    servers: Mapping[str, Server]
    people: People
    generator: Generator
    meter: Meter
    versions: Mapping[str, str]


@contextmanager
def stage(*, connections: int, workers: int, logs: Path | None = None) -> Iterator[Stage]:
    """Start everything, and stop it at the end. Logs go to `logs`, or are thrown away."""
    with ExitStack() as stack:
        directory = logs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-bench-")))
        directory.mkdir(parents=True, exist_ok=True)
        redis = stack.enter_context(Redis.start())
        postgres = stack.enter_context(Postgres.start())
        settings = settings_of(postgres, redis, workers)
        start = Starter(stack, directory, settings)
        start.to_its_end("migrate", "service", "db", "upgrade")
        starting = {"service": start.server("service", "service", "serve")}
        starting |= {name: start.server(name, "bench.limits", name) for name in ("constant", "redis", "postgres")}
        generator = start.generator()
        redis.call("SET", limits.REDIS_KEY, limits.ANSWER)
        servers = {name: answers() for name, answers in starting.items()}
        known = json.loads(start.said("client", "service", "clients", "add", "Bench", "--resource-server", "--json"))
        people = asyncio.run(_people(servers["service"].port, connections, known))
        meter = Meter(postgres=postgres.pid, redis=redis.pid, generator=generator.pid)
        yield Stage(servers, people, generator, meter, {"postgresql": postgres.version, "redis": redis.version})


def settings_of(postgres: Postgres, redis: Redis, workers: int) -> dict[str, str]:
    return {
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "PUBLIC_URL": "https://bench.example.com",
        "BACKEND_CORS_ORIGINS": "https://app.example.com",
        "RATE_LIMITS_ENABLED": "false",
        "REFRESH_GRACE_SECONDS": "0",  # every refresh is a rotation: that is what is measured
        "MAX_SESSIONS_PER_USER": "1000",  # so that no log-in has to end another session
        "WEB_CONCURRENCY": str(workers),
    }


class Starter:
    """Starts our processes, and ends them with the stack."""

    def __init__(self, stack: ExitStack, directory: Path, settings: dict[str, str]) -> None:
        self._stack = stack
        self._directory = directory
        # Neither the caller's settings nor a .env file have a say; under coverage nothing would be worth measuring.
        given = environment(**settings).items()
        self._environment = {name: value for name, value in given if not name.startswith("COVERAGE")}

    def process(self, name: str, *module: str, **changes: str) -> Process:
        """Start a module of ours."""
        command, env = [*MODULE, *module], self._environment | changes
        return self._stack.enter_context(running(command, self._log(name), env=env, fresh=True))

    def generator(self) -> Generator:
        """Start the load generator, whose standard input and output are pipes."""
        log = self._stack.enter_context(self._log("generator").open("w"))
        pipe = subprocess.PIPE
        process = self._stack.enter_context(
            subprocess.Popen(
                [*MODULE, "bench.generator"], env=self._environment, cwd=self._directory, stdin=pipe, stdout=pipe,
                stderr=log, text=True,
            )
        )  # fmt: skip
        self._stack.callback(process.terminate)
        return Generator(process)

    def to_its_end(self, name: str, *module: str) -> None:
        """Run a command; raise `BenchFailed` with what it said when it fails."""
        if self.process(name, *module).wait(START_SECONDS):
            raise BenchFailed(self._said(name))

    def said(self, name: str, *module: str) -> str:
        """Run a command, and return what it has said."""
        self.to_its_end(name, *module)
        return self._log(name).read_text()

    def server(self, name: str, *module: str, **changes: str) -> Callable[[], Server]:
        """Start a server; return what waits until it answers, whatever it answers."""
        port = free_port()
        process = self.process(name, *module, PORT=str(port), **changes)
        return lambda: self._answering(name, process, port)

    def _answering(self, name: str, process: Process, port: int) -> Server:
        def answers() -> bool:
            if process.poll() is not None:
                raise BenchFailed(self._said(name))
            with suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/", timeout=1)
                return True
            return False

        try:
            until(answers, START_SECONDS)
        except NotInTime:
            raise BenchFailed(self._said(name)) from None
        return Server(port, process.pid)

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def _said(self, name: str) -> str:
        return f"{name} failed:\n" + self._log(name).read_text()[-3000:]


async def _people(port: int, connections: int, known: Mapping[str, str]) -> People:
    """Register users: half of them log in until each client has a session for /me and one to refresh.

    `known` is a resource server, which asks about the sessions for /me.
    """
    few = asyncio.Semaphore(4)  # hashing is all that counts here, and has a queue with an end
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:

        async def newcomer(number: int) -> Person:
            async with few:
                return await register(client, f"bench{number}@example.com", f"Bench {number}")

        async def session(person: Person) -> Session:
            async with few:
                return await person.log_in()

        half = min(USERS, connections)
        people = await asyncio.gather(*(newcomer(number) for number in range(2 * half)))
        sessions = await asyncio.gather(*(session(people[number % half]) for number in range(2 * connections)))
    password = PASSWORD.replace(" ", "+")
    return People(
        me=[
            request_of("GET", "/api/users/me", headers=f"Authorization: Bearer {session.access_token}\r\n")
            for session in sessions[:connections]
        ],
        refresh=[
            request_of("POST", "/api/auth/refresh", f'{{"refresh_token":"{session.refresh_token}"}}')
            for session in sessions[connections:]
        ],
        login=[
            request_of(
                "POST", "/api/auth/login", f"username={people[half + n % half].email}&password={password}", form=True
            )
            for n in range(connections)
        ],
        introspect=[
            request_of("POST", "/oauth/introspect", f"token={session.access_token}", headers=_basic(known), form=True)
            for session in sessions[:connections]
        ],
    )


def _basic(known: Mapping[str, str]) -> str:
    shown = f"{known['client_id']}:{known['client_secret']}"
    return f"Authorization: Basic {b64encode(shown.encode()).decode()}\r\n"


def request_of(method: str, path: str, body: str = "", *, headers: str = "", form: bool = False) -> str:
    if body:
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n{body}"


def limit_requests(connections: int) -> list[str]:
    """Return what every client sends to a limit."""
    return [request_of("GET", limits.PATH)] * connections
