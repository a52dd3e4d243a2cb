"""Second factors and passkeys, as the stores die, freeze, come back empty in the middle of them.

Each person is in another ceremony. Whatever comes of it is done or 503; the sessions elsewhere live; and each of them
begins again and gets through. (Every single step is in tests/factors/test_at_every_step.py, with faults that are made.)
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.core.crypto import totp
from service.credentials import passkeys
from service.factors import at_the_door
from service.stores.tickets import TicketCodec
from tests.servers import Postgres, Redis
from tests.support.authenticator import Authenticator
from tests.support.people import PASSWORD
from tests.support.process import Service, serving
from tests.support.stores import SECRET
from tests.support.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.real_only

SECOND, MINE = "/api/auth/second-factor", "/api/users/me/factors/passkeys"
Call = Callable[[], Awaitable[httpx.Response]]


@dataclass
class Somebody:
    """A person in a ceremony: a password, an app, a passkey, and a session on another device."""

    email: str
    http: httpx.AsyncClient
    strict: httpx.AsyncClient
    postgres: Postgres
    device: Authenticator = field(default_factory=Authenticator)
    apps: list[bytes] = field(default_factory=list)
    elsewhere: str = ""
    codes: list[str] = field(default_factory=list)

    async def good(self, call: Awaitable[httpx.Response], *statuses: int) -> Any:
        answer = await call
        assert answer.status_code in (statuses or (200,)), f"{self.email}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def code(self, secret: bytes, steps: int = 0) -> str:
        return totp.code_at(secret, int(time.time()) // totp.PERIOD + steps)

    def unused(self) -> None:
        """Have it that no code and no recovery code was used: the time of these tests can't be moved by hand."""
        mine = f"user_id = (SELECT id FROM users WHERE email = '{self.email}')"
        self.postgres.query(
            f"UPDATE credentials SET used_for = NULL, counter = CASE kind WHEN 'totp' THEN NULL ELSE counter END"
            f" WHERE kind IN ('totp', 'recovery_code') AND {mine}"
        )

    async def password(self, http: httpx.AsyncClient, owed: str) -> str:
        body = {"email": self.email, "password": PASSWORD}
        answer = await self.good(http.post("/api/auth/login", json=body), 403)
        assert answer["code"] == owed
        return str(answer["challenge"])

    async def enter(self) -> str:
        """Log in with the passkey alone."""
        options = await self.good(self.http.post("/api/auth/passkeys/options"))
        body = {"credential": self.device.show(options)}
        return str((await self.good(self.http.post("/api/auth/passkeys", json=body)))["access_token"])

    async def lives(self) -> bool:
        headers = {"Authorization": f"Bearer {self.elsewhere}"}
        return (await self.http.get("/api/users/me", headers=headers)).status_code == 200

    async def register(self) -> None:
        body = {"email": self.email, "password": PASSWORD}
        await self.good(self.http.post("/api/auth/register", json=body))
        await asyncio.to_thread(
            self.postgres.query, f"UPDATE users SET email_verified = true WHERE email = '{self.email}'"
        )  # fmt: skip

    async def set_up(self) -> None:
        """An app, a passkey, recovery codes."""
        login = {"email": self.email, "password": PASSWORD}
        token = (await self.good(self.http.post("/api/auth/login", json=login)))["access_token"]
        await self.good((await self.app(token))())
        await self.good((await self.passkey(token, self.device))(), 201)

    async def app(self, token: str) -> Call:
        headers = {"Authorization": f"Bearer {token}"}
        begun = await self.good(self.http.post("/api/users/me/factors/totp", headers=headers))
        self.apps.append(base64.b32decode(begun["secret"]))
        body = {"enrolment": begun["enrolment"], "code": self.code(self.apps[-1])}
        return partial(self.http.post, "/api/users/me/factors/totp/confirm", json=body, headers=headers)

    async def passkey(self, token: str, device: Authenticator) -> Call:
        headers = {"Authorization": f"Bearer {token}"}
        options = await self.good(self.http.post(f"{MINE}/options", headers=headers))
        return partial(self.http.post, MINE, json={"credential": device.make(options)}, headers=headers)

    async def newest_app(self) -> bytes:
        """The app in force: of those that a fault left in doubt, one, and never none."""
        for secret in reversed(self.apps):
            await asyncio.to_thread(self.unused)
            body = {"challenge": await self.password(self.http, "second_factor_required"), "code": self.code(secret)}
            if (await self.http.post(SECOND, json=body)).status_code == 200:
                self.apps = [secret]
                await asyncio.to_thread(self.unused)
                return secret
        raise AssertionError(f"{self.email} has no app any more")


async def by_code(who: Somebody) -> Call:
    secret = await who.newest_app()
    challenge = await who.password(who.http, "second_factor_required")
    return partial(who.http.post, SECOND, json={"challenge": challenge, "code": who.code(secret)})


async def by_recovery_code(who: Somebody) -> Call:
    if not who.codes:
        headers = {"Authorization": f"Bearer {await who.enter()}"}
        made = await who.good(who.http.post("/api/users/me/recovery-codes", headers=headers))
        who.codes = made["recovery_codes"]
    challenge = await who.password(who.http, "second_factor_required")
    return partial(who.http.post, SECOND, json={"challenge": challenge, "recovery_code": who.codes.pop()})


async def by_passkey(who: Somebody) -> Call:
    challenge = await who.password(who.http, "second_factor_required")
    options = await who.good(who.http.post(f"{SECOND}/options", json={"challenge": challenge}))
    return partial(who.http.post, SECOND, json={"challenge": challenge, "passkey": who.device.show(options)})


async def by_passkey_alone(who: Somebody) -> Call:
    options = await who.good(who.http.post("/api/auth/passkeys/options"))
    return partial(who.http.post, "/api/auth/passkeys", json={"credential": who.device.show(options)})


async def another_app(who: Somebody) -> Call:
    await who.newest_app()
    return await who.app(await who.enter())


async def another_passkey(who: Somebody) -> Call:
    mine = f"(SELECT id FROM users WHERE email = '{who.email}')"
    first = passkeys.number_of(who.device.key.raw_id)
    others = f"DELETE FROM credentials WHERE kind = 'passkey' AND user_id = {mine} AND id <> '{first}'"
    await asyncio.to_thread(who.postgres.query, others)  # there may be ten
    return await who.passkey(await who.enter(), Authenticator())


async def step_up(who: Somebody) -> Call:
    headers = {"Authorization": f"Bearer {await who.enter()}"}
    options = await who.good(who.http.post("/api/auth/reauthenticate/options", headers=headers))
    body = {"passkey": who.device.show(options)}
    return partial(who.http.post, "/api/auth/reauthenticate", json=body, headers=headers)


async def new_codes(who: Somebody) -> Call:
    headers = {"Authorization": f"Bearer {await who.enter()}"}
    return partial(who.http.post, "/api/users/me/recovery-codes", headers=headers)


async def at_the_front_door(who: Somebody) -> Call:
    mine = f"(SELECT id FROM users WHERE email = '{who.email}')"
    for change in (
        f"DELETE FROM credentials WHERE kind <> 'password' AND user_id = {mine}",
        f"UPDATE users SET factors = 0 WHERE email = '{who.email}'",
    ):
        await asyncio.to_thread(who.postgres.query, change)
    challenge = await who.password(who.strict, "enrolment_required")
    begun = await who.good(who.strict.post(f"{SECOND}/enrol", json={"challenge": challenge, "kind": "totp"}))
    ticket = TicketCodec((SECRET,)).decode(challenge)
    assert ticket is not None
    mail_code = at_the_door._code(at_the_door._keys((SECRET,))[0], ticket.number)  # what the letter says
    code = who.code(base64.b32decode(begun["secret"]))
    body = {"challenge": challenge, "enrolment": begun["enrolment"], "code": code, "mail_code": mail_code}
    return partial(who.strict.post, f"{SECOND}/enrol/confirm", json=body)


CEREMONIES: tuple[Callable[[Somebody], Awaitable[Call]], ...] = (
    by_code, by_recovery_code, by_passkey, by_passkey_alone, another_app, another_passkey, step_up, new_codes,
    at_the_front_door,
)  # fmt: skip


@pytest.fixture(scope="module")
def strict_service(env: dict[str, str], directory: Path) -> Iterator[Service]:
    with serving(directory / "strict.log", **env, SECOND_FACTOR="everyone") as found:
        yield found


@asynccontextmanager
async def everybody(service: Service, strict: Service, postgres: Postgres) -> AsyncIterator[list[Somebody]]:
    limits = httpx.Limits(max_connections=30)
    async with (
        httpx.AsyncClient(base_url=service.url, timeout=PATIENCE_SECONDS, limits=limits, trust_env=False) as http,
        httpx.AsyncClient(base_url=strict.url, timeout=PATIENCE_SECONDS, trust_env=False) as severe,
    ):
        run = secrets.token_hex(4)
        people = [Somebody(f"{one.__name__}-{run}@example.com", http, severe, postgres) for one in CEREMONIES]
        for who in people:  # one after the other: each hashes a dozen times
            await who.register()
            await who.set_up()
        yield people


async def settled(what: Callable[[], Awaitable[Any]]) -> Any:
    """Do it until no store is away any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await what()
        except AssertionError as error:
            if " 503 " not in str(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.2)


FAULTS = ("redis frozen", "redis killed", "redis flushed", "postgres restarted")


async def happen(fault: str, redis: Redis, postgres: Postgres, meanwhile: Callable[[], object]) -> None:
    """Break a store, for longer than a request waits, and mend it; do something meanwhile."""
    server: Redis | Postgres = redis if fault.startswith("redis") else postgres
    match fault.split()[1]:
        case "frozen":
            await asyncio.to_thread(server.freeze)
            meanwhile()
            await asyncio.sleep(1.5)
            await asyncio.to_thread(server.thaw)
        case "killed":
            await asyncio.to_thread(server.kill)
            meanwhile()
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.start_again)
        case "flushed":
            await asyncio.to_thread(redis.call, "FLUSHALL")
            meanwhile()
        case _:
            meanwhile()
            await asyncio.to_thread(server.restart)


async def test_in_the_middle(
    service: Service, strict_service: Service, redis: Redis, postgres: Postgres
) -> None:  # fmt: skip
    """Nothing is half done, whatever breaks; nobody is logged out elsewhere, but by what empties Redis."""
    async with everybody(service, strict_service, postgres) as people:
        for number, fault in enumerate(FAULTS):
            for who in people:
                who.elsewhere = await settled(who.enter) if who.email[:6] != "at_the" else ""
            calls = [await settled(partial(begin, who)) for begin, who in zip(CEREMONIES, people, strict=True)]
            # Some are in the middle of it, and the others come while the store is away.
            before = {place: asyncio.ensure_future(calls[place]()) for place in range(number % 2, len(calls), 2)}
            after: dict[int, asyncio.Future[httpx.Response]] = {}

            def send_the_others(calls: Any = calls, before: Any = before, after: Any = after) -> None:
                after |= {
                    place: asyncio.ensure_future(call()) for place, call in enumerate(calls) if place not in before
                }

            await asyncio.sleep(0.01)
            await happen(fault, redis, postgres, send_the_others)
            answers = [await (before | after)[place] for place in range(len(calls))]
            if "flushed" not in fault and "restarted" not in fault:
                assert any(answer.status_code == 503 for answer in answers), f"{fault} was not felt"
            for who, answer in zip(people, answers, strict=True):
                said = f"{fault}, {who.email}: {answer.status_code} {answer.text}"
                emptied = fault == "redis flushed" and answer.status_code in (400, 401)
                assert answer.is_success or answer.status_code == 503 or emptied, said
                if not answer.is_success:
                    assert answer.headers["content-type"] == "application/problem+json", said
            for begin, who in zip(CEREMONIES, people, strict=True):

                async def again(begin: Any = begin, who: Somebody = who) -> None:
                    await who.good((await begin(who))(), 200, 201, 204)

                await settled(again)
                if who.elsewhere:
                    assert await who.lives() == (fault != "redis flushed"), f"{fault}, {who.email}"
        agree = """SELECT u.email, u.factors, count(p.credential_id), bool_or(c.kind = 'totp'),
                   count(*) FILTER (WHERE c.kind = 'recovery_code')
                   FROM users u JOIN credentials c ON c.user_id = u.id LEFT JOIN passkeys p ON p.credential_id = c.id
                   WHERE c.kind <> 'password' GROUP BY u.id"""
        for email, bits, keys, app, codes in await asyncio.to_thread(postgres.query, agree):
            assert (bool(bits & 1), bool(bits & 2), codes) == (app, keys > 0, 10), email  # type: ignore[operator]
