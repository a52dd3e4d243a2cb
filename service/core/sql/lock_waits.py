"""How an upgrade waits for others: briefly, again and again, and never without saying for whom.

Whoever waits for a lock on a table has everybody else wait behind it, and a request bears that for less than a second.
So a statement that locks tables waits for a moment only (`LOCK_MILLISECONDS`), lets go of all that it has, lets the
others pass, and begins anew: however long somebody holds a table, nothing queues behind an upgrade for longer.

A statement says no more than that it had to wait. Another connection looks meanwhile what it waits for, and who has it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final, TypeVar

import asyncpg

from service.core.clock import steady_seconds
from service.core.sql.address import credentials
from service.core.sql.faults import FAILURES, causes
from service.settings import Settings

WAIT_SECONDS: Final = 300.0  # for others, until an upgrade gives up, unless it is told otherwise
LOCK_MILLISECONDS: Final = 250  # for a lock: a statement of a request has 0.8 s, its waiting included
PAUSES: Final = (0.5, 1.0, 2.0, 5.0)  # between two tries, the last again and again
LOOK_SECONDS: Final = 0.1  # between two looks at what a statement waits for
TELL_SECONDS: Final = 30.0  # between two lines about the same wait of a statement that holds nobody up
LONG_SECONDS: Final = 1.0  # of such a wait, before the first of them
BLIND_SECONDS: Final = 5.0  # without a look: nobody can look, as a pooler has no connection to spare
VACUUM_MILLISECONDS: Final = 5000  # for autovacuum to make way: it does once somebody has waited for a second

# Of a lock that wasn't to be had in time, and of a deadlock: the transaction was rolled back, and may be tried again.
_AGAIN: Final = ("55P03", "40P01")
_QUERY_LETTERS: Final = 60
# Where a value may begin: a string, a number, a parameter, a comment. Names and words come before the first of them.
_VALUE: Final = re.compile(r"""['$]|--|/\*|(?<![\w"])[\d.+-]*\d""")

_WAITS: Final = """
SELECT wanted.relation::regclass::text AS relation, wanted.locktype AS kind, by.pid AS pid,
       coalesce(nullif(other.application_name, ''), other.usename) AS who, other.state AS state,
       extract(epoch FROM clock_timestamp() - coalesce(other.xact_start, other.query_start))::int AS seconds,
       other.query AS query, other.backend_type = 'autovacuum worker' AS vacuum
FROM pg_stat_activity AS us JOIN pg_locks AS wanted ON wanted.pid = us.pid AND NOT wanted.granted
CROSS JOIN LATERAL unnest(pg_blocking_pids(us.pid)) AS by(pid)
LEFT JOIN pg_stat_activity AS other ON other.pid = by.pid
WHERE us.datname = current_database() AND us.usename = current_user AND us.pid <> pg_backend_pid()
  AND us.state = 'active' AND us.query <> '' AND starts_with($1, us.query)
ORDER BY seconds DESC NULLS LAST
"""

Tell = Callable[[str], None]
_T = TypeVar("_T")


class GaveUp(Exception):
    """An upgrade has waited for others for as long as it was to; what it says is one line for whoever began it."""


class Turn:
    """The patience of one upgrade, whom it tells, and what is known of the statement that it is at."""

    def __init__(self, tell: Tell = lambda _: None, wait_seconds: float = WAIT_SECONDS) -> None:
        """Take whom to tell, and after how many seconds of waiting for one thing to give up."""
        self.tell: Final = tell
        self.wait_seconds: Final = wait_seconds
        self.statement = ""  # that is being run
        self.since = 0.0  # when it began
        self.seen = ""  # what it was last seen to wait for, and who has that,
        self.seen_at = float("-inf")  # at this moment
        self.looked_at = float("-inf")  # when that was last looked at, whatever was seen
        self.vacuumed = ""  # the table that autovacuum was seen to hold

    def waits_for(self) -> str:
        """Return what the statement waits for, and who has that; "" if it works, as far as can be seen."""
        now = steady_seconds()
        if now - max(self.looked_at, self.since) > BLIND_SECONDS:
            return "something, perhaps: there is no connection to look by, and so all its time counts"
        return self.seen if now - self.seen_at <= LONG_SECONDS else ""

    @contextmanager
    def at(self, statement: str) -> Iterator[None]:
        """Be at a statement for a block: what it waits for is looked at."""
        self.statement, self.since, self.seen, self.vacuumed = statement, steady_seconds(), "", ""
        try:
            yield
        finally:
            self.statement = ""


class Tries:
    """The tries of one step, which may be done again: each was rolled back whole."""

    def __init__(self, turn: Turn) -> None:
        """Take the upgrade that the step is one of."""
        self._turn = turn
        self._began = float("inf")
        self._count = 0

    async def until_done(self, step: Callable[[], Awaitable[_T]], clear: Callable[[str], Awaitable[None]]) -> _T:
        """Return what `step` returns at last; `clear` makes autovacuum leave a table. Raises `GaveUp`."""
        while True:
            began = steady_seconds()
            try:
                return await step()
            except Exception as error:
                if not is_to_be_tried_again(error):
                    raise
                await self.missed(began)
                if vacuumed := self._turn.vacuumed:
                    await clear(vacuumed)

    async def missed(self, began: float) -> None:
        """Say what a try that began then has waited for, and pause. Raises `GaveUp` when that was the last one."""
        self._count += 1
        self._began = min(self._began, began)
        turn, waited = self._turn, steady_seconds() - self._began
        what = turn.seen or "a lock: who has it was not to be seen"
        if waited >= turn.wait_seconds:
            raise gave_up(waited, what)
        if turn.vacuumed:
            turn.tell(f"Waiting for {what}. It is told to make way.")
            return
        pause = min(PAUSES[min(self._count, len(PAUSES)) - 1], turn.wait_seconds - waited)
        turn.tell(f"Waiting for {what}. Nobody is held up; try {self._count + 1} is in {pause:.1f} s.")
        await asyncio.sleep(pause)

    def begin_anew(self) -> None:
        """Count from the beginning: something was done meanwhile."""
        self._began, self._count = float("inf"), 0


def gave_up(waited: float, what: str) -> GaveUp:
    """Return what ends an upgrade that has waited for so many seconds."""
    return GaveUp(
        f"Gave up after {waited:.0f} s of waiting for {what}. The next run goes on from here: give it a longer --wait, "
        "or begin it once that has ended."
    )


def is_to_be_tried_again(error: BaseException) -> bool:
    """Return whether a transaction was rolled back for nothing but that others were in its way."""
    return any(isinstance(cause, asyncpg.PostgresError) and cause.sqlstate in _AGAIN for cause in causes(error))


def shown(query: str | None) -> str:
    """Return the beginning of a statement as far as nothing in it can be a value; "" where it isn't ours to see."""
    words = " ".join((query or "").split())
    if words.startswith("<insufficient privilege>"):
        return ""
    value = _VALUE.search(words)
    end = min(value.start() if value else len(words), _QUERY_LETTERS)
    return f"{words[:end].rstrip()}…" if end < len(words) else words


@asynccontextmanager
async def watched(settings: Settings, turn: Turn) -> AsyncIterator[None]:
    """Have somebody look what the statements of an upgrade wait for, for as long as the block."""
    task = asyncio.create_task(_watch(settings, turn))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(settings: Settings, turn: Turn) -> None:
    connection: Any = None
    try:
        while True:
            try:
                if connection is None or connection.is_closed():  # before anything waits: it takes its time
                    connection = await asyncpg.connect(**credentials(settings, pool=False))
                await asyncio.sleep(LOOK_SECONDS)
                if not turn.statement or steady_seconds() - turn.since < LOOK_SECONDS:
                    continue
                statement = turn.statement
                rows = await connection.fetch(_WAITS, statement)
                turn.looked_at = steady_seconds()
            except FAILURES:  # a pooler has none to spare: the upgrade itself goes on, and says less
                await asyncio.sleep(1.0)
                continue
            if rows and turn.statement == statement:
                turn.seen, turn.seen_at = _words(rows), steady_seconds()
                turn.vacuumed = next((row["relation"] for row in rows if row["vacuum"] and row["relation"]), "")
    finally:
        if connection is not None:
            connection.terminate()


def _words(rows: list[Any]) -> str:
    first = rows[0]
    what = f"the table {first['relation']}" if first["relation"] else "transactions that began earlier"
    if first["kind"] in ("transactionid", "tuple"):
        what = "rows that somebody has locked"
    others = len({row["pid"] for row in rows}) - 1
    return f"{what}, held by {_holder(first)}{f' and {others} more' if others else ''}"


def _holder(row: Any) -> str:
    if not row["pid"]:
        return "a prepared transaction (pg_prepared_xacts)"
    state = f"{row['state']} for {row['seconds']} s" if row["state"] else ""
    about = ", ".join(filter(None, (row["who"], state)))
    said = ": ".join(filter(None, (about, shown(row["query"]))))
    return f"process {row['pid']}{f' ({said})' if said else ''}"
