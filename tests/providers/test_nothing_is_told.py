"""R17: whether an address that nobody vouches for has an account here can't be told, by answers, work or time."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from statistics import median

import httpx
import pytest

from models import OutboxMail
from service.core.clock import Clock
from service.providers import linking
from service.runtime import Runtime
from tests.auth.test_throttle import LIMITS
from tests.http.support import another
from tests.mail_login.support import APART, code_in, wrong
from tests.providers.support import Tab
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem, confirmed, register
from tests.support.providers import Account, Fakes
from tests.support.scripts import BESIDE

NOBODY = "nobody@contoso.com"


@pytest.fixture
async def known(tab: Tab) -> Person:
    """Somebody with an account, whose address nobody vouches for."""
    found = await confirmed(await register(tab.client, "ada@contoso.com"))
    await tab.mailbox.letters()
    return found


def as_bytes(answer: httpx.Response) -> str:
    """All of an answer but what is drawn for it: of a challenge the length stays."""
    text = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()) + "\n\n" + answer.text
    text = text.replace(answer.headers["x-request-id"], "ID").replace(answer.headers["date"], "NOW")
    text = re.sub(r'"expires_at":"[^"]*"', "UNTIL", text)
    text = re.sub(r"\w+@contoso\.com", "WHO", text)
    text = re.sub(r"(?m)content-length: \d+", "LENGTH", text)
    return f"{answer.status_code}\n" + re.sub(r"lkl_([\w-]+)", lambda found: "C" * len(found[1]), text)


async def asked(tab: Tab, email: str) -> httpx.Response:
    tab.providers.microsoft.account = Account(f"of {email}", email, None)
    return await tab.come("microsoft")


async def test_known_and_unknown_look_alike(tab: Tab, known: Person) -> None:
    """To the end of it: asked, mailed, guessed wrong until it is over."""
    seen = []
    for email in (known.email, NOBODY):
        problem = await asked(tab, email)
        mailed = await tab.mail(problem.json()["challenge"])
        right = code_in(await tab.mailbox.letter(email))
        challenge = mailed.json()["challenge"]
        guessed = [as_bytes(await tab.link(challenge, code=wrong(right, number))) for number in range(1, 8)]
        seen.append([as_bytes(problem), as_bytes(mailed), *guessed])
    assert seen[0] == seen[1]
    assert [text[:3] for text in seen[0]] == ["400", "200"] + ["400"] * 7


async def test_the_letter_is_the_same(tab: Tab, known: Person) -> None:
    """It goes to either, in the same words, and says nothing that whoever asked has chosen."""
    said = []
    for email in (known.email, NOBODY):
        await tab.mailed((await asked(tab, email)).json()["challenge"])
        letter = await tab.mailbox.letter(email)
        assert known.email not in letter.text
        said.append(letter.text.replace(code_in(letter), "CODE"))
    assert said[0] == said[1]
    assert not await OutboxMail.filter(letter="provider_code", user_id__isnull=False).exists()


async def test_the_same_statements(tab: Tab, known: Person, monkeypatch: pytest.MonkeyPatch, runtime: Runtime) -> None:
    """What is asked of Redis is the same, script by script."""
    ran: list[str] = []
    run = type(runtime.redis).run

    async def noted(self: object, script: object, *args: object) -> object:
        ran.append(script.name)  # type: ignore[attr-defined]
        return await run(self, script, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(runtime.redis), "run", noted)
    seen = []
    for email in (known.email, NOBODY):
        ran.clear()
        challenge = await tab.mailed((await asked(tab, email)).json()["challenge"])
        before = list(ran)
        right = code_in(await tab.mailbox.letter(email))
        ran.clear()
        for number in range(1, 7):
            await tab.link(challenge, code=wrong(right, number))
        seen.append([name for name in before + ran if name not in BESIDE])
    assert seen[0] == seen[1]


async def test_it_takes_the_same_time(tab: Tab, known: Person) -> None:
    """Asking for a code to an account's address and to nobody's: the middles differ by less than their spread."""
    problem = {email: (await asked(tab, email)).json()["challenge"] for email in (known.email, NOBODY)}
    took: dict[str, list[float]] = {email: [] for email in problem}
    for number in range(60):
        for email in (known.email, NOBODY) if number % 2 else (NOBODY, known.email):
            began = time.perf_counter()
            if (await tab.mail(problem[email])).status_code == 200:
                took[email].append(time.perf_counter() - began)
    one, other = sorted(took[known.email]), sorted(took[NOBODY])
    assert min(len(one), len(other)) > 30
    spread = max(*(each[len(each) * 3 // 4] - each[len(each) // 4] for each in (one, other)), 0.002)
    assert abs(median(one) - median(other)) < spread


@pytest.fixture
async def limited(runtime: Runtime, providers: Fakes, mailbox: Mailbox) -> AsyncIterator[Tab]:
    """With the service's own limits."""
    async with another(runtime, **LIMITS) as url, httpx.AsyncClient(base_url=url, timeout=60) as client:
        yield Tab(client, providers, mailbox)


async def test_a_mailbox_of_which_too_many_were_wrong(
    limited: Tab, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred wrong ones in a day, over however many challenges: then the right one is wrong, too, without a word."""
    monkeypatch.setattr(linking, "MOST_WRONG", 4)
    for _ in range(2):
        challenge, right = await sent(limited)
        for number in (1, 2):
            assert_problem(await limited.link(challenge, code=wrong(right, number)), 400, "invalid_code")
        clock.advance(APART)
    challenge, right = await sent(limited)
    assert_problem(await limited.link(challenge, code=right), 400, "invalid_code")
    clock.advance(linking._REMEMBERED / 1000)
    challenge, right = await sent(limited)
    assert (await limited.link(challenge, code=right)).status_code == 200


async def sent(tab: Tab) -> tuple[str, str]:
    """A challenge, and its code."""
    challenge = await tab.mailed((await asked(tab, NOBODY)).json()["challenge"])
    return challenge, code_in(await tab.mailbox.letter(NOBODY))


async def test_a_challenge_says_nothing(tab: Tab, known: Person) -> None:
    """No id stands in it that would be the same next time, or anybody's."""
    found = [await tab.mailed((await asked(tab, email)).json()["challenge"]) for email in (known.email, NOBODY) * 2]
    assert len({len(challenge) for challenge in found}) == 1
    assert len({challenge[:24] for challenge in found}) == 4
