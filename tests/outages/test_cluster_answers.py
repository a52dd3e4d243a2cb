"""What the nodes of a cluster may say: where to go, to wait, that a slot is nobody's; and which of them is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from redis.crc import key_slot

from service.core.redis import client
from service.core.redis import slots as slots_module
from service.core.redis.client import RedisScripts, connect
from service.core.redis.scripts import Script
from service.errors import Misconfigured, Unavailable
from service.settings import load_settings
from service.settings.checks import ConfigurationError
from tests.outages.answering import OK, Speaker, array, speaking, text
from tests.support.stores import SECRET

pytestmark = pytest.mark.embedded_only

ANY = Script("any", "return 1")
KEY = "user:{ada}:session"
SLOT = key_slot(KEY.encode())
ALL = range(16384)
HERE, THERE = b":1\r\n", b":2\r\n"

Slots = tuple[range, int]  # and the port of their node


def slots(*found: Slots) -> bytes:
    """What CLUSTER SLOTS answers."""
    return array(
        *(array(each.start, each.stop - 1, array(text("127.0.0.1"), port, text("id"))) for each, port in found)
    )


@asynccontextmanager
async def node(
    script: Callable[[], bytes | None] = lambda: HERE, known: Callable[[Speaker], bytes | None] | None = None
) -> AsyncIterator[Speaker]:
    """A node that answers scripts so, and has all slots unless `known` says otherwise."""
    found: list[Speaker] = []

    def answer(command: list[bytes]) -> bytes | None:
        if command[0] == b"CLUSTER":
            return known(found[0]) if known else slots((ALL, found[0].port))
        return script() if command[0] == b"EVALSHA" else OK

    async with speaking(answer) as speaker:
        found.append(speaker)
        yield speaker


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine, all of these have time to answer."""
    monkeypatch.setattr(client, "ROUTED_SECONDS", 30.0)
    monkeypatch.setattr(slots_module, "LOOK_SECONDS", 10.0)


@asynccontextmanager
async def connected(*addresses: str) -> AsyncIterator[RedisScripts]:
    redis = connect(
        load_settings(REDIS_URL=f"redis+cluster://{','.join(addresses)}", SECRET_KEY=SECRET, _env_file=None)
    )
    try:
        yield redis
    finally:
        await redis.close()


def scripts_of(speaker: Speaker) -> int:
    return [command[0] for command in speaker.heard].count(b"EVALSHA")


async def test_any_node_of_the_url_is_enough() -> None:
    """Nobody at the first, nobody at the second, silence at the third: the fourth knows."""
    async with AsyncExitStack() as stack:
        silent = await stack.enter_async_context(speaking(lambda _: None))
        well = await stack.enter_async_context(node())
        addresses = ("127.0.0.1:1", "127.0.0.1:2", silent.address, well.address)
        redis = await stack.enter_async_context(connected(*addresses))
        assert await redis.run(ANY, [KEY]) == 1


async def test_a_slot_that_has_moved() -> None:
    """MOVED: the same call goes where it leads, and so do the next."""
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(node(lambda: THERE))
        # It says itself that it has all slots, so that only the answer tells.
        moved = f"-MOVED {SLOT} {there.address}\r\n".encode()
        here = await stack.enter_async_context(node(lambda: moved))
        redis = await stack.enter_async_context(connected(here.address))
        assert await redis.run(ANY, [KEY]) == 2
        assert scripts_of(here) == 1


async def test_a_slot_that_is_moving() -> None:
    """ASK: once, with the permission on the same connection, and without taking it for moved."""
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(node(lambda: THERE))
        answers = [f"-ASK {SLOT} {there.address}\r\n".encode()]
        here = await stack.enter_async_context(node(lambda: answers.pop() if answers else HERE))
        redis = await stack.enter_async_context(connected(here.address))
        assert await redis.run(ANY, [KEY]) == 2
        (names,) = [found for found in there.by_connection if b"EVALSHA" in found]
        assert names[-2:] == [b"ASKING", b"EVALSHA"]
        assert await redis.run(ANY, [KEY]) == 1


@pytest.mark.parametrize("answer", [b"-TRYAGAIN Multiple keys\r\n", b"-CLUSTERDOWN The cluster is down\r\n", b""])
async def test_what_passes(answer: bytes) -> None:
    """Keys of one script in two places, a cluster that has just lost somebody, a connection that ends: once more."""
    answers = [answer]
    async with node(lambda: answers.pop() if answers else HERE) as here, connected(here.address) as redis:
        assert await redis.run(ANY, [KEY]) == 1


@pytest.mark.parametrize("answer", [b"TRYAGAIN Keys", b"CLUSTERDOWN It is down", b"MOVED %d 127.0.0.1:1" % SLOT])
async def test_what_does_not_pass(answer: bytes) -> None:
    """503, and nothing else."""
    async with node(lambda: b"-%s\r\n" % answer) as here, connected(here.address) as redis:
        with pytest.raises(Unavailable) as caught:
            await redis.run(ANY, [KEY])
        assert not isinstance(caught.value, Misconfigured)


async def test_nodes_that_send_each_other_for_ever() -> None:
    """MOVED from one to the other and back: 503 soon."""
    async with AsyncExitStack() as stack:
        ports: list[int] = []
        one = await stack.enter_async_context(node(lambda: b"-MOVED %d 127.0.0.1:%d\r\n" % (SLOT, ports[1])))
        other = await stack.enter_async_context(node(lambda: b"-ASK %d 127.0.0.1:%d\r\n" % (SLOT, ports[0])))
        ports += [one.port, other.port]
        redis = await stack.enter_async_context(connected(one.address))
        with pytest.raises(Unavailable):
            await redis.run(ANY, [KEY])
        assert scripts_of(one) + scripts_of(other) < 10


async def test_a_slot_of_nobody() -> None:
    """503 for whoever has it; the others go on."""
    others = [range(SLOT), range(SLOT + 1, 16384)]
    known = lambda here: slots(*((each, here.port) for each in others))  # noqa: E731
    async with node(known=known) as here, connected(here.address) as redis:
        with pytest.raises(Unavailable) as caught:
            await redis.run(ANY, [KEY])
        assert not isinstance(caught.value, Misconfigured)
        assert await redis.run(ANY, ["user:{bob}:session"]) == 1


async def test_a_node_that_knows_of_no_slots() -> None:
    """It isn't part of the cluster any more, or not yet: another one is asked."""
    async with AsyncExitStack() as stack:
        lost = await stack.enter_async_context(node(known=lambda _: array()))
        well = await stack.enter_async_context(node())
        redis = await stack.enter_async_context(connected(lost.address, well.address))
        assert await redis.run(ANY, [KEY]) == 1
        assert scripts_of(lost) == 0


async def test_a_node_without_a_host() -> None:
    """Alone in its cluster, a node doesn't know its own address: it is where it was asked."""
    known = lambda here: array(array(0, 16383, array(text(""), here.port, text("id"))))  # noqa: E731
    async with node(known=known) as here, connected(here.address) as redis:
        assert await redis.run(ANY, [KEY]) == 1


async def test_no_cluster_at_all() -> None:
    """The operator is told, and a start ends with one line."""
    said = b"-ERR This instance has cluster support disabled\r\n"
    async with node(known=lambda _: said) as here, connected(here.address) as redis:
        with pytest.raises(Misconfigured) as caught:
            await redis.run(ANY, [KEY])
        assert "redis://" in caught.value.fix
        with pytest.raises(ConfigurationError, match="REDIS_URL"):
            await redis.probe("key")
