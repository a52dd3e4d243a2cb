"""Moving in from another system: accounts with their passwords, and out again."""

from __future__ import annotations

import csv
import json
import time
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models import SecurityEvent, User
from service.core.client import Client
from service.core.passwords.foreign_hashes import read
from service.core.passwords.hashing import Passwords
from service.credentials import verification
from service.credentials.passwords import Password, look_for_imported
from service.runtime import Runtime
from service.users.exporting import export_users
from service.users.import_file import UnknownColumns, format_of, read_file
from service.users.importing import ImportReport, import_users
from tests.support.hashes import FORMATS, QUICK
from tests.support.passwords import stored
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.process import latchkey_beside
from tests.support.stores import Stores


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


async def brought(runtime: Runtime, path: Path, *, update: bool = False) -> ImportReport:
    done: list[int] = []
    report = await import_users(runtime, read_file(path, format_of(path)), update=update, progress=done.append)
    assert sum(done) == report.created + report.updated + report.skipped + len(report.refused)
    return report


def person(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> Person:
    return Person(client, uuid4(), email, password)


async def test_every_format_logs_in(client: httpx.AsyncClient, runtime: Runtime, tmp_path: Path) -> None:
    """R9: a hash of each other system is good for a log-in, then is ours, and is no good for another password."""
    makers = FORMATS | QUICK
    rows = [{"email": f"{name}@example.com", "password_hash": make(PASSWORD)} for name, make in makers.items()]
    report = await brought(runtime, written(tmp_path / "users.jsonl", *rows))
    assert (report.created, report.refused) == (len(makers), [])
    for row in rows:
        stranger = person(client, row["email"], "correct horse batterx")
        answer = await client.post("/api/auth/login", data={"username": stranger.email, "password": stranger.password})
        assert_problem(answer, 400, "invalid_grant")
        before = await stored((await User.get(email=row["email"])).id)
        assert before == await runtime.passwords.stored_form(row["password_hash"])
        assert (before == row["password_hash"]) == (row["email"].partition("@")[0] not in {*QUICK, "firebase"})
        await person(client, row["email"]).log_in()
        hashed = await stored((await User.get(email=row["email"])).id)
        assert not runtime.passwords.outdated(hashed)
        assert await runtime.passwords.verify(PASSWORD, hashed)
    again = await brought(runtime, written(tmp_path / "users.jsonl", *rows), update=True)
    assert (again.skipped, again.updated, again.refused) == (len(makers), 0, [])
    await person(client, rows[0]["email"]).log_in()


async def test_a_thousand(runtime: Runtime, tmp_path: Path) -> None:
    """A thousand accounts come in a few batches, and a second run finds them all there."""
    hashed = FORMATS["bcrypt-2b"](PASSWORD)
    path = written(
        tmp_path / "users.jsonl", *({"email": f"u{n}@example.com", "password_hash": hashed} for n in range(1000))
    )
    assert (await brought(runtime, path)).created == 1000
    again = await brought(runtime, path)
    assert (again.created, again.updated, again.skipped, again.refused) == (0, 0, 1000, [])
    assert await User.all().count() == 1000
    last = await User.get(email="u999@example.com")
    assert await verification.verify(runtime, last, Password(PASSWORD), Client("192.0.2.1", "Test/1.0"))
    assert await SecurityEvent.filter(type="users.imported").count() == 2


@pytest.mark.parametrize("password", ["x" * 100, "é" * 50, "pass\u00a0word", "e\u0301toile de mer"])
@pytest.mark.parametrize("name", ["bcrypt-2b", "django-pbkdf2-sha256", "argon2id"])
async def test_passwords_as_they_were_typed(runtime: Runtime, name: str, password: str) -> None:
    """Bcrypt looks at 72 bytes; nobody but us unifies spaces and composes letters: all of them verify."""
    hashed = FORMATS[name](password)
    assert await runtime.passwords.verify(password, hashed)
    assert not await runtime.passwords.verify("y" + password[1:], hashed)


async def test_nul_in_bcrypt(runtime: Runtime) -> None:
    """C implementations end a password at a NUL; what follows one must not pass for `secret`."""
    for password in ("secret", "secret\0", "secret\0more"):
        hashed = FORMATS["bcrypt-2b"]("secret")
        assert await runtime.passwords.verify(password, hashed) == (password == "secret")


async def test_what_is_refused(runtime: Runtime, tmp_path: Path) -> None:
    """Each line that can't be imported is named with the reason, and without its hash; the others are imported."""
    good = FORMATS["argon2id"](PASSWORD)
    bombs = [
        "$2b$31$" + "a" * 53, "$argon2id$v=19$m=4194304,t=3,p=4$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        "pbkdf2_sha256$2000000000$salt$aGFzaA==", "scrypt$1073741824$salt$8$1$aGFzaA==", "scrypt:16:1073741824:1$s$ab",
        "$scrypt$ln=40,r=8,p=1$c29tZXNhbHQ$aGFzaA", "scrypt:16:8:99999999$s$ab",
    ]  # fmt: skip
    unknown = ["5f4dcc3b5aa765d61d8327deb882cf99", "md5$salt$hash", "$2x$05$" + "a" * 53, "$1$salt$hash", "plain text",
               "scrypt:15:8:1$s$ab", "pbkdf2:md4:1$s$ab", "$argon2id$nonsense", "x" * 300]  # fmt: skip
    path = written(
        tmp_path / "users.jsonl",
        {"email": "first@example.com", "password_hash": good},
        *({"email": f"b{n}@example.com", "password_hash": bomb} for n, bomb in enumerate(bombs)),
        *({"email": f"u{n}@example.com", "password_hash": other} for n, other in enumerate(unknown)),
        {"email": "FIRST@example.com"},
        {"email": "not an address"},
        {"email": "x@example.com", "role": "admin"},
        {"email": "y@example.com", "full_name": "a\nb"},
        {},
    )
    with path.open("ab") as file:
        file.write(b'not json\n[1]\n\n{"email": "caf\xe9@example.com"}\n{"email": "last@example.com"}\n')
    report = await brought(runtime, path)
    reasons = {line.line: line.reason for line in report.refused}
    bomb_lines = range(2, 2 + len(bombs))
    unknown_lines = range(bomb_lines.stop, bomb_lines.stop + len(unknown))
    assert all("more work" in reasons.pop(line) for line in bomb_lines)
    assert all("format" in (reason := reasons.pop(line)) or "longer" in reason for line in unknown_lines)
    after = unknown_lines.stop
    assert list(reasons) == [after + n for n in (0, 1, 2, 3, 4, 5, 6, 8)]
    assert reasons[after] == "the same mailbox as line 1"
    assert reasons[after + 2].startswith("role: ")
    said = " ".join(line.reason for line in report.refused)
    assert not [hashed for hashed in bombs + unknown if hashed in said]
    assert report.created == 2


async def test_every_column(client: httpx.AsyncClient, runtime: Runtime, tmp_path: Path) -> None:
    """CSV: ids, names, dates and flags are taken over; an empty cell is one that isn't there."""
    path = tmp_path / "users.csv"
    uid = uuid4()
    path.write_text(
        "\ufeffemail,full_name,password_hash,is_active,is_superuser,email_verified,created_at,id\n"
        f'Ada@Example.com,"Lovelace, Ada",{FORMATS["bcrypt-2y"](PASSWORD)},yes,1,true,2019-03-01T10:00:00+02:00,{uid}\n'
        "off@example.com,,,false,,,2020-01-01,\n"
        f"twice@example.com,,,,,,,{uid}\n"
        "wide@example.com,,,,,,,,,,\n",
        encoding="utf-8",
    )
    report = await brought(runtime, path)
    assert report.created == 2
    assert [(line.line, line.reason) for line in report.refused] == [
        (5, "more cells than the header has"),
        (4, "the id or the mailbox is taken"),
    ]
    ada = await User.get(id=uid)
    assert (ada.email, ada.full_name, ada.is_superuser, ada.email_verified) == (
        "Ada@Example.com", "Lovelace, Ada", True, True,
    )  # fmt: skip
    assert ada.created_at.isoformat() == "2019-03-01T08:00:00+00:00"
    off = await User.get(email="off@example.com")
    assert (off.is_active, off.is_superuser, off.full_name, off.created_at.year) == (False, False, None, 2020)
    session = await person(client, "ada@example.com").log_in()
    assert (await session.call("GET", "/users")).status_code == 200


async def test_update(client: httpx.AsyncClient, runtime: Runtime, ada: Person, tmp_path: Path) -> None:
    """R30: what the file says is done as an administrator would do it; a password in use here is newer."""
    moved = {"email": "moved@example.com", "password_hash": FORMATS["django-scrypt"]("an old one")}
    await brought(runtime, written(tmp_path / "1.jsonl", moved))
    session = await ada.log_in()
    moved["password_hash"] = FORMATS["django-scrypt"](PASSWORD)
    second = written(
        tmp_path / "2.jsonl",
        moved,
        {
            "email": ada.email,
            "password_hash": FORMATS["bcrypt-2b"]("the file's"),
            "full_name": None,
            "email_verified": 1,
        },
    )
    assert (await brought(runtime, second)).skipped == 2
    report = await brought(runtime, second, update=True)
    assert (report.updated, report.skipped) == (2, 0)
    assert (await brought(runtime, second, update=True)).updated == 0
    await person(client, "moved@example.com").log_in()
    me = (await session.me()).json()
    assert (me["full_name"], me["email_verified"]) == (None, True)
    await ada.log_in()  # the password chosen here is still the password

    third = written(tmp_path / "3.jsonl", {"email": ada.email, "is_active": False})
    assert (await brought(runtime, third, update=True)).updated == 1
    assert_problem(await session.me(), 401, "invalid_token")


async def test_what_is_imported_is_reckoned_with(runtime: Runtime, tmp_path: Path) -> None:
    """R17: a process finds out which imported hashes there are: *no* takes as long for nobody as for the slowest."""
    slow = FORMATS["bcrypt-2b"]("right").replace("$04$", "$10$")
    await brought(runtime, written(tmp_path / "users.jsonl", {"email": "slow@example.com", "password_hash": slow}))
    passwords = Passwords(threads=1)
    await look_for_imported(replace(runtime, passwords=passwords))
    began = time.perf_counter()
    assert not await passwords.verify("wrong", None)
    assert time.perf_counter() - began >= read(slow).seconds
    passwords.close()


async def test_the_last_superuser_stays(runtime: Runtime, root: Person, tmp_path: Path) -> None:
    """A file can't lock the administrators out: that line is refused."""
    path = written(tmp_path / "users.jsonl", {"email": root.email, "is_superuser": False})
    report = await brought(runtime, path, update=True)
    assert (report.updated, len(report.refused)) == (0, 1)
    assert (await User.get(id=root.id)).is_superuser


async def test_export(runtime: Runtime, ada: Person, grace: Person, tmp_path: Path) -> None:
    """What comes out goes in again and changes nothing; hashes only when asked for."""
    rows = [row async for row in export_users(with_hashes=False)]
    assert [row["email"] for row in rows] == [ada.email, grace.email]
    assert "password_hash" not in rows[0]
    rows = [row async for row in export_users(with_hashes=True)]
    path = written(tmp_path / "users.jsonl", *rows)
    assert (await brought(runtime, path, update=True)).skipped == 2
    await User.all().delete()
    assert (await brought(runtime, path)).created == 2
    assert [row async for row in export_users(with_hashes=True)] == rows
    await ada.log_in()


async def test_another_file(runtime: Runtime, tmp_path: Path) -> None:
    """A header that isn't ours is no header of a thousand refusals: nothing is read."""
    path = tmp_path / "users.csv"
    path.write_text("mail,name\na@example.com,A\n")
    with pytest.raises(UnknownColumns, match="mail, name"):
        await brought(runtime, path)


async def test_at_the_command_line(stores: Stores, runtime: Runtime, tmp_path: Path) -> None:
    """The report is readable and as JSON; export gives what import takes; hashes only when asked for."""
    environment = stores.environment()
    hashed = FORMATS["bcrypt-2b"](PASSWORD)
    path = written(
        tmp_path / "in.jsonl", {"email": "a@example.com", "password_hash": hashed, "full_name": "A, B"}, {"email": "b"}
    )
    done = await latchkey_beside("users", "import", str(path), **environment)
    assert done.returncode == 1
    assert "line 2: email:" in done.stdout
    assert "1 created, 0 updated, 0 already there, 1 refused." in done.stdout
    assert hashed not in done.stdout + done.stderr

    target = tmp_path / "out.csv"
    assert (await latchkey_beside("users", "export", str(target), "--with-hashes", **environment)).returncode == 0
    assert target.stat().st_mode & 0o777 == 0o600
    (row,) = csv.DictReader(StringIO(target.read_text()))
    assert (row["email"], row["full_name"], row["password_hash"]) == ("a@example.com", "A, B", hashed)
    done = await latchkey_beside("users", "import", str(target), "--update", "--json", **environment)
    assert json.loads(done.stdout) == {
        "created": 0, "updated": 0, "linked": 0, "skipped": 1, "refused": [], "noted": [], "without_password": 0,
    }  # fmt: skip
