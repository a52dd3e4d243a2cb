"""POST /oauth/token: tokens by a form, as RFC 6749 has it, for libraries that nobody here wrote."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
import pytest

from models import SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.support import STEP, owner_of
from tests.http.support import HOST, another, hold_oauth, say
from tests.oauth.support import Service, basic
from tests.oauth.token_support import FORM, TOKEN, hold_tokens, opened, password_of, refresh_of
from tests.support.passwords import store
from tests.support.people import PASSWORD, Person, assert_problem, confirmed

ADA = {"grant_type": "password", "username": "ada@example.com", "password": PASSWORD}


async def test_a_password(client: httpx.AsyncClient, ada: Person) -> None:
    """RFC 6749 section 4.3: a session of its own, whose tokens are good everywhere."""
    session = await opened(client, ada)
    assert (await session.me()).json()["email"] == ada.email
    assert session.sid != (await opened(client, ada)).sid
    assert (await session.refresh()).status_code == 200
    assert len((await session.call("GET", "/sessions")).json()) == 2


async def test_a_refresh_token(client: httpx.AsyncClient, ada: Person) -> None:
    """RFC 6749 section 6: the next pair of the same session; the same token again gives the same answer's token."""
    session = await ada.log_in()
    first, again = [hold_tokens(await client.post(TOKEN, data=refresh_of(session.refresh_token))) for _ in range(2)]
    assert first["refresh_token"] == again["refresh_token"] != session.refresh_token
    elsewhere = await session.refresh()
    assert elsewhere.json()["refresh_token"] == first["refresh_token"]
    session.access_token = first["access_token"]
    assert (await session.me()).status_code == 200
    assert len((await session.call("GET", "/sessions")).json()) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {**ADA, "scope": "openid profile", "client_id": "my-app", "client_secret": "", "audience": "x"}},
        {"data": {**ADA, "client_id": "", "unknown": "x" * 3000}},
        {"data": {**ADA, "refresh_token": "", "code": "x"}},
        {"data": ADA, "headers": {"Authorization": "Basic Og=="}},  # nothing at all: Swagger UI
        {"data": ADA, "headers": {"Authorization": "basic bXktYXBwOg=="}},  # my-app: requests-oauthlib
        {"data": {**ADA, "client_id": "my-app"}, "headers": {"Authorization": "Basic bXktYXBwOg=="}},
        {"content": urlencode(ADA), "headers": {"Content-Type": "APPLICATION/X-WWW-FORM-URLENCODED; Charset=UTF-8"}},
        {"content": "\ufeff" + urlencode(ADA), "headers": FORM},
        {"content": urlencode(ADA) + "&", "headers": FORM},
        {"data": {**ADA, "username": "ADA@Example.com"}},
        {"data": ADA, "headers": {"Origin": "https://elsewhere.example"}},
        {"data": ADA, "params": {"_": "1764230400"}},
    ],
)
async def test_what_libraries_send_along(client: httpx.AsyncClient, ada: Person, sent: dict[str, Any]) -> None:
    """RFC 6749 section 3.2: what isn't known is passed over, what is empty isn't there."""
    hold_tokens(await client.post(TOKEN, **sent))


@pytest.mark.parametrize("password", ["a+b c%20d%", "ö€😀 correct", " leading and trailing ", "=&;#?\"'\\", "%2B%00x"])
async def test_passwords_of_any_characters(
    client: httpx.AsyncClient, ada: Person, runtime: Runtime, password: str
) -> None:
    """RFC 6749 appendix B: UTF-8, then as forms have it, with + or %20 for a blank."""
    await store(ada.id, await runtime.passwords.hash(password))
    blanks = quote_plus(password).replace("+", "%20")
    for written in (quote_plus(password), blanks):
        body = f"grant_type=password&username=ada%40example.com&password={written}"
        hold_tokens(await client.post(TOKEN, content=body, headers=FORM))


REFUSALS: list[tuple[dict[str, Any], int, str]] = [
    ({"data": {**ADA, "password": "wrong"}}, 400, "invalid_grant"),
    ({"data": {**ADA, "username": "nobody@example.com"}}, 400, "invalid_grant"),
    ({"data": refresh_of("lkr_none")}, 400, "invalid_grant"),
    ({"data": refresh_of("x" * 9_000)}, 400, "invalid_grant"),
    ({"data": {**ADA, "grant_type": ""}}, 400, "invalid_request"),
    ({"data": {"username": "ada@example.com", "password": PASSWORD}}, 400, "invalid_request"),
    ({"data": {"grant_type": "password"}}, 400, "invalid_request"),
    ({"data": {**ADA, "password": ""}}, 400, "invalid_request"),
    ({"data": {**ADA, "username": ""}}, 400, "invalid_request"),
    ({"data": {**ADA, "password": "x" * 257}}, 400, "invalid_request"),
    ({"data": {**ADA, "username": "x" * 321}}, 400, "invalid_request"),
    ({"data": refresh_of("")}, 400, "invalid_request"),
    ({"data": {**ADA, "grant_type": "PASSWORD"}}, 400, "unsupported_grant_type"),
    ({"data": {**ADA, "grant_type": "client_credentials"}}, 400, "unsupported_grant_type"),
    ({"data": {"grant_type": "authorization_code", "code": "x"}}, 400, "unsupported_grant_type"),
    ({"data": {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}}, 400, "unsupported_grant_type"),
    ({"data": {"grant_type": "\u0000\u2028\""}}, 400, "unsupported_grant_type"),
    ({"content": urlencode(ADA) + "&password=other", "headers": FORM}, 400, "invalid_request"),
    ({"content": urlencode(ADA) + "&scope=&scope=", "headers": FORM}, 400, "invalid_request"),
    ({"content": "grant_type=password&username=%ff&password=x", "headers": FORM}, 400, "invalid_request"),
    ({"content": b"grant_type=password&username=\xff", "headers": FORM}, 400, "invalid_request"),
    ({"content": "&".join(f"a{n}=" for n in range(60)), "headers": FORM}, 400, "invalid_request"),
    ({"data": {**ADA, "scope": "x" * 20_000}}, 400, "invalid_request"),
    ({"data": {**ADA, "scope": "x" * 1_000_000}}, 413, "invalid_request"),
    ({}, 400, "invalid_request"),
    ({"headers": FORM}, 400, "invalid_request"),
    ({"json": ADA}, 415, "invalid_request"),
    ({"files": {name: (None, value) for name, value in ADA.items()}}, 415, "invalid_request"),
    ({"content": urlencode(ADA), "headers": {"Content-Type": "text/plain"}}, 415, "invalid_request"),
    ({"data": ADA, "headers": {"Content-Encoding": "gzip"}}, 415, "invalid_request"),
    ({"data": ADA, "headers": {"X-Session-Transport": "cookie", "Origin": "http://localhost:8000"}}, 400,
     "invalid_request"),
    ({"params": ADA}, 400, "invalid_request"),
    ({"data": ADA, "params": {"client_id": "my-app"}}, 400, "invalid_request"),
    ({"data": {"grant_type": "password", "username": "ada@example.com"}, "params": {"password": PASSWORD}}, 400,
     "invalid_request"),
    ({"data": ADA, "headers": {"Authorization": "Basic dW5kZWZpbmVkOnVuZGVmaW5lZA=="}}, 401, "invalid_client"),
    ({"data": {**ADA, "client_id": "my-app", "client_secret": "secret"}}, 401, "invalid_client"),
    ({"data": ADA, "headers": {"Authorization": "Basic %%%"}}, 401, "invalid_client"),
    ({"data": ADA, "headers": {"Authorization": "Digest x=y"}}, 401, "invalid_client"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "status", "error"), REFUSALS)
async def test_refusals(
    client: httpx.AsyncClient, ada: Person, runtime: Runtime, sent: dict[str, Any], status: int, error: str
) -> None:
    """RFC 6749 section 5.2: `error` and a sentence, as JSON, that nobody may keep; and no session has come of it."""
    response = await client.post(TOKEN, **sent)
    problem = hold_oauth(response, status, error)
    assert response.headers.get("www-authenticate", "").startswith("Basic") == (status == 401)
    assert PASSWORD not in problem.error_description
    assert await runtime.sessions.list_living(ada.id) == []


@pytest.mark.parametrize("path", ["/oauth", "/oauth/", "/oauth/authorize", "/oauth/token/x", "/oauth/Token"])
async def test_what_is_not_there(client: httpx.AsyncClient, path: str) -> None:
    """The router's own refusals have the same form, and one who asks for a page gets no front end."""
    for method in ("GET", "POST"):
        found = hold_oauth(await client.request(method, path, headers={"Accept": "text/html"}), 404, "invalid_request")
        assert found.code == "not_found"


async def test_other_methods(client: httpx.AsyncClient) -> None:
    """RFC 6749 section 3.2: POST, and no other."""
    for method in ("GET", "PUT", "DELETE"):
        response = await client.request(method, TOKEN, params=ADA)
        hold_oauth(response, 405, "invalid_request")
        assert response.headers["allow"] == "OPTIONS, POST"


@pytest.mark.parametrize(
    ("line", "rest", "status"),
    [
        ("POST /oauth/token", f"X-Large: {'x' * 9_000}\r\n", 431),
        ("POST /oauth/token?a=b", f"Cookie: {'x' * 40_000}\r\n", 431),
        ("POST /oauth/token", "Expect: something\r\nContent-Length: 0\r\n", 417),
        ("POST /oauth/token", "Content-Length: two\r\n", 400),
        (f"POST /oauth/{'x' * 9_000}", "", 414),
        ("TRACE /oauth/token", "", 405),
    ],
)
async def test_what_cannot_be_read(base_url: str, client: httpx.AsyncClient, line: str, rest: str, status: int) -> None:
    """What is no request has this form too, as long as it says that it is going here."""
    response = await say(base_url, f"{line} HTTP/1.1\r\n{HOST}{rest}\r\n")
    assert response.status_code == status
    if status != 414:  # of a target that is too long nothing is read
        hold_oauth(response, status, "invalid_request")
    elsewhere = await say(base_url, f"{line.replace('/oauth', '/api')} HTTP/1.1\r\n{HOST}{rest}\r\n")
    assert elsewhere.headers["content-type"] == "application/problem+json"


async def test_disabled(client: httpx.AsyncClient, ada: Person) -> None:
    """The right password of a disabled account is a grant that is no good; `code` is more exact."""
    session = await ada.log_in()
    await User.filter(id=ada.id).update(is_active=False)
    assert hold_oauth(await client.post(TOKEN, data=password_of(ada)), 400, "invalid_grant").code == "inactive_user"
    spent = hold_oauth(await client.post(TOKEN, data=refresh_of(session.refresh_token)), 400, "invalid_grant")
    assert (spent.reason, spent.cause) == ("revoked", "user_disabled")


async def test_an_address_that_is_not_confirmed(runtime: Runtime, ada: Person) -> None:
    """R17: with REQUIRE_EMAIL_VERIFICATION it is a wrong password, byte for byte."""
    await confirmed(ada, yes=False)
    async with another(runtime, REQUIRE_EMAIL_VERIFICATION=True) as url, httpx.AsyncClient(base_url=url) as client:
        said = [
            hold_oauth(await client.post(TOKEN, data=data), 400, "invalid_grant")
            for data in (password_of(ada), {**password_of(ada), "password": "wrong"})
        ]
    assert said[0].error_description == said[1].error_description
    assert said[0].code == said[1].code


async def test_a_second_factor(client: httpx.AsyncClient, ada: Person, clock: Clock, runtime: Runtime) -> None:
    """What is owed is `invalid_grant` with the challenge beside it, which /api/auth/second-factor goes on with."""
    owner = await owner_of(ada, clock)
    client.cookies.clear()
    before = await runtime.sessions.list_living(ada.id)
    response = await client.post(TOKEN, data=password_of(ada))
    owed = hold_oauth(response, 400, "invalid_grant")
    assert owed.code == "second_factor_required"
    assert owed.methods == ["totp", "recovery_code"]
    assert owed.expires_at is not None
    assert "set-cookie" not in response.headers
    assert await runtime.sessions.list_living(ada.id) == before
    assert owed.challenge
    clock.advance(STEP)
    tokens = (await owner.second(owed.challenge)).json()
    hold_tokens(await client.post(TOKEN, data=refresh_of(tokens["refresh_token"])))


async def test_a_second_factor_that_has_to_be_set_up(runtime: Runtime, ada: Person) -> None:
    """The same where nobody gets in without one."""
    async with another(runtime, SECOND_FACTOR="everyone") as url, httpx.AsyncClient(base_url=url) as client:
        owed = hold_oauth(await client.post(TOKEN, data=password_of(ada)), 400, "invalid_grant")
    assert owed.code == "enrolment_required"
    assert owed.challenge
    assert await runtime.sessions.list_living(ada.id) == []


async def test_a_token_that_was_good(client: httpx.AsyncClient, ada: Person, clock: Clock) -> None:
    """`reason` and `cause` stay beside `error`: ended, used twice, run out."""
    session = await ada.log_in()
    assert (await session.call("POST", "/auth/logout")).status_code == 204
    ended = hold_oauth(await client.post(TOKEN, data=refresh_of(session.refresh_token)), 400, "invalid_grant")
    assert (ended.code, ended.reason, ended.cause) == ("invalid_grant", "revoked", "logged_out")
    session = await opened(client, ada)
    stolen = session.refresh_token
    await session.advance()
    await session.me()
    clock.advance(60)
    reused = hold_oauth(await client.post(TOKEN, data=refresh_of(stolen)), 400, "invalid_grant")
    assert (reused.reason, reused.cause) == ("reused", "reused")
    assert await SecurityEvent.filter(type="session.token_reused", session_id=session.sid).count() == 1
    session = await ada.log_in()
    clock.advance(400 * 86_400)
    over = hold_oauth(await client.post(TOKEN, data=refresh_of(session.refresh_token)), 400, "invalid_grant")
    assert over.reason == "expired"


async def test_events(client: httpx.AsyncClient, ada: Person) -> None:
    """R69: the same events as of /api/auth/login, with the device, and no password in them."""
    session = await opened(client, ada, headers={"User-Agent": "Library/2.0"})
    await client.post(TOKEN, data={**password_of(ada), "password": "wrong"})
    succeeded = await SecurityEvent.get(type="login.succeeded")
    failed = await SecurityEvent.get(type="login.failed")
    assert (succeeded.session_id, succeeded.user_agent) == (session.sid, "Library/2.0")
    assert succeeded.detail["methods"] == "pwd"
    assert failed.detail == {"reason": "password"}


async def test_the_device(client: httpx.AsyncClient, ada: Person) -> None:
    """The device's cookie is set as at other log-ins: not in a browser that a page of somebody else's has brought."""
    client.cookies.clear()
    for origin, kept in (("https://evil.example", False), ("http://localhost:8000", True)):
        response = await client.post(TOKEN, data=password_of(ada), headers={"Origin": origin})
        assert ("set-cookie" in response.headers) == kept
        assert "refresh" not in response.headers.get("set-cookie", "")
        client.cookies.clear()


async def test_a_page_of_another_origin(runtime: Runtime, ada: Person) -> None:
    """R54: who may call /api from a browser may call this, and no other page."""
    ours, evil = "https://app.example", "https://evil.example"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    async with (
        another(runtime, BACKEND_CORS_ORIGINS=(ours,)) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        for origin, allowed in ((ours, ours), (evil, None)):
            preflight = await client.options(TOKEN, headers={"Origin": origin, **asked})
            answer = await client.post(TOKEN, data={**ADA, "password": "x"}, headers={"Origin": origin})
            assert preflight.status_code == 204
            for found in (preflight, answer):
                assert found.headers.get("access-control-allow-origin") == allowed
        assert (
            "authorization"
            in (await client.options(TOKEN, headers={"Origin": ours, **asked})).headers["access-control-allow-headers"]
        )


async def test_a_registered_client(client: httpx.AsyncClient, ada: Person, billing: Service) -> None:
    """A service that may ask about tokens gets none: right secret or not, it is told which."""
    right = await client.post(TOKEN, data=password_of(ada), headers=billing.basic)
    hold_oauth(right, 400, "unauthorized_client")
    posted = {"client_id": billing.client_id, "client_secret": billing.secret}
    hold_oauth(await client.post(TOKEN, data={**password_of(ada), **posted}), 400, "unauthorized_client")
    for headers in (basic(billing.client_id, ""), basic(billing.client_id, "wrong")):
        hold_oauth(await client.post(TOKEN, data=password_of(ada), headers=headers), 401, "invalid_client")
    twice = await client.post(TOKEN, data={**password_of(ada), **posted}, headers=billing.basic)
    hold_oauth(twice, 400, "invalid_request")


async def test_api_problems_have_the_word_too(client: httpx.AsyncClient, ada: Person) -> None:
    """A library that is pointed at /api/auth reads what isn't the request's fault as an error as well."""
    problem = assert_problem(await client.post("/api/auth/login", data={**ADA, "password": "x"}), 400, "invalid_grant")
    assert problem["error"] == "invalid_grant"
