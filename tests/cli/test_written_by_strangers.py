"""What strangers wrote, on the operator's terminal and in the operator's spreadsheet; and who may read our files."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import subprocess
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from models import OutboxMail, User
from service.ops.exposed_files import exposed_files
from service.runtime import Runtime
from tests.support.hashes import FORMATS
from tests.support.passwords import store
from tests.support.people import PASSWORD, Person, register
from tests.support.process import LATCHKEY, ROOT, environment, latchkey, latchkey_beside
from tests.support.stores import Stores

NAMES = [
    '=HYPERLINK("http://x.example","a")', "+1", "@SUM(1)", "-2+3", " =1", "\uff1d1+1", "'=1", "''=1", "\u200b=1", '"=1',
    "a;=1", "Ada Lovelace", "O'Neill", "'quoted'", "=1;+2;@x", "cafe\u0301",
]  # fmt: skip


async def _people(client: httpx.AsyncClient) -> list[Person]:
    return [await register(client, f"u{n}@example.com", name) for n, name in enumerate(NAMES)]


async def test_a_spreadsheet_runs_nothing(
    stores: Stores, runtime: Runtime, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    """No cell of the export begins a formula; the import takes exactly that off again."""
    await _people(client)
    await register(client, "=cmd@example.com", "x")
    before = {user.email: user.full_name async for user in User.all()}
    path = tmp_path / "users.csv"
    assert (
        await latchkey_beside("users", "export", str(path), "--with-hashes", **stores.environment())
    ).returncode == 0
    with path.open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.lstrip(' "\u200b')[:1] in ("=", "+", "-", "@", "\uff1d")]
    await User.all().delete()
    done = await latchkey_beside("users", "import", str(path), "--json", **stores.environment())
    assert json.loads(done.stdout)["created"] == len(before)
    assert {user.email: user.full_name async for user in User.all()} == before


async def test_json_lines_are_as_they_were(stores: Stores, runtime: Runtime, client: httpx.AsyncClient) -> None:
    """Only CSV is for spreadsheets: a JSON object a line holds the names themselves."""
    await _people(client)
    done = await latchkey_beside("users", "export", **stores.environment())
    stored = {user.full_name async for user in User.all()}
    assert {json.loads(line)["full_name"] for line in done.stdout.splitlines()} == stored


STRANGE = [
    "\x1b]0;owned\x07\x1b[2J", "\x9b31m", "a\rroot", "\u202eevil", "[red]x[/red]", "[/]", "[link=http://x.example]y[/]",
    ":skull:", "\U000e0041",
]  # fmt: skip


async def test_a_terminal_obeys_nothing(stores: Stores, runtime: Runtime) -> None:
    """R71: control characters, direction marks and markup in a name, an address or a mail server's words are shown."""
    now = runtime.clock.now()
    for number, name in enumerate(STRANGE):
        email = f"u{number}@example.com"
        await User.create(id=uuid4(), email=email, email_canonical=email, full_name=name, created_at=now)
        await OutboxMail.create(
            id=uuid4(), letter="new_device", recipient=email, language="en", state="dead", attempts=1, due_at=now,
            created_at=now, last_error=name,
        )  # fmt: skip
    env = stores.environment(COLUMNS="300")
    for command in (("users", "list"), ("mail", "list")):
        for more in ((), ("--json",)):
            done = await latchkey_beside(*command, *more, **env)
            assert done.returncode == 0, done.stderr
            assert not [char for char in done.stdout if char in "\x1b\x9b\x07\r\u202e\U000e0041"]
            if more:
                told = [row.get("full_name") or row.get("last_error") for row in json.loads(done.stdout)]
                assert set(told) == set(STRANGE)
            else:
                plain = [name for name in STRANGE if name.isascii() and name.isprintable()]
                assert not [name for name in plain if name not in done.stdout], done.stdout
    assert "\x1b" not in (await latchkey_beside("users", "export", str(ROOT / "no\x1b[31m" / "x.csv"), **env)).stderr


@pytest.mark.embedded_only
@pytest.mark.parametrize("command", [("db", "upgrade"), ("db", "check")])
def test_the_embedded_database_is_private(tmp_path: Path, command: tuple[str, ...]) -> None:
    """R66: whichever way it is made, and whatever the umask: for its owner alone, and what is beside it too."""
    path = tmp_path / "latchkey.sqlite3"
    if command == ("db", "check"):  # a link to where nothing is yet
        path.symlink_to(tmp_path / "elsewhere.sqlite3")
        path = path.readlink()
    script = "import os, sys; os.umask(0); os.execv(sys.argv[1], sys.argv[1:])"
    subprocess.run(
        [LATCHKEY[0], "-c", script, *LATCHKEY, *command], cwd=ROOT, check=False, capture_output=True, timeout=60,
        env=environment(DATABASE_URL=f"sqlite://{tmp_path / 'latchkey.sqlite3'}", REDIS_URL="memory://"),
    )  # fmt: skip
    assert path.stat().st_mode & 0o777 == 0o600
    old = os.umask(0)
    try:
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE x (y)")
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir() if not file.is_symlink()}
        database.close()
    finally:
        os.umask(old)
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}


@pytest.mark.embedded_only
def test_the_check_up_warns(tmp_path: Path) -> None:
    """R66: a database, or what is beside it, that others can read is a warning that says how to mend it."""
    path = tmp_path / "latchkey.sqlite3"
    env = {"DATABASE_URL": f"sqlite://{path}", "REDIS_URL": "memory://"}

    def found() -> dict[str, str]:
        done = latchkey("doctor", "--json", **env)
        return next(dict(one) for one in json.loads(done.stdout) if one["check"] == "files")

    assert latchkey("db", "upgrade", **env).returncode == 0
    assert found()["level"] == "ok"
    path.chmod(0o640)
    assert found()["level"] == "warning"
    assert str(path) in found()["fix"]
    subprocess.run(["sh", "-c", found()["fix"].strip("`")], check=False)
    assert found()["level"] == "ok"
    (tmp_path / "latchkey.sqlite3-wal").touch(0o644)
    assert "-wal" in found()["says"]
    (tmp_path / "latchkey.sqlite3-sessions").touch(0o644)
    assert "-sessions" in found()["says"]


@pytest.mark.parametrize(
    ("text", "exposed"),
    [
        ("SECRET_KEY=abc\n", True), ("# x\n export SECRET_KEY='a'\n", True), ("METRICS_TOKEN=x", True),
        ("DATABASE_URL=postgres://u:p@h/x\n", True), ("REDIS_URL=redis://:p@h\n", True),
        ("SMTP_URL='smtps://u:p@h:465'\n", True),
        ("PORT=1\n#SECRET_KEY=x\nDATABASE_URL=postgres://h/x\n", False), ("", False),
    ],
)  # fmt: skip
def test_the_env_file(stores: Stores, tmp_path: Path, text: str, exposed: bool) -> None:
    """R66: a `.env` that others can read is warned of where it holds a secret, or a password in an address."""
    settings, path = stores.settings(DATABASE_URL="postgres://h/x"), tmp_path / ".env"
    path.write_text(text)
    path.chmod(0o644)
    assert (exposed_files(settings, path) == (str(path),)) is exposed
    path.chmod(0o600)
    assert exposed_files(settings, path) == ()
    assert exposed_files(settings, tmp_path / "none") == ()


async def test_stored_hashes_are_counted(stores: Stores, runtime: Runtime) -> None:
    """R84: the check-up counts the imported hashes that an older version took and this one doesn't check."""
    hashes = [
        "$argon2id$v=19$m=512,t=2048,p=64$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "pbkdf2:sha256:1$saltsalt$ab",
        FORMATS["bcrypt-2b"](PASSWORD), await runtime.passwords.hash(PASSWORD), None,
    ]  # fmt: skip
    for number, hashed in enumerate(hashes):
        email = f"u{number}@example.com"
        user = await User.create(id=uuid4(), email=email, email_canonical=email, created_at=runtime.clock.now())
        await store(user.id, hashed)
    done = await latchkey_beside("doctor", "--json", **stores.environment())
    findings = {one["check"]: one for one in json.loads(done.stdout)}
    assert findings["stored_hashes"]["level"] == "warning"
    assert findings["stored_hashes"]["says"].startswith("2 account(s)")
