"""Logs: one JSON line an event in production, readable in development. Never a secret (R69 to R71)."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from service.core.clock import stamp
from service.settings import Settings

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

Field = str | int | float | bool | UUID | None

TraceIds = Callable[[], Mapping[str, str]]

_trace_ids: TraceIds = dict
_FIELDS = "latchkey_fields"
_events = logging.getLogger("latchkey.events")


def name_traces(ids: TraceIds | None) -> None:
    """Have each line say what `ids` says, of what is being traced just then. None: no more."""
    global _trace_ids  # noqa: PLW0603 - lines come from everywhere, as spans do
    _trace_ids = ids or dict


def log_event(name: str, level: int = logging.INFO, /, **fields: Field) -> None:
    """Log one event: `name` is stable (`session.reused`), `fields` are plain values."""
    if _events.isEnabledFor(level):
        _events.handle(_record(name, level, fields))


def _record(name: str, level: int, fields: dict[str, Field]) -> logging.LogRecord:
    """Return a record: what `logging` makes of the name and the level, at another time. Whoever calls isn't looked for.

    To make one anew, with paths taken apart and threads asked for, takes longer than to write the line.
    """
    first = _first(name, level)
    record = logging.LogRecord.__new__(logging.LogRecord)
    record.__dict__.update(first)
    record.created = now = stamp()
    record.msecs = float(int(now % 1 * 1000))
    record.relativeCreated = first["relativeCreated"] + (now - first["created"]) * 1000
    setattr(record, _FIELDS, fields)
    return record


@lru_cache(maxsize=512)  # names are ours, and few
def _first(name: str, level: int) -> dict[str, Any]:
    return vars(logging.LogRecord(_events.name, level, "", 0, name, None, None)) | {"thread": None, "threadName": None}


def _moment(record: logging.LogRecord) -> str:
    second, micros = divmod(round(record.created * 1_000_000), 1_000_000)
    return f"{_second(second)}.{micros // 1000:03d}Z"


@lru_cache(maxsize=2)  # written out once a second
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().removesuffix("+00:00")


class JsonFormatter(logging.Formatter):
    """One JSON object a line, of printable characters: no input can break a line, or command the terminal it is on."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if current := request_id.get():
            line["request_id"] = current
        line |= _trace_ids()
        line |= getattr(record, _FIELDS, {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            text = orjson.dumps(line, default=str).decode()
        except TypeError:  # lone surrogates: how Sanic keeps bytes of a request line or header that aren't UTF-8
            return json.dumps(line, default=str)
        # JSON lets DEL, the control characters from U+0080 on, and those that turn the reading direction, stand.
        return text if text.isprintable() else json.dumps(orjson.loads(text))


class ReadableFormatter(logging.Formatter):
    """Time, level, event and fields on one line; control characters are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        named: dict[str, Field] = {**getattr(record, _FIELDS, {}), **_trace_ids()}
        fields = " ".join(f"{name}={_quoted(str(value))}" for name, value in named.items() if value is not None)
        line = f"{_moment(record)[11:23]} {record.levelname:<7} {record.getMessage()} {fields}".rstrip()
        trace = self.formatException(record.exc_info).splitlines() if record.exc_info else []
        return "\n".join(map(_visible, [line, *trace]))


def _quoted(value: str) -> str:
    """Return `value` so that it can't be taken for another field."""
    return json.dumps(value, ensure_ascii=False) if not value or {" ", "=", '"'} & set(value) else value


def _visible(line: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def configure_logging(settings: Settings) -> None:
    """Send every log line of the process to standard output, in one format."""
    # No line shows them, and each is asked for anew for every record.
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if settings.production else ReadableFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.LOG_LEVEL)
    for name in ("sanic.root", "sanic.error", "sanic.access", "sanic.server", "sanic.websockets"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(max(logging.WARNING, root.level))
    for name in ("tortoise", "asyncio", "asyncpg", "aiosqlite", "redis"):
        # Tortoise logs every statement with its values at DEBUG: hashes and addresses have no place in a log.
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
