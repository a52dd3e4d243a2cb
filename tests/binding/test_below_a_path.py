"""Keys of browsers and of clients where the service stands below a path, behind a proxy that takes the path away.

The client does only what it is told: it sends its key where the header says, and its proofs where the instructions say.
The proxy ends TLS, hands on the rest, and lets the service know nothing of the address that was called.
"""

from __future__ import annotations

import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import pytest

from service.app import create_app
from service.core.clock import Clock
from service.runtime import Runtime
from service.stores.dpop_proofs import DpopProofs
from tests.dpop.test_bound_tokens import claims_of
from tests.http.support import logging_kept
from tests.support.bound import Key, jwt, new_key
from tests.support.dpop import Holder, thumbprint_of
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.serving import served

HERE = "https://id.example.com/id"
PAGE = "https://app.example.com"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Stripping(BaseHTTPRequestHandler):
    """Hands on what is below `/id`, without that; whatever else is another service's."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self) -> None:
        """Ask the service, under a name of its own, and hand its answer back."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.path.startswith("/id/"):
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        behind = HTTPConnection("127.0.0.1", cast("Proxy", self.server).behind, timeout=30)
        behind.putrequest(self.command, self.path.removeprefix("/id"), skip_host=True, skip_accept_encoding=True)
        behind.putheader("Host", "latchkey.internal")
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP:
                behind.putheader(name, value)
        behind.putheader("Content-Length", str(len(body)))
        behind.endheaders(body)
        answer = behind.getresponse()
        content = answer.read()
        behind.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_OPTIONS = answer  # noqa: N815 - that is how they are called

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Proxy(ThreadingHTTPServer):
    """The proxy; `behind` is the port of the service."""

    daemon_threads = True
    behind: int


@contextmanager
def proxying(url: str) -> Iterator[str]:
    """Stand before a service; yield the proxy's address."""
    with Proxy(("127.0.0.1", 0), Stripping) as proxy:
        proxy.behind = urlsplit(url).port or 80
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}"
        finally:
            proxy.shutdown()
            thread.join()


@pytest.fixture
async def outside(runtime: Runtime, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever calls the proxy: paths are those that clients see."""
    places = {"PUBLIC_URL": HERE, "FRONTEND_URL": f"{PAGE}/account", "BACKEND_CORS_ORIGINS": (PAGE,)}
    settings = runtime.settings.model_copy(update=places)
    there = replace(runtime, settings=settings, dpop_proofs=DpopProofs(runtime.redis, settings, clock))
    with logging_kept():
        async with served(create_app(runtime=there)) as url:
            with proxying(url) as address:
                async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) as client:
                    yield client


@dataclass
class Obedient:
    """A browser at a page of an origin, which keeps cookies and does what it is told of keys."""

    client: httpx.AsyncClient
    origin: str
    site: str
    key: Key = field(default_factory=new_key)
    jar: dict[str, str] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    async def post(self, path: str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        """Call, and keep what is to be kept: cookies of the whole host, or none of its prefix."""
        sent = {"Origin": self.origin, "Sec-Fetch-Site": self.site} | (headers or {})
        if self.jar:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        self.client.cookies.clear()
        answer = await self.client.post(path, headers=sent, **options)
        for line in answer.headers.get_list("set-cookie"):
            found = re.match(r"(__Host-[^=]+)=([^;]*);.*Max-Age=(\d+)", line)
            assert found, line
            assert "; Path=/;" in line
            assert "; Secure" in line
            if int(found[3]):
                self.jar[found[1]] = found[2]
            else:
                self.jar.pop(found[1], None)
        return answer

    async def page_calls(self, path: str, **options: Any) -> httpx.Response:
        """Call as a page does."""
        return await self.post(path, {"X-Session-Transport": "cookie"}, **options)

    async def log_in(self, person: Person) -> None:
        """Log in, and bind the session, which was offered."""
        answer = await self.page_calls("/id/api/auth/login", json={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        offered = answer.headers["secure-session-registration"]
        found = re.fullmatch(r'\([A-Z0-9 ]+\);path="([^"]+)";challenge="([^"]+)"', offered)
        assert found, offered
        proof = jwt(self.key, found[2], brings=True)
        bound = await self.post(found[1], {"Secure-Session-Response": proof})
        assert bound.status_code == 200, bound.text
        self.told = bound.json()

    async def prove(self) -> None:
        """Prove that it has the key, where it was told to."""
        naming = {"Sec-Secure-Session-Id": self.told["session_identifier"]}
        asked = await self.post(self.told["refresh_url"], naming)
        assert asked.status_code == 403, asked.text
        found = re.match(r'"([^"]*)";id="([^"]*)"', asked.headers["secure-session-challenge"])
        assert found
        proof = jwt(self.key, found[1])
        proven = await self.post(self.told["refresh_url"], naming | {"Secure-Session-Response": proof})
        assert proven.status_code == 200, proven.text
        assert proven.json() == self.told


@pytest.mark.parametrize(("origin", "site"), [("https://id.example.com", "same-origin"), (PAGE, "same-site")])
async def test_a_browsers_key(outside: httpx.AsyncClient, ada: Person, clock: Clock, origin: str, site: str) -> None:
    """Bound, used for as long as the proof is good, refused without, and proven anew: by a page here and elsewhere."""
    browser = Obedient(outside, origin, site)
    await browser.log_in(ada)
    scope = browser.told["scope"]["scope_specification"]
    assert {rule["path"] for rule in scope if rule["type"] == "include"} == {"/id/api/auth/refresh"}
    assert {"id.example.com", "app.example.com"} == set(browser.told["allowed_refresh_initiators"])
    (credential,) = browser.told["credentials"]
    assert credential["name"] == "__Host-device-proof-id"  # no other service's on this host
    assert {credential["name"], "__Host-refresh-id"} <= set(browser.jar)

    assert (await browser.page_calls(scope[0]["path"])).status_code == 200
    clock.advance(700)
    del browser.jar[credential["name"]]  # it has run out
    assert_problem(await browser.page_calls(scope[0]["path"]), 403, "device_proof_required")
    await browser.prove()
    assert credential["name"] in browser.jar
    answer = await browser.page_calls(scope[0]["path"])
    assert answer.status_code == 200
    if origin == PAGE:
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["access-control-allow-credentials"] == "true"
    listed = await outside.get("/id/api/sessions", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert [one["bound"] for one in listed.json()] == ["dbsc"]


async def test_the_proxys_question(outside: httpx.AsyncClient, ada: Person) -> None:
    """The access token of a session that is bound to its browser is a bearer's: `/api/auth/check` takes it."""
    browser = Obedient(outside, PAGE, "same-site")
    await browser.log_in(ada)
    token = (await browser.page_calls("/id/api/auth/refresh")).json()["access_token"]
    assert "cnf" not in claims_of(token)
    checked = await outside.get("/id/api/auth/check", headers={"Authorization": f"Bearer {token}"})
    assert (checked.status_code, checked.headers["x-auth-sub"]) == (204, str(ada.id))


async def test_a_clients_key(outside: httpx.AsyncClient, ada: Person, clock: Clock) -> None:
    """`htu` is the address that the client calls, with the path; or that of a front end which passes calls on."""
    holder = Holder(outside, clock)

    async def sent(htu: str, path: str, token: str | None = None, **options: Any) -> httpx.Response:
        method = "GET" if token else "POST"
        proof = holder.proof(method, "", token=token, htu=htu)
        headers = {"Authorization": f"DPoP {token}"} if token else {}
        return await holder.send(method, path, proof=proof, headers=headers, **options)

    body = {"email": ada.email, "password": PASSWORD}
    asked = await sent(f"{HERE}/api/auth/login", "/id/api/auth/login", json=body)
    assert_problem(asked, 400, "use_dpop_nonce")
    assert (await sent(f"{HERE}/api/auth/login", "/id/api/auth/login", json=body)).json()["token_type"] == "DPoP"
    assert claims_of(holder.access_token)["cnf"] == {"jkt": thumbprint_of(holder.key)}

    for htu in (f"{HERE}/api/users/me", f"{PAGE}/api/users/me", f"{PAGE}/account/api/users/me"):
        assert (await sent(htu, "/id/api/users/me", holder.access_token)).status_code == 200, htu
    for htu in (
        "https://id.example.com/api/users/me", "http://id.example.com/id/api/users/me", f"{HERE}/id/api/users/me",
        "http://latchkey.internal/api/users/me", f"{outside.base_url}/id/api/users/me", f"{PAGE}/id/api/users/me",
    ):  # fmt: skip
        refused = await sent(htu, "/id/api/users/me", holder.access_token)
        assert_problem(refused, 401, "invalid_dpop_proof")

    refreshing = {"refresh_token": holder.refresh_token}
    again = await sent(f"{HERE}/api/auth/refresh", "/id/api/auth/refresh", json=refreshing)
    assert again.json()["token_type"] == "DPoP"
    form = {"grant_type": "refresh_token", "refresh_token": holder.refresh_token}
    assert (await sent("https://id.example.com/oauth/token", "/id/oauth/token", data=form)).status_code == 400
    assert (await sent(f"{HERE}/oauth/token", "/id/oauth/token", data=form)).json()["token_type"] == "DPoP"


async def test_a_page_elsewhere_may_send_a_proof(outside: httpx.AsyncClient) -> None:
    """A page of another origin of the site asks first, and is told so through the proxy."""
    asked = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,dpop,x-session-transport",
    }
    answer = await outside.options("/id/api/auth/login", headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, PAGE)
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert "dpop" in allowed
    assert "x-session-transport" in allowed
