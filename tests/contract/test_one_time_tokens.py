"""The tokens of links, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models import OneTimeToken, User
from service.core.clock import Clock
from service.core.sql.transactions import transaction
from service.letters import onetime, typed
from service.runtime import Runtime
from tests.support.people import Person

HOUR = timedelta(hours=1)
PURPOSES = (onetime.VERIFY, onetime.PASSWORD, onetime.ADDRESS, onetime.UNDO)


async def issued(runtime: Runtime, person: Person, purpose: str = onetime.PASSWORD, life: timedelta = HOUR) -> str:
    token = typed.new_token()
    async with transaction():
        await onetime.issue(
            runtime, token, user_id=person.id, purpose=purpose, life=life, subject="old@example.com",
            held_address="old@example.com" if purpose == onetime.UNDO else None,
        )  # fmt: skip
    return token


async def spent(runtime: Runtime, token: str, purpose: str = onetime.PASSWORD) -> bool:
    async with transaction():
        return await onetime.spend(runtime, token, purpose) is not None


def test_tokens_cannot_be_guessed() -> None:
    """R20: 140 bits from the system's generator, no two alike."""
    tokens = {typed.new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {28}
    assert set("".join(tokens)) == set(typed.LETTERS)
    assert len(typed.LETTERS) == 32


async def test_only_the_hash_is_stored(runtime: Runtime, ada: Person) -> None:
    """R20: what is stored opens nothing, not even the hash itself."""
    token = await issued(runtime, ada)
    row = await OneTimeToken.get()
    assert token not in str(await OneTimeToken.all().values())
    assert not await spent(runtime, row.token_hash)
    assert await spent(runtime, token)


async def test_good_once(runtime: Runtime, ada: Person) -> None:
    """R20: spending says whose it is, and leaves nothing to spend."""
    token = await issued(runtime, ada)
    async with transaction():
        found = await onetime.spend(runtime, token, onetime.PASSWORD)
    assert found is not None
    assert (found.user.id, found.subject) == (ada.id, "old@example.com")
    assert not await spent(runtime, token)
    assert await onetime.find(runtime, token, onetime.PASSWORD) is None


async def test_looking_spends_nothing(runtime: Runtime, ada: Person) -> None:
    """R20: `find` may be asked as often as one likes."""
    token = await issued(runtime, ada)
    for _ in range(2):
        found = await onetime.find(runtime, token, onetime.PASSWORD)
        assert found is not None
        assert found.user_id == ada.id
    assert await spent(runtime, token)


@pytest.mark.parametrize("purpose", PURPOSES)
async def test_bound_to_its_purpose(runtime: Runtime, ada: Person, purpose: str) -> None:
    """R20: a token is good for what it was made for, and for nothing else."""
    token = await issued(runtime, ada, purpose)
    assert [other for other in PURPOSES if await spent(runtime, token, other)] == [purpose]


async def test_expires(runtime: Runtime, ada: Person, clock: Clock) -> None:
    """R20: good until its end, and not at it."""
    token, longer = await issued(runtime, ada), await issued(runtime, ada, onetime.VERIFY, HOUR * 2)
    clock.advance(3600)
    assert not await spent(runtime, token)
    assert await spent(runtime, longer, onetime.VERIFY)


async def test_newer_takes_the_place_of_older(runtime: Runtime, ada: Person, grace: Person) -> None:
    """R21: one token for a user and a purpose; other purposes and other users have their own."""
    others = [await issued(runtime, ada, onetime.VERIFY), await issued(runtime, grace)]
    older = await issued(runtime, ada)
    newer = await issued(runtime, ada)
    assert not await spent(runtime, older)
    assert await spent(runtime, newer)
    assert await spent(runtime, others[0], onetime.VERIFY)
    assert await spent(runtime, others[1])


async def test_revoking_leaves_the_way_back(runtime: Runtime, ada: Person, grace: Person) -> None:
    """R21: all of a user's tokens end but those that take a change back; nobody else's do."""
    tokens = {purpose: await issued(runtime, ada, purpose) for purpose in PURPOSES}
    other = await issued(runtime, grace)
    async with transaction():
        await onetime.revoke(runtime, await User.get(id=ada.id))
    assert [purpose for purpose, token in tokens.items() if await spent(runtime, token, purpose)] == [onetime.UNDO]
    assert await spent(runtime, other)


async def test_failure_gives_the_token_back(runtime: Runtime, ada: Person) -> None:
    """R64: a transaction that fails after spending has spent nothing."""
    token = await issued(runtime, ada)

    async def fails() -> None:
        async with transaction():
            assert await onetime.spend(runtime, token, onetime.PASSWORD)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    assert await spent(runtime, token)


async def test_one_of_ten_wins(runtime: Runtime, ada: Person) -> None:
    """R20: ten transactions want one token at once; one gets it."""
    for purpose in PURPOSES:
        token = await issued(runtime, ada, purpose)
        results = await asyncio.gather(*(spent(runtime, token, purpose) for _ in range(10)))
        assert results.count(True) == 1


async def test_spending_and_revoking_at_once(runtime: Runtime, ada: Person) -> None:
    """R21: whichever comes first, nobody waits for ever and no token is left."""

    async def revoke() -> None:
        async with transaction():
            user = await User.filter(id=ada.id).select_for_update().get()
            await onetime.revoke(runtime, user)

    for _ in range(5):
        tokens = [(purpose, await issued(runtime, ada, purpose)) for purpose in (onetime.PASSWORD, onetime.ADDRESS)]
        await asyncio.gather(revoke(), *(spent(runtime, token, purpose) for purpose, token in tokens), revoke())
        assert not await OneTimeToken.filter(user_id=ada.id).exists()


async def test_disabled_users_have_no_tokens(runtime: Runtime, ada: Person) -> None:
    """R30: a disabled account's tokens are asleep, not spent."""
    token = await issued(runtime, ada)
    await User.filter(id=ada.id).update(is_active=False)
    assert not await spent(runtime, token)
    await User.filter(id=ada.id).update(is_active=True)
    assert await spent(runtime, token)


async def test_purging(runtime: Runtime, ada: Person, clock: Clock) -> None:
    """Only tokens that ended long ago are swept away."""
    await issued(runtime, ada)
    living = await issued(runtime, ada, onetime.UNDO, timedelta(days=30))
    clock.advance(3601)
    assert await onetime.purge(runtime) == 0
    clock.advance(onetime.KEPT.total_seconds())
    assert await onetime.purge(runtime) == 1
    assert await spent(runtime, living, onetime.UNDO)


async def test_an_address_is_held_for_who_may_take_it_back(
    runtime: Runtime, ada: Person, grace: Person, clock: Clock
) -> None:
    """Decision 015: held from everybody else, as long as the token lives."""
    await issued(runtime, ada, onetime.UNDO)
    assert await onetime.is_held(runtime, "old@example.com", user_id=grace.id)
    assert not await onetime.is_held(runtime, "old@example.com", user_id=ada.id)
    assert not await onetime.is_held(runtime, "other@example.com", user_id=grace.id)
    clock.advance(3600)
    assert not await onetime.is_held(runtime, "old@example.com", user_id=grace.id)
