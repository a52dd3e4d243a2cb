"""An account at a provider that a proof links: it opens the account when the door has opened, and not before."""

from __future__ import annotations

from uuid import uuid4

import pytest

from models import Identity, User
from service.core.client import Client
from service.credentials.identities import External
from service.credentials.proof import PASSWORD, PROVIDER, Proof
from service.errors import AlreadyLinked
from service.runtime import Runtime
from service.signin import door, pending
from tests.signin.support import delete_keys, raw
from tests.support.people import Person
from tests.support.second_factor import SECOND_FACTOR, House, house

CORP = External("corp", "https://corp.example", "248289761001", "ada@example.com")
HERE = Client("127.0.0.1", "a browser")


def linking(runtime: Runtime, external: External = CORP) -> Proof:
    methods = frozenset({PROVIDER, PASSWORD})
    return Proof(methods, 1, runtime.clock.now(), provider="corp", links=external)


async def test_it_opens_the_account_with_the_session(runtime: Runtime, ada: Person) -> None:
    """Nothing is owed: both are there."""
    outcome = await door.begin(runtime, await User.get(id=ada.id), linking(runtime), HERE)
    assert isinstance(outcome, door.SignedIn)
    (row,) = await Identity.all()
    assert (str(row.user_id), row.provider, row.subject) == (str(ada.id), "corp", CORP.subject)  # type: ignore[attr-defined]


async def test_nothing_before_all_is_shown(strict: House, ada: Person) -> None:
    """A second factor is owed: there is no link until it is shown, and what waits for it is sealed."""
    runtime = strict.runtime
    outcome = await door.begin(runtime, await User.get(id=ada.id), linking(runtime), HERE)
    assert isinstance(outcome, door.Pending)
    assert not await Identity.exists()
    (key,) = [key async for key in raw(runtime).scan_iter("*:pending:*")]
    kept = b" ".join((await raw(runtime).hgetall(key)).values())
    assert CORP.subject.encode() not in kept
    assert b"ada@example.com" not in kept
    found = await pending.waiting(runtime, outcome.ticket)
    assert found.proofs[0].links == CORP
    assert (await strict.second(outcome.ticket)).status_code == 200
    assert await Identity.filter(user_id=ada.id, subject=CORP.subject).exists()


@pytest.mark.parametrize("how", ["wrong", "flushed"])
async def test_nothing_where_it_is_never_shown(strict: House, ada: Person, how: str) -> None:
    """It ends with the log-in."""
    runtime = strict.runtime
    outcome = await door.begin(runtime, await User.get(id=ada.id), linking(runtime), HERE)
    assert isinstance(outcome, door.Pending)
    if how == "wrong":
        for _ in range(5):
            await strict.second(outcome.ticket, "000000")
    else:
        await delete_keys(runtime, f"user:{{{ada.id}}}:*")
    assert (await strict.second(outcome.ticket)).status_code == 400
    assert not await Identity.exists()


async def test_what_opens_another_account(runtime: Runtime, ada: Person, grace: Person) -> None:
    """409, and there is no session: neither where nothing is owed, nor at the end of what was."""
    await door.begin(runtime, await User.get(id=grace.id), linking(runtime), HERE)
    with pytest.raises(AlreadyLinked):
        await door.begin(runtime, await User.get(id=ada.id), linking(runtime), HERE)
    assert await runtime.sessions.list_living(ada.id) == []
    assert await Identity.all().count() == 1


async def test_what_opens_another_account_by_the_end(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, ada: Person, grace: Person
) -> None:
    """It was linked elsewhere while the second factor was owed: 409, no session, however often."""
    async with house(runtime, monkeypatch, SECOND_FACTOR) as strict:
        outcome = await door.begin(strict.runtime, await User.get(id=ada.id), linking(runtime), HERE)
        assert isinstance(outcome, door.Pending)
        await Identity.create(
            id=uuid4(), user_id=grace.id, provider="corp", issuer=CORP.issuer, subject=CORP.subject,
            created_at=runtime.clock.now(),
        )  # fmt: skip
        for _ in range(2):
            answer = await strict.second(outcome.ticket)
            assert (answer.status_code, answer.json()["code"]) == (409, "already_linked")
        assert await runtime.sessions.list_living(ada.id) == []
        assert not await Identity.filter(user_id=ada.id).exists()
