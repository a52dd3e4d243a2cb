"""An incident: who is logged in, from where, since when; ending just those, and hearing of it when there were none."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from models import SecurityEvent, User
from service.core.client import Client
from service.core.clock import Clock
from service.core.text.moments import written
from service.runtime import Runtime
from service.sessions import everyones
from service.sessions.receipts import Counted, Wanted, count, revoke
from service.stores.sessions.assurance import Assurance
from tests.support.people import Person, assert_problem
from tests.support.process import latchkey_beside
from tests.support.stores import Stores

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def run(stores: Stores) -> Run:
    async def run(*arguments: str, code: int = 0) -> Any:
        done = await latchkey_beside(*arguments, **stores.environment())
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        if code == 2:
            assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)
        return done

    return run


async def opened(runtime: Runtime, person: Person, ip: str, agent: str = CHROME) -> Any:
    from uuid import uuid4

    sid = uuid4()
    await runtime.sessions.log_in(person.id, sid, Client(ip, agent, None), Assurance(("pwd",)), 0)
    return sid


async def found(runtime: Runtime, **wanted: Any) -> set[str]:
    """Return from where the sessions are that are listed."""
    return {one.session.ip async for batch in everyones.list_everyones(runtime, Wanted(**wanted)) for one in batch}


async def test_ranges(ada: Person, grace: Person, runtime: Runtime) -> None:
    """Addresses and ranges, one or several, of both kinds; what only carries an IPv4 address is that one."""
    ips = ["192.0.2.1", "192.0.2.200", "::ffff:192.0.2.7", "2001:db8:0:1::5", "2001:db8:0:1:ffff::6", "2001:db8:0:2::7"]
    for number, ip in enumerate(ips):
        await opened(runtime, (ada, grace)[number % 2], ip)
    everyone = await found(runtime)
    assert len(everyone) == 6
    for ip, number in (
        ("192.0.2.1", 1), ("192.0.2.0/24", 3), ("::ffff:192.0.2.200", 1), ("192.0.2.7", 1), ("::ffff:192.0.2.0/120", 3),
        ("2001:db8:0:1::99", 2), ("2001:db8:0:1::5/128", 1), ("2001:db8::/32", 3), ("0.0.0.0/0", 3), ("::/0", 3),
        ("192.0.2.1,2001:db8:0:2::7", 2), ("10.0.0.0/8", 0),
    ):  # fmt: skip
        assert len(await found(runtime, ip=ip)) == number, ip
        assert (await count(runtime, Wanted(ip=ip))).sessions == number, ip
    assert (await revoke(runtime, Wanted(ip="192.0.2.0/24"))).ended == 3
    assert len(await found(runtime)) == 3


async def test_by_when(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """By times, by days, by how long ago, together with anything else; and a browser by any part of its name."""
    for hours, ip in enumerate(["192.0.2.1", "192.0.2.2", "192.0.2.3"]):
        await opened(runtime, ada, ip, CHROME if hours else "curl/8")
        clock.advance(3600)
    from datetime import timedelta

    now = clock.now()
    assert await found(runtime, since=timedelta(minutes=90)) == {"192.0.2.3"}
    assert await found(runtime, until=timedelta(minutes=90)) == {"192.0.2.1", "192.0.2.2"}
    wanted: dict[str, Any] = {"since": now - timedelta(minutes=150), "until": now - timedelta(minutes=90)}
    assert await found(runtime, **wanted) == {"192.0.2.2"}
    assert await found(runtime, **wanted, ip="192.0.2.1") == set()
    assert await found(runtime, user_agent="chrome/131") == {"192.0.2.2", "192.0.2.3"}
    assert await count(runtime, Wanted(**wanted)) == Counted(1, 1)
    assert (await revoke(runtime, Wanted(**wanted, user_agent="windows nt"))).ended == 1
    (event,) = await SecurityEvent.filter(type="sessions.revoked")
    assert event.detail["way"] == "user agent, since, until"


async def test_only_the_living_are_listed(ada: Person, grace: Person, runtime: Runtime, clock: Clock) -> None:
    """Not those before the cut-off, of nobody, or of what is no session; each once."""
    redis: Any = runtime.redis.client
    await opened(runtime, ada, "192.0.2.1")
    await opened(runtime, grace, "192.0.2.2")
    await redis.hset(f"user:{{{ada.id}}}:session:{ada.id}", "created_at", "nonsense")
    await redis.hset("user:{nobody}:session:x", "created_at", "1")
    assert await found(runtime) == {"192.0.2.1", "192.0.2.2"}
    assert (await count(runtime, Wanted())).sessions == 2
    clock.advance(60)
    await User.filter(id=ada.id).update(sessions_valid_after=clock.now())
    assert await found(runtime) == {"192.0.2.2"}
    clock.advance(100 * 86_400)
    assert await found(runtime) == set()


@pytest.mark.real_only
async def test_by_command(ada: Person, grace: Person, runtime: Runtime, run: Run) -> None:
    """Listing and ending say the same; nothing matched is 3 in every form, and what is no address is refused."""
    session = await ada.log_in()
    other = await opened(runtime, grace, "2001:db8::7")
    listed = json.loads((await run("sessions", "list", "--json")).stdout)
    assert {(one["id"], one["email"]) for one in listed} == {(str(session.sid), ada.email), (str(other), grace.email)}
    lines = (await run("sessions", "list", "--ip", "127.0.0.0/8", "--since", "1h")).stdout.splitlines()
    assert [line.split("\t")[:2] for line in lines[1:]] == [[str(session.sid), ada.email]]
    *_, logged_in, last_used, bound = lines[1].split("\t")
    assert (logged_in[-1], last_used[-1], bound) == ("Z", "Z", "")
    assert json.loads((await run("sessions", "list", "--count", "--json")).stdout) == {"sessions": 2, "users": 2}
    assert len(json.loads((await run("sessions", "list", "--limit", "1", "--json")).stdout)) == 1
    for flag in ((), ("--json",), ("--dry-run",), ("--dry-run", "--json")):
        await run("sessions", "revoke", "--ip", "10.0.0.0/8", "--ip", "2001:db8:1::/48", "--yes", *flag, code=3)
    await run("sessions", "revoke", "--session", str(ada.id), "--json", code=3)
    dry = await run("sessions", "revoke", "--ip", "127.0.0.0/8", "--ip", "::1", "--since", "1h", "--dry-run")
    assert dry.stdout == "1 session of 1 users would be ended.\n"
    done = await run("sessions", "revoke", "--ip", "127.0.0.0/8", "--ip", "::1", "--since", "1h", "--yes")
    assert done.stdout.startswith("1 session ended. 0 of them left")
    assert_problem(await session.me(), 401, "invalid_token")
    done = await run("sessions", "revoke", "--email", ada.email, code=3)
    assert "opens nothing any more" in done.stderr
    top = json.loads((await run("top", "--json", "--url", "127.0.0.1:1")).stdout)
    assert (top["sessions"], list(top["faults"])) == (1, ["http://127.0.0.1:1/metrics"])
    assert top["waiting"] >= 0
    assert top["log_ins_per_second"] > 0
    assert top["redis"]["used"] > 0


@pytest.mark.embedded_only  # what is refused is the same whatever the stores
@pytest.mark.parametrize(
    "options",
    [
        ["--ip", "bogus"],
        ["--ip", ""],
        ["--ip", "127.0.0.1/8"],
        ["--since", "tomorrow"],
        ["--since", "1h", "--until", "2h"],
        ["--user-agent", ""],
        ["--email", "ada@example.com", "--session", ""],
    ],
)
async def test_what_is_refused(run: Run, options: list[str]) -> None:
    """A filter that says nothing ends nothing, and never everything."""
    await run("sessions", "revoke", *options, "--yes", code=2)


def test_written() -> None:
    """One form for all times."""
    from datetime import datetime, timedelta, timezone

    assert written(datetime(2026, 11, 26, 10, 30, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-26T09:30:00Z"
