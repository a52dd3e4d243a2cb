"""What strangers can do at a mailbox that isn't theirs: guess, ask, compare. Nothing (R12, R13, R17, R19)."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from statistics import median

import httpx
import pytest

from models import OutboxMail, SecurityEvent
from service.core.clock import Clock
from service.credentials import mailed_codes
from service.mail_login import codes, flows
from service.runtime import Runtime
from tests.auth.test_throttle import LIMITS
from tests.http.support import another
from tests.mail_login.support import APART, Desk, code_in, wrong
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem
from tests.support.scripts import BESIDE

NOBODY = "nobody@example.com"
MINUTE = 60


@pytest.fixture
async def limited(runtime: Runtime, mailbox: Mailbox) -> AsyncIterator[Desk]:
    """With the service's own limits, behind one proxy; the worker has them as well."""
    worker = Mailbox(replace(runtime, settings=runtime.settings.model_copy(update=LIMITS)))
    async with (
        another(runtime, PROXIES_COUNT=1, EMAIL_SIGN_IN="both", **LIMITS) as url,
        httpx.AsyncClient(base_url=url, timeout=60) as client,
    ):
        yield Desk(client, worker)


def as_bytes(answer: httpx.Response) -> str:
    """All of an answer but the request's id, the time, and the challenge, of which the length stays."""
    text = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()) + "\n\n" + answer.text
    text = text.replace(answer.headers["x-request-id"], "ID").replace(answer.headers["date"], "NOW")
    text = re.sub(r"(?m)(retry-after: |t=|w=)\d+", r"\1…", text)
    return f"{answer.status_code}\n" + re.sub(r"lkm_([\w-]+)", lambda found: "C" * len(found[1]), text)


async def test_known_and_unknown_look_alike(desk: Desk, ada: Person, grace: Person) -> None:
    """R17, R18: start and finish, to the end of the log-in, whether there is an account, a letter or neither."""
    _ = await desk.asked_and_sent(grace.email)
    seen = []
    for email in (ada.email, NOBODY, grace.email):
        started = await desk.start(email)
        challenge = started.json()["challenge"]
        if email == ada.email:
            letter = await desk.mailbox.letter(ada.email)
        guesses = [wrong(code_in(letter), number) for number in range(1, 8)]
        finished = [as_bytes(await desk.by_code(challenge, guess)) for guess in guesses]
        seen.append([as_bytes(started), *finished])
    assert seen[0] == seen[1] == seen[2]
    assert [text[:3] for text in seen[0]] == ["202"] + ["400"] * 7


async def test_a_challenge_says_nothing(desk: Desk, ada: Person, runtime: Runtime) -> None:
    """R17: no id stands in it that would be the same next time, or anybody's."""
    found = [await desk.asked(email) for email in (ada.email, ada.email, NOBODY, NOBODY)]
    assert len({len(challenge) for challenge in found}) == 1
    assert len({challenge[:24] for challenge in found}) == 4
    tickets = [codes.ticket_of(runtime.settings.secrets, challenge) for challenge in found]
    assert [ticket is not None for ticket in tickets] == [True] * 4
    assert tickets[0] is not None
    assert tickets[0].uid == ada.id


async def test_it_takes_the_same_time(desk: Desk, ada: Person) -> None:
    """R17: asking for an account's letter and for nobody's: the middles of many differ by less than their spread."""
    took: dict[str, list[float]] = {ada.email: [], NOBODY: []}
    for number in range(60):
        for email in (ada.email, NOBODY) if number % 2 else (NOBODY, ada.email):
            began = time.perf_counter()
            if (await desk.start(email)).status_code == 202:  # a busy machine sheds load: that is no measure
                took[email].append(time.perf_counter() - began)
    known, unknown = sorted(took[ada.email]), sorted(took[NOBODY])
    assert min(len(known), len(unknown)) > 30
    spread = max(*(each[len(each) * 3 // 4] - each[len(each) // 4] for each in (known, unknown)), 0.002)
    assert abs(median(known) - median(unknown)) < spread


async def test_the_same_statements(desk: Desk, ada: Person, monkeypatch: pytest.MonkeyPatch, runtime: Runtime) -> None:
    """R17: what is asked of Redis is the same, script by script, in start and in finish."""
    ran: list[str] = []
    run = type(runtime.redis).run

    async def noted(self: object, script: object, *args: object) -> object:
        ran.append(script.name)  # type: ignore[attr-defined]
        return await run(self, script, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(runtime.redis), "run", noted)
    seen = []
    for email in (ada.email, NOBODY):
        ran.clear()
        challenge = await desk.asked(email)
        code = code_in(await desk.mailbox.letter(email)) if email == ada.email else "000000"
        for number in range(1, 7):
            await desk.by_code(challenge, wrong(code, number))
        seen.append([name for name in ran if name not in BESIDE])
    assert seen[0] == seen[1]


async def test_five_hundred_guesses(limited: Desk, ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """R13: over twenty log-ins at once, of each five are looked at; the owner's own code works within the minute."""
    looked: Counter[str] = Counter()
    judge = mailed_codes.is_code_of

    def counted(secrets: tuple[str, ...], number: object, text: str) -> bool:
        looked[str(number)] += 1
        return judge(secrets, number, text)  # type: ignore[arg-type]

    monkeypatch.setattr(mailed_codes, "is_code_of", counted)
    challenges = [await limited.asked(ada.email, **{"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(20)]
    letters = await limited.mailbox.letters(ada.email)
    avoid = {code_in(letter) for letter in letters}
    guesses = [code for code in (f"{number:06}" for number in range(60)) if code not in avoid][:25]

    async def guess(number: int, code: str) -> httpx.Response:
        return await limited.by_code(challenges[number], code, **{"X-Forwarded-For": f"203.0.113.{number}"})

    answers = await asyncio.gather(*(guess(number, code) for number in range(20) for code in guesses))
    seen = Counter(answer.json()["code"] for answer in answers if answer.status_code != 503)
    assert set(seen) <= {"invalid_code", "invalid_challenge"}
    assert looked.total() <= 100
    assert max(looked.values()) <= 5
    clock.advance(APART)
    challenge = await limited.asked(ada.email, **{"X-Forwarded-For": "198.51.100.1"})
    letter = await limited.mailbox.letter(ada.email)
    assert (await limited.by_code(challenge, code_in(letter))).status_code == 200


async def test_a_right_guess_among_too_many(desk: Desk, ada: Person, runtime: Runtime) -> None:
    """R13: the right code is one of sixty that are shown at once: it opens only if it is one of the five."""
    challenge, letter = await desk.asked_and_sent(ada.email)
    for number in range(1, 5):
        assert_problem(await desk.by_code(challenge, wrong(code_in(letter), number)), 400, "invalid_code")
    shown = [wrong(code_in(letter), 10), wrong(code_in(letter), 11), code_in(letter)]
    answers = [await desk.by_code(challenge, code) for code in shown]
    assert [answer.status_code for answer in answers] == [400] * 3
    assert await runtime.sessions.list_living(ada.id) == []


async def test_letters_for_one_mailbox(limited: Desk, ada: Person, clock: Clock) -> None:
    """R19: one a minute, five in an hour, however often it is asked for; the answer never changes."""
    came, answers = [], set()
    for number in range(40):
        answers.add(as_bytes(await limited.start(ada.email, **{"X-Forwarded-For": f"203.0.113.{number}"})))
        came += await limited.mailbox.letters(ada.email)
        clock.advance(20)
    assert len(answers) == 1
    assert 4 <= len(came) <= 6
    assert not await OutboxMail.filter(sent_at__isnull=True).exists()


async def test_a_network_asks_for_so_many(limited: Desk) -> None:
    """R19: what a network may ask for says nothing of any address."""
    answers = [await limited.start(f"u{number}@example.com") for number in range(51)]
    assert [answer.status_code for answer in answers] == [202] * 50 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_network_guesses_so_often(limited: Desk, ada: Person) -> None:
    """R12: wrong codes of one network are counted together; right ones aren't."""
    for _ in range(20):
        challenge = await limited.asked(NOBODY, **{"X-Forwarded-For": "203.0.113.1"})
        for number in range(5):
            await limited.by_code(challenge, f"{number:06}", **{"X-Forwarded-For": "203.0.113.1"})
    challenge = await limited.asked(NOBODY, **{"X-Forwarded-For": "203.0.113.1"})
    assert_problem(await limited.by_code(challenge, "0" * 6, **{"X-Forwarded-For": "203.0.113.1"}), 429, "rate_limited")


async def test_a_hundred_wrong_codes(
    desk: Desk, ada: Person, clock: Clock, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12: after so many since the last right one no code is right, for a day; a link is, and nobody is told why."""
    monkeypatch.setattr(flows, "MOST_WRONG", 7)
    for _ in range(2):
        challenge, letter = await desk.asked_and_sent(ada.email)
        for number in range(1, 5):
            await desk.by_code(challenge, wrong(code_in(letter), number))
        clock.advance(APART)
    challenge, letter = await desk.asked_and_sent(ada.email)
    assert_problem(await desk.by_code(challenge, code_in(letter)), 400, "invalid_code")
    assert (await desk.press(letter.token)).status_code == 200
    clock.advance(24 * 3600)
    challenge, letter = await desk.asked_and_sent(ada.email)
    assert (await desk.by_code(challenge, code_in(letter))).status_code == 200


async def test_a_hundred_wrong_codes_of_strangers(
    desk: Desk, ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12: on a device that its owner is known on the right code is right all the same; that device has as many."""
    monkeypatch.setattr(flows, "MOST_WRONG", 7)
    challenge, letter = await desk.asked_and_sent(ada.email)
    own = {"Cookie": f"latchkey_device={(await desk.by_code(challenge, code_in(letter))).cookies['latchkey_device']}"}
    for _ in range(2):
        desk.client.cookies.clear()
        clock.advance(APART)
        challenge, letter = await desk.asked_and_sent(ada.email)
        for number in range(1, 5):
            await desk.by_code(challenge, wrong(code_in(letter), number))
    assert_problem(await desk.by_code(challenge, code_in(letter)), 400, "invalid_code")
    clock.advance(APART)
    challenge, letter = await desk.asked_and_sent(ada.email)
    assert (await desk.by_code(challenge, code_in(letter), **own)).status_code == 200
    for _ in range(2):
        clock.advance(APART)
        challenge, letter = await desk.asked_and_sent(ada.email)
        for number in range(1, 5):
            await desk.by_code(challenge, wrong(code_in(letter), number), **own)
    assert_problem(await desk.by_code(challenge, code_in(letter), **own), 400, "invalid_code")


async def test_guesses_at_nothing_keep_nobody_out(
    desk: Desk, ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12: what is guessed at log-ins whose letters never went counts for none of the owner's."""
    monkeypatch.setattr(flows, "MOST_WRONG", 7)
    await desk.asked_and_sent(ada.email)
    for _ in range(4):
        challenge = await desk.asked(ada.email)
        assert await desk.mailbox.letters() == []
        for number in range(5):
            await desk.by_code(challenge, f"{number:06}")
    clock.advance(APART)
    challenge, letter = await desk.asked_and_sent(ada.email)
    assert (await desk.by_code(challenge, code_in(letter))).status_code == 200


async def test_what_is_on_record(desk: Desk, ada: Person) -> None:
    """R69, R70: that it was asked for, and wrong codes, from where; never a code, a challenge or a token."""
    challenge, letter = await desk.asked_and_sent(ada.email)
    await desk.by_code(challenge, wrong(code_in(letter)))
    assert (await desk.by_code(challenge, code_in(letter))).status_code == 200
    rows = await SecurityEvent.filter(user_id=ada.id, type__startswith="login.").order_by("created_at")
    assert {row.type for row in rows} >= {"login.mail_asked", "login.failed", "login.succeeded"}
    assert {row.ip for row in rows} == {"127.0.0.1"}
    everything = " ".join(str(row.detail) for row in rows)
    assert code_in(letter) not in everything
    assert letter.token not in everything
