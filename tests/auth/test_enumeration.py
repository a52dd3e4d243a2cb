"""What strangers learn about who has an account: nothing (R17 to R19). `bench/enumeration.py` measures the times."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from models import User
from service.runtime import Runtime
from tests.auth.test_throttle import FREE, LIMITS, guess
from tests.http.support import another
from tests.support.letters import Mailbox
from tests.support.people import Person


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with its own limits, behind one proxy."""
    async with another(runtime, PROXIES_COUNT=1, **LIMITS) as url, httpx.AsyncClient(base_url=url, timeout=30) as found:
        yield found


def as_bytes(answer: httpx.Response) -> str:
    """Return all of an answer but the request's id, the time, and seconds that count down."""
    text = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()) + "\n\n" + answer.text
    text = text.replace(answer.headers["x-request-id"], "ID").replace(answer.headers["date"], "NOW")
    return f"{answer.status_code}\n" + re.sub(r"(?m)(retry-after: |t=|w=)\d+", r"\1…", text)


async def test_all_refusals_look_alike(door: httpx.AsyncClient, ada: Person, grace: Person) -> None:
    """R17: unknown, wrong and disabled are one answer, and so are they once they are throttled."""
    await User.filter(id=grace.id).update(is_active=False)
    names = ("nobody@example.com", ada.email, grace.email)
    for number in range(FREE):
        answers = {as_bytes(await guess(door, name, ip=f"203.0.113.{number}")) for name in names}
        assert len(answers) == 1
        assert next(iter(answers)).startswith("400")
    throttled = {as_bytes(await guess(door, name, ip="198.51.100.1")) for name in names}
    assert len(throttled) == 1
    assert next(iter(throttled)).startswith("429")


async def test_letters_for_one_mailbox(
    door: httpx.AsyncClient, ada: Person, mailbox: Mailbox, runtime: Runtime
) -> None:
    """R18, R19: a mailbox gets so many letters and no more, in any spelling; the answer never changes."""
    limited = runtime.settings.model_copy(update=LIMITS)
    worker = Mailbox(replace(runtime, settings=limited))
    came = []
    spellings = (ada.email, "ADA@example.com", "a.da@example.com", "ada+x@example.com")
    most = LIMITS["MAIL_REQUESTS_PER_ACCOUNT"]
    for path in ("/api/auth/password/forgot", "/api/auth/email/verify/resend"):
        answers = set()
        for name in (ada.email, "nobody@example.com"):
            for number in range(most + 2):
                email = spellings[number % 4] if name == ada.email else name
                headers = {"X-Forwarded-For": f"203.0.113.{number}"}
                answers.add(as_bytes(await door.post(path, json={"email": email}, headers=headers)))
                came += await worker.letters()
        assert len(answers) == 1
        assert next(iter(answers)).startswith("202")
    assert [letter.to for letter in came] == [ada.email] * len(came)
    assert 2 <= len(came) <= most


async def test_forgotten_passwords_lock_nobody_out(door: httpx.AsyncClient, ada: Person) -> None:
    """R19: however often somebody asks for a link, the account logs in as ever."""
    for _ in range(3 * LIMITS["MAIL_REQUESTS_PER_ACCOUNT"]):
        await door.post("/api/auth/password/forgot", json={"email": ada.email})
    assert (await guess(door, ada.email, ada.password)).status_code == 200
