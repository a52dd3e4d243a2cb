"""What is no proof for the call that it comes with: nobody is let in, and whatever is wrong is answered as such."""

from __future__ import annotations

from typing import Any

import pytest

from service.runtime import Runtime
from tests.support.dpop import Holder
from tests.support.people import PASSWORD, Person, assert_problem

ME, REFRESH, LOGIN = "/api/users/me", "/api/auth/refresh", "/api/auth/login"
WRONG: dict[str, dict[str, Any]] = {
    "another method": {"htm": "GET"},
    "its case": {"htm": "post"},
    "another call": {"htu": "http://localhost:8000/api/auth/logout"},
    "another host": {"htu": "http://evil.example/api/auth/login"},
    "another scheme": {"htu": "https://localhost:8000/api/auth/login"},
    "another port": {"htu": "http://localhost:8001.evil.example/api/auth/login"},
    "a path": {"htu": "/api/auth/login"},
    "no address": {"htu": "login"},
    "an hour ago": {"iat": 1},
    "no number": {"jti": None},
    "a session's proof": {"header": {"typ": "dbsc+jwt"}},
    "no algorithm": {"header": {"alg": "none"}},
    "another's key": {"header": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong(holder: Holder, ada: Person, runtime: Runtime, wrong: str) -> None:
    """RFC 9449 section 4.3: refused, and nobody is logged in."""
    await holder.meet()
    proof = holder.proof("POST", LOGIN, **WRONG[wrong])
    body = {"email": ada.email, "password": PASSWORD}
    refused = await holder.send("POST", LOGIN, proof=proof, json=body)
    problem = assert_problem(refused, 400, "invalid_dpop_proof")
    assert problem["error"] == "invalid_dpop_proof"
    assert await runtime.sessions.list_living(ada.id) == []


@pytest.mark.parametrize(
    "address",
    [
        "HTTP://LOCALHOST:8000/api/auth/login",
        "http://localhost:8000/api/auth/login/?x=1#y",
        "http://localhost:8000/api/x/../auth/%6Cogin",
        "http://localhost:5173/api/auth/login",
    ],
)
async def test_other_spellings(holder: Holder, ada: Person, address: str) -> None:
    """One address; also what pages of a developer's front end call, which passes it on."""
    await holder.meet()
    proof = holder.proof("POST", LOGIN, htu=address)
    body = {"email": ada.email, "password": PASSWORD}
    assert (await holder.send("POST", LOGIN, proof=proof, json=body)).status_code == 200


@pytest.mark.parametrize("member", ["jti", "htm", "htu", "nonce", "ath"])
async def test_half_a_character(holder: Holder, member: str) -> None:
    """What is no text of UTF-8 is refused like anything else that isn't as it should be."""
    await holder.meet()
    said: dict[str, Any] = {member: "\ud800"}
    proof = holder.proof("POST", REFRESH, **said)
    answer = await holder.send("POST", REFRESH, proof=proof, json={"refresh_token": "x"})
    codes = {"nonce": "use_dpop_nonce", "htm": "invalid_dpop_proof", "htu": "invalid_dpop_proof"}
    assert_problem(answer, 400, codes.get(member, "invalid_grant"))


async def test_half_a_character_beside_a_token(holder: Holder, ada: Person) -> None:
    """The same where it is looked at: in `ath`, and in `jti` when it is used up."""
    await holder.log_in(ada)
    headers = {"Authorization": f"DPoP {holder.access_token}"}
    wrong = holder.proof("GET", ME, token=holder.access_token, ath="\ud800")
    assert_problem(await holder.send("GET", ME, proof=wrong, headers=headers), 401, "invalid_dpop_proof")
    odd = holder.proof("GET", ME, token=holder.access_token, jti="\ud800")
    assert (await holder.send("GET", ME, proof=odd, headers=headers)).status_code == 200
    assert_problem(await holder.send("GET", ME, proof=odd, headers=headers), 401, "invalid_dpop_proof")


async def test_two_headers(holder: Holder, ada: Person) -> None:
    """RFC 9449 section 4.3: not more than one."""
    await holder.meet()
    headers = [("DPoP", holder.proof("POST", LOGIN)) for _ in range(2)]
    body = {"email": ada.email, "password": PASSWORD}
    assert_problem(await holder.client.post(LOGIN, json=body, headers=headers), 400, "invalid_dpop_proof")


async def test_what_is_huge(holder: Holder) -> None:
    """Refused for its size, before anything is read of it."""
    proof = holder.proof("POST", LOGIN, more="x" * 4096)
    assert_problem(await holder.send("POST", LOGIN, proof=proof, json={}), 400, "invalid_dpop_proof")
