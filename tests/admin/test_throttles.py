"""Why can't she log in? What is counted against whom is seen, is in the story, and is taken back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import typer

from models import SecurityEvent, User
from service.admin import throttle_commands
from service.audit import late, timeline
from service.credentials import throttled
from service.runtime import Runtime
from tests.http.support import another
from tests.support.people import Person
from tests.support.process import latchkey_beside
from tests.support.stores import Stores

QUOTAS: dict[str, object] = {"LOGIN_ATTEMPTS_PER_ACCOUNT": 3, "LOGIN_ATTEMPTS_PER_ADDRESS": 8}
STRANGER = "203.0.113.9"


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with small quotas, behind one proxy."""
    async with (
        another(runtime, config=None, PROXIES_COUNT=1, **QUOTAS) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield client


@pytest.fixture
def small(runtime: Runtime) -> Runtime:
    """What a command with these quotas has."""
    return replace(runtime, settings=runtime.settings.model_copy(update=QUOTAS))


async def attempt(door: httpx.AsyncClient, name: str, password: str = "wrong", ip: str = STRANGER) -> int:
    form = {"username": name, "password": password}
    answer = await door.post("/api/auth/login", data=form, headers={"X-Forwarded-For": ip})
    return answer.status_code


async def test_an_account_is_guessed_at(door: httpx.AsyncClient, small: Runtime, ada: Person, grace: Person) -> None:
    """The story says that attempts were refused, since when, until when and of whom, once for each wait; unlocking
    ends that and nothing else.
    """
    for number in range(6):
        assert await attempt(door, ada.email, ip=f"198.51.100.{number}") == (400 if number < 3 else 429)
    await attempt(door, grace.email)
    assert await attempt(door, ada.email, ada.password, "192.0.2.44") == 429  # she has never been there
    user = await User.get(id=ada.id)
    (own, mailbox) = sorted(await throttled.around_user(small, user), key=lambda one: one.whose)
    assert [own.whose, mailbox.whose, own.about, mailbox.taken] == ["account", "mailbox", ada.email, 3]
    now = small.clock.now()
    assert own.until is not None
    assert 5 < (own.until - now).total_seconds() <= 15
    await late.store(small)
    (event,) = await SecurityEvent.filter(type="login.throttled")
    assert (event.user_id, event.detail["by"], event.ip) == (ada.id, "account", "198.51.100.3")  # type: ignore[attr-defined]
    told = await timeline.explain(small, user_id=ada.id)
    (line,) = [entry.text for entry in told.entries if entry.event == "login.throttled"]
    assert "refused unseen, from 198.51.100.3" in line
    assert event.detail["until"] in line
    assert await throttled.clear_user(small, user) == 2
    assert await throttled.clear_user(small, user) == 0
    assert await attempt(door, ada.email, ada.password, "192.0.2.44") == 200
    assert len(await throttled.of_user(small, await User.get(id=grace.id))) == 2
    cleared = await SecurityEvent.get(type="throttles.cleared")
    assert (cleared.user_id, cleared.detail) == (ada.id, {"cleared": 2, "by": "operator"})  # type: ignore[attr-defined]


async def test_an_address_has_used_up_its_own(
    door: httpx.AsyncClient, small: Runtime, ada: Person, grace: Person
) -> None:
    """Whoever shares it is told so: in their own story, where it isn't they who guessed, and by address."""
    names = [f"nobody{number}@example.com" for number in range(9)]
    assert [await attempt(door, name) for name in names] == [400] * 8 + [429]
    assert await attempt(door, ada.email, ada.password) == 429
    await late.store(small)
    event = await SecurityEvent.get(type="login.throttled")
    assert (event.user_id, event.detail["by"], event.detail["budget"]) == (ada.id, "address", "login-address")  # type: ignore[attr-defined]
    (refused,) = await throttled.around_user(small, await User.get(id=ada.id))
    assert (refused.whose, refused.about, refused.taken, refused.of) == ("address", STRANGER, 8, 8)
    assert not await throttled.around_user(small, await User.get(id=grace.id))
    for spelled in (STRANGER, f"::ffff:{STRANGER}", "2002:cb00:7109::1"):  # one host, by whatever name it comes
        assert [one.key for one in await throttled.of_address(small, spelled)] == [refused.key]
    (nobody, _) = await throttled.of_name(small, names[0])
    assert (nobody.about, nobody.taken, nobody.until) == (names[0], 1, None)
    # Of all buckets the ones are named that somebody failed at, and all are there.
    found = [one async for batch in throttled.everywhere(small) for one in batch]
    assert [one.about for one in found if one.until is not None] == [STRANGER]
    assert sum(one.budget.startswith("login") for one in found) == 1 + 2 * 8
    assert await throttled.clear(small, [refused]) == 1
    assert await attempt(door, ada.email, ada.password) == 200


@pytest.mark.real_only
async def test_the_commands(door: httpx.AsyncClient, small: Runtime, stores: Stores, ada: Person) -> None:
    """They list, ask, clear, say by their exit code that nothing fitted, and refuse what can't be an address."""
    for _ in range(4):
        await attempt(door, ada.email)
    env = {**stores.environment(), **{name: str(value) for name, value in QUOTAS.items()}}

    async def said(*args: str, code: int = 0, given: str | None = None) -> str:
        done = await latchkey_beside(*args, given=given, **env)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done
        return done.stdout

    shown = json.loads(await said("throttles", "list", "--email", ada.email, "--json"))
    assert {one["whose"] for one in shown} == {"account", "mailbox"}
    head, *lines = (await said("throttles", "list")).splitlines()
    assert head.split("\t")[:3] == ["budget", "whose", "about"]
    assert ["login", "account", ada.email] in [line.split("\t")[:3] for line in lines]
    assert "Attempts are refused now until" in await said("explain", "--email", ada.email)
    assert json.loads(await said("throttles", "clear", "--ip", "203.0.113.8/30", "--yes", "--json")) == {"cleared": 1}
    assert json.loads(await said("users", "unlock", "--email", ada.email, "--json"))["cleared"] == 2
    await said("throttles", "clear", "--email", ada.email, "--yes", code=3)
    await late.store(small)
    kinds = await SecurityEvent.filter(type="throttles.cleared").order_by("created_at").values_list("detail", flat=True)
    assert [kind.get("address") for kind in kinds] == ["203.0.113.8/30", None]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text", ["", "bogus", "203.0.113.0/33", "10.0.0.0/8", "2001:db8::/32", "203.0.113.9,203.0.113.10"]
)
def test_what_is_no_address(text: str) -> None:
    """Nothing that can't be looked up is taken for something that nothing is counted against."""
    with pytest.raises(typer.Exit) as refused:
        throttle_commands._networks([text])
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("text", [" 203.0.113.9 ", "203.0.113.9/24", "2001:db8::1", "2001:db8::1/64", "2001:db8::/48"])
def test_what_is_one(text: str) -> None:
    """Spelled as people paste them."""
    assert throttle_commands._networks([text])
