"""Tokens that are bound to a key, at each example in each way: from who has the key, and from nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from service.core.clock import Clock
from tests.other_services.support import Notes
from tests.support.dpop import Holder, Key, jwk_of
from tests.support.people import Person

pytestmark = pytest.mark.embedded_only  # it is the same on all stores


MAKES: dict[str, Callable[[], Key]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


async def shown(
    notes: Notes, token: str, *proofs: str, scheme: str = "DPoP", method: str = "GET", text: str | None = None
) -> httpx.Response:
    """Call an example with a token, and proofs beside it."""
    headers = [("Authorization", f"{scheme} {token}"), *(("DPoP", proof) for proof in proofs)]
    return await notes.client.request(method, f"{notes.url}?page=2", headers=headers, json=text)


@pytest.fixture
def holder(client: httpx.AsyncClient, clock: Clock) -> Holder:
    return Holder(client, clock)


async def test_whose_they_are(notes: Notes, ada: Person, client: httpx.AsyncClient, clock: Clock) -> None:
    """By each kind of key they are their owner's; the same token is no bearer's, beside a good proof or not."""
    for number, key in enumerate((new() for new in MAKES.values()), 1):
        holder = Holder(client, clock, key)
        await holder.log_in(ada)
        token = holder.access_token
        adding, reading, more = (holder.proof(how, "", token=token, htu=notes.url) for how in ("POST", "GET", "GET"))
        added = await shown(notes, token, adding, method="POST", text="milk")
        assert added.status_code == 201, (added.text, notes.said())
        assert (await shown(notes, token, reading)).json() == ["milk"] * number
        for proofs in ((), (more,)):
            refused = await shown(notes, token, *proofs, scheme="Bearer")
            assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer")
        assert (await shown(notes, token, more)).status_code == 200


async def test_flaws(notes: Notes, ada: Person, holder: Holder, client: httpx.AsyncClient, clock: Clock) -> None:
    """Every flaw of a proof is found (RFC 9449 section 4.3), and what is shown with a good one afterwards is taken."""
    await holder.log_in(ada)
    token, key = holder.access_token, holder.key
    jwk, now, eve = jwk_of(key), int(clock.timestamp()), MAKES["ES256"]()

    def proof(header: dict[str, Any] | None = None, by: Key = key, method: str = "GET", **said: Any) -> str:
        given: dict[str, Any] = {"htu": notes.url} | said
        return Holder(client, clock, by).proof(method, "", token=token, header=header, **given)

    headers: tuple[dict[str, Any], ...] = (
        {"typ": "JWT"}, {"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256"}, {"alg": None}, {"jwk": None}, {"jwk": "x"},
        {"jwk": jwk | {"d": "AQAB"}}, {"jwk": {"kty": "oct", "k": "AQAB"}}, {"jwk": jwk_of(eve)},
    )  # fmt: skip
    members: tuple[dict[str, Any], ...] = (
        {"htm": None}, {"htm": "POST"}, {"htm": "get"}, {"htu": None}, {"htu": f"{notes.url}/1"}, {"htu": "/notes"},
        {"htu": "http://localhost:8000/notes"}, {"iat": None}, {"iat": "now"}, {"iat": now - 90}, {"iat": now + 90},
        {"jti": None}, {"jti": ""}, {"jti": "x" * 300}, {"ath": None}, {"ath": "x"}, {"more": "x" * 4096},
    )  # fmt: skip
    flawed = [proof(header) for header in headers] + [proof(**said) for said in members]
    for one in ("", "x.y.z", proof(by=eve), proof({"jwk": jwk}, by=eve), *flawed):
        refused = await shown(notes, token, one)
        assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "DPoP "), (one, notes.said())
    for proofs in ((), (proof(), proof())):
        assert (await shown(notes, token, *proofs)).status_code == 401
    assert (await shown(notes, token, proof())).status_code == 200


async def test_counts_once(notes: Notes, ada: Person, holder: Holder) -> None:
    """Of fifty that show one proof at once one is taken, and nobody later; what is bound to nothing wants none."""
    await holder.log_in(ada)
    one = holder.proof("GET", "", token=holder.access_token, htu=notes.url)
    answers = await asyncio.gather(*(shown(notes, holder.access_token, one) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 49}
    assert (await shown(notes, holder.access_token, one)).status_code == 401

    token = (await ada.log_in()).access_token
    proof = holder.proof("GET", "", token=token, htu=notes.url)
    assert (await shown(notes, token, proof)).status_code == 401
    assert (await shown(notes, token, proof, scheme="Bearer")).status_code == 200

    asked = {  # by a page of another origin, before it calls
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization,dpop",
    }
    answer = await notes.client.options(notes.url, headers=asked)
    assert answer.is_success
    assert "dpop" in answer.headers["access-control-allow-headers"].lower()
