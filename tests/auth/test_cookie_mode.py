"""A front end keeps its refresh token where no script can read it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from models import SecurityEvent
from service.app import create_app
from service.core.clock import Clock
from service.errors import Unavailable
from service.runtime import Runtime
from tests.http.support import another
from tests.support.browsers import ORIGIN as OURS
from tests.support.browsers import Browser
from tests.support.people import Person, assert_problem
from tests.support.serving import served
from tests.support.stores import Stores


@pytest.fixture
async def browser(client: httpx.AsyncClient, ada: Person) -> Browser:
    """A browser in which Ada is logged in."""
    found = Browser(client)
    assert (await found.log_in(ada.email, ada.password)).status_code == 200
    return found


def session_cookies(response: httpx.Response) -> list[str]:
    """Return the cookies that an answer sets, but for the known device's: that one is no credential."""
    return [
        line for line in response.headers.get_list("set-cookie") if "latchkey_device=" not in line.partition(";")[0]
    ]


async def test_the_token_is_in_the_cookie_and_nowhere_else(client: httpx.AsyncClient, ada: Person) -> None:
    """R50, R51: HttpOnly, SameSite=Strict, Path=/, no Domain; as long as the session lives unused; not in the body."""
    response = await Browser(client).log_in(ada.email, ada.password)
    assert sorted(response.json()) == ["access_token", "expires_in", "token_type"]
    assert "lkr_" not in response.text
    (line,) = session_cookies(response)
    value, *attributes = line.split("; ")
    assert re.fullmatch(r"refresh=lkr_[\w-]{100}", value)
    seconds = int(attributes[1].removeprefix("Max-Age="))
    assert 7 * 86400 - 30 < seconds <= 7 * 86400
    assert attributes == ["Path=/", f"Max-Age={seconds}", "HttpOnly", "SameSite=Strict"]


async def test_over_https_it_has_the_prefix(stores: Stores, shared_runtime: Runtime, ada: Person) -> None:
    """R50: `__Host-` and Secure, so that no other host and no plain connection can set or see it."""
    settings = stores.settings(PUBLIC_URL="https://id.example.com", BACKEND_CORS_ORIGINS="https://app.example.com")
    async with (
        served(create_app(runtime=replace(shared_runtime, settings=settings))) as url,
        httpx.AsyncClient(base_url=url, verify=False) as client,
    ):
        headers = {"X-Session-Transport": "cookie", "Origin": "https://id.example.com"}
        response = await client.post(
            "/api/auth/login", data={"username": ada.email, "password": ada.password}, headers=headers
        )
        (line,) = session_cookies(response)
        assert re.fullmatch(
            r"__Host-refresh=lkr_[\w-]{100}; Path=/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure", line
        )
        cookie = line.partition(";")[0]
        response = await client.post("/api/auth/refresh", headers=headers | {"Cookie": cookie})
        assert response.status_code == 200
        # The name without the prefix is another cookie, which any neighbour could have planted.
        planted = {"Cookie": cookie.removeprefix("__Host-")}
        assert_problem(await client.post("/api/auth/refresh", headers=headers | planted), 400, "invalid_grant")
        response = await client.post("/api/auth/logout", headers=headers | {"Cookie": cookie})
        (line,) = response.headers.get_list("set-cookie")
        assert line == "__Host-refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure"


async def test_refresh_by_cookie(browser: Browser, clock: Clock) -> None:
    """The cookie rotates like the token it holds; a duplicate sets the identical one; access tokens work as ever."""
    before = browser.cookie
    response = await browser.send("/refresh")
    again = await browser.send("/refresh")
    assert response.status_code == again.status_code == 200
    assert sorted(response.json()) == ["access_token", "expires_in", "token_type"]
    cookies = {line.partition(";")[0] for answer in (response, again) for line in answer.headers.get_list("set-cookie")}
    assert len(cookies) == 1
    browser.take(response)
    assert browser.cookie != before
    assert (await browser.me()).status_code == 200
    clock.advance(3600)
    assert (await browser.me()).status_code == 401
    assert (await browser.refresh()).status_code == 200
    assert (await browser.me()).status_code == 200


async def test_bearer_mode_never_looks_at_the_cookie(browser: Browser, ada: Person) -> None:
    """R52, R53: without the header, which makes browsers ask first, the cookie counts for nothing, with any body."""
    assert_problem(await browser.send("/refresh", headers={}), 400, "bad_request")
    assert_problem(await browser.send("/logout", headers={}), 401, "not_authenticated")
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        forged = {"Content-Type": media, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        assert_problem(await browser.send("/refresh", headers=forged, content="{}"), 415, "unsupported_media_type")
        assert_problem(await browser.send("/logout", headers=forged, content="{}"), 415, "unsupported_media_type")
    response = await browser.send("/login", headers={}, data={"username": ada.email, "password": ada.password})
    assert sorted(response.json()) == ["access_token", "expires_in", "refresh_token", "token_type"]
    assert not session_cookies(response)
    assert (await browser.refresh()).status_code == 200


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": OURS}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:3000"}, True),
        ({"Origin": OURS}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:5173"}, True),  # nobody has said which port
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:5173"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://app.localhost:3000"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none", "Origin": OURS}, False),
        ({"Sec-Fetch-Site": "sideways", "Origin": OURS}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://localhost:8000"}, False),
        ({"Origin": "http://localhost:8000.evil.example"}, False),
        ({}, False),
    ],
)
async def test_who_may_use_the_cookie(browser: Browser, ada: Person, headers: dict[str, str], allowed: bool) -> None:
    """R52: besides the header, the page has to be one of ours; a refusal changes nothing, for log-ins too."""
    sent = {"X-Session-Transport": "cookie", **headers}
    answers = [
        await browser.send("/refresh", headers=sent),
        await browser.send("/login", headers=sent, data={"username": ada.email, "password": "wrong password"}),
        await browser.send("/logout", headers=sent),
    ]
    if allowed:
        assert [answer.status_code for answer in answers] == [200, 400, 204]
        return
    for answer in answers:
        assert_problem(answer, 403, "forbidden")
        assert "set-cookie" not in answer.headers
    assert (await browser.refresh()).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"BACKEND_CORS_ORIGINS": ("http://localhost:3000",)}, {"ENVIRONMENT": "production"}]
)
async def test_only_who_is_listed_may(runtime: Runtime, changes: dict[str, Any]) -> None:
    """R52: where somebody has said which front ends there are no other port of the machine is one; in production, none.

    CORS and the cookie say the same.
    """
    async with another(runtime, **changes) as url, httpx.AsyncClient(base_url=url) as client:
        for origin in ("http://localhost:3000", "http://localhost:5173", "http://127.0.0.1:3000"):
            headers = {"X-Session-Transport": "cookie", "Origin": origin}
            answer = await client.post("/api/auth/refresh?opening=true", headers=headers)
            listed = origin in str(changes.get("BACKEND_CORS_ORIGINS"))
            assert answer.status_code == (204 if listed else 403)
            assert ("access-control-allow-origin" in answer.headers) == listed


@pytest.mark.parametrize("value", ["Cookie", "cookies", "body", "", "cookie, cookie"])
async def test_a_misspelt_header(browser: Browser, value: str) -> None:
    """A front end that meant cookie mode must not be handed its tokens in the body."""
    response = await browser.send("/refresh", headers={"X-Session-Transport": value, "Origin": OURS})
    assert_problem(response, 400, "bad_request")


async def test_a_token_in_two_places(browser: Browser) -> None:
    """R51: in cookie mode a token in the body is refused, and neither is spent; an empty object is fine."""
    for path in ("/refresh", "/logout"):
        response = await browser.send(path, json={"refresh_token": browser.cookie})
        assert assert_problem(response, 422, "validation_error")["errors"][0]["pointer"] == "/refresh_token"
        assert "set-cookie" not in response.headers
    assert browser.take(await browser.send("/refresh", json={})).status_code == 200


async def test_two_cookies_of_one_name(browser: Browser) -> None:
    """R50: a neighbour may plant a second cookie where there is no prefix: the one that works is the browser's own."""
    own = browser.cookie
    for cookie in (f"{own}; refresh=lkr_{'A' * 100}", f"lkr_{'A' * 100}; refresh={own}"):
        browser.cookie = cookie
        assert (await browser.send("/refresh")).status_code == 200


async def test_without_a_cookie(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """A first visit: nothing to refresh, nothing to clear; and a log-out of nobody has nothing left to do."""
    visitor = Browser(client)
    response = await visitor.send("/refresh")
    assert "reason" not in assert_problem(response, 400, "invalid_grant")
    assert "set-cookie" not in response.headers
    assert (await visitor.send("/logout")).status_code == 204


async def test_a_page_that_opens(client: httpx.AsyncClient, ada: Person) -> None:
    """It asks as one that knows nothing: 204 is no error in anybody's console, and the answer says whose session it is.

    Who doesn't ask is answered as ever, and a cookie that is no good is refused whoever asks.
    """
    page = Browser(client)
    nobody = await page.send("/refresh?opening=true")
    assert (nobody.status_code, nobody.content) == (204, b"")
    assert "set-cookie" not in nobody.headers
    for other in ("/refresh", "/refresh?opening=false"):
        assert_problem(await page.send(other), 400, "invalid_grant")
    await page.log_in(ada.email, ada.password)
    opened = page.take(await page.send("/refresh?opening=true"))
    assert sorted(opened.json()) == ["access_token", "expires_in", "token_type", "user"]
    assert opened.json()["user"] == (await page.me()).json()
    assert sorted((await page.send("/refresh")).json()) == ["access_token", "expires_in", "token_type"]
    await page.send("/logout-all", headers=page.headers | {"Authorization": f"Bearer {page.access_token}"})
    over = await page.send("/refresh?opening=true")
    assert assert_problem(over, 400, "invalid_grant")["reason"] == "revoked"
    assert over.headers.get_list("set-cookie") == [CLEARED]
    foreign = {"X-Session-Transport": "cookie", "Origin": "https://evil.example"}
    assert_problem(await Browser(client).send("/refresh?opening=true", headers=foreign), 403, "forbidden")
    for nonsense in ("opening=perhaps", "opening=true&opening=true", "closing=true"):
        assert_problem(await page.send(f"/refresh?{nonsense}"), 422, "validation_error")


async def test_it_opens_with_a_token_of_its_own(client: httpx.AsyncClient, ada: Person) -> None:
    """Out of cookie mode it is told whose session it is as well; without a token there is nothing to ask with."""
    session = await ada.log_in()
    answer = await client.post("/api/auth/refresh?opening=true", json={"refresh_token": session.refresh_token})
    assert sorted(answer.json()) == ["access_token", "expires_in", "refresh_token", "token_type", "user"]
    assert answer.json()["user"]["id"] == str(ada.id)
    assert_problem(await client.post("/api/auth/refresh?opening=true"), 400, "bad_request")


CLEARED = "refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"


async def test_logout_clears_it(browser: Browser) -> None:
    """R29, R55: the session is over, the cookie is gone (the same attributes), the back button shows nothing."""
    old = browser.cookie
    response = browser.take(await browser.send("/logout"))
    assert response.status_code == 204
    assert response.headers.get_list("set-cookie") == [CLEARED]
    assert "clear-site-data" not in response.headers  # emptying a full cache takes seconds
    assert browser.cookie is None
    assert (await browser.me()).status_code == 401
    browser.cookie = old
    assert assert_problem(await browser.send("/refresh"), 400, "invalid_grant")["reason"] == "revoked"


async def test_logout_everywhere_clears_it(browser: Browser) -> None:
    """The session that called is over as well, so its cookie goes."""
    bearer = {"Authorization": f"Bearer {browser.access_token}"}
    response = await browser.send("/logout-all", headers=browser.headers | bearer)
    assert response.status_code == 204
    assert response.headers.get_list("set-cookie") == [CLEARED]


async def test_a_session_that_is_over_clears_it(browser: Browser, ada: Person) -> None:
    """Ended from another device: the refusal says why, and the browser forgets the dead token."""
    other = await ada.log_in()
    await other.call("DELETE", "/sessions")
    response = await browser.refresh()
    assert assert_problem(response, 400, "invalid_grant")["reason"] == "revoked"
    assert response.headers.get_list("set-cookie") == [CLEARED]


async def test_an_expired_and_a_reused_session_clear_it(browser: Browser, ada: Person, clock: Clock) -> None:
    """The same for one that nobody used, and for one that somebody copied."""
    clock.advance(8 * 86400)
    response = await browser.send("/refresh")
    assert assert_problem(response, 400, "invalid_grant")["reason"] == "expired"
    assert response.headers.get_list("set-cookie") == [CLEARED]
    await browser.log_in(ada.email, ada.password)
    stolen = browser.cookie
    for _ in range(2):
        await browser.refresh()
        clock.advance(60)
    browser.cookie = stolen
    response = await browser.send("/refresh")
    assert assert_problem(response, 400, "invalid_grant")["reason"] == "reused"
    assert response.headers.get_list("set-cookie") == [CLEARED]


async def test_a_cookie_that_is_no_good_is_cleared(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """Whatever it was, it opens nothing here."""
    response = await Browser(client, "lkr_" + "A" * 100).send("/refresh")
    assert "reason" not in assert_problem(response, 400, "invalid_grant")
    assert response.headers.get_list("set-cookie") == [CLEARED]


async def test_an_outage_clears_nothing(browser: Browser, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: a store that is away says nothing about the session: 503, and the cookie stays; for a log-out too."""

    async def fail(*_: object) -> None:
        raise Unavailable("redis")

    with monkeypatch.context() as broken:
        broken.setattr(type(runtime.redis), "run", fail)
        for path in ("/refresh", "/logout"):
            response = await browser.send(path)
            assert_problem(response, 503, "unavailable")
            assert "set-cookie" not in response.headers
    assert (await browser.refresh()).status_code == 200


async def test_an_old_tabs_refusal_spares_the_newer_cookie(browser: Browser, ada: Person) -> None:
    """Two tabs: one logs out and in again while the other's refresh is under way, with the cookie of before."""
    old_tab = Browser(browser.client, browser.cookie)
    browser.take(await browser.send("/logout"))
    await browser.log_in(ada.email, ada.password)
    late = browser.take(await old_tab.send("/refresh"))
    assert assert_problem(late, 400, "invalid_grant")["reason"] == "revoked"
    assert "set-cookie" not in late.headers
    assert (await browser.refresh()).status_code == 200


async def test_logging_in_again_replaces_the_session(browser: Browser, ada: Person, grace: Person) -> None:
    """R26: one browser, one session: the one whose cookie is overwritten ends, and its late refusal spares the new."""
    old_tab = Browser(browser.client, browser.cookie, browser.access_token)
    assert (await browser.log_in(grace.email, "wrong password")).status_code == 400
    assert (await old_tab.me()).status_code == 200
    assert (await browser.log_in(grace.email, grace.password)).status_code == 200
    assert (await old_tab.me()).status_code == 401
    assert await SecurityEvent.filter(type="session.replaced", user_id=ada.id).exists()
    late = browser.take(await old_tab.send("/refresh"))
    assert_problem(late, 400, "invalid_grant")
    assert "set-cookie" not in late.headers
    assert (await browser.me()).json()["email"] == grace.email


async def test_a_login_outlives_a_store_that_goes_away(
    browser: Browser, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new session is there: failing to end the replaced one must not keep its cookie from the browser."""

    async def fail(*_: object) -> bool:
        raise Unavailable("redis")

    with monkeypatch.context() as broken:
        broken.setattr(type(runtime.sessions), "end", fail)
        assert (await browser.log_in(ada.email, ada.password)).status_code == 200
    assert (await browser.refresh()).status_code == 200


async def test_a_refusal_without_redis_clears_nothing(
    browser: Browser, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ended the session can't be looked up: then the cookie had better stay."""

    async def fail(*_: object) -> bool:
        raise Unavailable("redis")

    await browser.send("/logout-all", headers=browser.headers | {"Authorization": f"Bearer {browser.access_token}"})
    assert "set-cookie" in (await browser.send("/refresh")).headers
    monkeypatch.setattr(type(runtime.sessions), "survey", fail)
    response = await browser.send("/refresh")
    assert_problem(response, 400, "invalid_grant")
    assert "set-cookie" not in response.headers


async def test_where_there_is_no_page(client: httpx.AsyncClient, ada: Person) -> None:
    """R52: what isn't a browser is told what to do instead, and not that some origin of its own is at fault."""
    form = {"username": ada.email, "password": ada.password}
    header = {"X-Session-Transport": "cookie"}
    answer = await client.post("/api/auth/login", data=form, headers=header)
    assert_problem(answer, 403, "forbidden")
    assert "names no origin" in answer.json()["detail"]
    assert "X-Session-Transport" in answer.json()["detail"]
    answer = await client.post("/api/auth/login", data=form, headers={**header, "Origin": "https://evil.example"})
    assert_problem(answer, 403, "forbidden")
    assert answer.json()["detail"] == "This origin may not use the session cookie."


async def test_from_another_origin(client: httpx.AsyncClient, ada: Person) -> None:
    """A listed front end may send the header and the cookie; its preflight says so."""
    origin = "http://localhost:3000"
    response = await client.options(
        "/api/auth/refresh",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-session-transport",
        },
    )
    assert "x-session-transport" in response.headers["access-control-allow-headers"]
    assert response.headers["access-control-allow-credentials"] == "true"
    front_end = Browser(client)
    front_end.headers |= {"Origin": origin}
    assert (await front_end.log_in(ada.email, ada.password)).headers["access-control-allow-origin"] == origin
