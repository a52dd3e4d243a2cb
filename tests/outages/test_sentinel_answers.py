"""What Sentinels may say: whom to believe, whom to follow, and what an operator has to mend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.core.redis import client
from service.core.redis import sentinel as sentinel_module
from service.core.redis.client import RedisScripts, connect
from service.core.redis.scripts import Script
from service.errors import Misconfigured, Unavailable
from service.settings import load_settings
from service.settings.checks import ConfigurationError
from tests.outages.answering import OK, array, speaking, text
from tests.support.stores import SECRET
from tests.support.tls import tls_door
from tests.support.waiting import eventually

pytestmark = pytest.mark.embedded_only

ANY = Script("any", "return 1")
MASTER, REPLICA = text("master"), text("slave")
DONE = b":1\r\n"
_FACTS = {"config-epoch": "0", "quorum": "2", "num-other-sentinels": "2", "num-slaves": "1", "flags": "master"}

Answer = Callable[[list[bytes]], "bytes | None"]


def server(role: bytes = MASTER, script: bytes = DONE) -> Answer:
    """What a Redis answers."""

    def answer(command: list[bytes]) -> bytes:
        return {b"ROLE": array(role), b"EVALSHA": script}.get(command[0], OK)

    return answer


@dataclass(frozen=True)
class Named:
    """What a Sentinel knows: one master. `listed`: which port it has in the list of all, if that is another."""

    port: int
    epoch: int = 0
    name: str = "mymaster"
    listed: int = 0

    def told(self, command: list[bytes]) -> bytes:
        if command[1] == b"GET-MASTER-ADDR-BY-NAME":
            return array(text("127.0.0.1"), text(str(self.port))) if command[2].decode() == self.name else b"*-1\r\n"
        port = str(self.listed or self.port)
        facts = {**_FACTS, "name": self.name, "ip": "127.0.0.1", "port": port, "config-epoch": str(self.epoch)}
        return array(array(*(text(word) for pair in facts.items() for word in pair)))


def sentinel(said: Callable[[], Named | bytes | None]) -> Answer:
    """What a Sentinel answers, who may be subscribed to."""

    def answer(command: list[bytes]) -> bytes | None:
        if command[0] == b"SUBSCRIBE":
            return b"".join(array(text("subscribe"), text(name.decode()), 1) for name in command[1:])
        if command[0] != b"SENTINEL":
            return OK
        found = said()
        return found.told(command) if isinstance(found, Named) else found

    return answer


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine, all of these have time to answer."""
    monkeypatch.setattr(client, "ROUTED_SECONDS", 30.0)
    monkeypatch.setattr(sentinel_module, "LOOK_SECONDS", 1.0 if "silent" in request.node.name else 20.0)
    monkeypatch.setattr(sentinel_module, "MORE_TURNS", 400)


@asynccontextmanager
async def connected(
    *sentinels: str, credentials: str = "", query: str = "", **settings: str
) -> AsyncIterator[RedisScripts]:
    scheme = settings.pop("scheme", "redis+sentinel")
    url = f"{scheme}://{credentials}{','.join(sentinels)}/mymaster{query}"
    redis = connect(load_settings(REDIS_URL=url, SECRET_KEY=SECRET, _env_file=None, **settings))
    try:
        yield redis
    finally:
        await redis.close()


async def served(redis: RedisScripts) -> bool:
    with suppress(Unavailable):
        return await redis.run(ANY, ["key"]) == 1
    return False


async def test_the_newest_view_is_believed() -> None:
    """One that was cut off names a former master, however many are with it."""
    async with AsyncExitStack() as stack:
        former, present = [await stack.enter_async_context(speaking(server())) for _ in range(2)]
        said = [Named(former.port, 3), Named(former.port, 3), Named(present.port, 4)]
        watching = [await stack.enter_async_context(speaking(sentinel(lambda one=one: one))) for one in said]  # type: ignore[misc]
        redis = await stack.enter_async_context(connected(*(found.address for found in watching)))
        assert await redis.run(ANY, ["key"]) == 1
        assert not former.heard
        assert await redis.servers() == [(present.address, (await redis.servers())[0][1])]


async def test_who_has_brought_it_about() -> None:
    """It lists the former master until all replicas follow the new one, and names the new one before."""
    async with AsyncExitStack() as stack:
        former, present = [await stack.enter_async_context(speaking(server())) for _ in range(2)]
        said = Named(present.port, 4, listed=former.port)
        watching = await stack.enter_async_context(speaking(sentinel(lambda: said)))
        redis = await stack.enter_async_context(connected(watching.address))
        assert await redis.run(ANY, ["key"]) == 1
        assert not former.heard


async def test_most_of_them_are_silent() -> None:
    """Two of three hang, one answers; then that one hangs as well, and the master that is known is used."""
    async with AsyncExitStack() as stack:
        master = await stack.enter_async_context(speaking(server()))
        said: list[Named | None] = [Named(master.port)]
        silent = [await stack.enter_async_context(speaking(lambda _: None)) for _ in range(2)]
        talking = await stack.enter_async_context(speaking(sentinel(lambda: said[0])))
        redis = await stack.enter_async_context(connected(*(found.address for found in (*silent, talking))))
        await eventually(lambda: served(redis))
        said[0] = None
        master.hang_up()
        assert await redis.run(ANY, ["key"]) == 1


async def test_a_server_that_follows_another_is_no_master() -> None:
    """Whatever Sentinels say: nothing is read from it, and nothing written, until it says itself that it is one."""
    role = {b"ROLE": array(REPLICA), b"EVALSHA": DONE}
    async with AsyncExitStack() as stack:
        named = await stack.enter_async_context(speaking(lambda command: role.get(command[0], OK)))
        watching = await stack.enter_async_context(speaking(sentinel(lambda: Named(named.port))))
        redis = await stack.enter_async_context(connected(watching.address))
        with pytest.raises(Unavailable) as caught:
            await redis.run(ANY, ["key"])
        assert not isinstance(caught.value, Misconfigured)
        assert b"EVALSHA" not in {command[0] for command in named.heard}
        role[b"ROLE"] = array(MASTER)
        assert await redis.run(ANY, ["key"]) == 1


@pytest.mark.parametrize("answer", ["READONLY You can't write", "NOREPLICAS Not enough", "MASTERDOWN Link"])
async def test_a_master_that_is_none_any_more(answer: str) -> None:
    """Its answer says so: who is, is asked, and the same call goes there."""
    async with AsyncExitStack() as stack:
        former = await stack.enter_async_context(speaking(server(script=f"-{answer}\r\n".encode())))
        present = await stack.enter_async_context(speaking(server()))
        said = [Named(former.port)]
        watching = await stack.enter_async_context(speaking(sentinel(lambda: said[0])))
        redis = await stack.enter_async_context(connected(watching.address))
        with pytest.raises(Unavailable):
            await redis.run(ANY, ["key"])
        said[0] = Named(present.port, 1)
        await eventually(lambda: served(redis))  # Sentinels are asked ten times a second at most


async def test_a_change_is_heard_of() -> None:
    """A Sentinel says that it has another master: the connections to the former are given up, also one in use."""
    async with AsyncExitStack() as stack:
        former = await stack.enter_async_context(speaking(lambda c: None if c[0] == b"EVALSHA" else server()(c)))
        present = await stack.enter_async_context(speaking(server()))
        said = [Named(former.port)]
        watching = await stack.enter_async_context(speaking(sentinel(lambda: said[0])))
        redis = await stack.enter_async_context(connected(watching.address))
        waiting = asyncio.create_task(redis.run(ANY, ["key"]))
        await eventually(lambda: any(command[0] == b"EVALSHA" for command in former.heard))
        await eventually(lambda: any(command[0] == b"SUBSCRIBE" for command in watching.heard))
        said[0] = Named(present.port, 1)
        watching.say(array(text("message"), text("+switch-master"), text("mymaster 127.0.0.1 1 127.0.0.1 2")))
        assert await waiting == 1
        assert [command[0] for command in present.heard].count(b"EVALSHA") == 1


MISTAKES: dict[str, tuple[Named | bytes, str]] = {
    "unknown master": (Named(1, name="another"), "REDIS_URL"),
    "nothing known": (array(), "REDIS_URL"),
    "Sentinel's user": (b"-NOAUTH Authentication required.\r\n", "sentinel_password"),
    "wrong password": (b"-WRONGPASS invalid username-password pair\r\n", "sentinel_password"),
    "a right that lacks": (b"-NOPERM no permissions to run the 'sentinel|masters' command\r\n", "sentinel_password"),
    "no Sentinel": (b"-ERR unknown command 'SENTINEL'\r\n", "26379"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_what_an_operator_has_to_mend(mistake: str) -> None:
    """A name that they don't know, a password that they don't take, something that is no Sentinel: with the fix."""
    said, fix = MISTAKES[mistake]
    async with speaking(sentinel(lambda: said)) as found, connected(found.address, "127.0.0.1:1") as redis:
        with pytest.raises(Misconfigured) as caught:
            await redis.run(ANY, ["key"])
        assert fix in caught.value.fix
        with pytest.raises(ConfigurationError, match="REDIS_URL"):
            await redis.probe("key")


async def test_no_sentinel_is_there() -> None:
    """503: they may come back."""
    async with connected("127.0.0.1:1", "127.0.0.1:2") as redis:
        for call in (redis.run(ANY, ["key"]), redis.probe("key")):
            with pytest.raises(Unavailable) as caught:
                await call
            assert not isinstance(caught.value, Misconfigured)


async def test_everybody_gets_their_own_password(tmp_path: Path) -> None:
    """TLS to both; the master's user and password, and the Sentinels' own, which are in the query."""
    async with AsyncExitStack() as stack:
        doors = stack.enter_context(ExitStack())
        master = await stack.enter_async_context(speaking(server()))
        (tmp_path / "master").mkdir()
        (tmp_path / "sentinel").mkdir()
        master_door = doors.enter_context(tls_door(tmp_path / "master", master.port))
        watching = await stack.enter_async_context(speaking(sentinel(lambda: Named(master_door.port))))
        door = doors.enter_context(tls_door(tmp_path / "sentinel", watching.port))
        both = tmp_path / "both.pem"
        both.write_text(door.certificate.read_text() + master_door.certificate.read_text())
        query = "?sentinel_username=watcher&sentinel_password=w%26tched"
        redis = await stack.enter_async_context(
            connected(
                f"127.0.0.1:{door.port}", credentials="service:s%40cret@", query=query,
                scheme="rediss+sentinel", REDIS_TLS_CA=str(both),
            )
        )  # fmt: skip
        assert await redis.run(ANY, ["key"]) == 1
        assert [b"AUTH", b"watcher", b"w&tched"] in watching.heard
        assert [b"HELLO", b"3", b"AUTH", b"service", b"s@cret"] in master.heard
        assert not any(b"s@cret" in command for command in watching.heard)
        assert not any(b"w&tched" in command for command in master.heard)
