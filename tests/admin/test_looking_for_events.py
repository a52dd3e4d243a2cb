"""An operator looks for events: by range, kind, person and time; follows them; takes them away."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import typer

from models import SecurityEvent
from service.admin import searching
from service.admin.asking_commands import Asked, moment_of
from service.admin.events import EventFilter, Told
from service.admin.searching import Wanted
from service.errors import Unavailable
from service.runtime import Runtime
from tests.support.people import Person
from tests.support.process import LATCHKEY, environment, latchkey_beside
from tests.support.stores import Stores

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


async def happened(at: datetime, kind: str = "login.failed", ip: str | None = "192.0.2.1", **more: object) -> UUID:
    told = {"detail": {}, **more}
    row = await SecurityEvent.create(id=uuid4(), type=kind, created_at=at, ip=ip, **told)  # type: ignore[arg-type]
    return row.id


def asked(**given: object) -> Asked:
    names = ("email", "user_id", "session", "ip", "actor", "kind", "request_id", "since", "until")
    return Asked(**{name: given.get(name) for name in names})  # type: ignore[arg-type]


async def test_ranges_and_kinds(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every range finds what is in it, in whatever spelling it is stored, and nothing else; page by page, in order."""
    monkeypatch.setattr(searching, "AT_ONCE", 3)
    addresses = (
        "203.0.113.7", "203.0.113.200", "203.0.11.3", "::ffff:203.0.113.9", "20.30.1.1", "2001:db8::5",
        "2001:db8:0:1::5", "2001:db80::1", "10.1.2.3", "10.200.0.1", "unknown", None,
    )  # fmt: skip
    for number, address in enumerate(addresses):
        await happened(NOON + timedelta(seconds=number), "login.failed" if number % 2 else "session.ended", address)
    for given, expected in (
        (["203.0.113.0/24"], ["203.0.113.7", "203.0.113.200", "::ffff:203.0.113.9"]),
        (["203.0.113.7"], ["203.0.113.7"]),
        (["203.0.113.9"], ["::ffff:203.0.113.9"]),
        (["203.0.112.0/22"], ["203.0.113.7", "203.0.113.200", "::ffff:203.0.113.9"]),
        (["203.0.0.0/16"], ["203.0.113.7", "203.0.113.200", "203.0.11.3", "::ffff:203.0.113.9"]),
        (["10.128.0.0/9"], ["10.200.0.1"]),
        (["2001:db8::/64"], ["2001:db8::5"]),
        (["2001:db8::/32"], ["2001:db8::5", "2001:db8:0:1::5"]),
        (["2001:0db8:0000::5"], ["2001:db8::5"]),
        (["10.0.0.0/8", "20.30.1.1"], ["20.30.1.1", "10.1.2.3", "10.200.0.1"]),
        (["0.0.0.0/0"], [one for one in addresses if one and (":" not in one or "ffff" in one) and one[0] != "u"]),
        (["198.51.100.0/24"], []),
    ):
        wanted = await asked(ip=given).wanted(runtime)
        pages = searching.read(runtime, wanted, newest_first=False)
        assert [told.event.ip async for page in pages for told in page] == expected, given
        newest = await searching.newest(runtime, wanted, 2)
        assert [told.event.ip for told in newest] == list(reversed(expected))[:2]
    for kinds, number in ((["login.*"], 6), (["login.failed", "session.*"], 12), (["*"], 12), (["login"], 0)):
        assert len(await searching.newest(runtime, await asked(kind=kinds).wanted(runtime), 99)) == number
    between = EventFilter(since=NOON + timedelta(seconds=2), until=NOON + timedelta(seconds=5))
    assert len(await searching.newest(runtime, Wanted(between), 99)) == 3


async def next_of(found: AsyncIterator[list[Told] | Unavailable]) -> list[Told]:
    page = await asyncio.wait_for(anext(found), 30)
    assert isinstance(page, list)
    return page


async def test_followed(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones, then each new one once, also one that was stored a moment after a later one; an outage is said
    once, and over by itself.
    """
    now = runtime.clock.now()
    old = [await happened(now - timedelta(minutes=9 - number)) for number in range(5)]
    following = searching.follow(runtime, Wanted(EventFilter()), shown=3, seconds=0.02)
    assert [told.event.id for told in await next_of(following)] == old[2:]
    later = await happened(now + timedelta(seconds=9))
    assert [told.event.id for told in await next_of(following)] == [later]
    late = await happened(now + timedelta(seconds=4))
    assert [told.event.id for told in await next_of(following)] == [late]

    async def away(*_: object) -> None:
        raise Unavailable("database")

    with monkeypatch.context() as broken:
        broken.setattr("service.admin.events.matching", away)
        assert isinstance(await asyncio.wait_for(anext(following), 30), Unavailable)
    last = await happened(now + timedelta(seconds=10))
    assert [told.event.id for told in await next_of(following)] == [last]
    await following.aclose()  # type: ignore[attr-defined]  # of a generator


@pytest.mark.parametrize(
    "given",
    [
        {"ip": ["bogus"]}, {"ip": ["10.0.0.0/33"]}, {"ip": [""]}, {"kind": ["Login"]}, {"kind": ["a b"]},
        {"since": "soon"},
        {"since": "9x"}, {"until": "2026-13-01"}, {"since": "999999d"}, {"session": "1"}, {"user_id": "ada"},
        {"actor": "root"}, {"email": "a@example.com", "user_id": str(UUID(int=1))},
    ],
)  # fmt: skip
def test_what_cannot_be_meant(given: dict[str, object]) -> None:
    """It is refused: an empty answer would be taken for one."""
    with pytest.raises(typer.Exit) as refused:
        asked(**given)
    assert refused.value.exit_code == 2


def test_moments() -> None:
    """Ages, days and times, in UTC unless another zone is said."""
    assert moment_of("2h", NOON) == NOON - timedelta(hours=2)
    assert moment_of(" 30d ", NOON) == NOON - timedelta(days=30)
    assert moment_of("2026-02-01", NOON) == datetime(2026, 2, 1, tzinfo=UTC)
    assert moment_of("2026-02-01T10:00", NOON) == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert moment_of("2026-02-01T10:00+02:00", NOON) == datetime(2026, 2, 1, 8, tzinfo=UTC)


@pytest.mark.embedded_only  # what the database is asked is looked at above
async def test_the_commands(stores: Stores, ada: Person, runtime: Runtime, tmp_path: Path) -> None:
    """They print whole lines into pipes, export whole files or none, record that, and end quietly at Ctrl-C."""
    env = stores.environment()
    await ada.log_in()
    await happened(runtime.clock.now(), user_id=ada.id, detail={"reason": "=1+1"})

    async def said(*args: str, code: int = 0) -> str:
        done = await latchkey_beside("events", *args, **env)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done
        return done.stdout

    head, *lines = (await said("list", "--email", ada.email, "--type", "login.*")).splitlines()
    assert head.split("\t")[:4] == ["time", "event", "user", "address"]
    assert lines[0].split("\t")[1:4] == ["login.failed", ada.email, "192.0.2.1"]
    file = tmp_path / "events.jsonl"
    await said("export", str(file), "--user-id", str(ada.id), "--since", "1h")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["created_at"] for row in rows] == sorted(row["created_at"] for row in rows)
    assert {row["user_email"] for row in rows} == {ada.email}
    await said("export", str(file), code=2)  # never replaced
    table = list(csv.DictReader((await said("export", "-", "--format", "csv", "--ip", "192.0.2.0/28")).splitlines()))
    assert [row["detail"] for row in table] == ['{"reason":"=1+1"}']
    assert names_in(tmp_path) == ["events.jsonl"]
    assert await SecurityEvent.filter(type="events.exported", actor_id=None).count() >= 2
    await ends_at_ctrl_c(env)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def ends_at_ctrl_c(env: dict[str, str]) -> None:
    """Follow, see an event that is there and one that is new, and stop."""
    pipe = asyncio.subprocess.PIPE
    command = (*LATCHKEY, "events", "tail", "--type", "login.failed", "--json")
    process = await asyncio.create_subprocess_exec(*command, env=environment(**env), stdout=pipe, stderr=pipe)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(60):
            assert json.loads(await process.stdout.readline())["detail"] == {"reason": "=1+1"}
            await happened(datetime.now(UTC) + timedelta(seconds=1), detail={"reason": "new"})
            assert json.loads(await process.stdout.readline())["detail"] == {"reason": "new"}
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 130
            assert b"Traceback" not in await process.stderr.read()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
