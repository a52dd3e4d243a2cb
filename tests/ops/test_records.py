"""Records of the log, which are made without asking `logging` for all that it would look for."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest

from service.core.telemetry.logs import JsonFormatter, log_event


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def kept() -> Iterator[_Kept]:
    logger, handler = logging.getLogger("latchkey.events"), _Kept()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_a_record_has_all_that_one_of_logging_has(kept: _Kept) -> None:
    """Whatever else listens (a collector of errors, for one) finds what it looks for, of each line its own."""
    for number in range(2):
        usual = logging.LogRecord("latchkey.events", logging.WARNING, "", 0, "session.refused", None, None)
        log_event("session.refused", logging.WARNING, number=number)
        found = vars(kept.records[-1])
        assert found.pop("latchkey_fields") == {"number": number}
        found.pop("message", None)  # which a formatter leaves there
        assert found.keys() == vars(usual).keys()
        for name in ("created", "relativeCreated"):
            assert -0.001 < found[name] - getattr(usual, name) < 5000
        assert found["msecs"] == float(int(found["created"] % 1 * 1000))
        differ = {name for name in found if found[name] != getattr(usual, name)}
        assert differ <= {"created", "msecs", "relativeCreated", "thread", "threadName", "taskName"}
    assert kept.records[0] is not kept.records[1]


def test_the_time_of_a_line_is_its_records(kept: _Kept) -> None:
    log_event("one")
    (record,) = kept.records
    random = Random(3)
    for created in [0.0, 1_700_000_000.9996, *(random.uniform(0, 4_000_000_000) for _ in range(2000))]:
        record.created = created
        moment = datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert f'"time":"{moment}"' in JsonFormatter().format(record)
