"""A user logs in on a new device and hears of it; on a known one, nobody else's guessing is in the way."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal
from uuid import uuid4

import httpx
import pytest

from models import KnownDevice, SecurityEvent, User
from service.accounts import accounts
from service.core.client import Client
from service.core.clock import Clock
from service.core.http.networks import network_of
from service.core.sql.transactions import transaction
from service.credentials import known_devices
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.device_cookies import DeviceCookies
from tests.auth.test_throttle import FREE, LIMITS, URL, guess, hold_limited
from tests.http.support import another
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.stores import SECRET

HOME, OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.4", "192.0.2.99"


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with its own limits, behind one proxy: tests say where they are."""
    async with another(runtime, PROXIES_COUNT=1, **LIMITS) as url, httpx.AsyncClient(base_url=url, timeout=30) as found:
        yield found


async def log_in(door: httpx.AsyncClient, ip: str, *, cookie: str = "", agent: str = "Mine/1.0") -> httpx.Response:
    headers = {"User-Agent": agent, **({"Cookie": f"latchkey_device={cookie}"} if cookie else {})}
    return await guess(door, password=PASSWORD, ip=ip, **headers)


def cookie_of(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    return response.cookies["latchkey_device"]


async def shut_out(door: httpx.AsyncClient) -> None:
    """Guess as a stranger until the account is throttled for strangers."""
    for number in range(FREE):
        assert_problem(await guess(door, ip=f"100.64.0.{number}"), 400, "invalid_grant")
    hold_limited(await guess(door, ip=ELSEWHERE, password=PASSWORD))


async def test_owner_is_not_locked_out(door: httpx.AsyncClient, ada: Person) -> None:
    """R12: while a stranger guesses, the owner logs in with the device's cookie, or from where they did before."""
    cookie = cookie_of(await log_in(door, HOME))
    await shut_out(door)
    assert (await log_in(door, OFFICE, cookie=cookie)).status_code == 200
    assert (await log_in(door, HOME)).status_code == 200
    hold_limited(await log_in(door, HOME, agent="Another/2.0"))
    hold_limited(await log_in(door, OFFICE))


async def test_known_devices_are_bounded_too(door: httpx.AsyncClient, ada: Person) -> None:
    """R12: a known place or device guesses no more than anybody, and each from its own budget."""
    cookie = cookie_of(await log_in(door, HOME))
    for _ in range(FREE):
        assert_problem(await guess(door, ip=HOME, **{"User-Agent": "Mine/1.0"}), 400, "invalid_grant")
    hold_limited(await log_in(door, HOME))
    assert (await log_in(door, HOME, cookie=cookie)).status_code == 200
    for _ in range(FREE):
        await guess(door, ip=HOME, Cookie=f"latchkey_device={cookie}")
    hold_limited(await log_in(door, HOME, cookie=cookie))
    assert (await log_in(door, ELSEWHERE)).status_code == 200


async def test_cookies_of_others_say_nothing(door: httpx.AsyncClient, ada: Person, grace: Person) -> None:
    """R12: a cookie is for one user; another's, a changed one and an invented one are no cookie at all."""
    theirs = cookie_of(await guess(door, grace.email, PASSWORD, ip=OFFICE))
    cookie = cookie_of(await log_in(door, HOME))
    other = DeviceCookies((SECRET + "x",)).encode(ada.id, (await KnownDevice.get(user_id=ada.id)).id)
    invented = DeviceCookies((SECRET,)).encode(ada.id, uuid4())
    await shut_out(door)
    for wrong in (theirs, other, invented, cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), "x", "é" * 64, "A" * 64):
        hold_limited(
            await door.post(
                URL,
                data={"username": ada.email, "password": PASSWORD},
                headers=[
                    (b"X-Forwarded-For", ELSEWHERE.encode()),
                    (b"Cookie", f"latchkey_device={wrong}".encode()),
                ],
            )
        )


async def test_the_cookie(door: httpx.AsyncClient, ada: Person, runtime: Runtime) -> None:
    """R50: no script reads it, no other site sends it, in production only TLS carries it; it is set once."""
    first = await log_in(door, HOME)
    assert {part.strip().partition("=")[0].lower() for part in first.headers["set-cookie"].split(";")} == {
        "latchkey_device", "path", "max-age", "httponly", "samesite",
    }  # fmt: skip
    assert "samesite=strict" in first.headers["set-cookie"].lower()
    assert "set-cookie" not in (await log_in(door, HOME, cookie=cookie_of(first))).headers
    assert cookie_of(await log_in(door, HOME)) == cookie_of(first)  # it was lost, and is given again
    async with (
        another(runtime, ENVIRONMENT="production", PROXIES_COUNT=1) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        assert "; secure" in (await log_in(client, HOME)).headers["set-cookie"].lower()


async def test_notice_of_a_new_device(door: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock) -> None:
    """R24: the first log-in of all is no news; each new place or browser is, once."""
    await mailbox.letters()
    await log_in(door, HOME)
    assert await mailbox.letters(ada.email) == []
    cookie = cookie_of(await log_in(door, OFFICE, agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"))
    letter = await mailbox.letter(ada.email)
    assert "New log-in" in letter.subject
    assert OFFICE in letter.text
    clock.advance(60)
    await log_in(door, OFFICE, agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    await log_in(door, ELSEWHERE, cookie=cookie, agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0")
    assert await mailbox.letters(ada.email) == []
    events = await SecurityEvent.filter(type="login.new_device")
    assert [(event.ip, str(event.user_id)) for event in events] == [(OFFICE, str(ada.id))]  # type: ignore[attr-defined]


async def test_many_log_ins_on_one_new_device(door: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R13: ten log-ins at once on a new device are one new device, and one letter."""
    await log_in(door, HOME)
    await mailbox.letters()
    answers = await asyncio.gather(*(log_in(door, OFFICE) for _ in range(10)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) >= 1
    assert set(statuses) <= {200, 429, 503}  # at once, more than the free attempts are under way
    assert len({cookie_of(answer) for answer in answers if answer.status_code == 200}) == 1
    await mailbox.letter(ada.email)
    assert await KnownDevice.filter(user_id=ada.id).count() == 2


async def test_a_reset_makes_strangers_of_all(
    door: httpx.AsyncClient, ada: Person, mailbox: Mailbox, runtime: Runtime
) -> None:
    """R24: whoever knew the old password is new here after a reset: told of, and throttled as a stranger."""
    cookie = cookie_of(await log_in(door, HOME))
    await shut_out(door)
    await door.post("/api/auth/password/forgot", json={"email": ada.email})
    reset = {"token": (await mailbox.letters(ada.email))[-1].token, "password": "a new one altogether"}
    assert (await door.post("/api/auth/password/reset", json=reset)).status_code == 204
    await mailbox.letters()
    # The reset also ends the row of wrong passwords: the owner gets in.
    answer = await guess(door, password="a new one altogether", ip=HOME, **{"User-Agent": "Mine/1.0"})
    assert cookie_of(answer) != cookie
    assert "New log-in" in (await mailbox.letter(ada.email)).subject
    assert await known_devices.recognise(runtime, ada.id, Client(ELSEWHERE, "Another/1.0", None, (cookie,))) is None


@pytest.mark.parametrize("first", [True, False])
async def test_ended_before_it_was_noted(ada: Person, runtime: Runtime, clock: Clock, first: bool) -> None:
    """R24: a log-in whose session was ended meanwhile makes no known device, and gets no cookie of one."""
    user = await User.get(id=ada.id)
    if not first:
        await known_devices.remember(runtime, user, Client(ELSEWHERE, "Another/1.0"), uuid4(), "new")
    await User.filter(id=ada.id).update(sessions_valid_after=clock.now())
    found = await known_devices.remember(runtime, user, Client(HOME, "Mine/1.0"), uuid4(), "new")
    assert found == known_devices.Outlived()
    assert not await KnownDevice.filter(user_agent="Mine/1.0").exists()


async def test_the_first_device_is_noted_whole(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """It is written by a statement of its own: nothing else tells it from one that comes later."""
    user = await User.get(id=ada.id)
    for agent in ("First/1.0", "Second/1.0"):
        noted = await known_devices.remember(runtime, user, Client(HOME, agent), ada.id, "new")
        assert isinstance(noted, known_devices.Remembered)
        assert runtime.device_cookies.decode(noted.cookie, ada.id)
    (first,) = await KnownDevice.filter(user_agent="First/1.0").values()
    (second,) = await KnownDevice.filter(user_agent="Second/1.0").values()
    own = dict.fromkeys(("id", "user_agent", "first_seen_at", "last_seen_at"))
    assert first | own == second | own
    assert first["session_id"] == ada.id
    assert first["first_seen_at"] == first["last_seen_at"] <= clock.now()


@pytest.mark.parametrize("same", [True, False])
async def test_many_first_log_ins_at_once(ada: Person, runtime: Runtime, same: bool) -> None:
    """Each is noted, at its own place or at the one that they share."""
    user = await User.get(id=ada.id)
    agents = ["Mine/1.0" if same else f"Mine/{number}.0" for number in range(20)]
    found = await asyncio.gather(
        *(known_devices.remember(runtime, user, Client(HOME, agent), uuid4(), "new") for agent in agents)
    )
    ids = {
        runtime.device_cookies.decode(one.cookie, ada.id) for one in found if isinstance(one, known_devices.Remembered)
    }
    assert ids == {row.id for row in await KnownDevice.all()}
    assert len(ids) == len(set(agents))


@pytest.mark.parametrize("by", ["cookie", "place"])
@pytest.mark.parametrize("change", ["sessions_valid_after", "is_active", "gone"])
async def test_ended_before_a_known_device_was_noted(
    ada: Person, runtime: Runtime, clock: Clock, by: Literal["cookie", "place"], change: str
) -> None:
    """The row is looked at in the statement that notes the device: of what has ended meanwhile nothing is noted."""
    user, here = await User.get(id=ada.id), Client(HOME, "Mine/1.0")
    assert isinstance(await known_devices.remember(runtime, user, here, uuid4(), "new"), known_devices.Remembered)
    (row,) = await KnownDevice.all()
    device = known_devices.Recognised(row.id, by)
    clock.advance(60)
    assert isinstance(await known_devices.remember(runtime, user, here, uuid4(), device), known_devices.Remembered)
    (noted,) = await KnownDevice.all()
    assert noted.last_seen_at > row.last_seen_at
    clock.advance(60)
    match change:
        case "sessions_valid_after":
            await User.filter(id=ada.id).update(sessions_valid_after=clock.now())
        case "is_active":
            await User.filter(id=ada.id).update(is_active=False)
        case _:
            await User.filter(id=ada.id).delete()
    assert await known_devices.remember(runtime, user, here, uuid4(), device) == known_devices.Outlived()
    assert {found.last_seen_at for found in await KnownDevice.all()} <= {noted.last_seen_at}


@pytest.mark.real_only
@pytest.mark.parametrize("first", [True, False])
async def test_whoever_is_ending_it_is_waited_for(ada: Person, runtime: Runtime, clock: Clock, first: bool) -> None:
    """A change of the user's row that is about to be committed has not seen the session: it must not be outlived."""
    user, here = await User.get(id=ada.id), Client(HOME, "Mine/1.0")
    device: known_devices.Recognised | Literal["new"] = "new"
    if not first:
        await known_devices.remember(runtime, user, here, uuid4(), "new")
        (row,) = await KnownDevice.all()
        device = known_devices.Recognised(row.id, "place")
    async with transaction():
        await User.filter(id=ada.id).select_for_update().first()
        noting = asyncio.create_task(
            known_devices.remember(runtime, user, here, uuid4(), device), context=contextvars.Context()
        )
        await asyncio.sleep(0.1)
        assert not noting.done()
        await User.filter(id=ada.id).update(sessions_valid_after=clock.now())
    assert await noting == known_devices.Outlived()


async def test_read_with_the_user(ada: Person, grace: Person, runtime: Runtime) -> None:
    """In one statement it is what two find: for a place of hers, somebody else's, a forgotten one, and nobody."""
    here, there = Client(HOME, "Mine/1.0"), Client(OFFICE, "Mine/1.0")
    user = await User.get(id=ada.id)
    await known_devices.remember(runtime, user, here, uuid4(), "new")
    await known_devices.remember(runtime, await User.get(id=grace.id), there, uuid4(), "new")

    async def the_same(client: Client) -> object:
        for text in (ada.email, f" {ada.email.upper()}", "nobody@example.com"):
            found, known = await accounts.find_with_device(text, client)
            alone = await accounts.find_by_email(text)
            assert (found and (found.id, found.password_hash)) == (alone and (alone.id, alone.password_hash))
            assert known == await known_devices.recognise(runtime, found.id if found else None, client)
        return (await accounts.find_with_device(ada.email, client))[1]

    assert await the_same(here) is not None
    assert await the_same(there) is None
    await known_devices.forget_all(runtime, ada.id)
    assert await the_same(here) is None
    cookies = Client(HOME, "Mine/1.0", None, ("something",))
    assert (await accounts.find_with_device(ada.email, cookies))[1] == "unread"
    assert await accounts.find_with_device("no address", here) == (None, "unread")


async def test_two_who_share_a_browser(
    ada: Person, grace: Person, runtime: Runtime, mailbox: Mailbox, client: httpx.AsyncClient
) -> None:
    """R24: whose devices are strangers hears of the next log-in, whoever else logs in at the same place."""
    for person in (ada, grace):
        client.cookies.clear()
        await person.log_in()
        await known_devices.forget_all(runtime, person.id)
    await mailbox.letters()
    for person in (ada, grace):
        client.cookies.clear()
        await person.log_in()
        assert "New log-in" in (await mailbox.letter(person.email)).subject


async def test_strangers_at_the_door_after_a_reset(door: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R12, R19: whoever takes each attempt doesn't keep the owner out where they have reset the password."""
    here = {"User-Agent": "Mine/1.0", "X-Forwarded-For": HOME}
    await log_in(door, HOME)
    await door.post("/api/auth/password/forgot", json={"email": ada.email}, headers=here)
    token = next(one.token for one in await mailbox.letters(ada.email) if one.subject == "Set a new password")
    body = {"token": token, "password": "a new one altogether"}
    assert (await door.post("/api/auth/password/reset", json=body, headers=here)).status_code == 204
    await shut_out(door)
    answer = await guess(door, password="a new one altogether", ip=HOME, **{"User-Agent": "Mine/1.0"})
    assert answer.status_code == 200


async def test_an_administrators_password_does_too(
    door: httpx.AsyncClient, ada: Person, root: Person, mailbox: Mailbox
) -> None:
    """R30: a password that an administrator sets makes every device new."""
    await log_in(door, HOME)
    boss = await root.log_in()
    done = await boss.call("PATCH", f"/users/{ada.id}", json={"password": "set by somebody else"})
    assert done.status_code == 200
    await mailbox.letters()
    await guess(door, password="set by somebody else", ip=HOME, **{"User-Agent": "Mine/1.0"})
    assert "New log-in" in (await mailbox.letter(ada.email)).subject


async def test_devices_are_exported_and_deleted(ada: Person) -> None:
    """The export holds the known devices; they go with the account."""
    session = await ada.log_in(**{"User-Agent": "Mine/1.0"})
    exported = (await session.call("GET", "/users/me/export")).json()["devices"]
    assert [(device["network"], device["user_agent"]) for device in exported] == [("127.0.0.1", "Mine/1.0")]
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert not await KnownDevice.all().exists()


async def test_only_so_many(ada: Person, grace: Person, clock: Clock) -> None:
    """The devices used longest ago are dropped: each is a budget for guessing. Nobody else's are."""
    most, began = known_devices.MOST_DEVICES, clock.now()
    for owner in (ada, grace):
        for number in range(most):
            moment = began + timedelta(seconds=number)
            await KnownDevice.create(
                id=uuid4(), user_id=owner.id, network=HOME, user_agent=f"{number}",
                first_seen_at=began, last_seen_at=moment,
            )  # fmt: skip
    for name in ("a", "b"):
        clock.advance(3600)
        ada.client.cookies.clear()
        await ada.log_in(**{"User-Agent": name})
    kept = {row.user_agent for row in await KnownDevice.filter(user_id=ada.id)}
    assert kept == {"a", "b"} | {f"{number}" for number in range(2, most)}
    assert await KnownDevice.filter(user_id=grace.id).count() == most


async def test_a_log_in_that_cannot_be_told_of_is_none(
    ada: Person, client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R64: where the device can't be stored there is no session either."""

    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("database")

    monkeypatch.setattr(known_devices, "_add", fail)
    answer = await client.post(URL, data={"username": ada.email, "password": PASSWORD})
    assert_problem(answer, 503, "unavailable")
    assert await runtime.sessions.list_living(ada.id) == []


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("garbage", "unknown"),
    ],
)
def test_networks(address: str, network: str) -> None:
    """R12: an IPv4 address is one client, and so is a /64 of IPv6."""
    assert network_of(address) == network
