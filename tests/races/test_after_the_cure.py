"""What a thief has begun before the cure, and would finish after it: links, devices, proofs, an owner kept waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import pytest

from models import KnownDevice, User
from service.core.clock import Clock
from service.credentials import known_devices, verification
from service.runtime import Runtime
from service.sessions import receipts
from service.stores.sessions.permits import Permits, Standing
from tests.support.inflight import CURES, THIEFS, THIEFS_MAILBOX, Call, Cures, make
from tests.support.letters import Mailbox
from tests.support.links import (
    NEW_ADDRESS,
    NEW_PASSWORD,
    address_token,
    ask_for_address,
    log_in,
    post,
    reset,
    reset_token,
)
from tests.support.passwords import stored
from tests.support.people import PASSWORD, Person, assert_problem, confirmed

# A session's own log-out leaves what it asked for: one asks on one device, logs out, and presses on another. And what
# is deleted in Redis by hand is seen by nobody.
ENDS_LINKS = [cure for cure in CURES if cure not in ("its log-out", "unlinked", "undo")]


@asynccontextmanager
async def held_after(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, *, before: bool, call: Callable[[], Awaitable[Any]]
) -> AsyncIterator[asyncio.Future[Any]]:
    """Make a call and hold it where it is about to call a function (`before`), or has, while the block runs."""
    function, reached, go_on = getattr(module, name), asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **kwargs: Any) -> Any:
        found = None if before else await function(*args, **kwargs)
        reached.set()
        await go_on.wait()
        return await function(*args, **kwargs) if before else found

    with monkeypatch.context() as patched:
        patched.setattr(module, name, slow)
        answer = asyncio.ensure_future(call())
        async with asyncio.timeout(10):
            await reached.wait()
    yield answer
    go_on.set()
    await asyncio.wait({answer}, timeout=20)


@pytest.mark.parametrize("cure", ENDS_LINKS)
async def test_a_link_that_a_cured_session_asked_for(
    cure: str, client: httpx.AsyncClient, ada: Person, root: Person, runtime: Runtime, mailbox: Mailbox
) -> None:
    """R76, R34: it moves nothing any more, sent or waiting: with a reset it would be the last word."""
    await confirmed(ada)
    own, thief, roots = await ada.log_in(), await ada.log_in(), await root.log_in()
    sent = await address_token(thief, mailbox, THIEFS_MAILBOX)
    cures = Cures(runtime, mailbox, ada, thief, own, roots)
    await cures.prepare(cure)
    await ask_for_address(thief, "waiting@example.net")
    await cures.do(cure)
    late = [letter.token for letter in await mailbox.letters("waiting@example.net")]
    for token in (sent, *late):
        assert_problem(await post(client, "email/confirm", token=token), 400, "invalid_token")
    assert not await User.exists(email=THIEFS_MAILBOX)


@pytest.mark.parametrize("one", ["ip", "session"])
async def test_a_link_of_a_session_that_a_command_ended(
    one: str, client: httpx.AsyncClient, ada: Person, runtime: Runtime, mailbox: Mailbox
) -> None:
    """R31, R76: whichever way it was chosen."""
    thief = await ada.log_in()
    token = await address_token(thief, mailbox, THIEFS_MAILBOX)
    wanted = receipts.Wanted(ip="127.0.0.1") if one == "ip" else receipts.Wanted(session_id=thief.sid)
    assert (await receipts.revoke(runtime, wanted)).ended == 1
    assert_problem(await post(client, "email/confirm", token=token), 400, "invalid_token")


async def test_a_link_of_a_chain_with_two_holders(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock
) -> None:
    """R27, R76: whoever of the two asked for another address, it ends with the session that was given away."""
    session = await ada.log_in()
    spent = session.refresh_token
    token = await address_token(session, mailbox, THIEFS_MAILBOX)
    await session.advance()
    await session.me()
    clock.advance(60)
    assert_problem(await session.refresh(spent), 400, "invalid_grant")
    assert_problem(await post(client, "email/confirm", token=token), 400, "invalid_token")


@pytest.mark.parametrize("way", ["logged out", "another session ended", "a name", "a refresh"])
async def test_ones_own_link_goes_on(
    way: str, client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock
) -> None:
    """A link is pressed where its letter is read: on another device, after the log-out of the one it was asked on."""
    session, other = await ada.log_in(), await ada.log_in()
    token = await address_token(session, mailbox)
    clock.advance(60)
    match way:
        case "logged out":
            done = await session.call("POST", "/auth/logout")
        case "another session ended":
            done = await session.call("DELETE", f"/sessions/{other.sid}")
        case "a name":
            done = await session.call("PATCH", "/users/me", json={"full_name": "Countess"})
        case _:
            done = await session.refresh()
    assert done.is_success, done.text
    assert (await post(client, "email/confirm", token=token)).status_code == 204
    assert (await User.get(id=ada.id)).email == NEW_ADDRESS


async def test_a_log_in_under_way_leaves_no_known_device(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R24, R76: what a reset has forgotten isn't brought back by a log-in from before it: no guesses apart."""
    await ada.log_in()
    token = await reset_token(ada, mailbox)
    async with httpx.AsyncClient(base_url=client.base_url, headers={"User-Agent": "the thief's"}) as thief:
        async with held_after(
            monkeypatch, known_devices, "remember", before=True, call=lambda: log_in(thief, ada.email, PASSWORD)
        ) as call:
            assert (await reset(client, token)).status_code == 204
        answer = await call
    assert "set-cookie" not in answer.headers
    # The place where the password was set is known, and no other.
    known = await KnownDevice.filter(user_id=ada.id, forgotten_at__isnull=True)
    assert [device.user_agent for device in known] == [client.headers["user-agent"]]


@pytest.mark.parametrize(
    "call",
    [
        ("POST", "/auth/reauthenticate", {"password": PASSWORD}),
        ("PUT", "/users/me", {"password": THIEFS, "current_password": PASSWORD}),
    ],
    ids=["reauthenticate", "current_password"],
)
async def test_a_proof_with_a_password_of_before(
    call: Call, ada: Person, monkeypatch: pytest.MonkeyPatch, client: httpx.AsyncClient
) -> None:
    """R76: a copy of the session that is kept proves nothing with the password that was just replaced."""
    session = await ada.log_in()
    async with held_after(
        monkeypatch, verification, "verify", before=False, call=lambda: make(session, call)
    ) as answer:
        assert (await session.call("PUT", "/users/me", json={"password": NEW_PASSWORD})).status_code == 200
    assert_problem(await answer, 400, "invalid_grant")
    assert (await log_in(client, ada.email, NEW_PASSWORD)).status_code == 200


async def test_many_proofs_while_the_hash_is_renewed(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R9: of proofs at once that each find the stored hash outdated, all count: the password is the same."""
    session = await ada.log_in()
    old = await stored(ada.id)
    monkeypatch.setattr(runtime.passwords, "outdated", lambda hashed: hashed == old)
    calls = [session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD}) for _ in range(4)]
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {204}
    assert await stored(ada.id) != old


async def test_a_flood_does_not_keep_the_owner_out(
    client: httpx.AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: many slow calls of a stolen session wait for one another; the owner's own has its turn, and ends it."""
    thief, own = await ada.log_in(), await ada.log_in()
    standing = Permits.standing

    async def slow(permits: Permits, uid: UUID, sid: UUID) -> Standing | None:
        if sid == thief.sid:
            await asyncio.sleep(0.05)
        return await standing(permits, uid, sid)

    monkeypatch.setattr(Permits, "standing", slow)
    name = {"full_name": "The Thief"}
    flood = [asyncio.ensure_future(thief.call("PATCH", "/users/me", json=name)) for _ in range(60)]
    await asyncio.sleep(0.3)
    answer = await own.call("DELETE", "/sessions")
    assert answer.status_code == 204, answer.text
    assert {answer.status_code for answer in await asyncio.gather(*flood)} <= {200, 401, 503}
    assert_problem(await thief.me(), 401, "invalid_token")
