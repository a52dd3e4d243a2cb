"""Errors of a Redis that one can't be brought to: from a server that answers just that."""

from __future__ import annotations

import pytest
from redis.exceptions import RedisError

from service.core.redis.client import connect
from service.core.redis.faults import ROWS, row_of_answer
from service.core.redis.scripts import Script
from service.errors import Misconfigured, Unavailable
from service.settings import load_settings
from service.settings.checks import ConfigurationError
from tests.outages.answering import redis_that_answers
from tests.support.stores import SECRET

pytestmark = pytest.mark.embedded_only

ANY = Script("any", "return 1")
SAID = {
    "MOVED": "MOVED 3999 127.0.0.1:6381",
    "ASK": "ASK 3999 127.0.0.1:6381",
    "LOADING": "LOADING Redis is loading the dataset in memory",
    "BUSY": "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
}


async def _told(answer: bytes) -> BaseException | None:
    """What becomes of a script that is answered this."""
    async with redis_that_answers(answer) as url:
        redis = connect(load_settings(REDIS_URL=url, SECRET_KEY=SECRET, _env_file=None))
        try:
            await redis.run(ANY, ["key"])
        except (Unavailable, RedisError) as error:
            return error
        finally:
            await redis.close()
    return None


@pytest.mark.parametrize("code", [row.code for row in ROWS])
async def test_every_row_of_the_table(code: str) -> None:
    """503, and not a word to clients of why; the operator is told where only an operator can mend it."""
    error = await _told(f"-{SAID.get(code, f'{code} some words')}\r\n".encode())
    meaning = row_of_answer(f"{code} some words").meaning.name
    if meaning == "OURS":
        assert not isinstance(error, Unavailable)
    else:
        assert isinstance(error, Unavailable)
        # What isn't clear is refused to the probe, too.
        assert isinstance(error, Misconfigured) == (meaning in ("REFUSED", "UNCLEAR"))


@pytest.mark.parametrize(
    "answer",
    [
        b"-UNHEARDOF of a newer server\r\n",
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"-ERR max number of clients reached\r\n",
    ],
)
async def test_what_is_in_no_table(answer: bytes) -> None:
    """A code that nobody knows, a connection that is closed, something that isn't Redis at all: 503."""
    error = await _told(answer)
    assert isinstance(error, Unavailable)
    assert not isinstance(error, Misconfigured)


@pytest.mark.parametrize("answer", [b"-WRONGPASS invalid\r\n", b"-NOAUTH required\r\n", b"-MOVED 1 127.0.0.1:1\r\n"])
async def test_a_start_with_a_wrong_address(answer: bytes) -> None:
    """What no waiting mends ends a start, with one line that names the setting."""
    async with redis_that_answers(answer) as url:
        redis = connect(load_settings(REDIS_URL=url, SECRET_KEY=SECRET, _env_file=None))
        with pytest.raises(ConfigurationError, match="REDIS_URL"):
            await redis.probe("key")
        await redis.close()


@pytest.mark.parametrize("kind", ["redis+cluster", "redis"])
async def test_nobody_there(kind: str) -> None:
    """A single server or a cluster that is away: `RedisClusterException` is no `RedisError`."""
    redis = connect(load_settings(REDIS_URL=f"{kind}://127.0.0.1:1", SECRET_KEY=SECRET, _env_file=None))
    for call in (redis.run(ANY, ["key"]), redis.probe("key")):
        with pytest.raises(Unavailable):
            await call
    await redis.close()
