"""Every error that a Redis can answer, by its code, and every way of getting none: what it means, in one place.

redis-py makes classes of some codes, and takes the word off their text (`status_code` keeps it); of the others the text
begins with it. Redis 6.2 wraps what a script's command was answered into an `ERR` that ends with the command's own
words, some with a hyphen before the code; from 7.0 on the code stands first there, too. To a command that a user may
not run, both answer a script with a plain `ERR`: what is wrong then, the probe finds out.
"""

from __future__ import annotations

import re
from typing import Final

from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthenticationWrongNumberOfArgsError,
    AuthorizationError,
    ClusterError,
    CrossSlotTransactionError,
    InvalidResponse,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.core.faults import Meaning, Row

FAILURES: Final = (RedisError, RedisClusterException, OSError, TimeoutError)
"""Whatever redis-py raises. Its exceptions for clusters are no `RedisError`."""

_USER = "Give the user of REDIS_URL what docs/outages.md names (`ACL SETUSER`), or take back a rename-command"
_URL = "Check REDIS_URL: user, password, number of the database"

ROWS: Final = (
    Row("READONLY", Meaning.AWAY, "a replica, after a fail-over; the connections to it are dropped"),
    Row("OOM", Meaning.AWAY, "full: what only reads, and logging out, go on"),
    Row("MISCONF", Meaning.AWAY, "it can't write to its disk, and takes no writes"),
    Row("LOADING", Meaning.AWAY, "it reads its data back after a start"),
    Row("MASTERDOWN", Meaning.AWAY, "a replica that has lost its master"),
    Row("NOREPLICAS", Meaning.AWAY, "fewer replicas than `min-replicas-to-write`"),
    Row("BUSY", Meaning.AWAY, "a script of somebody else's runs, and doesn't end"),
    Row("CLUSTERDOWN", Meaning.AWAY, "slots of the cluster have no node"),
    Row("TRYAGAIN", Meaning.AWAY, "a slot is moving, and the keys of one script are in two places for too long"),
    Row("EXECABORT", Meaning.AWAY, "a transaction was refused (we use none)"),
    Row("NOAUTH", Meaning.REFUSED, "Redis wants a password", _URL),
    Row("WRONGPASS", Meaning.REFUSED, "Redis doesn't take the password", _URL),
    Row("NOPERM", Meaning.REFUSED, "Redis doesn't let this user do what the service needs", _USER),
    Row("DENIED", Meaning.REFUSED, "Redis is in protected mode", "Give it a password, or `bind` it to an address"),
    Row("NOPROTO", Meaning.REFUSED, "what answers is too old for protocol 3", "Upgrade it to Redis 6.2 or newer"),
    Row("MOVED", Meaning.REFUSED, "this is a node of a cluster", "Write redis+cluster:// in REDIS_URL"),
    Row("ASK", Meaning.REFUSED, "this is a node of a cluster", "Write redis+cluster:// in REDIS_URL"),
    Row("WRONGTYPE", Meaning.OVERWRITTEN, "a key of ours was overwritten by somebody: what it held is gone"),
    Row("INVALIDOBJ", Meaning.OVERWRITTEN, "the same, of a chart's sketch"),
    Row("NOSCRIPT", Meaning.AGAIN, "it doesn't know the script, and is sent its text"),
    Row("CROSSSLOT", Meaning.OURS, "keys of one script are in several slots"),
    Row("ERR", Meaning.UNCLEAR, "Redis refuses what the service asks for", _USER),
)
NOT_CLUSTERED: Final = Row(
    "no cluster", Meaning.REFUSED, "this server is in no cluster", "Write redis:// or redis+sentinel:// in REDIS_URL"
)
NO_SENTINEL: Final = Row(
    "no Sentinel", Meaning.REFUSED, "what answers at the addresses of the Sentinels is none",
    "Write the Sentinels' ports (26379, as a rule) in REDIS_URL, or redis:// for the server itself",
)  # fmt: skip
UNKNOWN_MASTER: Final = Row(
    "unknown master", Meaning.REFUSED, "no Sentinel knows a master of this name",
    "Check the name in REDIS_URL, redis+sentinel://hosts/NAME, against `sentinel monitor NAME …` of the Sentinels",
)  # fmt: skip
SENTINEL_USER: Final = Row(
    "Sentinel's user", Meaning.REFUSED, "the Sentinels don't let us ask",
    "Check ?sentinel_username=…&sentinel_password=… in REDIS_URL; what that user needs is in docs/outages.md",
)  # fmt: skip
TOLD: Final = (NOT_CLUSTERED, NO_SENTINEL, UNKNOWN_MASTER, SENTINEL_USER)
"""What is found out by asking, and has no code of the server's own."""


class Told(RedisError):
    """What comes of several answers, or of one that isn't an error."""

    def __init__(self, row: Row, says: str) -> None:
        """Take the row of the table, and what was seen."""
        super().__init__(says)
        self.row: Final = row


_NO_ANSWERS: Final = (RedisConnectionError, RedisTimeoutError, ClusterError, InvalidResponse, OSError, TimeoutError)
_BY_CODE: Final = {row.code: row for row in ROWS}
_IN_A_CLUSTER: Final = Row("MOVED", Meaning.AWAY, "a cluster that changes faster than we follow")
_NO_ANSWER: Final = Row("-", Meaning.AWAY, "no answer in time, a connection that broke, none to be had")
_UNKNOWN: Final = Row("?", Meaning.AWAY, "a code that is not in this table: a newer server's, or a proxy's")
_MISTAKE: Final = Row("-", Meaning.OURS, "redis-py refuses what it was given")

# Where a code may stand: at the beginning, or, in what Redis 6.2 says of a script's command, behind a colon:
# `ERR Error running script (call to f_…): @user_script:9: @user_script: 9: -OOM command not …`.
_CODE: Final = re.compile(r"(^|: )-?([A-Z][A-Z0-9]{2,})(?= |$)")


def row_of(error: BaseException, *, cluster: bool = False) -> Row:
    """Return what an error of redis-py's means: by its class where it is no answer, else by the answer's code."""
    if isinstance(error, (Told, CrossSlotTransactionError)):
        return error.row if isinstance(error, Told) else _BY_CODE["CROSSSLOT"]
    if isinstance(error, AskError):  # and MovedError, which is one
        return _IN_A_CLUSTER if cluster else _BY_CODE["MOVED"]
    if isinstance(error, (AuthenticationError, AuthorizationError, AuthenticationWrongNumberOfArgsError)):
        return _BY_CODE["NOAUTH" if getattr(error, "status_code", None) == "NOAUTH" else "WRONGPASS"]
    if isinstance(error, ResponseError):
        taken_off = error.status_code  # from the text, by redis-py
        return row_of_answer(f"{taken_off} {error}" if taken_off else str(error))
    if isinstance(error, _NO_ANSWERS):
        return _BY_CODE["LOADING"] if getattr(error, "status_code", None) == "LOADING" else _NO_ANSWER
    return _NO_ANSWER if isinstance(error, RedisClusterException) else _MISTAKE


def row_of_answer(answer: str) -> Row:
    """Return what an answer means, by its code; one without is an `ERR`."""
    first = "ERR"
    for found in _CODE.finditer(answer):
        if found[2] in _BY_CODE and found[2] != "ERR":
            return _BY_CODE[found[2]]
        if found.start() == 0:
            first = found[2]
    return _BY_CODE.get(first, _UNKNOWN)
