"""Does this Redis let us do all that the service does? One script tries every command of ours (K2: a probe that asks
less than the service needs says yes to what can't work).
"""

from __future__ import annotations

from typing import Final, NoReturn, cast

from redis.exceptions import AuthenticationError, InvalidResponse, RedisError, ResponseError

from service.core.faults import Meaning, away, is_well, refuse
from service.core.redis.faults import Told, row_of, row_of_answer
from service.core.redis.scripts import Reply, Script

WARM: Final = 8  # connections that are opened before the first request

# A full Redis and a demoted one answer PING; a write of no bytes shows them, and creates no key. It comes first: a full
# Redis lets a script that has written go on writing. Then each command on a key that nobody else has: what is written
# goes within the same step. Returns name and answer of what was refused.
PROBE: Final = Script(
    "probe",
    """
local key, refused = KEYS[1], {}
local function try(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err then
    refused[#refused + 1] = (...)
    refused[#refused + 1] = reply.err
  end
end
try('SETRANGE', key, 0, '')
if #refused > 0 then return refused end
try('UNLINK', key)
try('HSET', key, 'field', '1')
try('PEXPIRE', key, '1000')
try('EXPIRE', key, '1')
try('HINCRBY', key, 'field', '1')
try('HGET', key, 'field')
try('HMGET', key, 'field')
try('HEXISTS', key, 'field')
try('HLEN', key)
try('HDEL', key, 'other')
try('EXISTS', key)
try('TYPE', key)
try('PTTL', key)
try('TIME')
redis.pcall('UNLINK', key)
try('ZADD', key, '1', 'member')
try('ZCARD', key)
try('ZRANGE', key, '0', '-1')
try('ZREVRANGE', key, '0', '-1')
try('ZREM', key, 'member')
redis.pcall('UNLINK', key)
try('SET', key, '1', 'PX', '1000')
try('GET', key)
redis.pcall('UNLINK', key)
try('PFADD', key, 'member')
try('PFCOUNT', key)
redis.pcall('UNLINK', key)
return refused
""",
)


def judge(reply: Reply) -> None:
    """Raise `Misconfigured` for what the probe was refused, `Unavailable` for what can't be done now."""
    if not isinstance(reply, list) or len(reply) % 2 or not all(isinstance(item, bytes) for item in reply):
        away("redis", InvalidResponse("what answers is no Redis"))
    found = cast("list[bytes]", reply)
    for name, answer in zip(found[::2], found[1::2], strict=True):
        said = answer.decode(errors="replace").lstrip("-")
        row, error = row_of_answer(said), RedisError(said)
        if row.meaning is Meaning.AWAY:
            away("redis", error)
        # The probe makes no mistake, and nobody else writes to its key: what isn't an outage is refused to us.
        row = row if row.meaning is Meaning.REFUSED else row_of_answer("NOPERM")
        refuse("redis", row, error, f"{name.decode()}: {said}")
    is_well("redis")


def raise_for(error: BaseException, *, cluster: bool) -> NoReturn:
    """Raise what an error of the probe itself comes to: it makes no mistake, so what isn't clear is refused to us."""
    row = row_of(error, cluster=cluster)
    if row.meaning is Meaning.UNCLEAR:
        refuse("redis", row_of_answer("NOPERM"), error)
    if row.meaning is Meaning.REFUSED:
        refuse("redis", row, error)
    away("redis", error)


def is_about_settings(error: BaseException) -> bool:
    """Tell a wrong REDIS_URL, which no waiting mends, from rights that are missing, which somebody may give."""
    if isinstance(error, (AuthenticationError, Told)):
        return True
    if not isinstance(error, ResponseError):
        return False
    return row_of(error).code in ("WRONGPASS", "MOVED", "ERR")  # ERR: the number of the database
