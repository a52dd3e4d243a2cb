"""A thief who doesn't stop: calls of a stolen session, one after the other and many at once, while it is cured.

Nothing is held here: it is what somebody does who has the session and a loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from models import OneTimeToken, User
from service.runtime import Runtime
from tests.support.inflight import THIEFS, THIEFS_MAILBOX, Cures
from tests.support.letters import Mailbox
from tests.support.links import post
from tests.support.people import PASSWORD, Person, Session, confirmed, register

ROUNDS = 8
AT_ONCE = 6


async def while_attacking(attack: Callable[[], Awaitable[httpx.Response]], cure: Callable[[], Awaitable[None]]) -> None:
    """Make `attack` again and again, several at once, from before the cure until after it."""
    stop = asyncio.Event()

    async def loop() -> None:
        while not stop.is_set():
            answer = await attack()
            assert answer.status_code < 500 or answer.status_code == 503, answer.text

    loops = [asyncio.ensure_future(loop()) for _ in range(AT_ONCE)]
    await asyncio.sleep(0.05)
    try:
        await cure()
    finally:
        stop.set()
        await asyncio.gather(*loops)


async def logs_in(client: httpx.AsyncClient, email: str, password: str) -> bool:
    answer = await client.post("/api/auth/login", json={"email": email, "password": password})
    return answer.status_code == 200


async def scene(client: httpx.AsyncClient, number: int) -> tuple[Person, Session, Session]:
    person = await confirmed(await register(client, f"victim{number}@example.com"))
    return person, await person.log_in(), await person.log_in()


@pytest.mark.parametrize("cure", ["administrator's password", "reset", "disabled and enabled", "undo", "own password"])
async def test_a_thief_who_keeps_setting_the_password(
    client: httpx.AsyncClient, root: Person, runtime: Runtime, mailbox: Mailbox, cure: str
) -> None:
    """R76: his password is worth nothing once the cure has been answered, nor is his session."""
    roots, outlived = await root.log_in(), 0
    for number in range(ROUNDS):
        person, own, thief = await scene(client, number)
        cures = Cures(runtime, mailbox, person, thief, own, roots)
        await cures.prepare(cure)
        if cure == "own password":
            assert await self_defence(cures, own)
        else:
            await while_attacking(
                lambda thief=thief: thief.call("PUT", "/users/me", json={"password": THIEFS}),  # type: ignore[misc]
                lambda cures=cures: cures.do(cure),  # type: ignore[misc]
            )
        outlived += (await thief.me()).status_code == 200
        if cure not in ("disabled and enabled", "own password"):  # those leave the password as it is
            outlived += await logs_in(client, (await User.get(id=person.id)).email, THIEFS)
    assert outlived == 0


async def self_defence(cures: Cures, own: Session) -> bool:
    """Thief and owner set passwords at once: one session is left, and it is that of whoever was first."""
    answers = await asyncio.gather(
        cures.thief.call("PUT", "/users/me", json={"password": THIEFS}),
        own.call("PUT", "/users/me", json={"password": "the owner's own"}),
    )
    if answers[1].status_code == 200:
        return answers[0].status_code in (200, 401)
    # The thief was first: the owner has the mailbox.
    await cures.prepare("reset")
    await while_attacking(
        lambda: cures.thief.call("PUT", "/users/me", json={"password": THIEFS}), lambda: cures.do("reset")
    )
    return not await logs_in(cures.person.client, cures.person.email, THIEFS)


async def test_a_thief_who_keeps_asking_for_another_address(
    client: httpx.AsyncClient, root: Person, runtime: Runtime, mailbox: Mailbox
) -> None:
    """R76, R34: after a reset no link works that went to his mailbox, whenever its letter was sent."""
    roots, worked = await root.log_in(), 0
    for number in range(ROUNDS):
        person, own, thief = await scene(client, number)
        cures = Cures(runtime, mailbox, person, thief, own, roots)
        await cures.prepare("reset")
        found: list[str] = []

        async def cure(cures: Cures = cures, found: list[str] = found) -> None:
            sending = asyncio.ensure_future(mailbox.letters(THIEFS_MAILBOX))
            await cures.do("reset")
            found += [letter.token for letter in await sending]

        await while_attacking(
            lambda thief=thief: thief.call("POST", "/users/me/email", json={"email": THIEFS_MAILBOX}),  # type: ignore[misc]
            cure,
        )
        found += [letter.token for letter in await mailbox.letters(THIEFS_MAILBOX)]
        for token in found:
            worked += (await post(client, "email/confirm", token=token)).status_code == 204
        worked += await OneTimeToken.filter(purpose="address").count()
    assert worked == 0


async def test_a_thief_who_deletes(client: httpx.AsyncClient, root: Person, runtime: Runtime, mailbox: Mailbox) -> None:
    """R76: an account whose reset has been answered 204 isn't deleted by what was under way."""
    roots, gone, resets = await root.log_in(), 0, 0
    for number in range(ROUNDS):
        person, own, thief = await scene(client, number)
        cures = Cures(runtime, mailbox, person, thief, own, roots)
        await cures.prepare("reset")
        calls = [asyncio.ensure_future(thief.call("DELETE", "/users/me")) for _ in range(2)]
        try:
            await cures.do("reset")
            resets += 1
        except AssertionError:  # he was first
            await asyncio.gather(*calls)
            continue
        await asyncio.gather(*calls)
        gone += not await User.exists(id=person.id)
    assert gone == 0, f"{gone} of {resets}"


@pytest.mark.parametrize("cure", ["demoted", "disabled", "administrator ends sessions"])
async def test_a_superuser_who_sets_himself_back(
    client: httpx.AsyncClient, root: Person, runtime: Runtime, mailbox: Mailbox, cure: str
) -> None:
    """R76: who is being demoted or disabled doesn't undo it, nor leave an account behind that could."""
    roots, back = await root.log_in(), 0
    for number in range(ROUNDS):
        person, own, thief = await scene(client, number)
        await User.filter(id=person.id).update(is_superuser=True)
        cures = Cures(runtime, mailbox, person, thief, own, roots)
        call = f"/users/{person.id}", {"is_superuser": True, "is_active": True}
        await while_attacking(
            lambda thief=thief, call=call: thief.call("PATCH", call[0], json=call[1]),  # type: ignore[misc]
            lambda cures=cures: cures.do(cure),  # type: ignore[misc]
        )
        user = await User.get(id=person.id)
        back += cure == "demoted" and user.is_superuser
        back += cure == "disabled" and user.is_active
        back += (await thief.me()).status_code == 200
        await User.filter(id=person.id).update(is_superuser=False)
    assert back == 0


@pytest.mark.parametrize("cure", ["reset", "administrator's password"])
async def test_a_thief_who_keeps_logging_in(
    client: httpx.AsyncClient, root: Person, runtime: Runtime, mailbox: Mailbox, cure: str
) -> None:
    """R24, R30: a log-in with the old password that was under way opens nothing that outlives the cure's answer."""
    roots, alive = await root.log_in(), 0
    for number in range(ROUNDS):
        person, own, thief = await scene(client, number)
        cures = Cures(runtime, mailbox, person, thief, own, roots)
        await cures.prepare(cure)
        opened: list[str] = []

        async def log_in(person: Person = person, opened: list[str] = opened) -> httpx.Response:
            body = {"email": person.email, "password": PASSWORD}
            answer = await client.post("/api/auth/login", json=body)
            if answer.status_code == 200:
                opened.append(answer.json()["access_token"])
            return answer

        await while_attacking(log_in, lambda cures=cures: cures.do(cure))  # type: ignore[misc]
        for token in opened:
            me = await client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
            alive += me.status_code == 200
    assert alive == 0
