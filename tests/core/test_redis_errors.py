"""What a Redis answers, told apart by class and by code: an outage, or a mistake of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import SlotNotCoveredError

from service.core.faults import Meaning
from service.core.redis import probing
from service.core.redis.client import connect
from service.core.redis.faults import row_of
from service.core.redis.scripts import Script
from service.errors import Unavailable
from service.settings import load_settings
from tests.outages.answering import OK, speaking
from tests.support.stores import SECRET

WRAPPED = "ERR Error running script (call to f_0b6a): @user_script:9: @user_script: 9: -{} by the server."  # Redis 6.2
BY_SCRIPT = "{} script: 0b6a, on @user_script:9."  # from 7.0 on


read: Any = BaseParser.parse_error


@pytest.mark.parametrize("form", ["{} by the server.", WRAPPED, BY_SCRIPT])
@pytest.mark.parametrize(
    ("answer", "outage"),
    [
        ("READONLY You can't write against a read only replica", True),
        ("OOM command not allowed when used memory > 'maxmemory'", True),
        ("MISCONF Redis is configured to save RDB snapshots", True),
        ("MASTERDOWN Link with MASTER is down", True),
        ("CLUSTERDOWN The cluster is down", True),
        ("TRYAGAIN Multiple keys request during rehashing of slot", True),
        ("NOREPLICAS Not enough good replicas to write", True),
        ("BUSY Redis is busy running a script", True),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", False),
        ("NOPERM this user has no permissions to run the 'evalsha' command", False),
        ("ERR unknown command 'EVALSHA', OOM is no reason", False),
    ],
)
def test_answers(form: str, answer: str, outage: bool) -> None:
    """As each version words them, from a command of a script or of ours."""
    assert (row_of(read(form.format(answer))).meaning is Meaning.AWAY) == outage


async def _cut_twice() -> list[object]:
    """Run three scripts; before the second and the third the server has reset every connection."""
    found: list[object] = []
    script = Script("nothing", "return 1")
    async with speaking(lambda command: b":1\r\n" if command[0] == b"EVALSHA" else OK) as server:
        redis = connect(load_settings(REDIS_URL=f"redis://{server.address}", SECRET_KEY=SECRET, _env_file=None))
        for _ in range(3):
            found.append(await redis.run(script, []))
            server.hang_up()
            await asyncio.sleep(0.05)  # until the reset has come: nothing here tells when
        await redis.close()
    return found


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_connection_that_was_closed_meanwhile(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """It is seen before it is written to, and another one is opened: by each loop, whatever it says to such a write."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(_cut_twice()) == [1, 1, 1]


def test_what_is_no_answer() -> None:
    """A connection that breaks, a node that loads, a cluster that has lost a slot."""
    for error in (RedisConnectionError("reset"), read("LOADING it"), SlotNotCoveredError("5"), OSError()):
        assert row_of(error).meaning is Meaning.AWAY


@pytest.mark.parametrize("reply", [b"OK", 5, None, [b"HSET"], [1, 2]])
def test_what_is_no_redis(reply: Any) -> None:
    """Something that speaks the protocol and understands nothing is out of reach, and no mistake of ours."""
    with pytest.raises(Unavailable) as caught:
        probing.judge(reply)
    assert "no Redis" in str(caught.value.__cause__)
