"""Which users' rows were just written: noticed at the statements, so that nobody who writes one can forget it.

Others may keep rows of users. They are told once the change is committed, and before whoever made it is answered.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from typing import Any, Final, Self
from uuid import UUID

Teller = Callable[[frozenset[UUID] | None], Awaitable[None]]

MANY: Final = 100
"""Users; more are all of them."""

_WRITES = re.compile(r'\s*(?:UPDATE|DELETE FROM)\s+"?users"?\s', re.IGNORECASE)
_ONE = re.compile(r'WHERE (?:"users"\.)?"id"=(?:\$(\d+)|\?)\s*$')  # of SQLite's, which have no numbers, the last
# When somebody last logged in is noted for many users at a time, a minute late: nobody needs to hear of that.
_LATE = re.compile(r'UPDATE "users" SET "last_login_at"=[^,]+? WHERE ')
_written: ContextVar[set[UUID | None] | None] = ContextVar("written", default=None)
_tellers: Final[list[Teller]] = []


def tell(teller: Teller) -> Callable[[], None]:
    """Have `teller` called with the users whose rows were written, None for all of them; return what ends that."""
    _tellers.append(teller)
    return lambda: _tellers.remove(teller)


async def note(statement: str, values: Sequence[Any]) -> None:
    """Note a statement that was done, with its values. Outside of a transaction it is told at once."""
    if not _tellers or not _WRITES.match(statement) or _LATE.match(statement):
        return
    found = _user(statement, values)
    waiting = _written.get()
    if waiting is None:
        await _tell({found})
    else:
        waiting.add(found)


def _user(statement: str, values: Sequence[Any]) -> UUID | None:
    one = _ONE.search(statement)
    try:
        return UUID(str(values[int(one[1] or 0) - 1])) if one else None
    except (ValueError, IndexError):  # many, each with values of its own
        return None


class Gathered:
    """What is written within a transaction: told at its end, if it is committed, or left to the one that it is in."""

    __slots__ = ("_found", "_token")

    def __enter__(self) -> Self:
        self._found: set[UUID | None] = set()
        self._token = _written.set(self._found)
        return self

    def __exit__(self, *_: object) -> None:
        _written.reset(self._token)

    async def committed(self) -> None:
        """Tell, after the block."""
        outer = _written.get()
        if outer is not None:
            outer |= self._found
        elif self._found:
            await _tell(self._found)


async def _tell(found: set[UUID | None]) -> None:
    known = frozenset(one for one in found if one is not None)
    users = None if None in found or len(known) > MANY else known
    for teller in _tellers:
        await teller(users)
