"""The oracle of `make chaos` believes a service that keeps its word, and finds each lie of one that doesn't."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import httpx
import pytest

from chaos.calls import PATIENCE_SECONDS, Call, Caller
from chaos.keys import Holder
from chaos.load import Load
from chaos.oracle import Account, Allowed, Kind, Oracle, Tokens, Violation
from chaos.people import Person, World, show
from tests.chaos.pretender import Pretender, unavailable

STEPS = 30
LIES = {
    "keeps deleted sessions": Kind.ACCEPTED,
    "keeps who logs out": Kind.ACCEPTED,
    "refreshes what is over": Kind.ACCEPTED,
    "lets anybody in": Kind.ACCEPTED,
    "keeps other devices": Kind.ACCEPTED,
    "keeps old passwords": Kind.ACCEPTED,
    "forgets people": Kind.LOST,
    "forgets new passwords": Kind.LOST,
    "loses rotations": Kind.LOST,
    "knows no grace": Kind.LOST,
    "makes another successor": Kind.LOST,
    "hides sessions": Kind.LOST,
    "refuses the good": Kind.LOST,
    "fails": Kind.WRONG,
    "puts off without a time": Kind.WRONG,
    "is never there": Kind.CUT,
}


LIES_OF_KEYS = {
    "forgets passkeys": Kind.LOST,
    "takes an answer twice": Kind.ACCEPTED,
    "asks for no second factor": Kind.LOST,
    "keeps who logs out": Kind.ACCEPTED,
    "fails": Kind.WRONG,
}


@pytest.fixture
async def pretender() -> Pretender:
    return Pretender()


@pytest.fixture
async def load(pretender: Pretender) -> AsyncIterator[Load]:
    """Somebody who uses the pretended service, and the oracle."""
    async with httpx.AsyncClient(base_url="http://pretended", transport=httpx.MockTransport(pretender)) as http:
        world = World(Caller(http), Oracle(), pretender.delete, random.Random(7), pause=(0.0, 0.0))
        yield Load(None, world)  # type: ignore[arg-type]  # nothing that is asked for here needs a scene


async def live(load: Load, steps: int = STEPS) -> Person:
    """Do what people do, and ask for everything that was promised."""
    person = Person(load.world, await load.world.register("ada@example.com"))
    for _ in range(steps):
        await one_step(load, person)
    return person


async def one_step(load: Load, person: Person) -> None:
    await person.settle()
    person.main = person.main or await person.log_in()
    for step in (person.look, person.refresh, person.come_and_go, person.change_password):
        await step()
        for ended in list(load.oracle.ended)[-1:]:
            await show(load.world, ended.tokens.sid)
    await load.audit()


def kinds(found: list[Violation]) -> set[Kind]:
    return {violation.kind for violation in found}


async def test_believes_who_keeps_their_word(load: Load) -> None:
    """Whatever people do, there is nothing to complain of; and every sort of end was seen."""
    await live(load)
    assert load.oracle.violations == []
    assert {ended.why for ended in load.oracle.ended} == {
        "logged out", "logged out by the refresh token", "ended from another device", "its key was deleted",
        "another password was set",
    }  # fmt: skip


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie != "is never there"])
async def test_finds_lies(load: Load, pretender: Pretender, lie: str) -> None:
    """Each lie is found, and called what it is."""
    person = await live(load, 2)
    pretender.lies = lie
    if lie in ("forgets people", "forgets new passwords"):
        person = Person(load.world, await load.world.register("bob@example.com"))
    for _ in range(STEPS):
        await one_step(load, person)
        if LIES[lie] in kinds(load.oracle.violations):
            return
    raise AssertionError(f"found only {load.oracle.violations}")


async def with_a_key(load: Load) -> None:
    holder = Holder(load.world, await load.world.register("ada@example.com"))
    for _ in range(3):
        await (holder.alone() if holder.ready else holder.set_up())
        if holder.ready:
            await holder.second_step()
        for ended in list(load.oracle.ended)[-2:]:
            await show(load.world, ended.tokens.sid)


async def test_believes_a_passkey(load: Load) -> None:
    """Set up, shown alone and as the second step, shown once more: nothing to complain of."""
    await with_a_key(load)
    assert load.oracle.violations == []
    assert len(load.oracle.ended) == 5


@pytest.mark.parametrize("lie", LIES_OF_KEYS)
async def test_finds_lies_about_passkeys(load: Load, pretender: Pretender, lie: str) -> None:
    """Each is found, and called what it is."""
    pretender.lies = lie
    await with_a_key(load)
    assert LIES_OF_KEYS[lie] in kinds(load.oracle.violations)


async def test_an_answer_that_never_comes(load: Load, pretender: Pretender) -> None:
    """No answer is a violation, unless a process of the service's own was killed."""
    person = await live(load, 2)
    pretender.lies = "is never there"
    load.oracle.allowed = Allowed(cut=True)
    await one_step(load, person)
    assert load.oracle.violations == []
    load.oracle.allowed = Allowed()
    await one_step(load, person)
    assert kinds(load.oracle.violations) == {Kind.CUT}


async def test_being_put_off(load: Load, pretender: Pretender) -> None:
    """503 is right during a fault, and wrong when there is none. What was asked for then is uncertain, not lost."""
    person = await live(load, 2)
    load.oracle.allowed, pretender.away = Allowed(), True
    for _ in range(5):
        await one_step(load, person)
    pretender.away, load.oracle.allowed = False, None
    for _ in range(5):
        await one_step(load, person)
    assert load.oracle.violations == []
    pretender.away = True
    await one_step(load, person)
    assert kinds(load.oracle.violations) == {Kind.REFUSED}


@pytest.mark.parametrize("done", [True, False])
async def test_a_change_without_an_answer(load: Load, pretender: Pretender, *, done: bool) -> None:
    """A password that was asked for may have been set or not; once that is known, it is held to."""
    person = await live(load, 2)
    account = person.account
    account.maybe = "perhaps a new one"
    if done:
        pretender.passwords[account.email] = {account.maybe}
    before = account.password
    await person.settle()
    assert account == Account(account.email, "perhaps a new one" if done else before, account.older)
    assert account.older[-1:] == ([before] if done else account.older[-1:])
    await load.audit()
    assert load.oracle.violations == []


async def test_a_redis_that_lost_everything(load: Load, pretender: Pretender) -> None:
    """Then it is right that a session is gone, and wrong that it ever comes back."""
    person = await live(load, 2)
    for held in pretender.sessions.values():
        held.over = True
    load.oracle.allowed = Allowed(emptied=True)
    await one_step(load, person)
    load.oracle.emptied()
    load.oracle.allowed = None
    await one_step(load, person)
    assert load.oracle.violations == []
    lost = next(ended for ended in load.oracle.ended if ended.why == "Redis came back empty")
    pretender.sessions[lost.tokens.sid].over = False
    await show(load.world, lost.tokens.sid)
    assert kinds(load.oracle.violations) == {Kind.ACCEPTED}


def test_late_answers() -> None:
    """More than two seconds are too many, those apart that this process was late by itself; for some faults five."""
    oracle = Oracle()
    oracle.judge(call(200, 2.2), (200,))
    assert kinds(oracle.violations) == {Kind.LATE}
    for excuse in (Oracle(lag=0.5), Oracle(allowed=Allowed(seconds=5.0))):
        excuse.judge(call(200, 2.2), (200,))
        assert excuse.violations == []


@pytest.mark.parametrize(
    ("kind", "after", "right"),
    [("application/problem+json", "1", True), ("text/html", "1", False), ("application/problem+json", "60", False),
     ("application/problem+json", "", False)],
)  # fmt: skip
def test_what_a_refusal_has_to_say(kind: str, after: str, *, right: bool) -> None:
    """503 is only then being put off when it says for how long, in full."""
    assert Call("me", 0.0, 0.1, 503, unavailable().text, kind, after).refused is right


def test_an_answer_that_was_waited_for_in_vain() -> None:
    """A connection that ends without an answer is one thing, a client who gives up another: that one is too late."""
    oracle = Oracle(allowed=Allowed())
    oracle.judge(call(0, 0.1), (200,))
    assert kinds(oracle.violations) == {Kind.CUT}
    oracle = Oracle(allowed=Allowed(cut=True))
    oracle.judge(call(0, PATIENCE_SECONDS + 0.01), (200,))
    assert kinds(oracle.violations) == {Kind.LATE}


def test_what_is_told_of_a_call() -> None:
    """A refusal's code and request id, and nothing of a good answer: it may hold tokens."""
    refusal = Call("me", 0.0, 0.1, 401, '{"code":"invalid_token","request_id":"abc"}')
    assert str(refusal) == "me: 401 after 0.10 s: invalid_token, abc"
    assert str(Call("log-in", 0.0, 0.1, 200, '{"access_token":"secret","code":"secret"}')) == "log-in: 200 after 0.10 s"
    assert str(Call("me", 0.0, 0.1, 0, "ConnectError()")) == "me: no answer (ConnectError()) after 0.10 s"


def test_ended_sessions_are_snapshots() -> None:
    """What is shown again are the tokens that were good when the session ended."""
    oracle, tokens = Oracle(), Tokens("user", "sid", "access", "refresh", 0.0)
    oracle.over(tokens, "logged out")
    tokens.refresh = "another"
    assert oracle.ended[0].tokens.refresh == "refresh"


def call(status: int, seconds: float) -> Call:
    return Call("me", 0.0, seconds, status, "")
