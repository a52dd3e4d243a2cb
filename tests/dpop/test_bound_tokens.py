"""A session that is bound to its client's key: opened, refreshed and used with proofs, and with nothing less."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import jwt
import pytest

from models import SecurityEvent
from service.core.clock import Clock
from service.runtime import Runtime
from tests.http.support import another
from tests.oauth.support import Service
from tests.oauth.token_support import REVOKE, TOKEN, password_of, refresh_of
from tests.support.bound import Bound, new_key
from tests.support.dpop import Holder, thumbprint_of
from tests.support.people import PASSWORD, Person, assert_problem


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


async def happened(person: Person, type_: str) -> list[SecurityEvent]:
    return await SecurityEvent.filter(user_id=person.id, type=type_)


async def test_a_whole_life(holder: Holder, ada: Person) -> None:
    """RFC 9449 sections 5 to 7: bound at the log-in, refreshed and used by the same key, ended."""
    await holder.log_in(ada)
    assert claims_of(holder.access_token)["cnf"] == {"jkt": thumbprint_of(holder.key)}
    assert (await holder.me()).json()["email"] == ada.email
    before = holder.refresh_token
    assert (await holder.refresh()).json()["token_type"] == "DPoP"
    assert holder.refresh_token != before
    assert claims_of(holder.access_token)["cnf"] == {"jkt": thumbprint_of(holder.key)}
    [listed] = (await holder.call("GET", "/api/sessions")).json()
    assert listed["bound"] == "dpop"
    [bound] = await happened(ada, "session.bound")
    assert bound.detail["kind"] == "dpop"
    assert (await holder.call("POST", "/api/auth/logout")).status_code == 204
    refused = await holder.me()
    assert_problem(refused, 401, "invalid_token")
    assert refused.headers["www-authenticate"].startswith('DPoP error="invalid_token", algs="')


async def test_by_the_token_endpoint(holder: Holder, ada: Person) -> None:
    """The same by OAuth 2's forms, with its words."""
    asked = await holder.send("POST", TOKEN, data=password_of(ada))
    assert (asked.status_code, asked.json()["error"]) == (400, "use_dpop_nonce")
    opened = await holder.send("POST", TOKEN, data=password_of(ada))
    assert opened.json()["token_type"] == "DPoP"
    assert (await holder.me()).status_code == 200
    assert (await holder.send("POST", TOKEN, data=refresh_of(holder.refresh_token))).json()["token_type"] == "DPoP"
    another = {"DPoP": holder.proof("POST", TOKEN, key=new_key())}
    for headers in (None, another):
        refused = await holder.client.post(TOKEN, data=refresh_of(holder.refresh_token), headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")
    assert (await holder.send("POST", TOKEN, data=refresh_of(holder.refresh_token))).status_code == 200
    assert (await holder.client.post(REVOKE, data={"token": holder.access_token})).status_code == 200
    assert (await holder.me()).status_code == 401


async def test_a_stolen_pair(holder: Holder, ada: Person, clock: Clock) -> None:
    """Both tokens are refused as plain Bearer and by another key; nothing rotates or ends, and it is on record."""
    await holder.log_in(ada)
    thief = Holder(holder.client, clock, nonce=holder.nonce)
    thief.access_token, thief.refresh_token = holder.access_token, holder.refresh_token
    plain = await thief.client.get("/api/users/me", headers={"Authorization": f"Bearer {thief.access_token}"})
    assert_problem(plain, 401, "invalid_token")
    assert plain.headers["www-authenticate"].startswith("DPoP ")
    assert_problem(await thief.me(), 401, "invalid_token")
    bare = await thief.client.get("/api/users/me", headers={"Authorization": f"DPoP {thief.access_token}"})
    assert_problem(bare, 401, "invalid_dpop_proof")
    stolen = {"refresh_token": thief.refresh_token}
    assert_problem(await thief.client.post("/api/auth/refresh", json=stolen), 400, "invalid_dpop_proof")
    assert_problem(await thief.refresh(), 400, "invalid_dpop_proof")
    [noted] = await happened(ada, "session.unproven")
    assert (noted.detail["kind"], noted.detail["why"]) == ("dpop", "missing")
    assert (await holder.me()).status_code == 200
    assert (await holder.refresh()).status_code == 200
    assert await happened(ada, "session.token_reused") == []


async def test_a_spent_token_without_its_key(holder: Holder, ada: Person, clock: Clock) -> None:
    """Who has an old refresh token and not the key can't even end the session with it."""
    await holder.log_in(ada)
    old = holder.refresh_token
    for _ in range(2):
        clock.advance(120)
        await holder.refresh()
    assert_problem(
        await holder.client.post("/api/auth/refresh", json={"refresh_token": old}), 400, "invalid_dpop_proof"
    )
    assert (await holder.me()).status_code == 200


async def test_a_proof_for_another_token(holder: Holder, ada: Person) -> None:
    """RFC 9449 section 4.3: a proof says which access token it comes with."""
    await holder.log_in(ada)
    for token in (None, "", holder.refresh_token):
        proof = holder.proof("GET", "/api/users/me", token=token)
        refused = await holder.send(
            "GET", "/api/users/me", proof=proof, headers={"Authorization": f"DPoP {holder.access_token}"}
        )
        assert_problem(refused, 401, "invalid_dpop_proof")
        assert 'error="invalid_dpop_proof"' in refused.headers["www-authenticate"]


async def test_a_token_that_is_bound_to_nothing(holder: Holder, ada: Person) -> None:
    """Under the scheme DPoP it is refused, and as a Bearer it goes on, whatever proof is beside it."""
    session = await ada.log_in()
    await holder.meet()
    assert_problem(await holder.me(token=session.access_token), 401, "invalid_token")
    beside = await holder.send("GET", "/api/users/me", headers=session.headers)
    assert beside.status_code == 200
    renewed = await holder.send("POST", "/api/auth/refresh", json={"refresh_token": session.refresh_token})
    assert renewed.json()["token_type"] == "bearer"
    assert "cnf" not in claims_of(renewed.json()["access_token"])


async def test_a_bound_token_as_bearer_with_its_proof(holder: Holder, ada: Person) -> None:
    """RFC 9449 section 7.1: it comes under the scheme DPoP, or not at all."""
    await holder.log_in(ada)
    proof = holder.proof("GET", "/api/users/me", token=holder.access_token)
    headers = {"Authorization": f"Bearer {holder.access_token}"}
    assert_problem(await holder.send("GET", "/api/users/me", proof=proof, headers=headers), 401, "invalid_token")


async def test_in_cookie_mode(holder: Holder, ada: Person, runtime: Runtime) -> None:
    """A client that believed itself bound and isn't would be the worst: the header is refused, and no session made."""
    await holder.meet()
    headers = {"X-Session-Transport": "cookie", "Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"}
    body = {"email": ada.email, "password": PASSWORD}
    assert_problem(await holder.send("POST", "/api/auth/login", headers=headers, json=body), 400, "bad_request")
    assert await runtime.sessions.list_living(ada.id) == []


async def test_exactly_once(holder: Holder, ada: Person) -> None:
    """An answer that got lost is asked for again, with a proof of its own: the same refresh token."""
    await holder.log_in(ada)
    before = holder.refresh_token
    first = (await holder.refresh()).json()["refresh_token"]
    holder.refresh_token = before
    assert (await holder.refresh()).json()["refresh_token"] == first
    holder.refresh_token = before
    assert (await holder.refresh(key=new_key())).status_code == 400


async def test_fifty_refreshes_at_once(holder: Holder, ada: Person) -> None:
    """With a proof each: one generation."""
    await holder.log_in(ada)
    body, path = {"refresh_token": holder.refresh_token}, "/api/auth/refresh"
    proofs = [holder.proof("POST", path) for _ in range(50)]
    answers = await asyncio.gather(*(holder.client.post(path, json=body, headers={"DPoP": proof}) for proof in proofs))
    tokens = {one.json()["refresh_token"] for one in answers if one.status_code == 200}
    assert len(tokens) == 1
    assert {one.status_code for one in answers} <= {200, 503}


async def test_log_out_everywhere_twice(holder: Holder, ada: Person) -> None:
    """Who repeats it hears that it is done; who has the token and not the key doesn't."""
    await holder.log_in(ada)
    path = "/api/auth/logout-all"
    for _ in range(2):
        assert (await holder.call("POST", path)).status_code == 204
    plain = await holder.client.post(path, headers={"Authorization": f"Bearer {holder.access_token}"})
    assert_problem(plain, 401, "invalid_token")


@pytest.mark.parametrize("scheme", ["Bearer", "DPoP"])
async def test_logging_out_needs_no_proof(holder: Holder, ada: Person, scheme: str) -> None:
    """RFC 7009: whoever has found a token may have it ended."""
    await holder.log_in(ada)
    headers = {"Authorization": f"{scheme} {holder.access_token}"}
    assert (await holder.client.post("/api/auth/logout", headers=headers)).status_code == 204
    assert (await holder.me()).status_code == 401


@pytest.mark.parametrize("proof", ["stale", "x", ""])
@pytest.mark.parametrize("shown", ["access token", "refresh token", "form"])
async def test_logging_out_looks_at_no_proof(holder: Holder, ada: Person, proof: str, shown: str) -> None:
    """A client that was idle has an old nonce, and whoever leaves rarely asks twice: it is over all the same."""
    await holder.log_in(ada)
    path, options = "/api/auth/logout", dict[str, Any]()
    headers = {"DPoP": holder.proof("POST", path, token=holder.access_token, iat=1) if proof == "stale" else proof}
    match shown:
        case "access token":
            headers["Authorization"] = f"DPoP {holder.access_token}"
        case "refresh token":
            options["json"] = {"refresh_token": holder.refresh_token}
        case _:
            path, options["data"] = REVOKE, {"token": holder.refresh_token}
    answer = await holder.client.post(path, headers=headers, **options)
    assert answer.status_code in (200, 204), answer.text
    assert_problem(await holder.me(), 401, "invalid_token")


async def test_introspection(holder: Holder, ada: Person, billing: Service) -> None:
    """RFC 9449 section 6.2: another service is told the key that it has to see a proof of."""
    await holder.log_in(ada)
    told = await billing.ask(holder.access_token)
    assert (told["active"], told["token_type"]) == (True, "DPoP")
    assert told["cnf"] == {"jkt": thumbprint_of(holder.key)}
    told = await billing.ask((await ada.log_in()).access_token)
    assert (told["token_type"], "cnf" in told) == ("Bearer", False)


async def test_the_stream(holder: Holder, ada: Person) -> None:
    """It opens with a proof, and not without."""
    await holder.log_in(ada)
    path = "/api/sessions/stream"
    plain = await holder.client.get(path, headers={"Authorization": f"Bearer {holder.access_token}"})
    assert_problem(plain, 401, "invalid_token")
    headers = {
        "Authorization": f"DPoP {holder.access_token}",
        "DPoP": holder.proof("GET", path, token=holder.access_token),
    }
    async with holder.client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")


async def test_cross_origin(client: httpx.AsyncClient) -> None:
    """A page of another origin may send a proof, and read the nonce, and what time it is here."""
    asked = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}
    allowed = await client.options("/api/auth/login", headers=asked)
    assert "dpop" in allowed.headers["access-control-allow-headers"].lower().split(", ")
    answered = await client.get("/api/users/me", headers={"Origin": "http://localhost:5173"})
    exposed = answered.headers["access-control-expose-headers"].lower().split(", ")
    assert {"dpop-nonce", "www-authenticate", "date"} <= set(exposed)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("TRACE", "/api/auth/login", 405),
        ("PUT", "/oauth/token", 405),
        ("GET", "/api/nothing", 404),
        ("GET", "/oauth/nothing", 404),
    ],
)
async def test_no_such_call(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    """What isn't there is told before what is wrong with a proof."""
    for proof in ("", "x.y.z"):
        assert (await client.request(method, path, headers={"DPoP": proof})).status_code == status


async def test_the_call_for_proxies(holder: Holder, ada: Person) -> None:
    """It can't see whether a proof was made for the service behind the proxy: bound tokens are refused there."""
    await holder.log_in(ada)
    plain = await holder.client.get("/api/auth/check", headers={"Authorization": f"Bearer {holder.access_token}"})
    assert_problem(plain, 401, "invalid_token")
    elsewhere = holder.proof("GET", "/notes", token=holder.access_token, htu="https://notes.example.com/notes")
    headers = {"Authorization": f"DPoP {holder.access_token}"}
    assert_problem(
        await holder.send("GET", "/api/auth/check", proof=elsewhere, headers=headers), 401, "invalid_dpop_proof"
    )
    assert (await holder.call("GET", "/api/auth/check")).status_code == 204


async def test_administrators(runtime: Runtime, root: Person, clock: Clock) -> None:
    """With `DEVICE_BINDING=superusers` a session that is bound to its client's key is bound."""
    async with another(runtime, DEVICE_BINDING="superusers") as url, httpx.AsyncClient(base_url=url) as client:
        body = {"email": root.email, "password": root.password}
        tokens = (await client.post("/api/auth/login", json=body)).json()
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert_problem(await client.get("/api/users", headers=headers), 403, "device_binding_required")
        holder = Holder(client, clock)
        await holder.log_in(root)
        assert (await holder.call("GET", "/api/users")).status_code == 200


async def test_the_key_of_a_browser_is_none_of_a_client(holder: Holder, ada: Person) -> None:
    """A session that is bound to its browser's key isn't refreshed by a client's proof."""
    browser = Bound(holder.client)
    assert (await browser.log_in(ada.email, ada.password)).status_code == 200
    await browser.bind()
    await holder.meet()
    holder.refresh_token = (browser.cookie or "").partition(";")[0]
    assert_problem(await holder.refresh(), 403, "device_proof_required")


async def test_an_export_says_that_it_is_bound(holder: Holder, ada: Person, runtime: Runtime) -> None:
    """The thumbprint stays in the session's hash, and in its tokens: no list and no event has it."""
    await holder.log_in(ada)
    thumbprint = thumbprint_of(holder.key)
    for path in ("/api/sessions", "/api/users/me/export"):
        answer = await holder.call("GET", path)
        assert thumbprint not in answer.text
    assert "dpop" in (await holder.call("GET", "/api/sessions")).text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("TRACE", "/api/auth/login", 405, "method_not_allowed"),
        ("PUT", "/api/auth/refresh", 405, "method_not_allowed"),
        ("GET", "/api/nowhere", 404, "not_found"),
    ],
)
async def test_where_nobody_answers(client: httpx.AsyncClient, method: str, path: str, status: int, code: str) -> None:
    """Whatever the header is, the method or the path is what is wrong."""
    assert_problem(await client.request(method, path, headers={"DPoP": "none"}), status, code)
