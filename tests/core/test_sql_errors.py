"""What a database answers, told apart by its code: an outage, one more try, a wrong set-up, or a mistake of ours."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest
from tortoise.exceptions import DoesNotExist, IntegrityError, OperationalError

from service.core.faults import Meaning, why
from service.core.sql.faults import POSTGRES, SQLITE, postgres_row, sqlite_row
from service.core.sql.sqlite import SafeSqliteClient


def _answered(code: str) -> asyncpg.PostgresError:
    error: asyncpg.PostgresError = asyncpg.PostgresError.new({"C": code, "M": "some words"})
    return error


@pytest.mark.parametrize(
    ("codes", "meaning"),
    [
        (["08006", "53100", "53300", "57P01", "57P03", "57014", "58030", "XX000", "25006", "55P03"], Meaning.AWAY),
        (["42P01", "42703", "42883", "40002", "99999"], Meaning.AWAY),
        (["40001", "40P01"], Meaning.AGAIN),
        (["42501", "28000", "28P01", "3D000", "3F000", "42P05", "26000"], Meaning.REFUSED),
        (["22003", "22021", "22P05", "23505", "42601", "25P02"], Meaning.OURS),
    ],
)
def test_codes_of_postgresql(codes: list[str], meaning: Meaning) -> None:
    """By the whole code, else by its class; as it comes, and as Tortoise wraps it."""
    for code in codes:
        assert postgres_row(_answered(code)).meaning is meaning, code
        wrapped = OperationalError("some words")
        wrapped.__cause__ = _answered(code)
        assert postgres_row(wrapped).meaning is meaning, code


def test_letters_of_other_encodings() -> None:
    """The same code is our mistake where the database holds every letter, else its operator's."""
    for code in ("22021", "22P05"):
        assert postgres_row(_answered(code), "LATIN1").meaning is Meaning.REFUSED
        assert postgres_row(_answered(code), "UTF8").meaning is Meaning.OURS


def test_no_answer_at_all() -> None:
    """What breaks on the way is an outage; what asyncpg refuses to send, and what isn't there, is none."""
    for error in (OSError(), TimeoutError(), ConnectionResetError(), asyncpg.InterfaceError("closed")):
        assert postgres_row(error).meaning is Meaning.AWAY
    for mistake in (asyncpg.DataError("invalid"), DoesNotExist("User"), IntegrityError("x"), ValueError()):
        assert postgres_row(mistake).meaning is Meaning.OURS


def test_every_refusal_says_what_mends_it() -> None:
    """Only what an operator can mend has a fix, and all of that has."""
    for row in (*POSTGRES, *SQLITE):
        assert bool(row.fix) == (row.meaning is Meaning.REFUSED), row.code


def _sqlite(path: Path, *statements: str) -> sqlite3.Error:
    with pytest.raises(sqlite3.Error) as caught:  # noqa: PT012 - any of them
        connection = sqlite3.connect(path, timeout=0)
        for statement in statements:
            connection.execute(statement)
    return caught.value


def test_codes_of_sqlite(tmp_path: Path) -> None:
    """From SQLite itself: locked, read-only, full, can't be opened, no database; and a statement that is none."""
    path = tmp_path / "some.sqlite3"
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("CREATE TABLE t (n)")
        other.execute("BEGIN IMMEDIATE")
        assert sqlite_row(OperationalError(_sqlite(path, "BEGIN IMMEDIATE"))).code == "SQLITE_BUSY"
    readonly = _sqlite(path, "PRAGMA query_only = on", "CREATE TABLE u (n)")
    full = _sqlite(path, "PRAGMA max_page_count = 2", "CREATE TABLE u (n)", "INSERT INTO u VALUES (zeroblob(100000))")
    nowhere = _sqlite(tmp_path / "no" / "where", "SELECT 1")
    (tmp_path / "none").write_text("This is not a database. " * 100)
    none = _sqlite(tmp_path / "none", "CREATE TABLE t (n)")
    found = [sqlite_row(error) for error in (readonly, full, nowhere, none)]
    assert [row.code for row in found] == ["SQLITE_READONLY", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_NOTADB"]
    assert [row.meaning for row in found] == [Meaning.AWAY, Meaning.AWAY, Meaning.AWAY, Meaning.REFUSED]
    assert sqlite_row(_sqlite(path, "SELECT nothing FROM nowhere")).meaning is Meaning.OURS


def test_an_environment_that_cannot_be_used() -> None:
    """The driver reads PG… variables, too: what it makes of a wrong one is an operator's to mend, and no 500."""
    error = asyncpg.exceptions.ClientConfigurationError("`sslnegotiation` parameter must be one of: postgres, direct")
    assert (postgres_row(error).code, postgres_row(error).meaning) == ("environment", Meaning.REFUSED)


def test_why() -> None:
    """The innermost that says something; a time-out says so, and not that a task was cancelled."""

    def of(*errors: BaseException) -> str:
        for outer, inner in pairwise(errors):
            outer.__cause__ = inner
        return why(errors[0])

    assert of(Exception("outer"), OSError("refused\nby who knows.")) == "refused by who knows"
    assert of(Exception("outer"), TimeoutError(), asyncio.CancelledError()) == "no answer in time"
    assert of(Exception("outer"), KeyError()) == "outer"
    assert of(ConnectionResetError()) == "ConnectionResetError"


@pytest.mark.embedded_only
async def test_a_file_that_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    """A thread that is left to end by itself may find the event loop closed, and prints a traceback about it."""
    before = set(threading.enumerate())
    for _ in range(20):
        with pytest.raises(sqlite3.OperationalError):
            await SafeSqliteClient(str(tmp_path), connection_name="nowhere").create_connection(with_db=True)
        assert set(threading.enumerate()) <= before
