"""An older version out of the history, run with the packages that are installed; and people who use both."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest

from tests.servers import free_port
from tests.support.people import PASSWORD
from tests.support.process import ROOT, Service, environment, latchkey, running, serving
from tests.support.waiting import until

BEFORE = "3ddb6e9"  # passwords are a column of users, and one is all that a log-in can be made of
Side = Literal["old", "new"]
OTHER: Mapping[Side, Side] = {"old": "new", "new": "old"}
SECONDS = 60.0


def unpack(directory: Path) -> Path:
    """Put the older version into a directory. Skips the test where the history isn't there."""
    shown = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=zip", BEFORE], capture_output=True, check=False, timeout=SECONDS
    )
    if shown.returncode:
        pytest.skip(f"{BEFORE} is not in this history (a shallow clone?): {shown.stderr.decode().strip()}")
    with ZipFile(BytesIO(shown.stdout)) as archive:
        archive.extractall(directory)
    return directory


@dataclass
class Older:
    """The older version, as `tests.support.process` has this one."""

    home: Path

    def run(self, *args: str, **settings: str) -> str:
        """Run one of its commands to its end; return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "service", *args],
            env=self._environment(settings), cwd=self.home, capture_output=True, text=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serving(self, log: Path, **settings: str) -> Iterator[Service]:
        """Serve, and wait until it is ready."""
        port = free_port()
        command = (sys.executable, "-m", "service", "serve")
        env = self._environment({**settings, "PORT": str(port)})
        with running(command, log, env=env, directory=self.home, fresh=True) as process:
            service = Service(port, process, log)
            service.wait()
            yield service

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        # What its code reaches is no measure of this version's tests.
        ours = {name: value for name, value in environment(**settings).items() if not name.startswith("COVERAGE")}
        return ours | {"PYTHONPATH": str(self.home), "PYTHONDONTWRITEBYTECODE": "1"}


def new(*args: str, **settings: str) -> str:
    """Run one of this version's commands to its end; return what it says."""
    done = latchkey(*args, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass
class Both:
    """Two instances on the same stores, of which each is asked by its side."""

    clients: dict[Side, httpx.Client]
    older: Older
    settings: dict[str, str]
    seen: set[str] = field(default_factory=set)

    def call(self, side: Side, method: str, path: str, token: str | None = None, **options: Any) -> httpx.Response:
        """Ask one. What a busy machine sheds is asked again."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answers: list[httpx.Response] = []

        def answered() -> bool:
            answers.append(self.clients[side].request(method, f"/api{path}", headers=headers, **options))
            return answers[-1].status_code != 503

        until(answered, SECONDS)
        return answers[-1]

    def done(self, side: Side, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        """Ask one for something that it does; return what the answer says."""
        answer = self.call(side, method, path, token, **options)
        assert answer.is_success, (side, path, answer.text)
        return answer.json() if answer.content else None

    def run(self, side: Side, *args: str) -> str:
        """Run a command of one to its end."""
        return self.older.run(*args, **self.settings) if side == "old" else new(*args, **self.settings)

    def registered(self, side: Side) -> str:
        """Register somebody new; return the address."""
        email = f"{uuid4().hex}@example.com"
        self.done(side, "POST", "/auth/register", json={"email": email, "password": PASSWORD, "full_name": "Ada"})
        return email

    def tokens(self, side: Side, email: str, password: str = PASSWORD) -> dict[str, Any]:
        """Log in; return the tokens."""
        found: dict[str, Any] = self.done(side, "POST", "/auth/login", json={"email": email, "password": password})
        return found

    def refused(self, side: Side, email: str, password: str) -> None:
        """Hold that a password is wrong."""
        answer = self.call(side, "POST", "/auth/login", json={"email": email, "password": password})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_grant"), (side, answer.text)

    def link(self, email: str) -> str:
        """Return the token of the next link that comes for an address, whichever instance sends it."""
        return until(lambda: next(self._links(email), ""), SECONDS)

    def _links(self, email: str) -> Iterator[str]:
        for client in self.clients.values():
            for letter in client.get("/api/dev/mail/", headers={"Accept": "application/json"}).json():
                token = letter["text"].partition("#token=")[2].split("\n")[0]
                if letter["to"] == email and token and token not in self.seen:
                    self.seen.add(token)
                    yield token


@contextmanager
def both(older: Older, logs: Path, settings: dict[str, str]) -> Iterator[Both]:
    """Start the older version, upgrade the database under it, and start this one beside it."""
    with ExitStack() as stack:
        older.run("db", "upgrade", **settings)
        before = stack.enter_context(older.serving(logs / "old.log", **settings))
        assert json.loads(new("db", "upgrade", "--json", **settings))["applied"]
        now = stack.enter_context(serving(logs / "new.log", **settings))
        sides: dict[Side, Service] = {"old": before, "new": now}
        clients = {
            side: stack.enter_context(httpx.Client(base_url=service.url, timeout=SECONDS, trust_env=False))
            for side, service in sides.items()
        }
        yield Both(clients, older, settings)
        for service in sides.values():
            assert "Traceback" not in service.said(), service.said()
