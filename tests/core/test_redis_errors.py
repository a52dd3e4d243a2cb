"""What a Redis answers, told apart by class and by code: an outage, or a mistake of ours."""

from __future__ import annotations

from typing import Any

import pytest
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import SlotNotCoveredError

from service.core.faults import Meaning
from service.core.redis.client import RedisScripts
from service.core.redis.faults import row_of
from service.core.redis.scripts import Script
from service.errors import Unavailable

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


UVLOOPS = RuntimeError(
    "unable to perform operation on <TCPTransport closed=True reading=False 0x5f>; the handler is closed"
)
NO_WRITER = AttributeError("'NoneType' object has no attribute 'writelines'", name="writelines", obj=None)


class Closing:
    """A client whose connections have been closed meanwhile: so many writes fail."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    async def evalsha(self, *_: object) -> bytes:
        if self.errors:
            raise self.errors.pop(0)
        return b"done"

    eval = evalsha

    async def aclose(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("error", [UVLOOPS, NO_WRITER])
async def test_a_connection_that_was_closed_meanwhile(error: Exception) -> None:
    """It is found out by writing to it: once more on another one, and an outage where that is closed as well."""
    script = Script("nothing", "return 1")
    assert await RedisScripts(Closing(error), limit=1).run(script, []) == b"done"
    with pytest.raises(Unavailable):
        await RedisScripts(Closing(error, error), limit=1).run(script, [])


@pytest.mark.parametrize("error", [RuntimeError("no running event loop"), AttributeError("x", name="sha", obj=None)])
async def test_a_mistake_of_ours_stays_one(error: Exception) -> None:
    """Nothing but a closed connection is taken for one."""
    with pytest.raises(type(error)):
        await RedisScripts(Closing(error), limit=1).run(Script("nothing", "return 1"), [])


def test_what_is_no_answer() -> None:
    """A connection that breaks, a node that loads, a cluster that has lost a slot."""
    for error in (RedisConnectionError("reset"), read("LOADING it"), SlotNotCoveredError("5"), OSError()):
        assert row_of(error).meaning is Meaning.AWAY
