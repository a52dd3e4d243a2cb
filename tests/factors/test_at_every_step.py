"""A store goes away at each step of each ceremony: done or not done, never half; and it can be begun again.

Each of them is made again and again, the fault being one step later each time, until it gets through without meeting
it. Redis goes before a step, for all that is left of the call, or after a step that is done and not answered; so does
the database, for one statement that writes.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from models import Credential, Passkey, User
from models.user import Factor
from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.redis.scripts import Script
from service.core.sql import postgres, sqlite
from service.credentials import factors, trusted_devices
from service.errors import Unavailable
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, Holder, add, enter, log_in_options, ok, session_of
from tests.factors.support import SECOND, STEP, App, Owner, app_of, owner_of
from tests.http.support import another
from tests.mail_login.support import code_in
from tests.support.authenticator import Authenticator
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, Session, assert_problem
from tests.support.scripts import BESIDE

Act = Callable[[], Awaitable[httpx.Response]]
MOST_STEPS = 80


@dataclass
class House:
    """Ada, who has an app, a passkey and recovery codes; and a service where everybody has to have a second factor."""

    owner: Owner
    holder: Holder
    root: Person
    runtime: Runtime
    mailbox: Mailbox
    strict: httpx.AsyncClient
    clock: Clock
    rows: list[dict[str, Any]] = field(default_factory=list)
    passkeys: list[dict[str, Any]] = field(default_factory=list)

    @property
    def id(self) -> Any:
        return self.owner.person.id

    async def keep(self) -> None:
        """Remember what the account has."""
        self.rows = await Credential.filter(user_id=self.id).exclude(kind="password").values()
        self.passkeys = await Passkey.all().values()

    async def put_back(self, *, bare: bool = False) -> None:
        """Have it as it was; `bare`: without any factor."""
        await Credential.filter(user_id=self.id).exclude(kind="password").delete()
        if not bare:
            await Credential.bulk_create([Credential(**row) for row in self.rows])
            await Passkey.bulk_create([Passkey(**row) for row in self.passkeys])
        kinds = 0 if bare else int(Factor.TOTP | Factor.PASSKEY | Factor.RECOVERY_CODE)
        await User.filter(id=self.id).update(factors=kinds)
        redis: Any = self.runtime.redis.client
        # A guess stays paid for that nobody could look at.
        if kept := [key async for key in redis.scan_iter("*throttle:*")]:
            await redis.delete(*kept)
        await trusted_devices.forget_all(self.runtime, self.id)
        self.clock.advance(2 * STEP)

    async def enter(self) -> Session:
        """A session that is fresh by a second factor."""
        client = self.owner.client
        return session_of(client, await enter(client, self.holder.device.show(await log_in_options(client))))


@pytest.fixture
async def house(ada: Person, root: Person, clock: Clock, runtime: Runtime, mailbox: Mailbox) -> AsyncIterator[House]:
    owner = await owner_of(ada, clock)
    device = Authenticator()
    passkey = await ok(add(owner.session, device), 201)
    async with (
        another(runtime, SECOND_FACTOR="everyone") as url,
        httpx.AsyncClient(base_url=url, timeout=30) as strict,
    ):
        holder = Holder(ada, owner.session, device, passkey["id"])
        found = House(owner, holder, root, runtime, mailbox, strict, clock)
        await found.keep()
        yield found


async def by_code(house: House, _: Session) -> Act:
    challenge, code = await house.owner.challenge(), house.owner.app.code()
    return lambda: house.owner.second(challenge, code, trust_device=True)


async def by_recovery_code(house: House, _: Session) -> Act:
    challenge = await house.owner.challenge()
    return lambda: house.owner.second(challenge, recovery_code=house.owner.app.recovery_codes[0])


async def by_passkey(house: House, _: Session) -> Act:
    challenge = await house.holder.first()
    shown = house.holder.device.show(await house.holder.second_options(challenge))
    return lambda: house.holder.second(challenge, shown)


async def by_passkey_alone(house: House, _: Session) -> Act:
    shown = house.holder.device.show(await house.holder.options())
    return lambda: house.holder.enter(shown)


async def set_up_app(house: House, session: Session) -> Act:
    begun = await session.call("POST", "/users/me/factors/totp")
    body = {"enrolment": begun.json()["enrolment"], "code": app_of(begun, house.clock).code()}
    return lambda: session.call("POST", "/users/me/factors/totp/confirm", json=body)


async def set_up_passkey(house: House, session: Session) -> Act:
    made = {"credential": Authenticator().make(await ok(session.call("POST", f"{MINE}/options")))}
    return lambda: session.call("POST", MINE, json=made)


async def at_the_door(house: House, kind: str) -> tuple[str, dict[str, Any], str]:
    """Begin a set-up at the door; return the challenge, the answer, and the code of the letter."""
    await house.put_back(bare=True)
    login = {"email": house.owner.person.email, "password": PASSWORD}
    answer = await house.strict.post("/api/auth/login", json=login)
    challenge = assert_problem(answer, 403, "enrolment_required")["challenge"]
    await house.mailbox.letters()
    begun = await ok(house.strict.post(f"{SECOND}/enrol", json={"challenge": challenge, "kind": kind}))
    return challenge, begun, code_in(await house.mailbox.letter(house.owner.person.email))


async def app_at_the_door(house: House, _: Session) -> Act:
    challenge, begun, code = await at_the_door(house, "totp")
    app = App(base64.b32decode(begun["secret"]), house.clock)
    body = {"challenge": challenge, "enrolment": begun["enrolment"], "code": app.code(), "mail_code": code}
    return lambda: house.strict.post(f"{SECOND}/enrol/confirm", json=body)


async def passkey_at_the_door(house: House, _: Session) -> Act:
    challenge, begun, code = await at_the_door(house, "passkey")
    body = {"challenge": challenge, "passkey": Authenticator().make(begun["options"]), "mail_code": code}
    return lambda: house.strict.post(f"{SECOND}/enrol/confirm", json=body)


async def begun_at_the_door(house: House, _: Session) -> Act:
    await house.put_back(bare=True)
    login = {"email": house.owner.person.email, "password": PASSWORD}
    answer = await house.strict.post("/api/auth/login", json=login)
    body = {"challenge": answer.json()["challenge"], "kind": "totp"}
    return lambda: house.strict.post(f"{SECOND}/enrol", json=body)


async def step_up_by_code(house: House, session: Session) -> Act:
    body = {"code": house.owner.app.code()}
    return lambda: session.call("POST", "/auth/reauthenticate", json=body)


async def step_up_by_passkey(house: House, session: Session) -> Act:
    body = {"passkey": house.holder.device.show(await ok(session.call("POST", "/auth/reauthenticate/options")))}
    return lambda: session.call("POST", "/auth/reauthenticate", json=body)


async def new_recovery_codes(house: House, session: Session) -> Act:
    return lambda: session.call("POST", "/users/me/recovery-codes")


async def remove_passkey(house: House, session: Session) -> Act:
    return lambda: session.call("DELETE", f"{MINE}/{house.holder.passkey}")


async def reset_by_administrator(house: House, _: Session) -> Act:
    admin = await house.root.log_in()
    return lambda: admin.call("DELETE", f"/users/{house.id}/factors", json={"reason": "lost"})


# Each ceremony, and whether the other sessions end with it when it is done.
CEREMONIES: dict[Callable[[House, Session], Awaitable[Act]], bool] = {
    by_code: False,
    by_recovery_code: False,
    by_passkey: False,
    by_passkey_alone: False,
    set_up_app: False,
    set_up_passkey: False,
    begun_at_the_door: False,
    app_at_the_door: False,
    passkey_at_the_door: False,
    step_up_by_code: False,
    step_up_by_passkey: False,
    new_recovery_codes: False,
    remove_passkey: True,
    reset_by_administrator: True,
}


@dataclass
class Fault:
    """A fault at one step; `met` says that it was come to."""

    at: int
    met: bool = False
    steps: int = 0


@contextmanager
def redis_goes(fault: Fault, monkeypatch: pytest.MonkeyPatch, *, lost: bool) -> Iterator[None]:
    """Redis is away from a step on; or (`lost`) it does that one, and its answer gets lost."""
    real = RedisScripts.run

    async def run(self: RedisScripts, script: Script, *args: Any, **named: Any) -> Any:
        if script.name in BESIDE:
            return await real(self, script, *args, **named)
        step = fault.steps = fault.steps + 1
        if lost:
            found = await real(self, script, *args, **named)
            if step != fault.at + 1:
                return found
        elif step <= fault.at:
            return await real(self, script, *args, **named)
        fault.met = True
        raise Unavailable("redis")

    with monkeypatch.context() as broken:
        broken.setattr(RedisScripts, "run", run)
        yield


@contextmanager
def database_goes(fault: Fault, monkeypatch: pytest.MonkeyPatch, *, lost: bool) -> Iterator[None]:
    """The database fails in one statement that writes: before it is done, or when it is."""

    @contextmanager
    def statement(call: Any) -> Iterator[None]:
        ours = bool(call) and str(call[0]).startswith(("INSERT", "UPDATE", "DELETE"))
        fault.steps += ours
        fails = ours and fault.steps == fault.at + 1
        if fails and not lost:
            fault.met = True
            raise Unavailable("database")
        yield
        if fails:
            fault.met = True
            raise Unavailable("database")

    with monkeypatch.context() as broken:
        for engine in (postgres, sqlite):
            broken.setattr(engine, "statement", statement)
        yield


STORES = {"redis": redis_goes, "database": database_goes}
# Each with one kind of stores: with the other it is the same script, or the same statement.
ONCE = [
    pytest.param("redis", False, id="redis-away", marks=pytest.mark.embedded_only),
    pytest.param("redis", True, id="redis-lost", marks=pytest.mark.embedded_only),
    pytest.param("database", True, id="database-lost", marks=pytest.mark.embedded_only),
    pytest.param("database", False, id="database-away", marks=pytest.mark.real_only),
]


async def whole(house: House) -> None:
    """What the account has and what is said of it are the same thing."""
    user = await User.get(id=house.id)
    rows = await Credential.filter(user_id=house.id).exclude(kind="password")
    good = {str(row.kind) for row in rows if row.kind != "recovery_code" or row.used_for is None}
    assert {kind for kind, bit in factors.KINDS.items() if bit & Factor(user.factors)} == good
    counted = [row.kind for row in rows].count
    assert counted("totp") <= 1
    assert counted("recovery_code") == (10 if user.has_factor else 0)
    assert counted("passkey") == await Passkey.all().count()


@pytest.mark.parametrize(("store", "lost"), ONCE)
async def test_at_every_step(house: House, monkeypatch: pytest.MonkeyPatch, store: str, lost: bool) -> None:
    """Never anything but done or 503; what there is fits; the session elsewhere lives; begun again it gets through."""
    elsewhere = await house.enter()
    for ceremony, ends_others in CEREMONIES.items():
        refused = 0
        for step in range(MOST_STEPS):
            await house.put_back()
            if step % 5 == 0:  # its access token runs out, else
                elsewhere = await house.enter()
            act = await ceremony(house, await house.enter())
            fault = Fault(step)
            with STORES[store](fault, monkeypatch, lost=lost):
                answer = await act()
            where = f"{ceremony.__name__}, {store}, step {step}: {answer.status_code} {answer.text[:200]}"
            await whole(house)
            lives = (await elsewhere.me()).status_code == 200
            if answer.status_code == 503:
                refused += 1
                assert_problem(answer, 503, "unavailable")
                assert lives or (ends_others and lost), where
            else:
                assert answer.is_success, where
                assert lives != ends_others, where
            if not lives:
                await house.put_back()
                elsewhere = await house.enter()
            if not fault.met:
                break
        else:
            raise AssertionError(f"{ceremony.__name__} never got through")
        assert answer.is_success
        assert refused or (ceremony, store) == (begun_at_the_door, "database"), f"{ceremony.__name__} needs no {store}"
