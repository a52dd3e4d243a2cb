"""The file in which the embedded Redis's keys wait for the next start: beside the database's, sealed, its owner's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from service.core.crypto.sealing import Sealer
from service.core.redis.embedded import Held, Value
from service.core.sql import database
from service.settings import Settings

BESIDE: Final = "-sessions"
_CONTEXT: Final = b"keys of the embedded Redis, 1"
_SMALLEST: Final = 28  # what is sealed has a nonce and a tag

_Row = tuple[str, str | dict[str, str] | list[tuple[str, float]], int | None]
_ROWS: Final = TypeAdapter(list[_Row])


class Unreadable(Exception):
    """It is no file of ours, or not all of it, or was sealed under a SECRET_KEY that isn't given."""


class Shelf:
    """Where the keys wait. Raises OSError, whatever the machine says."""

    def __init__(self, path: Path, secrets: tuple[str, ...]) -> None:
        self.path: Final = path
        self._sealer = Sealer(secrets, "sessions across a restart")

    def take(self) -> list[Held]:
        """Take what is there: it is gone for whoever comes next, whatever becomes of this process.

        So nothing that ends from now on can come back. Raises `Unreadable`, and has taken the file away all the same.
        """
        try:
            sealed = self.path.read_bytes()
        except FileNotFoundError:
            return []
        self.path.unlink()
        _settle(self.path.parent)
        plain = self._sealer.open(sealed, _CONTEXT) if len(sealed) >= _SMALLEST else None
        if plain is None:
            raise Unreadable
        return list(_held(plain))

    def leave(self, held: Iterable[Held]) -> None:
        """Leave these behind, in the place of what may be there. Nobody but the owner can read or change the file."""
        rows = [[_text(one.key), _texts(one.value), one.expires_at] for one in held]
        unfinished = self.path.with_name(f"{self.path.name}.new")
        with suppress(FileNotFoundError):
            unfinished.unlink()
        try:
            with open(unfinished, "xb", opener=_private) as file:
                file.write(self._sealer.seal(orjson.dumps(rows), _CONTEXT))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        _settle(self.path.parent)


def shelf_of(settings: Settings) -> Shelf | None:
    """Return where the keys wait; None unless both stores are embedded, and the database is in a file."""
    if not settings.REDIS_URL.startswith("memory:") or not database.is_sqlite(settings):
        return None
    path = database.sqlite_path(settings)
    return None if path == ":memory:" else Shelf(Path(path + BESIDE), settings.secrets)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _settle(directory: Path) -> None:
    """Have the machine remember which files there are, though it lose its power."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _held(plain: bytes) -> Iterable[Held]:
    try:
        rows = _ROWS.validate_json(plain)
    except ValidationError:
        raise Unreadable from None
    return [Held(_bytes(key), _value(value), expires_at) for key, value, expires_at in rows]


# JSON knows texts alone: each byte is the character of its number.
def _text(raw: bytes) -> str:
    return raw.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _texts(value: Value) -> object:
    match value:
        case bytes():
            return _text(value)
        case dict():
            return {_text(name): _text(found) for name, found in value.items()}
        case scores:
            return [(_text(member), score) for member, score in scores]


def _value(given: str | dict[str, str] | list[tuple[str, float]]) -> Value:
    match given:
        case str():
            return _bytes(given)
        case dict():
            return {_bytes(name): _bytes(found) for name, found in given.items()}
        case scores:
            return [(_bytes(member), score) for member, score in scores]
