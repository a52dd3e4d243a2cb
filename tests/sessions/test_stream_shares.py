"""Streams are shared out: neither a few accounts nor one network take every place, and a refusal makes no noise."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from uuid import UUID, uuid4

import httpx
import pytest

from models import User
from service.core.client import Client
from service.core.telemetry import metrics
from service.errors import NoStream
from service.runtime import Runtime
from service.sessions.shares import Limits, StreamShares
from tests.http.support import another
from tests.support.door import entered
from tests.support.passwords import store
from tests.support.people import Person, Session, assert_problem
from tests.support.streams import URL, listening

PLACES = 40
HOME = "203.0.113.1"


class House:
    """A service behind one proxy, with few places; who comes from where is the test's to say."""

    def __init__(self, client: httpx.AsyncClient, runtime: Runtime, stack: AsyncExitStack) -> None:
        self.client = client
        self._runtime = runtime
        self._stack = stack
        self._held: list[AsyncIterator[bytes]] = []

    async def account(self, password_hash: str | None = None) -> UUID:
        """Make an account."""
        name = f"{uuid4().hex}@example.com"
        user = await User.create(
            id=uuid4(), email=name, email_canonical=name, is_active=True,
            created_at=self._runtime.clock.now(),
        )  # fmt: skip
        await store(user.id, password_hash)
        return user.id

    async def session(self, user_id: UUID) -> Session:
        """Log in, without the password."""
        tokens = await entered(self._runtime, await User.get(id=user_id), Client(HOME, "tests"))
        return Session(self.client, tokens.access_token, tokens.refresh_token)

    async def open(self, session: Session, address: str = HOME, query: str = "") -> httpx.Response:
        """Open a stream, and keep it for the rest of the test; return the answer."""
        stream = self.client.stream("GET", f"{URL}{query}", headers={**session.headers, "X-Forwarded-For": address})
        response = await self._stack.enter_async_context(stream)
        if response.status_code == 200:
            beginning = response.aiter_raw()
            await anext(beginning)
            self._held.append(beginning)  # or it would be closed, and the stream with it
        else:
            await response.aread()
        return response

    async def fill(self, session: Session, address: str = HOME) -> int:
        """Open streams until one is refused; return how many there were."""
        for number in range(PLACES + 1):
            if (await self.open(session, address)).status_code != 200:
                return number
        return PLACES


@pytest.fixture
def house(runtime: Runtime) -> Callable[..., object]:
    @asynccontextmanager
    async def build(places: int = PLACES) -> AsyncIterator[House]:
        limits = httpx.Limits(max_connections=400)
        async with (
            another(runtime, MAX_STREAMS=places, PROXIES_COUNT=1) as url,
            httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as client,
            AsyncExitStack() as stack,
        ):
            yield House(client, runtime, stack)

    return build


Build = Callable[..., object]


@pytest.mark.parametrize("places", [20, PLACES])
@pytest.mark.parametrize("same_address", [True, False])
async def test_ten_accounts(house: Build, places: int, same_address: bool) -> None:
    """R72: ten accounts, two sessions each, open whatever they get; an eleventh user still gets a stream."""
    async with house(places) as found:  # type: ignore[attr-defined]
        opened = 0
        for number in range(10):
            account = await found.account()
            for _ in range(2):
                opened += await found.fill(
                    await found.session(account), HOME if same_address else f"198.51.100.{number}"
                )
        print(f"\nten accounts have {opened} of {places}")
        assert opened < places
        assert opened >= places // 4
        owner = await found.session(await found.account())
        assert (await found.open(owner, "192.0.2.1")).status_code == 200


async def test_many_accounts_of_one_address(house: Build) -> None:
    """R72: as many accounts as there are places, from one address: the rest of the world still gets streams."""
    async with house() as found:  # type: ignore[attr-defined]
        crowd = [await found.session(await found.account()) for _ in range(PLACES)]
        opened = [(await found.open(one)).status_code for one in crowd].count(200)
        print(f"\none address has {opened} of {PLACES}")
        assert opened == 30  # an office behind one address keeps three quarters
        for number in range(3):
            owner = await found.session(await found.account())
            assert (await found.open(owner, f"192.0.2.{number}")).status_code == 200


@pytest.mark.parametrize(
    ("addresses", "most"),
    [
        ([f"2001:db8:1:2::{number:x}" for number in range(1, PLACES + 1)], PLACES // 2),
        ([f"2001:db8:1:{number:x}::1" for number in range(1, PLACES + 1)], 30),
        ([f"::ffff:203.0.113.{number % 2}" for number in range(1, PLACES + 1)], 36),
        ([f"198.51.100.{number % 8}" for number in range(1, PLACES + 1)], PLACES - 1),
    ],
    ids=["a /64", "a /48", "two addresses, spelt as IPv6", "eight addresses"],
)
async def test_networks(house: Build, addresses: list[str], most: int) -> None:
    """R72: an IPv6 network counts as one by its /64 and its /48; of few networks none gets the last place."""
    async with house() as found:  # type: ignore[attr-defined]
        opened = 0
        for address in addresses:
            one = await found.session(await found.account())
            opened += (await found.open(one, address)).status_code == 200
        print(f"\n{opened} of {PLACES}")
        assert opened <= most
        owner = await found.session(await found.account())
        assert (await found.open(owner, "192.0.2.77")).status_code == 200


def test_by_default() -> None:
    """R72: of 500 places 10 are of one session, 25 of one user, 375 of one address, 250 of a /64."""
    limits = Limits(session=10, user=25)

    def crowd(address: str, sid: UUID | None = None, uid: UUID | None = None) -> int:
        shares = StreamShares(500)
        with ExitStack() as held, suppress(NoStream):
            for _ in range(501):
                held.enter_context(shares.taken(sid or uuid4(), uid or uuid4(), address, limits))
                opened = shares.count
        return opened

    one = uuid4()
    assert crowd(HOME, sid=one, uid=one) == 10
    assert crowd(HOME, uid=one) == 25
    assert crowd(HOME) == 375
    assert crowd("2001:db8::1") == 250


def test_which_share_is_used_up() -> None:
    """R69, R72: an operator hears whether all places are taken, or those of one session, user or network."""

    def said(most: int, limits: Limits, *asked: tuple[UUID, UUID, str]) -> str:
        shares, *before, last = StreamShares(most), *asked
        with ExitStack() as held:
            for one in before:
                held.enter_context(shares.taken(*one, limits))
            with pytest.raises(NoStream) as refused:
                held.enter_context(shares.taken(*last, limits))
        assert shares.count == 0
        return str(refused.value.share)

    mine, hers, sid = uuid4(), uuid4(), uuid4()
    assert said(2, Limits(9, 9), *((uuid4(), uuid4(), f"192.0.2.{number}") for number in range(3))) == "all"
    assert said(500, Limits(1, 9), (sid, mine, HOME), (uuid4(), mine, HOME), (sid, mine, HOME)) == "session"
    assert said(500, Limits(9, 1), (sid, mine, HOME), (uuid4(), hers, HOME), (uuid4(), mine, HOME)) == "user"
    assert said(4, Limits(9, 9), *((uuid4(), uuid4(), "2001:db8::1") for _ in range(3))) == "network"


async def test_places_come_back(house: Build, ada: Person) -> None:
    """R72: what a closed tab held is free at once; nothing of it is remembered."""
    shares = StreamShares(20)
    for _ in range(100):
        with shares.taken(ada.id, ada.id, "2001:db8::1", Limits(10, 25)):
            assert shares.count == 1
    assert shares.count == 0
    assert not shares._held


async def test_a_refusal_is_no_outage(
    house: Build, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R69, R72: refused again and again, the log has one line, and that is no warning; it is counted."""
    counter = metrics.streams_refused.labels("session")
    async with house() as found:  # type: ignore[attr-defined]
        session = await found.session(await found.account())
        await found.fill(session)
        caplog.clear()
        before = counter._value.get()
        with caplog.at_level(logging.DEBUG):
            for _ in range(10):
                assert_problem(await found.open(session), 503, "unavailable")
        assert counter._value.get() == before + 10
        assert [line for line in caplog.records if line.levelno >= logging.WARNING] == []
        assert len([line for line in caplog.records if "streams" in line.getMessage()]) <= 1


async def test_quietly(house: Build) -> None:
    """R72: whoever asks for it is refused with 204, which no browser's console shows, and told when to ask again."""
    async with house() as found:  # type: ignore[attr-defined]
        session = await found.session(await found.account())
        await found.fill(session)
        answer = await found.open(session, query="?quiet=true")
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["retry-after"] == "20"
        assert answer.headers["cache-control"] == "no-store"
        # Asking again is how the end is noticed.
        assert (await session.call("POST", "/auth/logout")).status_code == 204
        assert_problem(await found.open(session, query="?quiet=true"), 401, "invalid_token")


async def test_quiet_with_a_place(ada: Person) -> None:
    """Where there is a place it is a stream like any other."""
    session = await ada.log_in()
    headers = session.headers
    async with session.client.stream("GET", f"{URL}?quiet=true", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
    answer = await session.client.get(f"{URL}?loud=true", headers=headers)
    assert_problem(answer, 422, "validation_error")


async def test_at_once(house: Build) -> None:
    """R13: opened at the same moment, no more than the share are open."""
    async with house(100) as found:  # type: ignore[attr-defined]
        account = await found.account()
        sessions = [await found.session(account) for _ in range(5)]
        opened: list[Awaitable[httpx.Response]] = [found.open(one) for one in sessions for _ in range(8)]
        answers = await asyncio.gather(*opened)
        assert [answer.status_code for answer in answers].count(200) == 5


async def test_an_honest_office(house: Build) -> None:
    """R72: twenty people behind one address, a tab each: all of them hear of the end at once."""
    async with house() as found:  # type: ignore[attr-defined]
        people = [await found.session(await found.account()) for _ in range(20)]
        assert {(await found.open(one)).status_code for one in people} == {200}
        async with listening(await found.session(await found.account())) as stream:
            assert stream.response.status_code == 200
