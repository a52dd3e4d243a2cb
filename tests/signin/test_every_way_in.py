"""Every call that can answer with tokens: whichever way somebody comes in, what is owed is owed.

A new way in appears in the document; then it needs a line here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sanic import Blueprint, HTTPResponse, Request, Sanic

from models import Identity, User
from service.app import create_app
from service.core.http import openapi
from service.core.http.messages import no_content
from service.core.http.operations import answer as described
from service.documents.openapi import build_document
from service.runtime import Runtime
from service.signin import door, transport
from service.signin.schemas import TokenPairResponse
from service.signin.tokens import token_pair
from tests.factors.passkey_support import Holder, enter, holder_of, log_in_options
from tests.factors.support import STEP, owner_of
from tests.factors.test_at_the_door import Visitor
from tests.http.support import document, logging_kept
from tests.mail_login.support import Desk, code_in
from tests.support.brought import SETTINGS
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, assert_problem, confirmed
from tests.support.providers import Account, Fakes
from tests.support.second_factor import A_CODE_AS_WELL, A_KEY_AS_WELL, House, house

Document = dict[str, Any]
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


async def sent_back(client: httpx.AsyncClient) -> dict[str, Any]:
    """What a browser brings back from Corp, whose user has the address ada@example.com."""
    begun = (await client.post("/api/auth/providers/corp/start", json={})).json()
    async with httpx.AsyncClient(trust_env=False) as browser:
        query = httpx.URL((await browser.get(begun["url"])).headers["Location"]).params
    return {"flow": begun["flow"], **dict(query)}


async def by_provider(client: httpx.AsyncClient, person: Person, headers: dict[str, str], _: Mailbox) -> httpx.Response:
    back = await sent_back(client)
    account = {"provider": "corp", "issuer": back["iss"], "subject": Account().subject}
    if not await Identity.exists(user_id=person.id):
        await Identity.create(
            id=uuid4(), user_id=person.id, created_at=(await User.get(id=person.id)).created_at, **account
        )
    return await client.post("/api/auth/providers/corp/finish", json=back, headers=headers)


async def by_link(client: httpx.AsyncClient, person: Person, headers: dict[str, str], _: Mailbox) -> httpx.Response:
    asked = await client.post("/api/auth/providers/corp/finish", json=await sent_back(client))
    body = {"challenge": assert_problem(asked, 400, "account_not_linked")["challenge"], "password": PASSWORD}
    return await client.post("/api/auth/providers/link", json=body, headers=headers)


async def by_passkey(client: httpx.AsyncClient, holder: Holder, headers: dict[str, str]) -> httpx.Response:
    """It is both factors by itself: what is asked for after it is a third thing."""
    client.cookies.clear()
    return await enter(client, holder.device.show(await log_in_options(client)), **headers)


WAYS_IN: dict[str, Call] = {
    "POST /api/auth/login": by_password,
    "POST /api/auth/email/finish": by_mail,
    "POST /api/auth/providers/{provider}/finish": by_provider,
    "POST /api/auth/providers/link": by_link,
}
# The same by the form of OAuth 2, with its answers: tests/oauth/test_token.py walks these ways.
OAUTH = {"POST /oauth/token"}
BOTH_AT_ONCE = {"POST /api/auth/passkeys", "POST /api/auth/passkeys/register"}
NO_WAYS_IN = {"POST /api/auth/refresh"}  # there is a session, and it stays the same one
# A first factor was shown: they go on with that log-in.
SECOND_STEPS = {"POST /api/auth/second-factor", "POST /api/auth/second-factor/enrol/confirm"}
IN_COOKIE = {"X-Session-Transport": "cookie", "Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-site"}
each_way = pytest.mark.parametrize("way", WAYS_IN)


@pytest.fixture(autouse=True)
def behaving(providers: Fakes) -> Fakes:
    """The providers, with the service's clock."""
    return providers


def schemas_in(told: Document, answer: object) -> set[str]:
    """The names of the schemas that an answer is made of."""
    names = set(re.findall(r"#/components/schemas/(\w+)", str(answer)))
    return names.union(*(schemas_in(told, told["components"]["schemas"][name]) for name in names))


def holds_tokens(told: Document, schema: str) -> bool:
    return "access_token" in told["components"]["schemas"][schema].get("properties", {})


def calls_that_answer_tokens(told: Document) -> dict[str, set[str]]:
    """Every operation whose success may hold an access token, with the codes of its refusals."""
    found = {}
    for path, item in told["paths"].items():
        for method, operation in item.items():
            successes = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            if any(holds_tokens(told, schema) for one in successes for schema in schemas_in(told, one)):
                examples = [
                    example["value"]["code"]
                    for answer in operation["responses"].values()
                    for media in answer.get("content", {}).values()
                    for example in media.get("examples", {}).values()
                    if "code" in example["value"]
                ]
                found[f"{method.upper()} {path}"] = set(examples)
    return found


def routes_that_answer_tokens(app: Sanic[Any, Any]) -> set[str]:
    """The routes whose own code has to do with tokens, whatever the document says of them."""
    makers = {
        id(maker)
        for maker in (transport.answer, transport.answer_tokens, transport.let_in, token_pair, door.begin, door.resume)
    }
    found = set()
    for route in app.router.routes:
        handler = inspect.unwrap(route.handler)
        names = handler.__code__.co_names
        used = [handler.__globals__[name] for name in names if name in handler.__globals__]
        used += [getattr(module, name, None) for module in used if inspect.ismodule(module) for name in names]
        if makers & {id(one) for one in used}:
            path = re.sub(r"<(\w+):\w+>", r"{\1}", f"/{route.path}")
            found |= {f"{method} {path}" for method in route.methods - {"OPTIONS", "HEAD"}}
    return found


EXAMPLE = {"access_token": "eyJ...", "refresh_token": "lkr_...", "token_type": "bearer", "expires_in": 874}
KNOWN = {*WAYS_IN, *OAUTH, *BOTH_AT_ONCE, *NO_WAYS_IN, *SECOND_STEPS}


def test_every_call_is_known() -> None:
    """A call that answers tokens is a way in, which says that something may be owed, or it goes on with a session."""
    calls = calls_that_answer_tokens(document())
    assert set(calls) == KNOWN
    for owed in ("second_factor_required", "enrolment_required"):
        assert {name for name, codes in calls.items() if owed in codes} == KNOWN - NO_WAYS_IN


def test_a_new_one_is_noticed() -> None:
    """One that says what it answers, in the document; and one that says nothing, or is left out of it, by its code."""
    blueprint = Blueprint("new_ways", url_prefix="/api/new")

    @blueprint.post("/told")
    @openapi.definition(response=[described(200, TokenPairResponse, "Tokens.", EXAMPLE)])
    async def told(request: Request) -> HTTPResponse:
        """Answer tokens that nobody owes anything for."""
        return no_content()

    @blueprint.post("/hidden")
    @openapi.exclude()
    async def hidden(request: Request) -> HTTPResponse:
        """Answer tokens, and say nothing of it."""
        return transport.answer_tokens(request, request.json)

    with logging_kept():
        app = create_app(SETTINGS.model_construct())
        assert routes_that_answer_tokens(app) == KNOWN
        app.blueprint(blueprint)
        assert set(calls_that_answer_tokens(build_document(app))) - KNOWN == {"POST /api/new/told"}
        assert routes_that_answer_tokens(app) - KNOWN == {"POST /api/new/hidden"}


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
@pytest.mark.parametrize("headers", [{}, IN_COOKIE], ids=["body", "cookie"])
async def test_nobody_walks_round_a_factor(
    lenient: House, ada: Person, runtime: Runtime, mailbox: Mailbox, way: str, headers: dict[str, str]
) -> None:
    """The same with the real thing: an account with an app for codes is asked for one, whichever way it is."""
    owner = await owner_of(ada, runtime.clock)
    lenient.client.cookies.clear()
    await mailbox.letters()
    before = await runtime.sessions.list_living(ada.id)
    answer = await WAYS_IN[way](lenient.client, ada, headers, mailbox)
    owed = assert_problem(answer, 403, "second_factor_required")
    assert "set-cookie" not in answer.headers
    assert await runtime.sessions.list_living(ada.id) == before
    runtime.clock.advance(STEP)
    body = {"challenge": owed["challenge"], "code": owner.app.code()}
    done = await lenient.client.post("/api/auth/second-factor", json=body, headers=headers)
    assert done.status_code == 200, done.text
    assert ("refresh_token" in done.json()) == (not headers)
    assert ("secure-session-registration" in done.headers) == bool(headers)


@each_way
@pytest.mark.parametrize("headers", [{}, IN_COOKIE], ids=["body", "cookie"])
async def test_each_offers_to_bind(
    lenient: House, ada: Person, mailbox: Mailbox, way: str, headers: dict[str, str]
) -> None:
    """In cookie mode, each with a session of its own; in bearer mode none does."""
    answer = await WAYS_IN[way](lenient.client, ada, headers, mailbox)
    assert answer.status_code == 200, answer.text
    assert ("secure-session-registration" in answer.headers) == bool(headers)


@each_way
async def test_nobody_walks_round_having_one(
    ada: Person, runtime: Runtime, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Where all have to have one, each way in has it set up first; and both second steps say what is still owed."""
    await confirmed(ada)
    async with house(runtime, monkeypatch, A_KEY_AS_WELL, SECOND_FACTOR="everyone", EMAIL_SIGN_IN="both") as found:
        owed = assert_problem(await WAYS_IN[way](found.client, ada, {}, mailbox), 403, "enrolment_required")
        assert await runtime.sessions.list_living(ada.id) == []
        visitor = Visitor(found.client, ada, runtime.clock, mailbox)
        app, body = await visitor.begun(owed["challenge"])
        assert_problem(await visitor.confirm(body), 403, "second_factor_required")
        runtime.clock.advance(STEP)
        body = {"email": ada.email, "password": PASSWORD}
        again = await found.client.post("/api/auth/login", json=body)
        challenge = assert_problem(again, 403, "second_factor_required")["challenge"]
        second = await found.client.post("/api/auth/second-factor", json={"challenge": challenge, "code": app.code()})
        assert assert_problem(second, 403, "second_factor_required")["methods"] == ["passkey"]
        assert await runtime.sessions.list_living(ada.id) == []


@pytest.mark.parametrize("headers", [{}, IN_COOKIE], ids=["body", "cookie"])
async def test_a_passkey_walks_round_nothing(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    """A passkey alone is two factors, also where all have to have two; whatever else is owed is owed."""
    holder = await holder_of(ada)
    async with house(runtime, monkeypatch, A_CODE_AS_WELL, SECOND_FACTOR="everyone") as found:
        answer = await by_passkey(found.client, holder, headers)
        owed = assert_problem(answer, 403, "second_factor_required")
        assert "set-cookie" not in answer.headers
        assert len(await runtime.sessions.list_living(ada.id)) == 1
        done = await found.second(owed["challenge"], "recovery", **headers)
        assert done.status_code == 200, done.text
        assert ("secure-session-registration" in done.headers) == bool(headers)


async def test_no_page_of_others_shows_a_passkey(lenient: House, ada: Person, runtime: Runtime) -> None:
    """R52, as with the other ways in."""
    holder = await holder_of(ada)
    headers = IN_COOKIE | {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert_problem(await by_passkey(lenient.client, holder, headers), 403, "forbidden")
    assert len(await runtime.sessions.list_living(ada.id)) == 1


@each_way
async def test_no_page_of_others_leaves_a_session(
    lenient: House, ada: Person, runtime: Runtime, mailbox: Mailbox, way: str
) -> None:
    """R52: who may not have the cookie is refused before there is a session."""
    headers = IN_COOKIE | {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert_problem(await WAYS_IN[way](lenient.client, ada, headers, mailbox), 403, "forbidden")
    assert await runtime.sessions.list_living(ada.id) == []


async def test_no_page_of_others_takes_a_second_step(
    lenient: House, ada: Person, grace: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox
) -> None:
    """The same for both second steps: no session, the code isn't used up, and nothing is set up."""
    headers = IN_COOKIE | {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    owner = await owner_of(ada, runtime.clock)
    runtime.clock.advance(STEP)
    challenge = await owner.challenge()
    assert_problem(await owner.second(challenge, headers=headers), 403, "forbidden")
    assert len(await runtime.sessions.list_living(ada.id)) == 1
    assert (await owner.second(challenge)).status_code == 200
    await confirmed(grace)
    async with house(runtime, monkeypatch, SECOND_FACTOR="everyone") as found:
        visitor = Visitor(found.client, grace, runtime.clock, mailbox)
        _, body = await visitor.begun(await visitor.first())
        answer = await found.client.post("/api/auth/second-factor/enrol/confirm", json=body, headers=headers)
        assert_problem(answer, 403, "forbidden")
        assert await runtime.sessions.list_living(grace.id) == []
        assert (await User.get(id=grace.id)).factors == 0
        assert (await visitor.confirm(body)).status_code == 200
