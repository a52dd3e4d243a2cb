"""`latchkey doctor` in environments that somebody has broken: always findings, in the form that was asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.cli import doctor
from service.features import read_settings
from service.settings import Settings
from service.settings.checks import ConfigurationError
from tests.support.brought import SETTINGS
from tests.support.process import ROOT, environment, latchkey, latchkey_in

NONSENSE = (
    "", " ", "nonsense", "-1", "99999999999", "1e400", "\udcff\udcfe", "x" * 50_000, "{", "[", "[1", "http://[::1",
    "none.invalid:x", "ü\u202e\x07", "postgres://u:p@h:0/d", "a,,b",
)  # fmt: skip


def _read() -> Settings | None:
    try:
        return read_settings(_env_file=None)
    except ConfigurationError as refused:
        if not all(refused.mistakes):
            raise AssertionError("nobody says what is wrong") from refused
        return None


@pytest.mark.parametrize("name", sorted(SETTINGS.model_fields))
async def test_each_setting_in_turn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by its name, or taken; and what is taken is looked at without a failure. No secret is repeated."""
    monkeypatch.chdir("/")
    for value in NONSENSE:
        monkeypatch.setenv(name, value)
        loaded = _read()
        if loaded is None:
            continue
        if name != "FEATURES":
            found = await doctor._examine_settings(loaded)
            assert found
            assert not [one for one in found if "check failed" in one.says], value


# One process for all of them: what is looked at is what comes out, and not how a process starts.
SCRIPT = """
import contextlib, io, json, os, sys
from service.cli import main
given = json.load(sys.stdin)
for changes in given:
    before = dict(os.environ)
    os.environ.update(changes)
    sys.argv[1:] = ["doctor", "--json"]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
    os.environ.clear()
    os.environ.update(before)
    print(json.dumps([code, *(stream.buffer.getvalue().decode() for stream in (out, err))]), flush=True)
"""
BAD_DATABASES = (
    "sqlite:///nosuch/dir/x.sqlite3", "sqlite:///etc", "sqlite:///etc/passwd", "sqlite:///proc/x",
    "sqlite://", "postgres://", "postgres://u:hunter2@127.0.0.1:1/x", "postgres://u:hunter2@none.invalid/x",
    "postgres://u:hunter2@127.0.0.1:x/x", "postgres://u:hunter2@[::1/x", "postgres://u:hunter2@a,b/x",
    "postgres://u:hunter2@127.0.0.1:1/x?sslmode=verify-full", "postgres://u:hunter2@127.0.0.1:1/x?sslmod=require",
    "postgres://u:hunter2@127.0.0.1:1/x?sslmode=verify-ca&sslrootcert=/nosuch", "postgres://u:hunter2@127.0.0.1:1/%ff",
    "postgres://u:%00hunter2@127.0.0.1:1/x", "mysql://u:hunter2@127.0.0.1/x",
)  # fmt: skip
BAD_REDISES = (
    "redis://", "redis://:hunter2@127.0.0.1:1", "redis://none.invalid", "redis://127.0.0.1:99999", "redis://[::1",
    "redis://127.0.0.1:1/x", "rediss://127.0.0.1:1?ssl_cert_req=none", "redis+sentinel://127.0.0.1:1/x",
    "redis+sentinel://127.0.0.1:1", "redis+cluster://127.0.0.1:1", "unix:///nosuch", "http://127.0.0.1:1",
)  # fmt: skip


@pytest.mark.embedded_only
def test_stores_in_thirty_broken_forms(tmp_path: Path) -> None:
    """JSON in any case, each with an error, none with a traceback, a password, or a wait without an end."""
    given = [{"DATABASE_URL": url} for url in BAD_DATABASES] + [{"REDIS_URL": url} for url in BAD_REDISES]
    given += [{"FEATURES": "no.such.module"}, {"FEATURES": "1x"}]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(given), text=True, capture_output=True, timeout=300,
        env=environment(DATABASE_URL=f"sqlite://{tmp_path / 'x'}", REDIS_URL="memory://"), cwd=tmp_path, check=False,
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(given), done.stderr
    for changes, (code, said, aside) in zip(given, answers, strict=True):
        print(changes, code, said[:3000], aside[:300])
        assert code == 1, (changes, said)
        assert [one for one in json.loads(said) if one["level"] == "error"], (changes, said)
        assert "Traceback" not in said + aside, changes
        assert "hunter2" not in said + aside
        assert "check failed" not in said, (changes, said)


@pytest.mark.embedded_only
def test_where_it_stands(tmp_path: Path) -> None:
    """A file of settings that nobody can read, no home, nowhere to write, and nobody who listens."""
    (tmp_path / ".env").write_bytes(b"\xff\xfe=1\n")
    done = latchkey_in(tmp_path, ("doctor", "--json"), environment())
    (found,) = json.loads(done.stdout)
    assert (done.returncode, found["check"], ".env" in found["says"]) == (1, "settings", True)
    (tmp_path / ".env").unlink()
    away = {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"}
    homeless = environment(**away, HOME="/nosuch")
    done = latchkey_in(Path("/proc"), ("doctor", "--json"), homeless)
    assert {one["check"] for one in json.loads(done.stdout) if one["level"] == "error"} == {"database", "redis"}
    command = [sys.executable, "-m", "service", "doctor"]
    for redirected in (">&-", ">/dev/full"):
        line = " ".join(map(repr, command)) + f" {redirected}"
        told = subprocess.run(
            line, shell=True, cwd=ROOT, env=environment(**away), stderr=subprocess.PIPE, text=True, check=False
        )
        assert told.returncode == 1
        assert "Traceback" not in told.stderr
        assert "Exception ignored" not in told.stderr


def test_settings_alone() -> None:
    """No store is asked: what is said holds for the settings, and those that are refused are findings as ever."""
    away = {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"}
    done = latchkey("doctor", "--settings", "--json", **away)
    found = {one["check"]: one["level"] for one in json.loads(done.stdout)}
    assert (done.returncode, found["settings"]) == (0, "ok")
    assert not {"database", "redis", "migrations"} & set(found)
    for wrong in ({"PORT": "x"}, {"DATABASE_URL": f"{away['DATABASE_URL']}?sslmode=verify-full&sslrootcert=/nosuch"}):
        done = latchkey("doctor", "--settings", "--json", **{**away, **wrong})
        assert (done.returncode, [one["check"] for one in json.loads(done.stdout)]) == (1, ["settings"])
    assert os.environ.get("PORT") is None
