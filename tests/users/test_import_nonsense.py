"""A line that can't be is refused by its number, and takes nothing else with it (R63)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from models import User
from service.cli import main
from service.runtime import Runtime
from service.users.exporting import export_users
from tests.http.test_every_parameter import MOMENTS, TEXTS, VALUES
from tests.users.test_import import brought, written

NEVER = ["0001-01-01T00:00:00+14:00", "0001-01-01T13:59:59.999999+14:00", "9999-12-31T23:59:59-14:00",
         "9999-12-31T10:00:00-14:00", 1e308, -1e308, 10**30, "0000-01-01T00:00:00Z",
         "10000-01-01T00:00:00Z"]  # fmt: skip
EARLY_AND_LATE = [
    "0001-01-01T00:00:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T00:00:00-01:00",
]


async def test_times_that_never_were(runtime: Runtime, tmp_path: Path) -> None:
    """R63: a moment that UTC has no year for is an error of its line; the first and the last year are years."""
    rows = [{"email": f"a{number}@example.com", "created_at": moment} for number, moment in enumerate(NEVER)]
    rows += [{"email": f"b{number}@example.com", "created_at": moment} for number, moment in enumerate(EARLY_AND_LATE)]
    rows += [{"email": "last@example.com", "created_at": "2020-01-01T00:00:00+14:00"}]
    report = await brought(runtime, written(tmp_path / "users.jsonl", *rows))
    assert [line.line for line in report.refused] == list(range(1, len(NEVER) + 1))
    assert all(line.reason.startswith("created_at: ") for line in report.refused)
    assert report.created == len(EARLY_AND_LATE) + 1
    table = tmp_path / "users.csv"
    moments = [*NEVER, *EARLY_AND_LATE, ""]
    lines = [f"c{number}@example.com,{moment}" for number, moment in enumerate(moments)]
    table.write_text("\n".join(["email,created_at", *lines]) + "\n")
    report = await brought(runtime, table)
    assert (len(report.refused), report.created) == (len(NEVER), len(EARLY_AND_LATE) + 1)
    assert len([row async for row in export_users(with_hashes=False)]) == 2 * len(EARLY_AND_LATE) + 2


async def test_whatever_a_line_holds(runtime: Runtime, tmp_path: Path) -> None:
    """R63, R71: any value of any column is taken or refused; reasons can be printed, and lines after it are read."""
    rows: list[dict[str, Any]] = []
    for column in ("email", "full_name", "password_hash", "is_active", "email_verified", "created_at", "id", "else"):
        for value in [*VALUES, *MOMENTS]:
            rows.append({"email": f"x{len(rows)}@example.com", column: value})
    rows += [{"email": f"y{number}@example.com", name: 1} for number, name in enumerate([*TEXTS, "\ud800", "\x9b2J"])]
    path = written(tmp_path / "users.jsonl", *rows)
    with path.open("ab") as file:
        file.write(
            b"\xff\xfe\n" + b"[" * 5_000 + b"\n" + b'{"created_at": ' + b"9" * 5_000 + b"}\n" + b'{"email": NaN}\n'
        )
        file.write(b'{"email": "last@example.com"}\n')
    report = await brought(runtime, path)
    assert await User.exists(email="last@example.com")
    assert len(report.refused) > 200
    assert all(line.reason.isprintable() for line in report.refused)
    assert orjson.dumps([line.reason for line in report.refused])


@pytest.mark.embedded_only
@pytest.mark.parametrize("argument", ["\udcff", "a\udced\udca0\udc80b"])
def test_arguments_that_are_not_text(
    argument: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R63: bytes that aren't UTF-8 on the command line are refused in one line, whatever the option."""
    for command in (["explain", "--request-id"], ["users", "list", "--search"], ["sessions", "revoke", "--ip"]):
        monkeypatch.setattr(sys, "argv", ["latchkey", *command, argument])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        assert capsys.readouterr().err == "An argument is not valid UTF-8.\n"
