"""Every call that can answer with tokens: whichever way somebody comes in, what is owed is owed.

A new way in appears in the document; then it needs a line here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from service.runtime import Runtime
from tests.http.support import document
from tests.mail_login.support import Desk, code_in
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.second_factor import House

Call = Callable[[httpx.AsyncClient, Person, dict[str, str], Mailbox], Awaitable[httpx.Response]]


async def by_password(client: httpx.AsyncClient, person: Person, headers: dict[str, str], _: Mailbox) -> httpx.Response:
    body = {"email": person.email, "password": PASSWORD}
    return await client.post("/api/auth/login", json=body, headers=headers)


async def by_mail(
    client: httpx.AsyncClient, person: Person, headers: dict[str, str], mailbox: Mailbox
) -> httpx.Response:
    challenge, letter = await Desk(client, mailbox).asked_and_sent(person.email)
    body = {"challenge": challenge, "code": code_in(letter)}
    return await client.post("/api/auth/email/finish", json=body, headers=headers)


WAYS_IN: dict[str, Call] = {"POST /api/auth/login": by_password, "POST /api/auth/email/finish": by_mail}
NO_WAYS_IN = {"POST /api/auth/refresh"}  # there is a session, and it stays the same one
IN_COOKIE = {"X-Session-Transport": "cookie", "Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-site"}
each_way = pytest.mark.parametrize("way", WAYS_IN)


def calls_that_answer_tokens() -> dict[str, set[str]]:
    """Every operation whose success may hold an access token, with the codes of its refusals."""
    found = {}
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            successes = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            if any("TokenPairResponse" in str(one) or "AccessTokenResponse" in str(one) for one in successes):
                examples = [
                    example["value"]["code"]
                    for answer in operation["responses"].values()
                    for media in answer.get("content", {}).values()
                    for example in media.get("examples", {}).values()
                    if "code" in example["value"]
                ]
                found[f"{method.upper()} {path}"] = set(examples)
    return found


def test_every_call_is_known() -> None:
    """A call that answers tokens is a way in, which says that something may be owed, or it goes on with a session."""
    calls = calls_that_answer_tokens()
    assert set(calls) == {*WAYS_IN, *NO_WAYS_IN}
    assert {name for name, codes in calls.items() if "second_factor_required" in codes} == set(WAYS_IN)


@each_way
@pytest.mark.parametrize("headers", [{}, IN_COOKIE], ids=["body", "cookie"])
async def test_nobody_walks_round(
    strict: House, ada: Person, runtime: Runtime, mailbox: Mailbox, way: str, headers: dict[str, str]
) -> None:
    """With a step owed, none of them gives a token, a cookie or a session."""
    answer = await WAYS_IN[way](strict.client, ada, headers, mailbox)
    assert_problem(answer, 403, "second_factor_required")
    assert "set-cookie" not in answer.headers
    assert await runtime.sessions.list_living(ada.id) == []


@each_way
async def test_no_page_of_others_leaves_a_session(
    lenient: House, ada: Person, runtime: Runtime, mailbox: Mailbox, way: str
) -> None:
    """R52: who may not have the cookie is refused before there is a session."""
    headers = IN_COOKIE | {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert_problem(await WAYS_IN[way](lenient.client, ada, headers, mailbox), 403, "forbidden")
    assert await runtime.sessions.list_living(ada.id) == []
