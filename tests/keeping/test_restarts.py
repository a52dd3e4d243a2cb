"""While developing: sessions outlive a restart, and what has ended stays ended, whatever happens to the process."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from service.core.clock import to_ms
from service.core.redis.embedded import Held
from service.keeping import restarts
from service.keeping.shelf import BESIDE, Shelf, Unreadable, shelf_of
from service.runtime import Runtime
from tests.support.people import Person
from tests.support.process import Service, latchkey, serving
from tests.support.stores import SECRET, Stores
from tests.support.waiting import until

pytestmark = pytest.mark.embedded_only

PASSWORD = "correct horse battery"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "db.sqlite3-sessions", (SECRET,))


class Place:
    """A developer's directory, where the service is started again and again."""

    def __init__(self, stores: Stores, directory: Path) -> None:
        self.database = directory / "latchkey.sqlite3"
        self.file = Path(f"{self.database}{BESIDE}")
        self.settings = stores.environment(DATABASE_URL=f"sqlite://{self.database}")
        self.log = directory / "log"

    @contextmanager
    def run(self) -> Iterator[tuple[Service, httpx.Client]]:
        with (
            serving(self.log, **self.settings) as service,
            httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client,
        ):
            yield service, client

    def stop(self, service: Service, number: signal.Signals = signal.SIGTERM) -> None:
        service.process.send_signal(number)
        until(lambda: service.process.poll() is not None, 30)


def log_in(client: httpx.Client, name: str) -> dict[str, str]:
    email = f"{name}@example.com"
    client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
    answer = client.post("/api/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


def refresh(client: httpx.Client, tokens: dict[str, str]) -> httpx.Response:
    return client.post("/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})


def test_from_one_process_to_the_next(stores: Stores, tmp_path: Path) -> None:
    """A stop and a start: who was logged in is. Meanwhile the keys are in a file that nobody else can read.

    Whom a command has logged out meanwhile is out; and after a crash everybody is, whatever was left before.
    """
    place = Place(stores, tmp_path)
    with place.run() as (service, client):
        ada, grace = log_in(client, "ada"), log_in(client, "grace")
        hopper = log_in(client, "grace")
        over = {"Authorization": f"Bearer {hopper['access_token']}"}
        assert client.post("/api/auth/logout", headers=over).status_code == 204
        assert not place.file.exists()
        place.stop(service)
        assert service.process.returncode == 0
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    assert b"session" not in place.file.read_bytes()
    done = latchkey("sessions", "revoke", "--email", "grace@example.com", **place.settings)
    assert done.returncode == 0, done.stderr
    assert place.file.exists()  # a command has no use for it
    with place.run() as (service, client):
        assert not place.file.exists()
        me = client.get("/api/users/me", headers={"Authorization": f"Bearer {ada['access_token']}"})
        assert (me.status_code, me.json()["email"]) == (200, "ada@example.com")
        ada = refresh(client, ada).json()
        assert refresh(client, grace).json()["cause"] == "revoked"
        assert refresh(client, hopper).json()["cause"] == "logged_out"
        place.stop(service, signal.SIGKILL)
    assert not place.file.exists()
    with place.run() as (service, client):
        assert refresh(client, ada).json()["code"] == "invalid_grant"
        ada = log_in(client, "ada")
        place.stop(service, signal.SIGINT)
    place.file.write_bytes(place.file.read_bytes()[:-1])
    with place.run() as (_, client):
        assert refresh(client, ada).json()["code"] == "invalid_grant"
        assert not place.file.exists()
    said = [line for line in place.log.read_text().splitlines() if "sessions." in line]
    assert [line.split()[2] for line in said if "kept" in line or "taken" in line] == [
        "sessions.taken_up", "sessions.not_kept"
    ]  # fmt: skip
    assert "latchkey.sqlite3-sessions is damaged" in said[-1]


async def test_time_goes_on_without_it(runtime: Runtime, ada: Person, shelf: Shelf) -> None:
    """What runs out while nothing runs is over at the next start: the moment counts, not what was left of it."""
    session = await ada.log_in()
    await restarts.leave(runtime, shelf)
    held = shelf.take()
    ends = {one.expires_at for one in held if b":session:" in one.key}
    (end,) = ends
    assert end is not None
    assert abs(end - to_ms(runtime.clock.now()) - 7 * 86400 * 1000) < 60_000
    for seconds, status in ((6 * 86400, 200), (8 * 86400, 400)):
        shelf.leave(held)
        await runtime.redis.client.flushall()  # type: ignore[attr-defined]
        runtime.clock.advance(seconds)
        await restarts.take(runtime, shelf)
        assert (await session.refresh()).status_code == status
        runtime.clock.advance(-seconds)


async def test_whose_it_still_is(runtime: Runtime, ada: Person, grace: Person, shelf: Shelf) -> None:
    """Of a user who is gone nothing comes back; log-ins under way are begun anew; everything else is as it was."""
    kept = await ada.log_in()
    await grace.log_in()
    await ada.client.post("/api/auth/email/start", json={"email": ada.email})
    await runtime.redis.client.set("statistics:mark", b"\x00\xff")  # type: ignore[attr-defined]
    before = set(await runtime.redis.client.keys())  # type: ignore[attr-defined]
    assert [key for key in before if b":mail_login:" in key]
    await restarts.leave(runtime, shelf)
    await runtime.redis.client.flushall()  # type: ignore[attr-defined]
    from models import User

    await User.filter(id=grace.id).delete()
    await restarts.take(runtime, shelf)
    after = set(await runtime.redis.client.keys())  # type: ignore[attr-defined]
    gone = before - after
    assert after < before
    assert all(str(grace.id).encode() in key or b":pending:" in key or b":mail_login:" in key for key in gone)
    assert await runtime.redis.client.get("statistics:mark") == b"\x00\xff"  # type: ignore[attr-defined]
    assert (await kept.me()).status_code == 200
    assert shelf.take() == []


EVERY_KIND = [
    Held(b"text\xff", b"\x00\xff", None),
    Held(b"hash", {b"a": b"1", b"\xc3": b""}, 4_102_444_800_000),
    Held(b"scores", [(b"one", 1.5), (b"two", 1795425007123.0)], None),
]


def test_the_file(shelf: Shelf) -> None:
    """It comes back as it was, once; and only whole, by us, and with the key it was sealed with."""
    assert shelf.take() == []
    shelf.leave(EVERY_KIND)
    shelf.leave(EVERY_KIND)
    whole = shelf.path.read_bytes()
    assert shelf.take() == EVERY_KIND
    assert shelf.take() == []
    other = Shelf(shelf.path, ("another secret, and as long as it has to be",))
    for content, reader in (
        (b"", shelf), (b"x", shelf), (whole[:-1], shelf), (whole + b"x", shelf), (whole[1:], shelf), (whole, other),
        (b"SQLite format 3\x00" * 10, shelf),
    ):  # fmt: skip
        shelf.path.write_bytes(content)
        with pytest.raises(Unreadable):
            reader.take()
        assert not shelf.path.exists()
    shelf.path.write_bytes(whole)
    rotated = Shelf(shelf.path, ("another secret, and as long as it has to be", SECRET))
    assert rotated.take() == EVERY_KIND


async def test_where_nothing_can_be_written(
    runtime: Runtime, ada: Person, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, a directory of somebody else's: it is as after a crash, and nothing half is left."""
    session = await ada.log_in()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        await restarts.leave(runtime, shelf)
    assert not [*shelf.path.parent.iterdir()]
    await restarts.leave(runtime, shelf)
    await runtime.redis.client.flushall()  # type: ignore[attr-defined]
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", refuse)
        await restarts.take(runtime, shelf)  # it could come back another time: so it doesn't now either
    assert (await session.refresh()).status_code == 400


def test_where_it_is(stores: Stores) -> None:
    """Beside the database's file, where both stores are embedded, and nowhere else."""
    found = shelf_of(stores.settings(DATABASE_URL="sqlite://data/db.sqlite3", REDIS_URL="memory://"))
    assert found is not None
    assert found.path == Path("data/db.sqlite3-sessions")
    for given in (
        {"DATABASE_URL": "sqlite://:memory:"}, {"DATABASE_URL": "postgres://db/x"}, {"REDIS_URL": "redis://localhost"}
    ):  # fmt: skip
        assert (
            shelf_of(stores.settings(**{"DATABASE_URL": "sqlite://db.sqlite3", "REDIS_URL": "memory://", **given}))
            is None
        )
