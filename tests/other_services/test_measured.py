"""What each way lets in after `redis-cli unlink`: the figures of docs/other-services.md, and their bounds.

`pytest --stores=real -s tests/other_services/test_measured.py` prints the table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, time

import httpx
import jwt
import pytest

from tests.other_services.hammer import RATE, Hammer, milliseconds
from tests.other_services.latchkey import LIFE_SECONDS, Ground, Latchkey, unlink
from tests.other_services.support import FRAMEWORKS, WAYS, ready, started
from tests.other_services.test_nginx import SHIPPED, echoing
from tests.servers import Nginx, find_nginx
from tests.support.process import serving
from tests.support.waiting import eventually

pytestmark = [pytest.mark.real_only, pytest.mark.timeout(300)]

LEEWAY = 5.0  # of both examples, by keys
BELIEVED = 5.0  # of both examples, by asking
HEARD = 1.0  # by the stream
A_LITTLE = 0.7  # a request that is let in has been sent before; and two cores for five processes
BEFORE = 1.0  # for so long it goes on before the end


@pytest.fixture(scope="module")
def here(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Latchkey]:
    """One Latchkey for all of these."""
    with serving(tmp_path_factory.mktemp("latchkey") / "log", **ground.env) as service:
        yield Latchkey(service, ground)


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
    ended = await asyncio.to_thread(unlink, here.ground.stores, hammer.token)
    await asyncio.sleep(longest)
    enough.set()
    await running
    assert hammer.statuses() <= {200, 401, 503}, hammer.statuses()
    assert hammer.sent_after(ended) >= longest * RATE * 0.5
    return hammer.let_in_after(ended), hammer


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_still_let_in(
    way: str, framework: str, here: Latchkey, caller: httpx.AsyncClient, tmp_path: Path
) -> None:
    """By keys: until the token's end. By asking: for as long as an answer is believed. By following: for a second."""
    most = {"keys": LIFE_SECONDS + LEEWAY, "asking": BELIEVED, "following": HEARD}[way]
    with started(framework, tmp_path / "notes", caller, LATCHKEY_WAY=way, **here.known) as notes:
        await ready(notes)
        if way == "following":
            await follows(here, notes.url, caller)
        took = await milliseconds(caller, notes.url, await here.log_in(caller))
        before = here.introspections()
        let_in, hammer = await hammered(here, notes.url, caller, most + 2 * A_LITTLE)
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
async def test_behind_nginx(here: Latchkey, caller: httpx.AsyncClient) -> None:
    """Nothing but what was under way."""
    with behind_nginx(here) as url:
        took = await milliseconds(caller, url, await here.log_in(caller))
        let_in, hammer = await hammered(here, url, caller, HEARD)
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
