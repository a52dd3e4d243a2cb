"""Every error that a database can answer, by its code, and every way of getting none: what it means, in one place.

PostgreSQL has SQLSTATEs, of which the first two letters are a class: the longest that fits decides. SQLite has result
codes, of which the lowest byte is the primary one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import asyncpg

from service.core.faults import Meaning, Row, away, refuse
from service.settings.checks import ConfigurationError

FAILURES: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Whatever asyncpg raises."""

_GRANT: Final = (
    "GRANT the role of DATABASE_URL what it lacks (docs/outages.md), or run the service as the owner of the tables"
)
_URL: Final = "Check DATABASE_URL: user, password, name"
_UTF8: Final = "Move the data into a database with ENCODING 'UTF8': pg_dump, createdb -E UTF8 -T template0, pg_restore"
_POOLER: Final = "Write ?pgbouncer=true in DATABASE_URL"
_ENVIRONMENT: Final = "Take it out of the environment, and write what is meant into DATABASE_URL"
_MODE: Final = "Let it pool transactions: pool_mode = transaction"
_TWO: Final = "Give the pooler a pool of two or more, or lead DATABASE_URL to PostgreSQL itself"
_FOREIGN: Final = "Look for triggers, rules and constraints that aren't ours on security_events"

POSTGRES: Final = (
    Row("08", Meaning.AWAY, "the connection broke, or there was none to be had"),
    Row("0A000", Meaning.AWAY, "a table was changed beneath a statement, by a migration"),
    Row("22", Meaning.OURS, "a value that doesn't fit"),
    Row("22021", Meaning.OURS, "a letter that is none: in a database that isn't UTF8 as 22P05"),
    Row("22P05", Meaning.OURS, "a letter that the encoding doesn't have: in a database that isn't UTF8 the next row"),
    Row("22P05-encoding", Meaning.REFUSED, "The database can't hold every letter", _UTF8),
    Row("23", Meaning.OURS, "a constraint: the flows handle it"),
    Row("25", Meaning.OURS, "a transaction in the wrong state"),
    Row("25006", Meaning.AWAY, "read-only, after a fail-over; the connections to it are dropped"),
    Row("25P03", Meaning.AWAY, "a transaction was idle for too long"),
    Row("26000", Meaning.REFUSED, "The database has lost a prepared statement", _POOLER),
    Row("28", Meaning.REFUSED, "The database doesn't take the user or the password", _URL),
    Row("3D000", Meaning.REFUSED, "There is no such database", _URL),
    Row(
        "3F000",
        Meaning.REFUSED,
        "There is no such schema",
        "Check the role's search_path",
    ),
    Row("40", Meaning.AWAY, "a transaction was rolled back"),
    Row("40001", Meaning.AGAIN, "two transactions got in each other's way"),
    Row("40P01", Meaning.AGAIN, "a deadlock, of which this was the victim"),
    Row("42", Meaning.OURS, "a statement that isn't SQL to this database"),
    Row("42501", Meaning.REFUSED, "The database doesn't let this role do what the service needs", _GRANT),
    Row("42703", Meaning.AWAY, "a column isn't there: `latchkey db upgrade` has to run"),
    Row("42883", Meaning.AWAY, "a function isn't there: `latchkey db upgrade` has to run"),
    Row("42P01", Meaning.AWAY, "a table isn't there: `latchkey db upgrade` has to run"),
    Row("42P05", Meaning.REFUSED, "The database has somebody else's prepared statement", _POOLER),
    Row("53", Meaning.AWAY, "short of disk, memory or connections"),
    Row("55", Meaning.AWAY, "something is in use, or not in the right state"),
    Row("55P03", Meaning.AWAY, "a lock wasn't to be had in time"),
    Row("57", Meaning.AWAY, "shut down, starting, cancelled by an operator"),
    Row("58", Meaning.AWAY, "the server's disk or system failed"),
    Row("XX", Meaning.AWAY, "the server has an error of its own, or damaged data"),
    Row("environment", Meaning.REFUSED, "A PG… variable of the environment can't be used", _ENVIRONMENT),
    Row("no-transactions", Meaning.REFUSED, "The pooler takes no transactions, and the service needs them", _MODE),
    Row("one-connection", Meaning.REFUSED, "An upgrade needs two connections at once, and there is one", _TWO),
    Row("row-refused", Meaning.REFUSED, "The database refuses a row that the service writes", _FOREIGN),
)
SQLITE: Final = (
    Row("SQLITE_BUSY", Meaning.AWAY, "another process has the file"),
    Row("SQLITE_LOCKED", Meaning.AWAY, "another connection has the table"),
    Row("SQLITE_NOMEM", Meaning.AWAY, "no memory"),
    Row("SQLITE_READONLY", Meaning.AWAY, "the file can't be written: its rights, or its disk"),
    Row("SQLITE_IOERR", Meaning.AWAY, "the disk failed"),
    Row("SQLITE_FULL", Meaning.AWAY, "the disk is full"),
    Row("SQLITE_CANTOPEN", Meaning.AWAY, "the file can't be opened"),
    Row("SQLITE_PROTOCOL", Meaning.AWAY, "locks on the file don't come to an end"),
    Row("SQLITE_CORRUPT", Meaning.REFUSED, "The database's file is damaged", "Restore it from a backup"),
    Row("SQLITE_NOTADB", Meaning.REFUSED, "The file isn't a database", "Check DATABASE_URL, or restore it"),
)
_BY_SQLSTATE: Final = {row.code: row for row in POSTGRES}
NO_TRANSACTIONS: Final = _BY_SQLSTATE["no-transactions"]
ONE_CONNECTION: Final = _BY_SQLSTATE["one-connection"]
REFUSES_A_ROW: Final = _BY_SQLSTATE["row-refused"]
NOT_UTF8: Final = _BY_SQLSTATE["22P05-encoding"]
NO_RIGHTS: Final = _BY_SQLSTATE["42501"]
_NO_ANSWER: Final = Row("-", Meaning.AWAY, "no answer in time, a connection that broke, none to be had")
_UNKNOWN: Final = Row("?", Meaning.AWAY, "a code that is not in this table")
_MISTAKE: Final = Row("-", Meaning.OURS, "a mistake of ours")
_LETTERS: Final = ("22021", "22P05")

WRONG_SETTINGS: Final = ("28", "3D000")
"""The codes that say that DATABASE_URL is wrong: no waiting mends that."""


class PoolsStatements(asyncpg.InterfaceError):  # type: ignore[misc]  # asyncpg has no types
    """A pooler refuses transactions."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came of: Tortoise wraps some of the drivers'."""
    while error is not None:
        yield error
        error = error.__cause__ or next((arg for arg in error.args if isinstance(arg, BaseException)), None)


def postgres_row(error: BaseException, encoding: str = "UTF8") -> Row:
    """Return what an error means that came with PostgreSQL, whose database has this `encoding`."""
    for cause in causes(error):
        if isinstance(cause, PoolsStatements):
            return NO_TRANSACTIONS
        if isinstance(cause, asyncpg.PostgresError):
            code = str(cause.sqlstate or "")
            if code in _LETTERS and encoding.upper() != "UTF8":
                return NOT_UTF8
            return _BY_SQLSTATE.get(code) or _BY_SQLSTATE.get(code[:2], _UNKNOWN)
    if isinstance(error, asyncpg.exceptions.ClientConfigurationError):
        return _BY_SQLSTATE["environment"]
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return _MISTAKE  # asyncpg itself refuses a value
    return _NO_ANSWER if isinstance(error, FAILURES) else _MISTAKE


def raise_for(row: Row, error: BaseException) -> None:
    """Raise `Unavailable` or `Misconfigured` for what a database has answered; return where it is a mistake of ours."""
    if row.meaning is Meaning.REFUSED:
        refuse("database", row, error)
    if row.meaning is not Meaning.OURS:
        away("database", error)


def sqlite_row(error: BaseException) -> Row:
    """Return what an error means that came with SQLite."""
    import sqlite3  # who has PostgreSQL goes without its library

    by_primary = {getattr(sqlite3, row.code): row for row in SQLITE}
    for cause in causes(error):
        if isinstance(cause, sqlite3.Error) and (code := getattr(cause, "sqlite_errorcode", None)) is not None:
            return by_primary.get(code & 0xFF, _MISTAKE)
    return _MISTAKE


def raise_for_settings(error: BaseException) -> None:
    """Raise `ConfigurationError` where an outage came of a wrong DATABASE_URL, which no waiting mends."""
    for cause in causes(error):
        if isinstance(cause, asyncpg.PostgresError) and str(cause.sqlstate).startswith(WRONG_SETTINGS):
            raise ConfigurationError([f"DATABASE_URL: {cause}"]) from None
        if isinstance(cause, PoolsStatements):
            row = NO_TRANSACTIONS
            raise ConfigurationError([f"DATABASE_URL: {row.about}. {row.fix}: {cause}"]) from None
