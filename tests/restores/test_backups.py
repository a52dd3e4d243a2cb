"""docs/backups.md, done: `pg_dump`, `pg_restore` and Redis's own snapshot, old beside new, each way round and both.

The morning is what the backups hold, and is made to be a day ago; the evening is what is true when one is put back.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import httpx
import pytest

from tests.servers import Postgres, Redis
from tests.support.people import PASSWORD
from tests.support.process import ROOT, latchkey, serving
from tests.support.stores import Stores
from tests.support.waiting import until

pytestmark = [pytest.mark.real_only, pytest.mark.timeout(300)]

DAY_MS = 86_400_000
# A letter that waits when the backup is made: its server has been away, let's say.
_HOLD = """CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.due_at = NEW.due_at + interval '1 hour'; RETURN NEW; END $$"""
_HELD = "CREATE TRIGGER held BEFORE INSERT ON outbox_mails FOR EACH ROW EXECUTE FUNCTION hold()"
NEW = "an altogether new one"
Tokens = dict[str, str]


@dataclass
class House:
    """The service on one database and one Redis, as its users and its operator meet it."""

    client: httpx.Client
    settings: dict[str, str]

    def done(self, method: str, path: str, tokens: Tokens | None = None, **options: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {tokens['access_token']}"} if tokens else {}
        answer = self.client.request(method, f"/api{path}", headers=headers, **options)  # type: ignore[arg-type]
        assert answer.status_code < 300, answer.text
        return answer

    def registered(self, email: str) -> str:
        self.done("POST", "/auth/register", json={"email": email, "password": PASSWORD})
        return email

    def tokens(self, email: str, password: str = PASSWORD) -> Tokens:
        return dict(self.done("POST", "/auth/login", data={"username": email, "password": password}).json())

    def refreshed(self, tokens: Tokens) -> Tokens:
        return dict(self.done("POST", "/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).json())

    def is_over(self, tokens: Tokens) -> bool:
        """Whether neither token of a session opens anything, and both say so as they should."""
        refresh = self.client.post("/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        me = self.client.get("/api/users/me", headers=headers)
        if refresh.status_code == 200:
            return False
        assert (refresh.status_code, me.status_code) == (400, 401), (refresh.text, me.text)
        return True

    def links(self) -> list[str]:
        """The tokens of all links that have been sent, the newest first."""
        pages = re.findall(r"/api/dev/mail/\d+", self.client.get("/api/dev/mail").text)
        found = (re.search(r"#token=([\w-]+)", self.client.get(page).text) for page in pages)
        return [match[1] for match in found if match]

    def can_reset(self, token: str) -> bool:
        body = {"token": token, "password": NEW}
        return self.client.post("/api/auth/password/reset", json=body).status_code == 204

    def keys(self) -> list[str]:
        return [key["kid"] for key in self.client.get("/.well-known/jwks.json").json()["keys"]]


@dataclass
class Backups:
    """The morning's and the evening's backups, who was logged in, and what had become of them by the evening."""

    postgres: Postgres
    directory: Path
    settings: dict[str, str]
    tokens: dict[str, Tokens]
    used_link: str
    old_keys: list[str]

    @contextmanager
    def restored(self, *, database: str, redis: str) -> Iterator[dict[str, str]]:
        """Put two of them back; give the settings that lead there."""
        name = f"restored_{os.urandom(4).hex()}"
        url = self.postgres.restore(self.directory / f"{database}.dump", name)
        try:
            with Redis.start() as server:
                _load(server, self.directory / f"{redis}.rdb")
                yield self.settings | {"DATABASE_URL": url, "REDIS_URL": server.url}
        finally:
            self.postgres.drop_database(name)

    @contextmanager
    def serving(self, settings: dict[str, str]) -> Iterator[House]:
        with _house(self.directory / "log", settings) as house:
            yield house


@contextmanager
def _house(log: Path, settings: dict[str, str]) -> Iterator[House]:
    with (
        serving(log, **settings) as service,
        httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client,
    ):
        yield House(client, settings)


def _load(server: Redis, snapshot: Path) -> None:
    server.kill()
    shutil.copy(snapshot, server.directory / "dump.rdb")
    server.start_again()


def _command(settings: dict[str, str], *args: str, code: int = 0) -> str:
    done = latchkey(*args, **settings)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def backups(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Backups:
    """A morning and an evening of a small service, its worker beside it."""
    assert stores.postgres is not None
    postgres, directory = stores.postgres, tmp_path_factory.mktemp("backups")
    name = f"kept_{os.urandom(4).hex()}"
    url = postgres.create_database(name)

    def marked() -> bool:
        return bool(
            postgres.query(
                "SELECT 1 FROM jobs WHERE kind = 'stores.compare' AND done_at > now() - interval '1 hour'",
                database=name,
            )
        )

    with Redis.start() as redis:
        settings = stores.environment(DATABASE_URL=url, REDIS_URL=redis.url, RUN_WORKER="yes", PASSWORD_MIN_LENGTH="8")
        _command(settings, "db", "upgrade")
        with _house(directory / "log", settings) as house:
            ada, eve, grace = (house.registered(f"{who}@example.com") for who in ("ada", "eve", "grace"))
            until(lambda: len(house.links()) >= 3)
            tokens = {who: house.tokens(ada) for who in ("kept", "logged out", "ended", "revoked")}
            tokens |= {"disabled": house.tokens(eve), "deleted": house.tokens(grace)}
            seen = set(house.links())
            house.done("POST", "/auth/password/forgot", json={"email": eve})
            used = until(lambda: next(iter(set(house.links()) - seen), ""))
            for statement in (_HOLD, _HELD):
                postgres.query(statement, database=name)
            house.done("POST", "/auth/password/forgot", json={"email": grace})
            postgres.query("DROP FUNCTION hold CASCADE", database=name)
            until(marked)
            # All of this was a day ago, as far as the marks tell.
            postgres.query(
                "UPDATE jobs SET done_at = done_at - interval '1 day' WHERE kind = 'stores.compare'", database=name
            )
            at, rest = redis.call("GET", "statistics:mark").split(" ", 1)
            redis.call("SET", "statistics:mark", f"{int(at) - DAY_MS} {rest}")
            _back_up(postgres, name, redis, directory, "morning")

            postgres.query("UPDATE jobs SET due_at = now() WHERE kind = 'stores.compare'", database=name)
            tokens["kept"] = house.refreshed(tokens["kept"])
            house.done("POST", "/auth/logout", tokens["logged out"])
            house.done("DELETE", f"/sessions/{_sid(tokens['ended'])}", tokens["kept"])
            _command(settings, "sessions", "revoke", "--session", _sid(tokens["revoked"]))
            assert house.can_reset(used)
            _command(settings, "users", "disable", "--email", eve)
            house.done("DELETE", "/users/me", tokens["deleted"], json={"password": PASSWORD})
            joan = house.registered("joan@example.com")
            tokens["new"] = house.tokens(joan)
            old_keys = house.keys()
            _command(settings, "keys", "rotate", "--now")
            postgres.query("UPDATE signing_keys SET active_from = now() WHERE active_from > now()", database=name)
            _command(settings, "keys", "retire", *old_keys, "--force")
            until(marked)
        _back_up(postgres, name, redis, directory, "evening")
    postgres.drop_database(name)
    return Backups(postgres, directory, settings, tokens, used, old_keys)


def _back_up(postgres: Postgres, name: str, redis: Redis, directory: Path, when: str) -> None:
    postgres.dump(name, directory / f"{when}.dump")
    redis.call("SAVE")
    shutil.copy(redis.directory / "dump.rdb", directory / f"{when}.rdb")


def _claims(tokens: Tokens) -> dict[str, str]:
    import jwt

    return dict(jwt.decode(tokens["access_token"], options={"verify_signature": False}))


def _sid(tokens: Tokens) -> str:
    return _claims(tokens)["sid"]


def test_yesterdays_database_beside_todays_redis(backups: Backups) -> None:
    """It is told; afterwards no session, link, letter or key of before is worth anything, and people log in anew."""
    with backups.restored(database="morning", redis="evening") as settings:
        found = json.loads(_command(settings, "restore", "check", "--json", code=1))
        assert (found["traces"]["store"], found["traces"]["minutes"] // 60) == ("database", 24)
        assert (found["sessions"], found["orphans"]) == (2, 1)  # kept; joan's, whom this database doesn't know
        says = json.loads(_command(settings, "doctor", "--json"))
        assert [one["level"] for one in says if one["check"] == "restores"] == ["warning"]

        done = json.loads(_command(settings, "restore", "finish", "--yes", "--json"))["finished"]
        assert (done["receipt"]["ended"], done["receipt"]["left"], done["retired"]) == (2, 0, len(backups.old_keys))
        assert done["letters"] >= 1
        assert "has been done" in _command(settings, "restore", "finish", "--yes")
        _command(settings, "restore", "check")
        with backups.serving(settings) as house:
            assert all(house.is_over(tokens) for tokens in backups.tokens.values())
            assert house.keys() == [done["kid"]]
            assert not house.can_reset(backups.used_link)
            assert not house.links()  # nothing was sent again
            # What an older database can't know: older passwords, and who was disabled or deleted, are back.
            for who in ("ada", "eve", "grace"):
                assert not house.is_over(house.tokens(f"{who}@example.com"))
        # But the broken one does, if it can still be read.
        assert _back_again(backups, settings) == [_claims(backups.tokens["deleted"])["sub"]]


def _back_again(backups: Backups, settings: dict[str, str]) -> list[str]:
    """Return who was deleted since, as docs/backups.md has it asked."""
    (lines,) = re.findall(r"```sh\n(.*?BROKEN_DATABASE_URL.*?)```", (ROOT / "docs/backups.md").read_text(), re.DOTALL)
    broken = f"broken_{os.urandom(4).hex()}"
    env = {
        "PATH": f"{backups.postgres.tools}:{os.environ['PATH']}",
        "DATABASE_URL": settings["DATABASE_URL"],
        "BROKEN_DATABASE_URL": backups.postgres.restore(backups.directory / "evening.dump", broken),
    }
    try:
        done = subprocess.run(
            ["sh", "-euc", dedent(lines)], cwd=backups.directory, env=env, check=True, capture_output=True, text=True
        )
    finally:
        backups.postgres.drop_database(broken)
    return done.stdout.split()


def test_yesterdays_redis_beside_todays_database(backups: Backups) -> None:
    """Where a worker runs, what is on record as ended ends again, and nobody else. `finish` ends everything."""
    with backups.restored(database="evening", redis="morning") as settings:
        found = json.loads(_command(settings, "restore", "check", "--json", code=1))
        assert (found["traces"]["store"], found["links"]) == ("redis", found["links"])
        name = settings["DATABASE_URL"].rpartition("/")[2]
        backups.postgres.query("UPDATE jobs SET due_at = now() WHERE kind = 'stores.compare'", database=name)
        with backups.serving(settings) as house:
            until(lambda: all(house.is_over(tokens) for who, tokens in backups.tokens.items() if who != "kept"))
            kept = house.refreshed(backups.tokens["kept"])  # Redis knows of no such rotation, and takes it
            assert not house.is_over(kept)
            done = json.loads(_command(settings, "restore", "finish", "--only-redis", "--yes", "--json"))["finished"]
            assert (done["receipt"]["ended"], done["links"], done["letters"], done["kid"]) == (1, 0, 0, None)
            assert house.is_over(kept)
            assert not set(house.keys()) & set(backups.old_keys)
            assert not house.is_over(house.tokens("ada@example.com"))


def test_both_of_yesterday(backups: Backups) -> None:
    """Two that agree tell of nothing, so somebody has to say it; what the backups hold is over then."""
    with backups.restored(database="morning", redis="morning") as settings:
        looked = _command(settings, "restore", "check")
        assert "Nothing tells of a store that was set back." in looked
        assert "The stores were last compared at" in looked
        done = json.loads(_command(settings, "restore", "finish", "--yes", "--json"))["finished"]
        assert (done["receipt"]["ended"], done["receipt"]["left"]) == (6, 0)
        with backups.serving(settings) as house:
            assert all(house.is_over(tokens) for tokens in backups.tokens.values())
            assert not house.can_reset(backups.used_link)
            assert house.keys() == [done["kid"]]
            assert not house.is_over(house.tokens("ada@example.com"))


def test_a_database_of_before_the_last_upgrade(backups: Backups) -> None:
    """`finish` does nothing to a database that isn't upgraded yet, and says what to do first."""
    with backups.restored(database="morning", redis="morning") as settings:
        name = settings["DATABASE_URL"].rpartition("/")[2]
        backups.postgres.query("DELETE FROM aerich WHERE app = 'models' AND version LIKE '10_%'", database=name)
        done = latchkey("restore", "finish", "--yes", **settings)
        assert (done.returncode, done.stderr.strip()) == (
            1,
            "1 migration(s) are pending: run `latchkey db upgrade` first.",
        )
        assert not backups.postgres.query("SELECT 1 FROM users WHERE sessions_valid_after IS NOT NULL", database=name)
