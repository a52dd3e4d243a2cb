"""What somebody sends to bind a session to a key: each way of doing that wrongly, or to another's session (R85)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from models import SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.http.support import another
from tests.support.bound import REGISTER, Bound, jwk_of, jwt, new_key
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


async def listed(browser: Bound) -> list[str | None]:
    headers = {"Authorization": f"Bearer {browser.access_token}"}
    return [one["bound"] for one in (await browser.client.get("/api/sessions", headers=headers)).json()]


async def refused(browser: Bound, text: str) -> None:
    """Hold that it isn't taken, and nothing has changed: the session lives, unbound, and can be bound yet."""
    answer = await browser.register(text)
    assert_problem(answer, 400, "invalid_device_proof")
    assert "set-cookie" not in answer.headers
    assert await listed(browser) == [None]
    assert (await browser.refresh()).status_code == 200


async def test_a_key_of_rsa(browser: Bound, clock: Clock) -> None:
    """TPMs have such: it goes through the same hours."""
    browser.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    await browser.bind()
    for _ in range(3):
        clock.advance(900)
        browser.proof = None
        assert (await browser.used()).status_code == 200


async def test_headers_in_quotes(browser: Bound) -> None:
    """The draft has texts in quotes there, with parameters behind them that count for nothing; browsers write none."""
    text = jwt(browser.key, browser.offered or "", brings=True)
    assert (await browser.register(f'"{text}";a=1')).status_code == 200
    asked = await browser.send("/device/proof", headers={"Sec-Secure-Session-Id": f'"{browser.identifier}"'})
    assert_problem(browser.take(asked), 403, "device_challenge")
    headers = {
        "Sec-Secure-Session-Id": f'"{browser.identifier}"',
        "Secure-Session-Response": f'"{jwt(browser.key, browser.challenge or "")}"',
    }
    assert (await browser.send("/device/proof", headers=headers)).status_code == 200


async def test_a_lost_answer(browser: Bound) -> None:
    """The same key again is the same session, and one event."""
    first = await browser.register()
    again = await browser.register()
    assert again.status_code == 200
    assert again.json() == first.json()
    assert await SecurityEvent.filter(type="session.bound").count() == 1
    assert (await browser.refresh()).status_code == 200


async def test_a_registration_replayed(bound: Bound) -> None:
    """Once the browser has proven its key it has had the answer: whoever shows the same again gets no cookie by it."""
    text = jwt(bound.key, bound.offered, brings=True)
    assert (await bound.prove()).status_code == 200
    thief = bound.stolen()
    thief.proof = None
    assert_problem(await thief.register(text), 400, "invalid_device_proof")
    assert thief.proof is None
    assert not await SecurityEvent.filter(type="session.unproven").exists()
    assert (await bound.refresh()).status_code == 200


async def test_a_second_key(bound: Bound, mailbox: Mailbox, ada: Person) -> None:
    """Whoever brings another key takes nothing over: it is on record, and its owner is told. Nothing has changed."""
    thief = bound.stolen()
    thief.offered = bound.offered
    assert_problem(await thief.register(key=new_key()), 400, "invalid_device_proof")
    event = await SecurityEvent.get(type="session.unproven")
    assert (event.session_id, event.detail) == (UUID(await sid_of(bound)), {"kind": "dbsc", "why": "bound"})
    assert "Thief/1.0" in str(event.user_agent)
    assert "tried to use one of your sessions" in (await mailbox.letter(ada.email)).subject
    assert (await bound.prove()).status_code == 200
    assert (await bound.refresh()).status_code == 200


async def sid_of(browser: Bound) -> str:
    headers = {"Authorization": f"Bearer {browser.access_token}"}
    return str((await browser.client.get("/api/sessions", headers=headers)).json()[0]["id"])


async def test_challenges_of_others(browser: Bound, client: httpx.AsyncClient, grace: Person, ada: Person) -> None:
    """One made for another session, the same user's or not, or for another purpose, or for none."""
    hers, other = Bound(client), Bound(client)
    await hers.log_in(grace.email, grace.password)
    await other.log_in(ada.email, ada.password)
    for challenge in (hers.offered, other.offered, "", "A" * 51, f"{browser.offered}A", (browser.offered or "")[:-1]):
        answer = await browser.register(jwt(browser.key, challenge or "x", brings=True))
        assert_problem(answer, 400, "invalid_device_proof")
    await other.bind()
    await other.ask()
    assert_problem(
        await browser.register(jwt(browser.key, other.challenge or "", brings=True)), 400, "invalid_device_proof"
    )
    # With hers beside: the cookie that a session has is the one that it was made for.
    browser.cookie, own = hers.cookie, browser.cookie
    assert_problem(await browser.register(), 400, "invalid_device_proof")
    browser.cookie = own
    await browser.bind()


async def test_an_old_challenge(browser: Bound, clock: Clock) -> None:
    """Five minutes, and not a second more: a copied answer of a log-in binds nothing later."""
    clock.advance(299)
    text = jwt(browser.key, browser.offered or "", brings=True)
    clock.advance(2)
    await refused(browser, text)


@pytest.mark.parametrize(
    "text",
    [
        lambda browser: jwt(browser.key, browser.offered, brings=True, header={"alg": "none"}),
        lambda browser: jwt(browser.key, browser.offered, brings=True, header={"alg": "HS256"}),
        lambda browser: jwt(browser.key, browser.offered, brings=True, header={"alg": "RS256"}),
        lambda browser: jwt(browser.key, browser.offered, brings=True, header={"typ": "JWT"}),
        lambda browser: jwt(browser.key, browser.offered),
        lambda browser: jwt(browser.key, browser.offered, brings=True)[:-2] + "AA",
        lambda browser: jwt(new_key(), browser.offered, header={"jwk": {"kty": "oct", "k": "AAAA"}}),
        lambda browser: jwt(browser.key, None, brings=True),
        lambda browser: jwt(RSA, browser.offered, header={"jwk": jwk_of(RSA) | {"e": "A" * 2000}}),
        lambda browser: jwt(RSA, browser.offered, header={"jwk": jwk_of(RSA) | {"e": "Aw"}}),
        lambda browser: jwt(RSA, browser.offered, header={"jwk": jwk_of(browser.key)}),
        lambda browser: jwt(browser.key, browser.offered, header={"jwk": jwk_of(browser.key) | {"d": "AAAA"}}),
        lambda browser: "x" * 4000,
        lambda browser: "",
    ],
    ids=[
        "none",
        "HS256",
        "RS256",
        "typ",
        "no key",
        "bent",
        "oct",
        "no challenge",
        "exponent",
        "small exponent",
        "kind",
        "private",
        "long",
        "empty",
    ],
)
async def test_no_proofs(browser: Bound, text: Callable[[Bound], str]) -> None:
    """What tests/core/test_key_proofs.py holds in full, here over HTTP: one answer for all."""
    await refused(browser, text(browser))
    assert not await SecurityEvent.filter(type__in=["session.bound", "session.unproven"]).exists()


async def test_without_cookies_or_headers(browser: Bound) -> None:
    """The challenge alone is nobody's; nor is the header, twice or not at all."""
    text = jwt(browser.key, browser.offered or "", brings=True)
    client = browser.client
    client.cookies.clear()
    assert_problem(
        await client.post(f"/api/auth{REGISTER}", headers={"Secure-Session-Response": text}),
        400,
        "invalid_device_proof",
    )
    assert_problem(await browser.send(REGISTER, headers={}), 400, "invalid_device_proof")
    twice = [("Cookie", browser.cookies), ("Secure-Session-Response", text), ("Secure-Session-Response", text)]
    assert_problem(await client.post(f"/api/auth{REGISTER}", headers=twice), 400, "invalid_device_proof")
    assert await listed(browser) == [None]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_pages_of_others(browser: Bound, headers: dict[str, str]) -> None:
    """R52: a page of another site can't even write the header; where one seems to, it is refused."""
    sent = headers | {"Secure-Session-Response": jwt(browser.key, browser.offered or "", brings=True)}
    assert_problem(await browser.send(REGISTER, headers=sent), 403, "forbidden")
    assert await listed(browser) == [None]
    await browser.bind()
    sent = headers | {"Sec-Secure-Session-Id": browser.identifier}
    assert_problem(await browser.send("/device/proof", headers=sent), 403, "forbidden")


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8000"}, {}])
async def test_what_browsers_send(browser: Bound, headers: dict[str, str]) -> None:
    """Chromium names the origin and where the page is from; another may not. A preflight never lets the header by."""
    sent = headers | {"Secure-Session-Response": jwt(browser.key, browser.offered or "", brings=True)}
    assert (await browser.send(REGISTER, headers=sent)).status_code == 200
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "secure-session-response",
    }
    answer = await browser.client.options(f"/api/auth{REGISTER}", headers=asked)
    assert "secure-session" not in answer.headers.get("access-control-allow-headers", "")


async def _flush(runtime: Runtime, browser: Bound, ada: Person) -> None:
    key = f"user:{{{ada.id}}}:session:{await sid_of(browser)}"
    assert await runtime.redis.client.unlink(key) == 1  # type: ignore[attr-defined]  # of redis-py


async def _log_out(runtime: Runtime, browser: Bound, ada: Person) -> None:
    assert (await browser.send("/logout")).status_code == 204


async def _end_all(runtime: Runtime, browser: Bound, ada: Person) -> None:
    headers = {"Authorization": f"Bearer {browser.access_token}"}
    assert (await browser.client.post("/api/auth/logout-all", headers=headers)).status_code == 204


async def _disable(runtime: Runtime, browser: Bound, ada: Person) -> None:
    await User.filter(id=ada.id).update(is_active=False)  # in the database alone, as where Redis was away


async def _cut_off(runtime: Runtime, browser: Bound, ada: Person) -> None:
    runtime.clock.advance(1)
    await User.filter(id=ada.id).update(sessions_valid_after=runtime.clock.now())


ENDS: dict[str, Callable[[Runtime, Bound, Person], Awaitable[None]]] = {
    "flush": _flush,
    "log-out": _log_out,
    "end all": _end_all,
    "disabled": _disable,
    "cut off": _cut_off,
}


@pytest.mark.parametrize("how", ENDS)
async def test_it_ends_between_challenge_and_answer(browser: Bound, runtime: Runtime, ada: Person, how: str) -> None:
    """Nothing is bound that is over, and nothing comes back by it."""
    await ENDS[how](runtime, browser, ada)
    assert_problem(await browser.register(), 400, "invalid_device_proof")
    assert not await SecurityEvent.filter(type="session.bound").exists()
    assert (await browser.refresh()).status_code == 400


@pytest.mark.parametrize("how", ENDS)
async def test_it_ends_before_a_proof(bound: Bound, runtime: Runtime, ada: Person, how: str) -> None:
    """The browser is told to forget the key where its session is gone; whatever it is told, nothing is refreshed."""
    await bound.ask()
    await ENDS[how](runtime, bound, ada)
    proven = await bound.ask(jwt(bound.key, bound.challenge or ""))
    if how in ("flush", "log-out", "end all"):
        assert proven.json() == {"continue": False}
    assert (await bound.refresh()).status_code == 400


async def test_where_nothing_is_bound(
    runtime: Runtime, browser: Bound, client: httpx.AsyncClient, ada: Person, clock: Clock
) -> None:
    """With `off` nothing is offered or taken; what is bound before goes on, and asks for its key."""
    await browser.bind()
    async with another(runtime, DEVICE_BINDING="off") as url, httpx.AsyncClient(base_url=url) as other:
        new = Bound(other)
        answer = await new.log_in(ada.email, ada.password)
        assert "secure-session-registration" not in answer.headers
        assert_problem(await new.register(), 404, "not_found")
        browser.client = other
        clock.advance(700)
        browser.proof = None
        assert_problem(await browser.refresh(), 403, "device_proof_required")
        assert (await browser.used()).status_code == 200


async def test_where_it_is_offered(runtime: Runtime, ada: Person) -> None:
    """Where PUBLIC_URL is https, below its path; on plain http only to this very machine."""
    for url, path in (
        ("https://id.example.com", "/api/auth/device"),
        ("https://example.com/id", "/id/api/auth/device"),
        ("http://localhost:8000/id/", "/id/api/auth/device"),
        ("http://id.example.com", None),
    ):
        async with another(runtime, PUBLIC_URL=url) as served, httpx.AsyncClient(base_url=served) as client:
            headers = {"X-Session-Transport": "cookie", "Sec-Fetch-Site": "same-origin"}
            body = {"email": ada.email, "password": ada.password}
            answer = await client.post("/api/auth/login", json=body, headers=headers)
            offered = answer.headers.get("secure-session-registration")
            assert (offered is None) if path is None else (f';path="{path}";' in str(offered))


async def test_names_of_their_own(runtime: Runtime, ada: Person) -> None:
    """A service with a port or a path of its own: its cookie has a name of its own, which the browser is told."""
    url = "https://localhost:8443/id"
    async with another(runtime, PUBLIC_URL=url) as served, httpx.AsyncClient(base_url=served) as client:
        headers = {"X-Session-Transport": "cookie", "Sec-Fetch-Site": "same-origin"}
        body = {"email": ada.email, "password": ada.password}
        answer = await client.post("/api/auth/login", json=body, headers=headers)
        browser = Bound(client)
        browser.take(answer)
        cookies = {line.partition("=")[0]: line.partition(";")[0] for line in answer.headers.get_list("set-cookie")}
        text = jwt(browser.key, browser.offered or "", brings=True)
        sent = {"Cookie": cookies["__Host-refresh-8443-id"], "Secure-Session-Response": text}
        bound = await client.post(f"/api/auth{REGISTER}", headers=sent)
        told = bound.json()
        assert told["refresh_url"] == "/id/api/auth/device/proof"
        assert [rule["path"] for rule in told["scope"]["scope_specification"]] == [
            "/id/api/auth/refresh", "/", "/id/api/auth/refresh",
        ]  # fmt: skip
        attributes = "Path=/; HttpOnly; SameSite=Strict; Secure"
        assert told["credentials"] == [
            {"type": "cookie", "name": "__Host-device-proof-8443-id", "attributes": attributes}
        ]
        (line,) = bound.headers.get_list("set-cookie")
        assert line.startswith("__Host-device-proof-8443-id=")
        sent = headers | {"Cookie": f"{sent['Cookie']}; {line.partition(';')[0]}"}
        assert (await client.post("/api/auth/refresh", headers=sent)).status_code == 200
