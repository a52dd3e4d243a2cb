"""What an operator does for somebody who can't log in: hands out what is stored about them, deletes the account."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx

from models import SecurityEvent, User
from service.runtime import Runtime
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.process import latchkey_beside
from tests.support.stores import Stores


async def test_what_is_stored_about_one(ada: Person, grace: Person, stores: Stores, tmp_path: Path) -> None:
    """The same as the API's, whole in a file or on standard output; it is in their history. Never without that."""
    session = await ada.log_in()
    from_api = (await session.call("GET", "/users/me/export")).json()
    file, env = tmp_path / "ada.json", stores.environment()
    done = await latchkey_beside("users", "export", str(file), "--email", ada.email, **env)
    assert (done.returncode, done.stdout) == (0, "")
    handed = json.loads(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert handed.keys() == from_api.keys()
    event = handed["events"].pop(0)
    assert (event["type"], event["detail"]) == ("user.exported", {"by": "operator"})
    for name in from_api.keys() - {"sessions"}:
        assert handed[name] == from_api[name], name
    if stores.redis is not None:
        assert [one["id"] for one in handed["sessions"]] == [str(session.sid)]
    else:
        assert "memory://" in done.stderr
    done = await latchkey_beside("users", "export", "--id", str(grace.id), **env)
    assert json.loads(done.stdout)["user"]["email"] == grace.email
    for arguments, code in (
        ((str(file), "--email", ada.email), 2),  # never replaced
        (("--email", "nobody@example.com"), 1),
        (("--email", ada.email, "--with-hashes"), 2),
    ):
        done = await latchkey_beside("users", "export", *arguments, **env)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (code, "", 1)
    assert await SecurityEvent.filter(type="user.exported").count() == 2
    assert os.listdir(tmp_path) == [file.name]  # noqa: PTH208 - and nothing half-done beside it


async def test_deleting(ada: Person, stores: Stores, client: httpx.AsyncClient, runtime: Runtime) -> None:
    """Once it is confirmed; sessions end with it. The last administrator stays. It is on record who did it."""
    session, env = await ada.log_in(), stores.environment()
    done = await latchkey_beside("users", "delete", "--email", ada.email, "--json", given="", **env)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--yes" in done.stderr
    assert (await session.me()).status_code == 200
    done = await latchkey_beside("users", "delete", "--email", ada.email, "--yes", "--json", **env)
    assert json.loads(done.stdout) == {"deleted": str(ada.id), "email": ada.email}
    assert_problem(await session.me(), 401, "invalid_token")
    assert not await User.exists(id=ada.id)
    (event,) = await SecurityEvent.filter(type="user.deleted")
    assert (event.detail, event.actor_id, event.ip) == ({"by": "operator"}, None, None)
    arguments = ("users", "create-superuser", "--email", "root@example.com", "--password-stdin", "--json")
    done = await latchkey_beside(*arguments, given=f"{PASSWORD}\n", **env)
    root = json.loads(done.stdout)["id"]
    done = await latchkey_beside("users", "delete", "--id", root, given="yes\n", **env)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert await User.exists(id=root)
    done = await latchkey_beside("users", "delete", "--email", ada.email, "--yes", **env)
    assert (done.returncode, done.stderr) == (1, "There is no such user.\n")


async def test_ways_to_give_a_password(ada: Person, stores: Stores) -> None:
    """By standard input or a variable: it need not be in the arguments, and no question is in between."""
    env, change = stores.environment(), ("users", "set-password", "--email", ada.email, "--json")
    for given, options, more in (
        ("one more long password\n", ("--password-stdin",), {}),
        ("yet another long password\r\n", ("--password-stdin",), {"LATCHKEY_PASSWORD": "not this one, please"}),
        (None, (), {"LATCHKEY_PASSWORD": "a third long password"}),
    ):
        done = await latchkey_beside(*change, *options, given=given, **env, **more)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["id"] == str(ada.id)
        ada.password = (given or more["LATCHKEY_PASSWORD"]).strip()
        await ada.log_in()
    for twice, line in (((), ""), (("--password", "x" * 12), "y" * 12)):
        done = await latchkey_beside(*change, "--password-stdin", *twice, given=line, **env)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
