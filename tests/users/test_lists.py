"""Lists of users for administrators: every order, every filter, pages that stay put, and the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest

from models import SecurityEvent, User
from service.audit import events
from service.core.clock import Clock
from service.core.sql.database import dialect
from service.errors import Unavailable
from service.runtime import Runtime
from service.users import exporting, finding, last_logins, listing
from service.users.orders import Sort
from tests.support.people import Person, Session, assert_problem

SORTS: Sequence[Sort] = get_args(Sort)


async def make(clock: Clock, number: int, **fields: Any) -> User:
    email = fields.pop("email", f"user{number:03}@example.com")
    return await User.create(
        id=uuid4(),
        email=email,
        email_canonical=email.lower(),
        created_at=clock.now() - timedelta(days=number),
        **fields,
    )


async def some(clock: Clock, count: int = 11) -> list[User]:
    """Users of whom every third has never logged in, and every two share a moment."""
    moment = clock.now()
    return [
        await make(
            clock,
            number // 2,
            email=f"{'Zoe' if number % 2 else 'bo'}.{number:02}.with-a-long-name@example.com",
            last_login_at=None if number % 3 == 0 else moment - timedelta(hours=number // 2),
            is_superuser=number % 4 == 0,
            email_verified=number % 2 == 0,
        )
        for number in range(count)
    ]


async def read(session: Session, path: str) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page, and the path of the next one."""
    answer = await session.call("GET", path)
    assert answer.status_code == 200, answer.text
    following = answer.links["next"]["url"].removeprefix("/api") if "next" in answer.links else None
    return answer.json(), following


async def walk(session: Session, path: str | None) -> list[str]:
    """Return the ids of all pages."""
    seen: list[str] = []
    while path:
        page, path = await read(session, path)
        seen += [user["id"] for user in page]
    return seen


async def in_order(sort: Sort) -> list[str]:
    """Return the ids as the order has them, by Python's own sorting."""
    users = await User.all()
    name = sort.removeprefix("-")

    def key(user: User) -> tuple[object, ...]:
        if name == "email":
            return (user.email_canonical,)
        if name == "last_login_at":
            return (user.last_login_at is not None, user.last_login_at or 0, user.id)
        return (user.created_at, user.id)

    return [str(user.id) for user in sorted(users, key=key, reverse=sort.startswith("-"))]


@pytest.mark.parametrize("sort", SORTS)
async def test_orders(root: Person, clock: Clock, sort: Sort) -> None:
    """Each order is the same in one page, in pages of each length, and from any place by `skip`."""
    await some(clock)
    session = await root.log_in()
    expected = await in_order(sort)
    if sort.endswith("email") and dialect() == "postgres":  # by its collation, which isn't ours to say
        expected = await walk(session, f"/users?sort={sort}")
        assert sorted(expected) == sorted(await in_order(sort))
    assert await walk(session, f"/users?sort={sort}") == expected
    for limit in (1, 2, 3, 5):
        assert await walk(session, f"/users?sort={sort}&limit={limit}") == expected
    for skip in range(len(expected) + 1):
        page, _ = await read(session, f"/users?sort={sort}&skip={skip}&limit=3")
        assert [user["id"] for user in page] == expected[skip : skip + 3]


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_while_rows_come_and_go(root: Person, clock: Clock, sort: Sort) -> None:
    """Whoever is there all the time comes once, whatever is made, deleted or logged in while somebody turns pages."""
    users = await some(clock)
    session = await root.log_in()
    there = {str(user.id) for user in users} | {str(root.id)}
    seen: list[str] = []
    path: str | None = f"/users?sort={sort}&limit=2"
    for turn in range(20):
        if path is None:
            break
        page, path = await read(session, path)
        seen += [user["id"] for user in page]
        await make(clock, turn - 5, email=f"a{turn}.new@example.com", last_login_at=clock.now())
        await make(clock, turn + 5, email=f"z{turn}.new@example.com")
        if page and page[-1]["id"] != str(root.id):  # the very row that the next page begins behind
            await User.filter(id=page[-1]["id"]).delete()
    assert path is None or len(seen) > len(there)
    came = [user_id for user_id in seen if user_id in there]
    assert set(came) == there
    if not sort.endswith("email"):
        assert len(came) == len(there)


async def test_a_row_that_moves(root: Person, clock: Clock) -> None:
    """By address: the row that a page ended with gets another address meanwhile; nobody is left out."""
    for number in range(6):
        await make(clock, number)
    session = await root.log_in()
    for sort in ("email", "-email"):
        page, following = await read(session, f"/users?sort={sort}&limit=3")
        last = page[-1]
        other = "aaa@example.com" if sort == "email" else "zzz@example.com"
        await User.filter(id=last["id"]).update(email_canonical=other, email=other)
        assert following is not None
        left = await walk(session, following)
        everyone = {str(user_id) for user_id in await User.all().values_list("id", flat=True)}
        assert {user["id"] for user in page} | set(left) == everyone
        await User.filter(id=last["id"]).update(email_canonical=last["email"], email=last["email"])


async def test_filters(root: Person, clock: Clock) -> None:
    """Administrators, unconfirmed, active, and what is looked for: together all must fit, and pages keep them."""
    users = await some(clock)
    await User.filter(id=users[4].id).update(is_active=False)
    session = await root.log_in()

    async def ids(query: str) -> set[str]:
        return set(await walk(session, f"/users?limit=2&sort=-created_at&{query}"))

    def of(*numbers: int) -> set[str]:
        return {str(users[number].id) for number in numbers}

    assert await ids("is_superuser=true") == {str(root.id), *of(0, 4, 8)}
    assert await ids("is_superuser=true&is_active=true&q=with-a-long") == of(0, 8)
    assert await ids("email_verified=false") == of(1, 3, 5, 7, 9)
    assert await ids("email_verified=false&q=ZOE.0") == of(1, 3, 5, 7, 9)
    assert await ids("is_active=false") == of(4)
    answer = await session.call("GET", "/users?email_verified=false&limit=2")
    assert answer.headers["x-total-count"] == "5"


@pytest.mark.parametrize("query", ["sort=name", "sort=created_at,email", "is_superuser=maybe", "after=x"])
async def test_nonsense(root: Person, query: str) -> None:
    """R61: an order or a mark that there isn't is refused."""
    session = await root.log_in()
    assert_problem(await session.call("GET", f"/users?{query}"), 422, "validation_error")


async def test_a_cursor_of_another_order(root: Person, clock: Clock) -> None:
    """A place in the order of addresses is none in the order of times, nor the other way round."""
    await some(clock)
    session = await root.log_in()
    for mine, other in (("email", "-created_at"), ("created_at", "-email")):
        _, following = await read(session, f"/users?limit=2&sort={mine}")
        assert following is not None
        wrong = following.replace(f"sort={mine}", "") + f"&sort={other}"
        problem = assert_problem(await session.call("GET", wrong), 422, "validation_error")
        assert problem["errors"][0]["pointer"] == "/after"


async def test_the_last_log_in(root: Person, ada: Person, runtime: Runtime, clock: Clock) -> None:
    """It is there a minute later, the latest of several; who has never logged in has none; it outlives the events."""
    session = await root.log_in()
    await ada.log_in()
    clock.advance(60)
    last = clock.now()
    await ada.log_in()
    assert "last_login_at" not in (await session.call("GET", f"/users/{ada.id}")).json()
    assert await last_logins.catch_up(runtime)
    row = await User.get(id=ada.id)
    assert row.last_login_at is not None
    assert abs(row.last_login_at - last) < timedelta(seconds=30)
    shown = (await session.call("GET", f"/users/{ada.id}")).json()["last_login_at"]
    assert shown.startswith(f"{row.last_login_at:%Y-%m-%dT%H:%M}")
    first, *_ = (await session.call("GET", "/users?sort=-last_login_at")).json()
    assert first["id"] == str(ada.id)
    await SecurityEvent.all().delete()
    clock.advance(3600)
    await last_logins.catch_up(runtime)
    assert (await User.get(id=ada.id)).last_login_at == row.last_login_at


async def test_catching_up(
    ada: Person, grace: Person, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From nothing, in small batches, cut off after each; what has come late is found, an older one changes nothing."""
    monkeypatch.setattr(last_logins, "BATCH", 2)

    async def event(person: Person, hours: float, kind: str = "login.succeeded") -> None:
        at = clock.now() + timedelta(hours=hours)
        await SecurityEvent.create(id=uuid4(), type=kind, created_at=at, user_id=person.id, detail={})

    async def noted(person: Person) -> float | None:
        at = (await User.get(id=person.id)).last_login_at
        return None if at is None else round((at - clock.now()) / timedelta(hours=1), 1)

    for hours in (-50, -40, -30, -20):
        await event(ada, hours)
    await event(ada, -1, "login.failed")
    await event(grace, -45)
    turns = 1
    while not await last_logins.catch_up(runtime, enough=lambda: True):
        turns += 1
        assert turns < 10
    assert (await noted(ada), await noted(grace)) == (-20, -45)
    await event(grace, -20.02)  # its transaction took a minute longer than that of the newest
    await event(ada, -19)
    await last_logins.catch_up(runtime)
    assert (await noted(ada), await noted(grace)) == (-19, -20)
    await last_logins.catch_up(runtime)
    assert (await noted(ada), await noted(grace)) == (-19, -20)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("sort", SORTS)
async def test_a_file(root: Person, clock: Clock, sort: Sort, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole list, in its order, though it is read a few rows at a time; filters hold; who took it is an event."""
    monkeypatch.setattr(listing, "AT_ONCE", 3)
    await some(clock)
    session = await root.log_in()
    answer = await session.call("GET", f"/users.csv?sort={sort}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="users.csv"'
    assert answer.headers["cache-control"] == "no-store"
    rows = table(answer.text)
    assert [row["id"] for row in rows] == await walk(session, f"/users?sort={sort}")
    assert tuple(rows[0]) == exporting.LISTED
    few = table((await session.call("GET", f"/users.csv?sort={sort}&is_superuser=true")).text)
    assert {row["is_superuser"] for row in few} == {"true"}
    assert len(few) == 4
    taken = await SecurityEvent.filter(type="users.exported")
    assert [(event.actor_id, event.ip) for event in taken] == [(UUID(str(root.id)), "127.0.0.1")] * 2


NAMES = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", 'Zoë "the" Ü, Jr.', " =1", "a;=1"]


async def test_no_cell_is_a_formula(root: Person, clock: Clock) -> None:
    """OWASP, CSV injection: what somebody calls themselves is text to a spreadsheet, and can be read back."""
    from service.core.text.spreadsheets import from_text

    for number, name in enumerate(NAMES):
        await make(clock, number, full_name=name)
    answer = await (await root.log_in()).call("GET", "/users.csv?sort=-created_at&q=user")
    found = [row["full_name"] for row in table(answer.text)]
    assert [from_text(cell) for cell in found] == NAMES
    assert [cell for cell in found if cell.lstrip()[:1] in tuple("=+-@")] == []
    assert all(
        cell.startswith("'") for cell, name in zip(found, NAMES, strict=True) if name not in (NAMES[5], NAMES[7])
    )


async def test_who_may_take_it(root: Person, ada: Person) -> None:
    """R60: superusers only, and nothing is recorded of who was refused. HEAD takes nothing away."""
    assert_problem(await (await ada.log_in()).call("GET", "/users.csv"), 403, "forbidden")
    assert_problem(await ada.client.get("/api/users.csv"), 401, "not_authenticated")
    session = await root.log_in()
    assert_problem(await session.call("GET", "/users.csv?limit=3"), 422, "validation_error")
    assert (await session.call("HEAD", "/users.csv")).status_code == 200
    assert not await SecurityEvent.exists(type="users.exported")


async def test_what_is_not_recorded_is_not_given(root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """R69: no record, no file."""
    session = await root.log_in()

    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("database")

    monkeypatch.setattr(events, "record", fail)
    assert_problem(await session.call("GET", "/users.csv"), 503, "unavailable")


async def test_a_file_takes_its_time(root: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request has patience for a second of waiting for stores; a file has it for each of its pieces."""
    from service.core import patience

    monkeypatch.setattr(listing, "AT_ONCE", 3)
    await some(clock)
    session = await root.log_in()
    whole, left = finding.Users.read, list[float]()

    async def slow(*args: Any) -> Sequence[User]:
        mine = patience._patience.get()
        assert mine is not None
        left.append(mine.left)
        found = await whole(*args)
        mine.left -= patience.PATIENCE
        return found

    monkeypatch.setattr(finding.Users, "read", slow)
    answer = await session.call("GET", "/users.csv")
    assert len(table(answer.text)) == 12
    assert len(left) == 5
    assert min(left) > 0


async def test_half_a_file_is_none(root: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: a database that goes away half way cuts the connection; nobody takes the beginning for all of it."""
    import httpx

    monkeypatch.setattr(listing, "AT_ONCE", 3)
    await some(clock)
    session = await root.log_in()
    whole, times = finding.Users.read, 0

    async def twice(*args: Any) -> Sequence[User]:
        nonlocal times
        times += 1
        if times > 2:
            raise Unavailable("database")
        return await whole(*args)

    monkeypatch.setattr(finding.Users, "read", twice)
    with pytest.raises(httpx.TransportError):
        await session.call("GET", "/users.csv")
    monkeypatch.setattr(finding.Users, "read", whole)
    assert (await session.call("GET", "/users.csv")).status_code == 200
