"""Each example, in each way, beside a service that runs: whose notes they are, and whose they are not."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from service.core.clock import Clock
from service.jwks import rotation
from service.runtime import Runtime
from service.stores.access_tokens import _well_spelt as well_spelt
from service.stores.keyring import SigningPair
from tests.oauth.support import a_service
from tests.other_services.pretender import CLIENT
from tests.other_services.support import FRAMEWORKS, WAYS, Notes, ready, started
from tests.servers import free_port
from tests.support.people import Person
from tests.support.waiting import eventually

pytestmark = pytest.mark.embedded_only  # it is the same on all stores

# Both ask for keys that they haven't heard of ten seconds after they have asked.
PATIENCE_SECONDS = 40.0


@pytest.fixture(params=[(framework, way) for framework in FRAMEWORKS for way in WAYS], ids="-".join)
async def notes(
    request: pytest.FixtureRequest, runtime: Runtime, base_url: str, client: httpx.AsyncClient, tmp_path: Path
) -> AsyncIterator[Notes]:
    """An example, in each of its ways."""
    framework, way = request.param
    known = await a_service(client, runtime, "Notes")
    settings = {
        "LATCHKEY_WAY": way,
        "LATCHKEY_URL": runtime.settings.PUBLIC_URL,
        "LATCHKEY_INTERNAL_URL": base_url,
        "LATCHKEY_CLIENT_ID": known.client_id,
        "LATCHKEY_CLIENT_SECRET": known.secret,
    }
    with started(framework, tmp_path / "notes", client, **settings) as found:
        yield await ready(found)
        assert known.secret not in found.said()


def signed(pair: SigningPair, claims: dict[str, object], **changes: object) -> str:
    """Return a token with these claims, good but for `changes`: of its two spellings the one that is ours."""
    headers = {"kid": str(changes.pop("kid", pair.kid)), "typ": str(changes.pop("typ", "at+jwt"))}
    while not well_spelt(found := jwt.encode(claims | changes, pair.private, algorithm="ES256", headers=headers)):
        pass
    return found


async def test_whose_they_are(notes: Notes, ada: Person, grace: Person, runtime: Runtime) -> None:
    """Each caller has their own; nobody with a flawed token has any; a browser may ask first."""
    session, other = await ada.log_in(), await grace.log_in()
    assert (await notes.ask(session.access_token, "POST", "milk")).status_code == 201
    assert (await notes.ask(session.access_token)).json() == ["milk"]
    assert (await notes.ask(other.access_token)).json() == []
    assert (await notes.ask(other.access_token, "DELETE")).status_code == 204
    assert (await notes.ask(session.access_token, "POST", "x" * 1001)).status_code == 422
    assert (await notes.ask(session.access_token)).json() == ["milk"]

    pair, claims = await runtime.keyring.signing_pair(), dict(session.claims)
    assert await notes.status(signed(pair, claims)) == 200
    now = int(time.time())
    forger = SigningPair(pair.kid, generate_private_key(SECP256R1()))
    for flawed in (
        signed(pair, claims, aud="another"), signed(pair, claims, iss=f"{claims['iss']}/"),
        signed(pair, claims, exp=now - 61), signed(pair, claims, typ="JWT"), signed(pair, claims, kid="nobodys"),
        signed(forger, claims), jwt.encode(claims, "a" * 40, "HS256", {"kid": pair.kid, "typ": "at+jwt"}),
        jwt.encode(claims, "", "none", {"kid": pair.kid, "typ": "at+jwt"}), session.access_token[:-4] + "AAAA",
        session.refresh_token, "x.y.z",
    ):  # fmt: skip
        refused = await notes.ask(flawed)
        assert (refused.status_code, refused.headers.get("www-authenticate")) == (401, "Bearer"), flawed

    nobody = await notes.client.get(notes.url)
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = await notes.client.options(notes.url, headers={"Origin": "http://localhost:5173", **asks})
    assert preflight.status_code in (200, 204)
    assert preflight.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()


async def test_a_session_of_nobody(notes: Notes, ada: Person, runtime: Runtime, request: pytest.FixtureRequest) -> None:
    """Keys alone take a token's word; whoever asks hears that there is no such session."""
    claims = dict((await ada.log_in()).claims)
    made_up = signed(await runtime.keyring.signing_pair(), claims, sid=str(uuid4()), jti=uuid4().hex)
    assert await notes.status(made_up) == (200 if "keys" in request.node.name else 401)


async def test_keys_change(notes: Notes, ada: Person, runtime: Runtime, clock: Clock) -> None:
    """Tokens of a new key are taken as soon as one may ask for keys again."""
    assert await notes.status((await ada.log_in()).access_token) == 200
    new = await rotation.rotate(runtime, at_once=True)
    clock.advance(rotation.SETTLE_SECONDS + 1)
    await runtime.keyring.load()
    later = await ada.log_in()
    assert jwt.get_unverified_header(later.access_token)["kid"] == new

    async def taken() -> bool:
        return await notes.status(later.access_token) == 200

    await eventually(taken, PATIENCE_SECONDS, why=notes.said)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_where_latchkey_is_away(framework: str, way: str, ada: Person, tmp_path: Path) -> None:
    """503 for whoever shows a token: that it isn't good is nothing that one could know."""
    token = (await ada.log_in()).access_token
    settings = {"LATCHKEY_WAY": way, "LATCHKEY_URL": f"http://127.0.0.1:{free_port()}", **CLIENT}
    async with httpx.AsyncClient(trust_env=False) as client:
        with started(framework, tmp_path / "notes", client, **settings) as notes:
            refused = await (await ready(notes)).ask(token)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")


@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_a_way_that_there_is_not(framework: str, client: httpx.AsyncClient, tmp_path: Path) -> None:
    """It says so, and doesn't start."""
    with started(framework, tmp_path / "notes", client, LATCHKEY_WAY="guessing", **CLIENT) as notes:
        await eventually(lambda: "LATCHKEY_WAY is keys, asking or following, not" in notes.said(), 60.0)
