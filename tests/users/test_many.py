"""Lists among very many users: the same users whichever way they are found, counted or estimated, by the indexes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Final, get_args
from uuid import UUID

import asyncpg
import pytest
from tortoise import connections

from models import SecurityEvent, User
from service.admin import events
from service.admin.events import EventFilter
from service.core.clock import Clock
from service.core.sql import postgres
from service.core.sql.database import CONNECTION, dialect
from service.runtime import Runtime
from service.users import finding, listing
from service.users.finding import UserFilter
from service.users.orders import Sort
from service.users.terms import Term, query_of, rarest
from tests.support.people import Person

SORTS: Final = get_args(Sort)
PIECES: Final = (
    "ann", "Ann", "ANNA", "x", "müller", "MÜLLER", "Ünal", "ßtraße", "Иван", "ж", "李", "🦊", "'", "''", "\\", "\\'",
    "%", "_", "a_b", "100%", ".", "-", "+", " ", "  ", ":", "&", "|", "!", "(", ")", "<->", ":*", "o'brien", "q", "zz",
    "\u0131", "İ", "é", "e\u0301",
)  # fmt: skip


def fold(text: str) -> str:
    """Return a text as a database without a language compares it: ASCII alone has capitals."""
    return text.translate({small: small - 32 for small in range(ord("a"), ord("z") + 1)})


def fits(user: User, wanted: UserFilter) -> bool:
    """Say whether a user fits, in plain Python."""
    found = wanted.search is None or any(
        fold(wanted.search) in fold(text) for text in (user.email, user.full_name) if text is not None
    )
    return found and all(getattr(user, name) is value for name, value in wanted.marks.items())


def key(user: User, sort: Sort) -> tuple[object, ...]:
    match sort.removeprefix("-"):
        case "email":
            return (user.email_canonical,)
        case "last_login_at":
            return (user.last_login_at is not None, user.last_login_at or 0, user.id)
        case _:
            return (user.created_at, user.id)


def text(chance: random.Random, most: int) -> str:
    """Return some pieces, one behind the other."""
    return "".join(chance.choices(PIECES, k=chance.randint(0, most)))


async def many(clock: Clock, chance: random.Random, count: int = 90) -> list[User]:
    """Users with odd names."""
    now = clock.now()
    users = [
        User(
            id=UUID(int=chance.getrandbits(128)),
            email=(
                email := f"{''.join(chance.choices(PIECES, k=chance.randint(0, 3)))}{number}@{chance.choice(PIECES)}.ex"
            ),
            email_canonical=f"{number:03}{fold(email)}".encode("ascii", "replace").decode(),
            full_name=None if chance.random() < 0.2 else text(chance, 4),
            is_active=chance.random() < 0.7,
            is_superuser=chance.random() < 0.1,
            email_verified=chance.random() < 0.5,
            created_at=now - timedelta(days=chance.randint(0, 30)),
            last_login_at=None if chance.random() < 0.3 else now - timedelta(days=chance.randint(0, 20)),
        )
        for number in range(count)
    ]
    await User.bulk_create(users)
    return users


@pytest.fixture
def as_if_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take few users for very many: whatever is frequent among ten is frequent."""
    for name, value in {"FEW": 0, "EXACT": 5, "WALK": 30, "_SAMPLE": 60, "_SURE": 1.0}.items():
        monkeypatch.setattr(finding, name, value)


def wishes(chance: random.Random, users: list[User], count: int) -> Iterator[UserFilter]:
    """Yield what administrators may look for: parts of what is there, and what isn't."""
    for _ in range(count):
        user = chance.choice(users)
        text = chance.choice([user.email, user.full_name or "", "".join(chance.choices(PIECES, k=2))])
        begin = chance.randint(0, len(text))
        part = chance.choice(
            [text, text[begin : begin + chance.randint(1, 9)], text[begin:], text.upper(), text.lower()]
        )
        yield UserFilter(
            search=chance.choice([part, part, part, part, None]),
            is_active=chance.choice([None, None, True, False]),
            is_superuser=chance.choice([None, None, None, True, False]),
            email_verified=chance.choice([None, None, True, False]),
        )


@pytest.mark.parametrize("analysed", [True, False])
async def test_every_way_finds_the_same(runtime: Runtime, clock: Clock, as_if_many: None, analysed: bool) -> None:
    """Property: of odd texts, with every filter, in every order, each page is what plain Python finds.

    Whether the database knows how frequent things are, or not.
    """
    chance = random.Random(17 + analysed)
    users = await many(clock, chance)
    if dialect() == "postgres":
        await connections.get(CONNECTION).execute_query("ANALYZE users" if analysed else "VACUUM users")
    for number, wanted in enumerate(wishes(chance, users, 120)):
        sort: Sort = SORTS[number % len(SORTS)]
        expected = sorted(
            (user for user in users if fits(user, wanted)), key=lambda user: key(user, sort), reverse=sort[0] == "-"
        )
        ids = [user.id for user in expected]
        limit, skip = chance.randint(1, 9), chance.choice([0, 0, 1, 3, 12])
        page = await listing.list_users(runtime, wanted, sort, skip=skip, limit=limit, after=None)
        assert [user.id for user in page.users] == ids[skip : skip + limit], (wanted, sort)
        if dialect() != "postgres" or (len(ids) <= finding.EXACT and page.total <= finding.EXACT):
            assert page.total == len(ids), wanted
        seen, after = [user.id for user in page.users], page.next
        while skip == 0 and after is not None:
            page = await listing.list_users(runtime, wanted, sort, skip=0, limit=limit, after=after)
            seen, after = seen + [user.id for user in page.users], page.next
        assert skip or seen == ids, (wanted, sort)


async def test_a_file_of_very_many(
    runtime: Runtime, clock: Clock, as_if_many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that fit, frequent or rare, once each."""
    monkeypatch.setattr(listing, "AT_ONCE", 7)
    chance = random.Random(4)
    users = await many(clock, chance)
    for wanted in wishes(chance, users, 20):
        found = [user.id async for some in listing.all_users(runtime, wanted, "-last_login_at") for user in some]
        assert sorted(found) == sorted(user.id for user in users if fits(user, wanted)), wanted


@pytest.mark.real_only
async def test_counted_or_estimated(root: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """`X-Total-Count` is exact up to a number, and about right beyond it."""
    monkeypatch.setattr(finding, "FEW", 0)
    monkeypatch.setattr(finding, "EXACT", 40)
    await many(clock, random.Random(5))
    await connections.get(CONNECTION).execute_query("ANALYZE users")
    session = await root.log_in()
    total = await User.all().count()

    async def said(query: str) -> int:
        answer = await session.call("GET", f"/users?limit=3{query}")
        assert answer.status_code == 200, answer.text
        return int(answer.headers["X-Total-Count"])

    assert await said("&q=.ex") in range(41, total * 2)
    assert await said("") == total  # an estimate, of a table that was looked at just now
    assert await said(f"&q={root.email}") == 1
    assert await said("&is_superuser=true") == await User.filter(is_superuser=True).count()
    await User.filter(is_superuser=False).delete()
    assert await said("") == await User.all().count()  # many have gone since the database last looked


def test_what_is_looked_for() -> None:
    """Few terms, the rarest; equals from all over the text; quoted, whatever they are."""
    terms = [
        Term(text, share) for text, share in {"ABC": 0.5, "BCD": 0.001, "CDE": 0.2, "DEF": 0.001, "EFG": 1}.items()
    ]
    assert [term.text for term in rarest(terms)] == ["BCD", "DEF", "CDE"]
    assert [term.text for term in rarest([Term(text, 1) for text in ("A'B", "B\\C", "CDE", "DEF", "EFG")])] == [
        "A'B", "CDE", "EFG",
    ]  # fmt: skip
    assert query_of([Term("A'B", 1), Term("B\\C", 1)]) == r"'A''B' & 'B\\C'"
    assert query_of([Term("Q", 1)]) == "'Q':*"
    assert query_of([Term("\x01+", 1)]) == "'\x01+'"


@pytest.mark.real_only
async def test_indexes_are_used(
    runtime: Runtime, clock: Clock, as_if_many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where tables aren't read from one end to the other, each list and filter has an index to begin at."""
    monkeypatch.setattr(finding, "EXACT", 10_000)  # nothing is so frequent
    database = connections.get(CONNECTION)
    # What tests before this one have left in tables and indexes, and what is known of it, is no part of what is asked.
    await database.execute_query("TRUNCATE users, security_events CASCADE")
    await many(clock, random.Random(6))
    await SecurityEvent.bulk_create(
        SecurityEvent(type="login.succeeded", created_at=clock.now(), ip=f"192.0.2.{number}", detail={})
        for number in range(2, 250)
    )
    await database.execute_query("ANALYZE users, security_events")
    asked: list[tuple[str, list[object]]] = []
    whole = postgres.BoundedPostgresClient._translate_exceptions

    async def noting(self: postgres.BoundedPostgresClient, func: object, *args: object, **kwargs: object) -> object:
        asked.append((str(args[0]), list(args[1] or []) if len(args) > 1 else []))  # type: ignore[call-overload]
        return await whole(self, func, *args, **kwargs)  # type: ignore[arg-type]

    async def plans() -> str:
        connection = await asyncpg.connect(runtime.settings.DATABASE_URL)
        try:
            await connection.execute("SET enable_seqscan = off; SET enable_sort = off")
            lines = [await connection.fetch(f"EXPLAIN {sql}", *values) for sql, values in asked if "FROM" in sql]
            return "\n".join(line[0] for found in lines for line in found)
        finally:
            await connection.close()

    monkeypatch.setattr(postgres.BoundedPostgresClient, "_translate_exceptions", noting)
    searched = [UserFilter(search="zzyzx"), UserFilter(search="q"), UserFilter(is_superuser=True)]
    for wanted in searched:
        asked.clear()
        await listing.list_users(runtime, wanted, "created_at", skip=0, limit=5, after=None)
        assert "users_terms" in await plans(), wanted
    for index, looked_for in {
        "security_events_ip": EventFilter(ip="192.0.2.1"),
        "security_events_type": EventFilter(type="login.failed"),
        "security_events_done_by": EventFilter(actor_id=UUID(int=1)),
    }.items():
        asked.clear()
        await events.find_events(runtime, looked_for, 5, None)
        assert index in await plans()
    by_time: dict[Sort, str] = {"created_at": "users_created_at_id", "-last_login_at": "users_last_login"}
    for sort, index in by_time.items():
        asked.clear()
        await listing.list_users(runtime, UserFilter(), sort, skip=3, limit=5, after=None)
        assert index in await plans()
