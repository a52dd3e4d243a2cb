"""The examples of an own API take the tokens that are good, and no other; and know what a revocation means for them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from service.core.clock import Clock
from service.jwks import rotation
from service.runtime import Runtime
from service.stores.keyring import SigningPair
from tests.servers import free_port
from tests.support.people import Person, Session
from tests.support.process import ROOT, environment, running
from tests.support.waiting import eventually
from tools.snippets import snippets

pytestmark = pytest.mark.embedded_only  # it is the same on all stores

EXAMPLES = ROOT / "examples"
ESBUILD = ROOT / "frontend" / "node_modules" / ".bin" / "esbuild"
# Python's asks for keys that it hasn't heard of ten seconds after it has asked; so does Node's.
PATIENCE_SECONDS = 40.0


def node_api(folder: Path) -> list[str]:
    """Return the command of the example for Node, with our package where its own `npm install` would put it."""
    node = shutil.which("node")
    if node is None or not ESBUILD.exists():
        assert "CI" not in os.environ, "Node and frontend/node_modules are needed: make frontend"
        pytest.skip("Node and frontend/node_modules are needed: make frontend")
    package = folder / "node_modules" / "@latchkey" / "client"
    package.mkdir(parents=True)
    source = ROOT / "frontend" / "packages" / "client" / "src" / "server.ts"
    subprocess.run(
        [ESBUILD, source, "--bundle", "--format=esm", "--log-level=error", f"--outfile={package / 'server.js'}"],
        check=True, timeout=60,
    )  # fmt: skip
    about = {"name": "@latchkey/client", "type": "module", "exports": {"./server": "./server.js"}}
    (package / "package.json").write_text(json.dumps(about))
    shutil.copy(EXAMPLES / "api-node" / "server.mjs", folder)
    return [node, "server.mjs"]


def python_api(folder: Path) -> list[str]:
    """Return the command of the example for Python."""
    shutil.copy(EXAMPLES / "api-python" / "api.py", folder)
    return [sys.executable, "api.py"]


@contextmanager
def started(name: str, folder: Path, issuer: str, address: str) -> Iterator[str]:
    """Run an example; yield its address."""
    folder.mkdir()
    command = {"node": node_api, "python": python_api}[name](folder)
    port = free_port()
    env = environment(LATCHKEY_URL=issuer, LATCHKEY_INTERNAL_URL=address, PORT=str(port))
    with running(command, folder / "log", env=env, directory=folder):
        yield f"http://127.0.0.1:{port}/notes"


@pytest.fixture
async def apis(tmp_path: Path, runtime: Runtime, base_url: str) -> AsyncIterator[list[str]]:
    """Both examples, that run beside a service that runs; their addresses."""

    async def answers() -> bool:
        try:
            return all([(await client.get(url)).status_code == 401 for url in urls])
        except httpx.TransportError:
            return False

    async with httpx.AsyncClient() as client:
        with ExitStack() as stack:
            urls = [
                stack.enter_context(started(name, tmp_path / name, runtime.settings.PUBLIC_URL, base_url))
                for name in ("node", "python")
            ]
            await eventually(answers, 60.0, why=lambda: [log.read_text() for log in tmp_path.glob("*/log")])
            yield urls


def signed(pair: SigningPair, issuer: str, **changes: object) -> str:
    """Return a token of the service's own key, good but for `changes`."""
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": issuer, "aud": "latchkey", "sub": str(uuid4()), "sid": str(uuid4()), "gen": 0,
        "jti": uuid4().hex, "client_id": "web", "iat": now - 10, "exp": now + 600, "auth_time": now - 10,
    }  # fmt: skip
    kid = str(changes.pop("kid", pair.kid))
    typ = str(changes.pop("typ", "at+jwt"))
    return jwt.encode(claims | changes, pair.private, algorithm="ES256", headers={"kid": kid, "typ": typ})


async def test_own_apis(
    apis: list[str], client: httpx.AsyncClient, ada: Person, grace: Person, runtime: Runtime, clock: Clock
) -> None:
    """Good, wrong audience or issuer, expired, forged, a new key, one that nobody has, a session that is over."""
    # A key that is new is published before it signs; each API hears of it when it may ask again.
    for api in apis:
        await plays(api, client, await ada.log_in(), await grace.log_in(), runtime)
    new = await rotation.rotate(runtime, at_once=True)
    clock.advance(rotation.SETTLE_SECONDS + 1)
    await runtime.keyring.load()
    later = await ada.log_in()
    assert jwt.get_unverified_header(later.access_token)["kid"] == new
    for api in apis:

        async def taken(api: str = api) -> bool:
            return (await client.get(api, headers=later.headers)).status_code == 200

        await eventually(taken, PATIENCE_SECONDS)


async def test_what_the_api_shows(client: httpx.AsyncClient, ada: Person, base_url: str, runtime: Runtime) -> None:
    """The ten lines of docs/api.md say whose a good token is, and refuse another."""
    shown = next(one.code for one in snippets(ROOT / "docs" / "api.md") if "PyJWKClient" in one.code)
    shown = shown.replace("https://id.example.com", runtime.settings.PUBLIC_URL)
    written: dict[str, Callable[[str], str]] = {}
    exec(shown.replace('f"{ISSUER}/', f'f"{base_url}/'), written)  # it stands in our own document
    session = await ada.log_in()
    assert await asyncio.to_thread(written["user_id"], session.access_token) == str(ada.id)
    pair = await runtime.keyring.signing_pair()
    for flawed in (signed(pair, "https://id.example.com"), session.refresh_token):
        with pytest.raises(jwt.PyJWTError):
            await asyncio.to_thread(written["user_id"], flawed)


async def plays(api: str, client: httpx.AsyncClient, session: Session, other: Session, runtime: Runtime) -> None:
    """Play everything but a new key with one of the APIs, as two people."""

    async def ask(token: str, method: str = "GET", content: str | None = None) -> httpx.Response:
        return await client.request(method, api, headers={"Authorization": f"Bearer {token}"}, content=content)

    # Each caller has their own.
    assert (await ask(session.access_token, "POST", content="milk")).status_code == 201
    assert (await ask(session.access_token)).json() == ["milk"]
    assert (await ask(other.access_token)).json() == []

    pair, issuer = await runtime.keyring.signing_pair(), runtime.settings.PUBLIC_URL
    assert (await ask(signed(pair, issuer))).status_code == 200
    now = int(time.time())
    forger = SigningPair(pair.kid, generate_private_key(SECP256R1()))
    for flawed in (
        signed(pair, issuer, aud="another"), signed(pair, f"{issuer}/"), signed(pair, issuer, exp=now - 61),
        signed(pair, issuer, exp=now - 3600), signed(pair, issuer, typ="JWT"), signed(pair, issuer, kid="nobodys"),
        signed(forger, issuer), session.access_token[:-4] + "AAAA", "x.y.z", "",
    ):  # fmt: skip
        refused = await ask(flawed)
        assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer"), flawed

    # A browser asks first whether it may.
    preflight = await client.options(api, headers={"Origin": "http://localhost:5173"})
    assert preflight.status_code == 204
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()

    # A session that is over: its token is good until its end, but for what can't be undone.
    gone = session.access_token
    assert (await client.post("/api/auth/logout", headers=session.headers)).status_code == 204
    assert (await ask(gone)).json() == ["milk"]
    assert (await ask(gone, "DELETE")).status_code == 401
    assert (await ask(gone)).json() == ["milk"]
    assert (await ask(other.access_token, "POST", content="tea")).status_code == 201
    assert (await ask(other.access_token, "DELETE")).status_code == 204
    assert (await ask(other.access_token)).json() == []
