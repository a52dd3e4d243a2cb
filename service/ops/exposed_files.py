"""Files with secrets in them, and who may read them: the embedded database and what is beside it, and `.env`."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Final

from service.core.sql import database
from service.settings import Settings

_BESIDE: Final = ("", "-wal", "-shm", "-journal", "-sessions")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
# SECRET_KEY, METRICS_TOKEN, a password in an address.
_SECRET: Final = re.compile(
    r"^\s*(?:export\s+)?(?:SECRET_KEY|METRICS_TOKEN|\w+=\S*://[^\s/@]*:[^\s/@]+@)", re.MULTILINE
)


def exposed_files(settings: Settings, env_file: Path = Path(".env")) -> tuple[str, ...]:
    """Return the names of those that others than their owner may read or write."""
    found = []
    if database.is_sqlite(settings):
        path = database.sqlite_path(settings)
        found += [Path(path + end) for end in _BESIDE]
    if _holds_secrets(env_file):
        found.append(env_file)
    return tuple(str(path) for path in found if _is_open(path))


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:  # it isn't there, or isn't ours to look at
        return False


def _holds_secrets(path: Path) -> bool:
    try:
        return bool(_SECRET.search(path.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return False
