"""What a Redis answers, told apart by class and by code: an outage, or a mistake of ours."""

from __future__ import annotations

from typing import Any

import pytest
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import SlotNotCoveredError

from service.core.faults import Meaning
from service.core.redis.faults import row_of

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


def test_what_is_no_answer() -> None:
    """A connection that breaks, a node that loads, a cluster that has lost a slot."""
    for error in (RedisConnectionError("reset"), read("LOADING it"), SlotNotCoveredError("5"), OSError()):
        assert row_of(error).meaning is Meaning.AWAY
