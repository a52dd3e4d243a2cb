"""What becomes of an error that a store answers: each store has one table of codes, and nothing looks at words.

`service/core/redis/faults.py` and `service/core/sql/faults.py` hold the tables; docs/outages.md shows them.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum
from typing import Final, NoReturn

from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.errors import Misconfigured, TooSlow, Unavailable


class Meaning(Enum):
    """What an error means, and so what becomes of it; the values are docs/outages.md's words."""

    AWAY = "503"
    AGAIN = "once more, then 503"
    REFUSED = "503, and the operator is told"
    OVERWRITTEN = "the key is deleted, and the script run again"
    UNCLEAR = "the probe decides: 503 and the operator is told, or 500"
    OURS = "500"


@dataclass(frozen=True, slots=True)
class Row:
    """One code, or the beginning of several. `fix` is for the operator, of what is `REFUSED`."""

    code: str
    meaning: Meaning
    about: str
    fix: str = ""


_told: Final[set[tuple[str, str]]] = set()


def refuse(what: str, row: Row, error: BaseException, said: str = "") -> NoReturn:
    """Raise `Misconfigured` for a store that works and won't do what we ask for."""
    raise Misconfigured(what, f"{row.about}: {said or _one_line(error)}", row.fix, row.code) from error


def tell(error: Misconfigured) -> None:
    """Log what is wrong with a store and what mends it: once, however many requests meet it."""
    if (error.what, error.kind) not in _told:
        _told.add((error.what, error.kind))
        log_event("misconfigured", logging.ERROR, what=error.what, code=error.kind, says=error.says, fix=error.fix)


def is_well(what: str) -> None:
    """Note that a store does all that we ask for: the next refusal is worth a line again."""
    if _told:
        _told.difference_update([told for told in _told if told[0] == what])


def away(what: str, error: BaseException) -> NoReturn:
    """Raise `Unavailable` for a store that is out of reach, or can't for now."""
    raise Unavailable(what) from error


def too_slow(error: BaseException) -> NoReturn:
    """Raise `TooSlow` for what took longer than anything may: the store is well, so it counts for itself."""
    metrics.slow_statements.inc()
    log_event("database.too_slow", logging.WARNING, cause=type(error).__name__)
    raise TooSlow from error


def why(error: BaseException) -> str:
    """Return on one line what an error came of: the innermost cause that says something."""
    said = name = ""
    cause: BaseException | None = error
    while cause is not None:
        if not isinstance(cause, asyncio.CancelledError):  # how time-outs come about
            said = str(cause) or ("no answer in time" if isinstance(cause, TimeoutError) else said)
            name = type(cause).__name__
        cause = cause.__cause__
    return " ".join((said or name).split())[:200].rstrip(".")


def _one_line(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:200].rstrip(".")
