"""Old and new instances at once on one PostgreSQL and one Redis: what is done on either is so on the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.support.hashes import FORMATS
from tests.support.people import PASSWORD
from tests.support.stores import Stores
from tests.support.waiting import until
from tests.upgrade.older import OTHER, SECONDS, Both, Older, Side, both, unpack

pytestmark = [pytest.mark.real_only, pytest.mark.timeout(180)]
SECOND = "a second one altogether"
SIDES = pytest.mark.parametrize("side", ["old", "new"])


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Older:
    return Older(unpack(tmp_path_factory.mktemp("older")))


@pytest.fixture(scope="module")
def settings(stores: Stores) -> Iterator[dict[str, str]]:
    assert stores.postgres is not None
    url = stores.postgres.create_database("side_by_side")
    yield stores.environment(DATABASE_URL=url, REDIS_KEY_PREFIX="side-by-side:")
    stores.postgres.drop_database("side_by_side")


@pytest.fixture(scope="module")
def house(older: Older, settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with both(older, tmp_path_factory.mktemp("logs"), settings) as found:
        yield found


@pytest.fixture(scope="module")
def root(house: Both) -> str:
    """A superuser's address."""
    house.run("new", "users", "create-superuser", "--email", "root@example.com", "--password", PASSWORD)
    return "root@example.com"


def test_it_is_the_older_one(house: Both) -> None:
    """The two aren't the same: this one's export has credentials, the older one's hasn't."""
    email = house.registered("old")
    token = house.tokens("old", email)["access_token"]
    shown = {side: house.done(side, "GET", "/users/me/export", token) for side in house.clients}
    assert "credentials" not in shown["old"]
    assert [credential["kind"] for credential in shown["new"]["credentials"]] == ["password"]


def test_both_are_ready(house: Both) -> None:
    """The older one runs on with tables that it doesn't know."""
    for side in house.clients:
        assert house.done(side, "GET", "/health/ready")["checks"]["migrations"] == "ok"


def test_the_way_back(house: Both, older: Older, settings: dict[str, str], tmp_path: Path) -> None:
    """The older one can be started again once the database is the newer one's: that is the way back."""
    email = house.registered("new")
    assert "up to date" in older.run("db", "upgrade", **settings)
    with older.serving(tmp_path / "back.log", **settings) as back:
        body = {"email": email, "password": PASSWORD}
        until(lambda: httpx.post(f"{back.url}/api/auth/login", json=body, timeout=SECONDS).is_success, SECONDS)
        assert "Traceback" not in back.said()


@SIDES
def test_a_session_of_either(house: Both, side: Side) -> None:
    """What one has issued, the other takes: access token, refresh token, and the one after it, to and fro."""
    email, other = house.registered(side), OTHER[side]
    tokens = house.tokens(side, email)
    for turn in (other, side, other):
        assert house.done(turn, "GET", "/users/me", tokens["access_token"])["email"] == email
        tokens = house.done(turn, "POST", "/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert len(house.done(side, "GET", "/sessions", tokens["access_token"])) == 1
    house.done(other, "POST", "/auth/logout", tokens["access_token"])
    assert house.call(side, "GET", "/users/me", tokens["access_token"]).status_code == 401


def _changed(house: Both, side: Side, email: str, _root: str) -> None:
    token = house.tokens(side, email)["access_token"]
    house.done(side, "PUT", "/users/me", token, json={"password": SECOND})


def _changed_with_the_old_one(house: Both, side: Side, email: str, _root: str) -> None:
    token = house.tokens(OTHER[side], email)["access_token"]
    house.done(side, "PUT", "/users/me", token, json={"password": SECOND, "current_password": PASSWORD})


def _reset(house: Both, side: Side, email: str, _root: str) -> None:
    house.link(email)  # to confirm the address
    house.done(OTHER[side], "POST", "/auth/password/forgot", json={"email": email})
    house.done(side, "POST", "/auth/password/reset", json={"token": house.link(email), "password": SECOND})


def _claimed(house: Both, side: Side, email: str, _root: str) -> None:
    house.done(side, "POST", "/auth/email/verify", json={"token": house.link(email), "new_password": SECOND})


def _set_by_an_administrator(house: Both, side: Side, email: str, root: str) -> None:
    user_id = house.done("old", "GET", "/users/me", house.tokens("old", email)["access_token"])["id"]
    token = house.tokens(side, root)["access_token"]
    house.done(side, "PATCH", f"/users/{user_id}", token, json={"password": SECOND})


DEEDS: list[Callable[[Both, Side, str, str], None]] = [
    _changed, _changed_with_the_old_one, _reset, _claimed, _set_by_an_administrator,
]  # fmt: skip


@SIDES
@pytest.mark.parametrize("registered", ["old", "new"])
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__.strip("_"))
def test_a_new_password(
    house: Both, root: str, side: Side, registered: Side, deed: Callable[[Both, Side, str, str], None]
) -> None:
    """Whichever instance made the account, and whichever gave it a password: on both that one is good, and no other."""
    email = house.registered(registered)
    deed(house, side, email, root)
    for asked in (OTHER[side], side):
        house.tokens(asked, email, SECOND)
        house.refused(asked, email, PASSWORD)


@SIDES
def test_to_and_fro(house: Both, side: Side) -> None:
    """Changed here, changed there, changed here again: the last one counts, on both."""
    email = house.registered(side)
    passwords = [PASSWORD, *(f"number {number} of them all" for number in range(4))]
    for turn, (was, will) in enumerate(pairwise(passwords)):
        at = side if turn % 2 else OTHER[side]
        token = house.tokens(at, email, was)["access_token"]
        house.done(at, "PUT", "/users/me", token, json={"password": will})
    for asked in house.clients:
        house.tokens(asked, email, passwords[-1])
        for old in passwords[:-1]:
            house.refused(asked, email, old)


@SIDES
def test_imported(house: Both, side: Side, tmp_path: Path) -> None:
    """A hash from elsewhere is imported on one, used and so renewed on the other, and good on the first."""
    email, file = f"imported-{side}@example.com", tmp_path / "users.jsonl"
    line = {"email": email, "password_hash": FORMATS["bcrypt-2b"](PASSWORD), "email_verified": True}
    file.write_text(json.dumps(line) + "\n")
    house.run(side, "users", "import", str(file))
    for asked in (OTHER[side], side, OTHER[side]):
        house.tokens(asked, email)
        house.refused(asked, email, SECOND)
    line["password_hash"] = FORMATS["bcrypt-2b"](SECOND)
    file.write_text(json.dumps(line) + "\n")
    house.run(side, "users", "import", str(file), "--update")  # it has been used here: the file's is older
    house.tokens(side, email)
    exported = house.run(OTHER[side], "users", "export", "--with-hashes", "--format", "jsonl")
    hashes = {one["email"]: one["password_hash"] for one in map(json.loads, exported.splitlines())}
    assert hashes[email].startswith("$argon2id$")


@SIDES
def test_without_a_password(house: Both, root: str, side: Side) -> None:
    """An account that is made without one opens to none on either, and gets one by the link in its letter."""
    email = f"invited-{side}@example.com"
    token = house.tokens(side, root)["access_token"]
    house.done(side, "POST", "/users", token, json={"email": email, "full_name": "Grace"})
    for asked in house.clients:
        house.refused(asked, email, PASSWORD)
    house.done(OTHER[side], "POST", "/auth/password/reset", json={"token": house.link(email), "password": SECOND})
    for asked in house.clients:
        house.tokens(asked, email, SECOND)


@SIDES
def test_taken_back(house: Both, side: Side) -> None:
    """A change of address that is taken back takes the password, on both."""
    email, moved = house.registered(side), f"moved-{side}@example.com"
    house.done(side, "POST", "/auth/email/verify", json={"token": house.link(email), "password": PASSWORD})
    token = house.tokens(side, email)["access_token"]
    house.done(side, "POST", "/users/me/email", token, json={"email": moved})
    house.done(side, "POST", "/auth/email/confirm", json={"token": house.link(moved)})
    house.done(side, "POST", "/auth/email/undo", json={"token": house.link(email)})
    for asked in house.clients:
        house.refused(asked, email, PASSWORD)
    house.done(OTHER[side], "POST", "/auth/password/reset", json={"token": house.link(email), "password": SECOND})
    for asked in house.clients:
        house.tokens(asked, email, SECOND)


@SIDES
def test_disabled(house: Both, root: str, side: Side) -> None:
    """Who is disabled on one is out on the other at once, and back in when they are let in again."""
    email = house.registered(side)
    tokens = house.tokens(OTHER[side], email)
    user_id = house.done(side, "GET", "/users/me", tokens["access_token"])["id"]
    admin = house.tokens(side, root)["access_token"]
    house.done(side, "PATCH", f"/users/{user_id}", admin, json={"is_active": False})
    assert house.call(OTHER[side], "GET", "/users/me", tokens["access_token"]).status_code == 401
    answer = house.call(OTHER[side], "POST", "/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 400
    house.done(side, "PATCH", f"/users/{user_id}", admin, json={"is_active": True})
    house.tokens(OTHER[side], email)


@SIDES
def test_deleted(house: Both, side: Side) -> None:
    """An account that one deletes is gone, and its address free, on the other."""
    email = house.registered(OTHER[side])
    house.done(side, "DELETE", "/users/me", house.tokens(side, email)["access_token"])
    house.refused(OTHER[side], email, PASSWORD)
    body = {"email": email, "password": SECOND, "full_name": "Ada"}
    house.done(OTHER[side], "POST", "/auth/register", json=body)
    house.tokens(side, email, SECOND)
