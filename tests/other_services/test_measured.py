"""What each way lets in after `redis-cli unlink`: the figures of docs/other-services.md, and their bounds.

`pytest --stores=real -s tests/other_services/test_measured.py` prints the table.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from time import monotonic, time

import httpx
import jwt
import pytest

from tests.other_services.hammer import RATE, Hammer, milliseconds
from tests.other_services.support import FRAMEWORKS, WAYS, ready, started
from tests.other_services.test_nginx import SHIPPED, echoing
from tests.servers import Nginx, Postgres, find_nginx
from tests.support.people import PASSWORD
from tests.support.process import Service, latchkey, serving
from tests.support.stores import Stores
from tests.support.waiting import eventually

pytestmark = [pytest.mark.real_only, pytest.mark.timeout(300)]

TOKEN = "t" * 40  # of /metrics
LIFE_SECONDS = 9.0  # of an access token here; a quarter of an hour where nobody has said otherwise
LEEWAY = 5.0  # of both examples, by keys
BELIEVED = 5.0  # of both examples, by asking
HEARD = 1.0  # by the stream
A_LITTLE = 0.7  # a request that is let in has been sent before; and two cores for five processes
BEFORE = 1.0  # for so long it goes on before the end


@dataclass(frozen=True)
class Latchkey:
    """A service of its own, with a client for the examples."""

    service: Service
    stores: Stores
    known: dict[str, str]

    async def log_in(self, client: httpx.AsyncClient) -> str:
        """Return an access token of somebody new."""
        email = f"{os.urandom(6).hex()}@example.com"
        await client.post(f"{self.service.url}/api/auth/register", json={"email": email, "password": PASSWORD})
        form = {"grant_type": "password", "username": email, "password": PASSWORD}
        answer = await client.post(f"{self.service.url}/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def unlink(self, token: str) -> float:
        """End a session as operators do, with a redis-cli that is there already; return when, by `monotonic`."""
        claims = jwt.decode(token, options={"verify_signature": False})
        assert self.stores.redis is not None
        assert self.stores.redis.redis_cli is not None
        command = [self.stores.redis.redis_cli, "-p", str(self.stores.redis.port)]
        with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as cli:
            assert cli.stdin is not None
            assert cli.stdout is not None
            cli.stdin.write("ping\n")
            assert cli.stdout.readline() == "PONG\n"
            ended = monotonic()
            cli.stdin.write(f"unlink user:{{{claims['sub']}}}:session:{claims['sid']}\n")
            assert cli.stdout.readline() == "1\n"
            cli.stdin.close()
        return ended

    def introspections(self) -> float:
        """Return how many there have been."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.get(f"{self.service.url}/metrics", headers=headers, trust_env=False)
        assert answer.status_code == 200
        said = answer.text
        return sum(map(float, re.findall(r"^latchkey_introspections_total\{[^}]*\} (\S+)", said, re.MULTILINE)))


@pytest.fixture(scope="module")
def latchkey_here(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Latchkey]:
    """One for all of these."""
    assert isinstance(stores.postgres, Postgres)
    url = stores.postgres.create_database("other_services")
    env = stores.environment(DATABASE_URL=url, ACCESS_TOKEN_EXPIRE_MINUTES=str(LIFE_SECONDS / 60), METRICS_TOKEN=TOKEN)
    try:
        assert latchkey("db", "upgrade", **env).returncode == 0
        made = latchkey("clients", "add", "Notes", "--resource-server", "--json", **env)
        assert made.returncode == 0, made.stderr
        said = json.loads(made.stdout)
        known = {
            "LATCHKEY_CLIENT_ID": said["client_id"],
            "LATCHKEY_CLIENT_SECRET": said["client_secret"],
            "LATCHKEY_URL": env["PUBLIC_URL"],
        }
        with serving(tmp_path_factory.mktemp("latchkey") / "log", **env) as service:
            yield Latchkey(service, stores, known | {"LATCHKEY_INTERNAL_URL": service.url})
    finally:
        stores.postgres.drop_database("other_services")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=30) as found:
        yield found


@contextmanager
def behind_nginx(here: Latchkey) -> Iterator[str]:
    """Run a service behind nginx; yield its address."""
    with echoing() as port:
        nginx = Nginx.start_with(SHIPPED, {8000: here.service.port, 8005: port})
        try:
            yield f"{nginx.url}/notes"
        finally:
            nginx.stop()


async def hammered(here: Latchkey, url: str, client: httpx.AsyncClient, longest: float) -> tuple[list[float], Hammer]:
    """Show a token for a while, end its session by `redis-cli`, and go on until nobody can be let in any more."""
    hammer = Hammer(url, await here.log_in(client), client)
    enough = asyncio.Event()
    running = asyncio.create_task(hammer.go_on(enough))
    await asyncio.sleep(BEFORE)
    ended = await asyncio.to_thread(here.unlink, hammer.token)
    await asyncio.sleep(longest)
    enough.set()
    await running
    assert hammer.statuses() <= {200, 401, 503}, hammer.statuses()
    assert hammer.sent_after(ended) >= longest * RATE * 0.5
    return hammer.let_in_after(ended), hammer


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_still_let_in(
    way: str, framework: str, latchkey_here: Latchkey, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    """By keys: until the token's end. By asking: for as long as an answer is believed. By following: for a second."""
    here = latchkey_here
    most = {"keys": LIFE_SECONDS + LEEWAY, "asking": BELIEVED, "following": HEARD}[way]
    with started(framework, tmp_path / "notes", client, LATCHKEY_WAY=way, **here.known) as notes:
        await ready(notes)
        if way == "following":
            await follows(here, notes.url, client)
        took = await milliseconds(client, notes.url, await here.log_in(client))
        before = here.introspections()
        let_in, hammer = await hammered(here, notes.url, client, most + 2 * A_LITTLE)
        asked = here.introspections() - before
    told(f"{framework} by {way}", let_in, hammer, asked, took)
    assert 503 not in hammer.statuses(), notes.said()
    assert not let_in or let_in[-1] <= most + A_LITTLE
    claims = jwt.decode(hammer.token, options={"verify_signature": False})
    if way == "keys":  # it is the token's own end, and nothing else
        assert asked == 0
        begun = time() - monotonic()
        last = max(sent for sent, _, status in hammer.answers if status == 200)
        assert abs(begun + last - claims["exp"] - LEEWAY) < 1.0
    elif way == "asking":
        assert asked <= len(hammer.answers) / 20
    else:
        assert (
            asked <= len(hammer.answers) / 50
        )  # one, one more where the user's row changes, one a second of what is over


@pytest.mark.skipif(find_nginx() is None, reason="no nginx is installed (apt install nginx-light)")
async def test_behind_nginx(latchkey_here: Latchkey, client: httpx.AsyncClient) -> None:
    """Nothing but what was under way."""
    with behind_nginx(latchkey_here) as url:
        took = await milliseconds(client, url, await latchkey_here.log_in(client))
        let_in, hammer = await hammered(latchkey_here, url, client, HEARD)
    told("nginx", let_in, hammer, len(hammer.answers), took)
    assert not let_in or let_in[-1] <= 0.2


async def follows(here: Latchkey, url: str, client: httpx.AsyncClient) -> None:
    """Wait until the example hears of endings: it asks no more about a token that it has seen."""

    async def asks_no_more() -> bool:
        headers = {"Authorization": f"Bearer {await here.log_in(client)}"}
        await asyncio.sleep(1.0)  # that was a change, too
        await client.get(url, headers=headers)
        before = here.introspections()
        await asyncio.sleep(1.2)
        await client.get(url, headers=headers)
        return here.introspections() == before

    await eventually(asks_no_more)


def told(what: str, let_in: list[float], hammer: Hammer, asked: float, took: float) -> None:
    """Print a row of the table."""
    longest = f"{let_in[-1]:.2f} s" if let_in else "-"
    print(
        f"\n| {what} | {len(let_in)} of {RATE:.0f} a second, the last after {longest} | {asked:.0f} questions for "
        f"{len(hammer.answers)} requests | {took:.1f} ms |"
    )
