"""Requests that are held between the door and the deed, and what they may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from models import Identity, OneTimeToken, OutboxMail, User
from service.runtime import Runtime
from service.sessions import callers, guards, receipts
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, post, reset
from tests.support.people import Person, Session

GOOGLES = UUID(int=0x600613)
"""The id of the account at Google that opens the friend's (`link_googles`)."""

THIEFS = "the thief's own password"
THIEFS_MAILBOX = "thief@example.net"


Call = tuple[str, str, dict[str, object] | None]


@asynccontextmanager
async def held(
    monkeypatch: pytest.MonkeyPatch, session: Session, calls: Sequence[Call], **names: object
) -> AsyncIterator[asyncio.Future[list[httpx.Response]]]:
    """Make calls of `session` and hold them behind their authentication while the block runs. Then let them go on."""
    authenticate, held_up, go_on = callers.authenticate, asyncio.Semaphore(0), asyncio.Event()
    holding = True

    async def slow(*args: Any, **kwargs: Any) -> Any:
        caller = await authenticate(*args, **kwargs)
        if holding and caller.session.sid == session.sid:
            held_up.release()
            await go_on.wait()
        return caller

    with monkeypatch.context() as patched:
        patched.setattr(guards, "authenticate", slow)
        answers = asyncio.gather(*(make(session, call, **names) for call in calls))
        async with asyncio.timeout(10):
            for _ in calls:
                await held_up.acquire()
        holding = False
        yield answers
        go_on.set()
        await asyncio.wait({answers}, timeout=20)


OWN_CALLS: dict[str, Call] = {
    "password": ("PUT", "/users/me", {"password": THIEFS}),
    "password, the old one known": ("PATCH", "/users/me", {"password": THIEFS, "current_password": "{password}"}),
    "name": ("PATCH", "/users/me", {"full_name": "The Thief"}),
    "both": ("PUT", "/users/me", {"full_name": "The Thief", "password": THIEFS}),
    "address": ("POST", "/users/me/email", {"email": THIEFS_MAILBOX}),
    "deletion": ("DELETE", "/users/me", None),
    "export": ("GET", "/users/me/export", None),
    "other sessions": ("DELETE", "/sessions", None),
    "one session": ("DELETE", "/sessions/{other}", None),
    "a device's name": ("PATCH", "/sessions/{other}", {"name": "Mallory's"}),
    "log out everywhere": ("POST", "/auth/logout-all", None),
    "reauthentication": ("POST", "/auth/reauthenticate", {"password": "{password}"}),
}

ADMIN_CALLS: dict[str, Call] = {
    "role back": ("PATCH", "/users/{self}", {"is_superuser": True, "is_active": True}),
    "own password": ("PUT", "/users/{self}", {"password": THIEFS}),
    "own address": ("PUT", "/users/{self}", {"email": THIEFS_MAILBOX}),
    "own deletion": ("DELETE", "/users/{self}", None),
    "another superuser": ("POST", "/users", {"email": THIEFS_MAILBOX, "password": THIEFS, "is_superuser": True}),
    "somebody's role": ("PATCH", "/users/{friend}", {"is_superuser": True}),
    "somebody's password": ("PATCH", "/users/{friend}", {"password": THIEFS}),
    "somebody's address": ("PATCH", "/users/{friend}", {"email": THIEFS_MAILBOX}),
    "somebody's name": ("PATCH", "/users/{friend}", {"full_name": "The Thief"}),
    "somebody disabled": ("PATCH", "/users/{friend}", {"is_active": False}),
    "somebody deleted": ("DELETE", "/users/{friend}", None),
    "somebody logged out": ("DELETE", "/users/{friend}/sessions", None),
    "somebody's account at a provider": ("DELETE", f"/users/{{friend}}/identities/{GOOGLES}", None),
    "somebody's letter": ("POST", "/users/{friend}/letter", None),
    "everybody's list": ("GET", "/users.csv", None),
    "everybody's events": ("GET", "/admin/events.csv", None),
}


async def link_googles(runtime: Runtime, friend: Person) -> None:
    """Have an account at Google open the friend's."""
    await Identity.create(
        id=GOOGLES,
        user_id=friend.id,
        provider="google",
        issuer="https://accounts.google.com",
        subject=str(friend.id),
        created_at=runtime.clock.now(),
    )


async def make(session: Session, call: Call, **names: object) -> httpx.Response:
    """Make a call; `names` fill its braces."""
    method, path, body = call

    def fill(value: object) -> object:
        return value.format(**names) if isinstance(value, str) else value

    options: dict[str, Any] = {}
    if body is not None:
        options["json"] = {key: fill(value) for key, value in body.items()}
    return await session.call(method, str(fill(path)), **options)


class Cures:
    """What owners, administrators and operators do about a thief."""

    def __init__(
        self, runtime: Runtime, mailbox: Mailbox, person: Person, thief: Session, own: Session, root: Session
    ) -> None:
        self.runtime, self.mailbox, self.person = runtime, mailbox, person
        self.thief, self.own, self.root = thief, own, root
        self.token = ""

    async def prepare(self, name: str) -> None:
        """Do what comes before: a letter takes its time."""
        client = self.person.client
        if name == "reset":
            await self.mailbox.letters()
            assert (await post(client, "password/forgot", email=self.person.email)).status_code == 202
            self.token = (await self.mailbox.letter(self.person.email)).token
        if name == "undo":
            old = self.person.email
            await self.mailbox.letters()
            new = f"{self.person.id}@example.org"
            await self.own.call("POST", "/users/me/email", json={"email": new})
            token = (await self.mailbox.letter(new)).token
            assert (await post(client, "email/confirm", token=token)).status_code == 204
            self.token = (await self.mailbox.letter(old)).token

    async def do(self, name: str) -> None:
        """Cure it; it has been answered when this returns."""
        client, path = self.person.client, f"/users/{self.person.id}"
        match name:
            case "reset":
                answer = await reset(client, self.token)
            case "undo":
                answer = await post(client, "email/undo", token=self.token)
            case "administrator's password":
                answer = await self.root.call("PUT", path, json={"password": NEW_PASSWORD})
            case "disabled":
                answer = await self.root.call("PATCH", path, json={"is_active": False})
            case "disabled and enabled":
                await self.root.call("PATCH", path, json={"is_active": False})
                answer = await self.root.call("PATCH", path, json={"is_active": True})
            case "demoted":
                answer = await self.root.call("PATCH", path, json={"is_superuser": False})
            case "deleted":
                answer = await self.root.call("DELETE", path)
            case "administrator ends sessions":
                answer = await self.root.call("DELETE", f"{path}/sessions")
            case "command":
                receipt = await receipts.revoke(self.runtime, receipts.Wanted(user_id=self.person.id))
                assert receipt.left == 0
                return
            case "command but one":
                wanted = receipts.Wanted(user_id=self.person.id, keep=self.own.sid)
                assert (await receipts.revoke(self.runtime, wanted)).left == 0
                return
            case "command, all":
                assert (await receipts.revoke(self.runtime, receipts.Wanted())).left == 0
                return
            case "log out everywhere":
                answer = await self.own.call("POST", "/auth/logout-all")
            case "own password":
                answer = await self.own.call("PUT", "/users/me", json={"password": NEW_PASSWORD})
            case "others":
                answer = await self.own.call("DELETE", "/sessions")
            case "that one":
                answer = await self.own.call("DELETE", f"/sessions/{self.thief.sid}")
            case "its log-out":
                answer = await self.thief.call("POST", "/auth/logout")
            case "unlinked":
                await self.runtime.sessions.end(self.person.id, self.thief.sid, None)
                return
            case _:
                raise AssertionError(name)
        assert answer.status_code in (200, 204), (name, answer.text)


CURES = (
    "reset", "undo", "administrator's password", "disabled", "disabled and enabled", "demoted", "deleted",
    "administrator ends sessions", "command", "command but one", "command, all", "log out everywhere",
    "own password", "others", "that one", "its log-out", "unlinked",
)  # fmt: skip


async def state(runtime: Runtime, *people: UUID) -> dict[str, object]:
    """Everything that a call could have changed."""
    return {
        "users": await User.all().order_by("id").values(),
        "identities": await Identity.all().order_by("id").values(),
        "tokens": await OneTimeToken.all().order_by("token_hash").values(),
        "letters": await OutboxMail.all().order_by("id").values("letter", "recipient", "user_id", "state"),
        "sessions": {uid: {one.sid for one in await runtime.sessions.list_living(uid)} for uid in people},
    }
