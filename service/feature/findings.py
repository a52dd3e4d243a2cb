"""What a check-up finds: one sentence, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """An error will hurt users; a warning may, or could not be checked."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `fix` is empty when there is nothing to mend. Neither holds a secret."""

    check: str
    level: Level
    says: str
    fix: str = ""


def ok(check: str, says: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, says)


def warning(check: str, says: str, fix: str) -> Finding:
    """Works, but not as well or as safely as it should."""
    return Finding(check, Level.WARNING, says, fix)


def error(check: str, says: str, fix: str) -> Finding:
    """Fails users now, or will under load."""
    return Finding(check, Level.ERROR, says, fix)


def unknown(check: str, fix: str) -> Finding:
    """The server doesn't answer the question, as managed ones often don't."""
    return Finding(check, Level.WARNING, "This could not be checked: the server doesn't answer the question.", fix)
