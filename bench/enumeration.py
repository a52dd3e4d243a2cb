"""Do answers or their times tell whether an account exists? `python -m bench.enumeration [SAMPLES]` (SECURITY.md R17).

A service of its own on PostgreSQL and Redis, with the password hash that it has in production, is asked by turns for an
unknown address, a wrong password, and a wrong password of a disabled account; and then, once all are throttled, for a
known and an unknown one. The bytes must be the same, request ids and seconds aside, and the medians apart by no more
than 5 ms or 5 %, whichever is more. A busy machine gets a second chance.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import shuffle
from statistics import median
from time import perf_counter

import httpx

from tests.servers import Postgres, Redis, free_port
from tests.support.people import PASSWORD
from tests.support.process import LATCHKEY, Service, environment, latchkey, running

USERS = 10  # of each kind: none of them guesses so often that waits begin
FREE = 100
ALLOWED_SECONDS, ALLOWED_SHARE = 0.005, 0.05
KINDS = ("unknown", "wrong", "disabled")


Ask = Callable[[httpx.Client, str], tuple[float, str]]


@dataclass(frozen=True)
class Compared:
    """The median seconds of each kind, and whether all answers were alike."""

    name: str
    medians: Mapping[str, float]
    alike: bool

    @property
    def good(self) -> bool:
        spread = max(self.medians.values()) - min(self.medians.values())
        return self.alike and spread <= max(ALLOWED_SECONDS, ALLOWED_SHARE * min(self.medians.values()))

    def __str__(self) -> str:
        shown = ", ".join(f"{kind} {seconds * 1000:.2f} ms" for kind, seconds in self.medians.items())
        return f"{self.name}: {shown}; bytes {'alike' if self.alike else 'DIFFER'}: {'good' if self.good else 'BAD'}"


@contextmanager
def service() -> Iterator[httpx.Client]:
    """Serve, with users of each kind; yield a client."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-enumeration-")))
        settings = {
            "DATABASE_URL": stack.enter_context(Postgres.start()).url,
            "REDIS_URL": stack.enter_context(Redis.start()).url,
            "SECRET_KEY": "a-secret-for-an-afternoon-that-is-long-enough",
            "LOGIN_ATTEMPTS_PER_ACCOUNT": str(FREE),
            "LOGIN_ATTEMPTS_PER_ADDRESS": "1000000",
            "MAIL_REQUESTS_PER_ADDRESS": "1000000",
            "RUN_WORKER": "no",
        }
        latchkey("db", "upgrade", **settings)
        port, log = free_port(), directory / "service.log"
        command, env = (*LATCHKEY, "serve"), environment(PORT=str(port), **settings)
        service = Service(port, stack.enter_context(running(command, log, env=env, fresh=True)), log)
        service.wait()
        client = stack.enter_context(httpx.Client(base_url=service.url, timeout=30))
        for kind in KINDS[1:]:
            for number in range(USERS):
                body = {"email": _email(kind, number), "password": PASSWORD}
                client.post("/api/auth/register", json=body).raise_for_status()
        _disable(client, [_email("disabled", number) for number in range(USERS)], settings)
        yield client


def _disable(client: httpx.Client, emails: list[str], settings: dict[str, str]) -> None:
    latchkey("users", "create-superuser", "--email", "root@example.com", "--password", PASSWORD, **settings)
    tokens = client.post("/api/auth/login", json={"email": "root@example.com", "password": PASSWORD}).json()
    client.cookies.clear()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    for user in client.get("/api/users", headers=headers).json():
        if user["email"] in emails:
            client.patch(f"/api/users/{user['id']}", json={"is_active": False}, headers=headers).raise_for_status()


def _email(kind: str, number: int) -> str:
    return f"{kind}{number % USERS}@example.com"


def _try(client: httpx.Client, email: str) -> tuple[float, str]:
    began = perf_counter()
    answer = client.post("/api/auth/login", data={"username": email, "password": "not the password"})
    return perf_counter() - began, _bytes(answer)


def _ask(client: httpx.Client, email: str) -> tuple[float, str]:
    began = perf_counter()
    answer = client.post("/api/auth/password/forgot", json={"email": email})
    return perf_counter() - began, _bytes(answer)


def _bytes(answer: httpx.Response) -> str:
    """Return an answer's bytes without what differs between any two: the request's id, and seconds."""
    text = f"{answer.status_code}\n" + "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    text = (text + "\n\n" + answer.text).replace(answer.headers["x-request-id"], "ID")
    return re.sub(r"(?m)(retry-after: |t=|w=|^date: )[^;\n]*", r"\1…", text)


def _compare(name: str, ask: Ask, client: httpx.Client, emails: Mapping[str, list[str]], samples: int) -> Compared:
    """Ask for each kind by turns, in a new order each time: what slows the machine down slows all of them."""
    order = list(emails)
    times: dict[str, list[float]] = {kind: [] for kind in emails}
    answers = set()
    for number in range(samples):
        shuffle(order)
        for kind in order:
            seconds, answer = ask(client, emails[kind][number % len(emails[kind])])
            times[kind].append(seconds)
            answers.add(answer)
    return Compared(name, {kind: median(found) for kind, found in times.items()}, len(answers) == 1)


def measure(client: httpx.Client, samples: int) -> list[Compared]:
    """Compare all there is to compare."""
    emails = {kind: [_email(kind, number) for number in range(USERS)] for kind in KINDS}
    known = {kind: emails[kind] for kind in ("unknown", "wrong")}
    found = [
        _compare("log-in", _try, client, emails, samples),
        _compare("forgotten password", _ask, client, known, samples),
    ]
    throttled = {kind: choice[:1] for kind, choice in known.items()}
    for (email,) in throttled.values():
        while not _try(client, email)[1].startswith("429"):
            pass
    return [*found, _compare("throttled log-in", _try, client, throttled, samples)]


def main(arguments: list[str]) -> int:
    """Measure, twice if need be; return the exit status."""
    samples = int(arguments[0]) if arguments else 200
    for _ in range(2):
        with service() as client:
            found = measure(client, samples)
        print(*found, sep="\n", flush=True)
        if all(compared.good for compared in found):
            return 0
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
