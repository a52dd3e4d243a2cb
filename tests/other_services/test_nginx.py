"""A service behind nginx with the configuration that we ship: who gets through, as whom, and until when."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from service.core.clock import Clock
from tests.servers import Nginx, find_nginx, free_port
from tests.support.dpop import Holder
from tests.support.people import Person
from tests.support.process import ROOT
from tests.support.stores import Stores

pytestmark = pytest.mark.skipif(find_nginx() is None, reason="no nginx is installed (apt install nginx-light)")

SHIPPED = ROOT / "examples" / "nginx" / "notes.conf"


class Echo(BaseHTTPRequestHandler):
    """A service that says what it was told."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self) -> None:
        """Say which headers came, each with all its values, and how long the body was."""
        length = int(self.headers.get("Content-Length") or 0)
        told = {name.lower(): self.headers.get_all(name) for name in self.headers}
        body = json.dumps({"headers": told, "body": len(self.rfile.read(length)), "method": self.command}).encode()
        status = int(self.path.removeprefix("/status/")) if self.path.startswith("/status/") else 200
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_OPTIONS = answer  # noqa: N815 - that is how they are called

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def echoing() -> Iterator[int]:
    """Serve it; yield the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def service() -> Iterator[int]:
    with echoing() as port:
        yield port


@pytest.fixture
async def proxied(base_url: str, service: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, through nginx."""
    port = int(base_url.rpartition(":")[2])
    nginx = await asyncio.to_thread(Nginx.start_with, SHIPPED, {8000: port, 8005: service})
    try:
        async with httpx.AsyncClient(base_url=nginx.url, trust_env=False, timeout=30) as found:
            yield found
    finally:
        await asyncio.to_thread(nginx.stop)


async def test_who_gets_through(proxied: httpx.AsyncClient, ada: Person, client: httpx.AsyncClient) -> None:
    """Whoever has a good token, as themselves; nobody else; and nobody from the moment the session is over."""
    session = await ada.log_in()
    seen = (await proxied.get("/notes", headers=session.headers)).json()["headers"]
    assert (seen["x-user-id"], seen["x-session-id"]) == ([str(ada.id)], [str(session.sid)])
    assert "authorization" not in seen
    sent = await proxied.post("/notes", headers=session.headers, content=b"x" * 100_000)
    assert (sent.status_code, sent.json()["body"], sent.json()["method"]) == (200, 100_000, "POST")

    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": f"Bearer {session.refresh_token}"}):
        refused = await proxied.get("/notes", headers=headers)
        assert refused.status_code == 401, headers
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert refused.headers["access-control-allow-origin"] == "https://app.example.com"
        assert refused.json()["code"] == "invalid_token"

    assert (await client.post("/api/auth/logout", headers=session.headers)).status_code == 204
    assert (await proxied.get("/notes", headers=session.headers)).status_code == 401


async def test_bound_tokens(proxied: httpx.AsyncClient, ada: Person, client: httpx.AsyncClient, clock: Clock) -> None:
    """Nobody gets through with one, not with the key either: a proof for the service is none for the question."""
    holder = Holder(client, clock)
    await holder.log_in(ada)
    token = holder.access_token
    address = f"{proxied.base_url}/notes"
    for htu in (address, "http://localhost:8000/api/auth/check"):
        for scheme in ("Bearer", "DPoP"):
            proof = holder.proof("GET", "", token=token, htu=htu)
            refused = await proxied.get("/notes", headers={"Authorization": f"{scheme} {token}", "DPoP": proof})
            assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")


async def test_nobody_says_themselves_who_they_are(proxied: httpx.AsyncClient, ada: Person, grace: Person) -> None:
    """Headers of the client's own are replaced, however they are spelt, and however many; nor may it ask itself."""
    session = await ada.log_in()
    hers = str(grace.id)
    forged = [
        *(("X-User-Id", hers), ("x-user-id", hers), ("X_User_Id", hers), ("X-Session-Id", hers)),
        *(("X-Auth-Sub", hers), ("Connection", "X-User-Id")),
    ]
    for method in ("GET", "OPTIONS"):
        headers = [*forged, *session.headers.items()] if method == "GET" else forged
        seen = (await proxied.request(method, "/notes", headers=headers)).json()["headers"]
        assert seen.get("x-user-id") == ([str(ada.id)] if method == "GET" else None)
        assert not [name for name in seen if "_" in name]
        assert hers not in str({name: seen[name] for name in seen if name != "x-auth-sub"})
    assert (await proxied.get("/notes", headers=forged)).status_code == 401
    assert (await proxied.get("/_latchkey", headers=session.headers)).status_code == 404


async def test_the_services_own_answers(proxied: httpx.AsyncClient, ada: Person) -> None:
    """Its 401 and 500 are its own."""
    session = await ada.log_in()
    for status in (401, 403, 404, 500, 503):
        answer = await proxied.get(f"/status/{status}", headers=session.headers)
        assert (answer.status_code, answer.json()["method"]) == (status, "GET")


async def test_where_latchkey_is_away(service: int, ada: Person, stores: Stores) -> None:
    """503 for everybody, and nobody gets through."""
    del stores
    session = await ada.log_in()
    nginx = await asyncio.to_thread(Nginx.start_with, SHIPPED, {8000: free_port(), 8005: service})
    try:
        async with httpx.AsyncClient(base_url=nginx.url, trust_env=False, timeout=30) as away:
            for headers in (session.headers, {}):
                refused = await away.get("/notes", headers=headers)
                assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
                assert refused.headers["retry-after"] == "2"
    finally:
        await asyncio.to_thread(nginx.stop)
