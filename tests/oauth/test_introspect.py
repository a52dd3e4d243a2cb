"""Other services ask whether a token is good (RFC 7662), and are told what is so now."""

from __future__ import annotations

from dataclasses import replace

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from models import OAuthClientSecret, User
from service.core.clock import Clock
from service.core.http.refusals import Refusals
from service.core.telemetry import metrics
from service.errors import Unavailable
from service.jwks import rotation
from service.oauth import clients, managing, uses
from service.oauth.clients import USE_IS_NOTED
from service.runtime import Runtime
from tests.http.support import another
from tests.keys.test_token_spellings import forged_heads, spellings
from tests.oauth.support import INACTIVE, Service, a_service, basic, refused
from tests.support.links import NEW_PASSWORD
from tests.support.people import Person

PATH = "/oauth/introspect"


async def test_a_token_that_is_good(ada: Person, billing: Service, runtime: Runtime) -> None:
    """Everything RFC 7662 section 2.2 has a word for and we know, and nothing else."""
    session = await ada.log_in()
    claims = session.claims
    assert await billing.ask(session.access_token) == {
        "active": True,
        "sub": str(ada.id),
        "username": "ada@example.com",
        "scope": "",
        "client_id": "web",
        "token_type": "Bearer",
        "exp": claims["exp"],
        "iat": claims["iat"],
        "auth_time": claims["auth_time"],
        "sid": claims["sid"],
        "amr": ["pwd"],
        "acr": "aal1",
        "iss": runtime.settings.PUBLIC_URL,
        "aud": "latchkey",
    }


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense", ""])
async def test_hints(ada: Person, billing: Service, hint: str) -> None:
    """RFC 7662 section 2.1: a hint is a hint. A refresh token is never good: it is nobody else's business."""
    session = await ada.log_in()
    assert (await billing.ask(session.access_token, token_type_hint=hint, colour="blue"))["active"] is True
    assert await billing.ask(session.refresh_token, token_type_hint=hint) == INACTIVE
    assert (await session.refresh()).status_code == 200


async def test_what_is_asked_wrongly(client: httpx.AsyncClient, ada: Person, billing: Service) -> None:
    """Not a token at all, or two; no form; no POST."""
    token = (await ada.log_in()).access_token
    form = {"Content-Type": "application/x-www-form-urlencoded", **billing.basic}
    for body in ("", "token=", "access_token=x", f"token={token}&token={token}", f"token={token}&token=", "token=%FF"):
        refused(await client.post(PATH, content=body, headers=form), 400, "invalid_request")
    refused(await client.post(PATH, json={"token": token}, headers=billing.basic), 415, "invalid_request")
    refused(await client.post(PATH, files={"token": token}, headers=billing.basic), 415, "invalid_request")
    refused(await client.get(PATH, params={"token": token}, headers=billing.basic), 405, "invalid_request")
    refused(await client.post(PATH, data={"token": "x" * 20_000}, headers=billing.basic), 400, "invalid_request")
    refused(await client.post(PATH, data={"token": "x" * 1_000_000}, headers=billing.basic), 413, "invalid_request")


async def test_who_may_not_ask(client: httpx.AsyncClient, ada: Person, billing: Service) -> None:
    """RFC 7662 section 2.1: not everybody. A user's own token is no client's secret, not even a superuser's."""
    await User.filter(id=ada.id).update(is_superuser=True)
    session = await ada.log_in()
    asked = {"token": session.access_token}
    refused(await client.post(PATH, data=asked), 401, "invalid_client")
    refused(await client.post(PATH, data=asked, headers=session.headers), 401, "invalid_client")
    refused(await client.post(PATH, data={**asked, "client_id": "web"}), 401, "invalid_client")
    refused(await client.post(PATH, data={**asked, "client_id": billing.client_id}), 401, "invalid_client")
    wrong = basic(billing.client_id, "lks_" + "A" * 43)
    said = refused(await client.post(PATH, data=asked, headers=wrong), 401, "invalid_client")
    nobody = refused(await client.post(PATH, data=asked, headers=basic("rs_" + "A" * 16, "x")), 401, "invalid_client")
    assert said["error_description"] == nobody["error_description"]


async def test_tokens_that_were_tampered_with(ada: Person, billing: Service, runtime: Runtime) -> None:
    """R26, R38 to R41: what isn't the very text that was issued is good for nothing, though its session lives."""
    session = await ada.log_in()
    token, claims = session.access_token, session.claims
    pair = await runtime.keyring.signing_pair()
    right = {"kid": pair.kid, "typ": "at+jwt"}
    own = ec.generate_private_key(ec.SECP256R1())

    def signed(headers: dict[str, str] | None = None, **changes: object) -> str:
        return jwt.encode({**claims, **changes}, pair.private, "ES256", {**right, **(headers or {})})

    head, payload, _ = token.split(".")
    forged = [
        signed(aud="somebody else"),
        signed(iss="https://evil.example"),
        signed(sub=str(ada.id).upper()[::-1]),
        signed(sid="x"),
        signed(exp="never"),
        signed(exp=claims["iat"]),
        signed(iat=claims["iat"] + 3600),
        signed({"typ": "JWT"}),
        signed({"kid": "unknown"}),
        jwt.encode(claims, own, "ES256", right),
        jwt.encode(claims, "a shared secret that is long enough to be one", "HS256", right),
        jwt.encode(claims, "", "none", right),
        f"{head}.{payload}.",
        f"{head}.{payload}",
        token[: len(token) // 2],
        token[:-1],
        token + "\n",
        " " + token,
        token * 3,
        "x" * 3000,
        "null",
        "%",
        *spellings(token),
        *forged_heads(session),
    ]
    for known in (True, False):
        for text in forged:
            if not known:
                runtime.access_tokens._verified.clear()
            assert await billing.ask(text) == INACTIVE, text
    assert (await billing.ask(token))["active"] is True


async def test_a_token_that_runs_out(ada: Person, billing: Service, clock: Clock) -> None:
    """To the second that it says of itself; the session, refreshed, goes on."""
    session = await ada.log_in()
    left = session.claims["exp"] - clock.timestamp()
    clock.advance(left - 1)
    assert (await billing.ask(session.access_token))["active"] is True
    clock.advance(1.5)
    assert await billing.ask(session.access_token) == INACTIVE
    await session.advance()
    assert (await billing.ask(session.access_token))["active"] is True


async def test_what_changes_meanwhile(ada: Person, root: Person, billing: Service) -> None:
    """A role, an address, a factor: said as it is now, whatever the token has of it."""
    boss, session = await root.log_in(), await ada.log_in()
    assert (await boss.call("PATCH", f"/users/{ada.id}", json={"is_superuser": True})).status_code == 200
    assert (await billing.ask(session.access_token))["scope"] == "superuser"
    demoted = await boss.call("PATCH", f"/users/{ada.id}", json={"is_superuser": False})
    assert demoted.status_code == 200
    assert await billing.ask(session.access_token) == INACTIVE  # a demotion ends the sessions too
    session = await ada.log_in()
    assert (await billing.ask(session.access_token))["scope"] == ""


async def test_proving_again_to_be_there(ada: Person, billing: Service, clock: Clock) -> None:
    """`auth_time` is the session's: who proves it again needn't have a new token for it."""
    session = await ada.log_in()
    clock.advance(120)
    again = await session.call("POST", "/auth/reauthenticate", json={"password": ada.password})
    assert again.status_code == 204, again.text
    found = await billing.ask(session.access_token)
    assert 119 <= found["auth_time"] - session.claims["auth_time"] <= 122


async def test_it_is_a_use_of_the_session(ada: Person, billing: Service, runtime: Runtime, clock: Clock) -> None:
    """The check is the one of our own calls: it says that the new token has come, and that somebody is there."""
    session = await ada.log_in()
    await session.advance()
    key = f"user:{{{ada.id}}}:session:{session.sid}"
    assert await runtime.redis.client.hget(key, "ack") == b"1"  # type: ignore[attr-defined] # of redis-py
    clock.advance(400)
    before = await runtime.redis.client.hget(key, "last_used_at")  # type: ignore[attr-defined] # of redis-py
    assert (await billing.ask(session.access_token))["active"] is True
    assert await runtime.redis.client.hget(key, "ack") == b"2"  # type: ignore[attr-defined] # of redis-py
    assert await runtime.redis.client.hget(key, "last_used_at") > before  # type: ignore[attr-defined] # of redis-py


async def test_another_signing_key(ada: Person, billing: Service, runtime: Runtime, clock: Clock) -> None:
    """A new key ends no token of the old one; retiring the old one does."""
    session = await ada.log_in()
    old = str(jwt.get_unverified_header(session.access_token)["kid"])
    await rotation.rotate(runtime, at_once=True)
    assert (await billing.ask(session.access_token))["active"] is True
    clock.advance(rotation.SETTLE_SECONDS + 1)
    await runtime.keyring.load()
    assert (await billing.ask(session.access_token))["active"] is True
    later = await ada.log_in()
    assert jwt.get_unverified_header(later.access_token)["kid"] != old
    assert await rotation.retire(runtime, old, force=True) is None
    assert await billing.ask(session.access_token) == INACTIVE
    assert (await billing.ask(later.access_token))["active"] is True


async def test_a_password_change_here(ada: Person, billing: Service) -> None:
    """It ends the others, and the one that changed it goes on."""
    session, other = await ada.log_in(), await ada.log_in()
    changed = await session.call("PATCH", "/users/me", json={"password": NEW_PASSWORD})
    assert changed.status_code == 200
    assert (await billing.ask(session.access_token))["active"] is True
    assert await billing.ask(other.access_token) == INACTIVE


async def test_budgets(ada: Person, runtime: Runtime, clock: Clock, billing: Service) -> None:
    """So many a minute for each client; more is 429 that says when. 0 is no limit."""
    token = (await ada.log_in()).access_token
    shop = await a_service(billing.client, runtime, "Shop")
    async with (
        another(runtime, INTROSPECTIONS_PER_MINUTE=3) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        here, there = replace(billing, client=client), replace(shop, client=client)
        for _ in range(3):
            assert (await here.ask(token))["active"] is True
        for _ in range(2):
            answer = await here.post(token)
            refused(answer, 429, "temporarily_unavailable")
            assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert (await there.ask(token))["active"] is True
        clock.advance(61)
        assert (await here.ask(token))["active"] is True
    async with (
        another(runtime, INTROSPECTIONS_PER_MINUTE=0) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        for _ in range(20):
            assert (await replace(billing, client=client).ask(token))["active"] is True


async def test_wrong_clients_are_nonsense(
    runtime: Runtime, billing: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever guesses at secrets is refused unheard after a while, and there is a line for it."""
    fresh = replace(runtime, refusals=Refusals(runtime.clock))
    async with (
        another(fresh, REFUSED_REQUESTS_PER_ADDRESS=3) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        guess = replace(billing, client=client, secret="lks_" + "A" * 43)
        for _ in range(3):
            refused(await guess.post("x"), 401, "invalid_client")
        refused(await guess.post("x"), 429, "temporarily_unavailable")
    said = capsys.readouterr().out
    assert "refused.client" in said
    assert "A" * 43 not in said
    assert billing.secret not in said


async def test_counted_by_client(ada: Person, billing: Service, runtime: Runtime) -> None:
    """By the client's name, and by what came of it."""

    def counted(outcome: str) -> float:
        labels = {"client": "Billing", "outcome": outcome}
        return metrics.REGISTRY.get_sample_value("latchkey_introspections_total", labels) or 0.0

    before = {outcome: counted(outcome) for outcome in ("active", "inactive", "refused")}
    token = (await ada.log_in()).access_token
    async with (
        another(runtime, INTROSPECTIONS_PER_MINUTE=4) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        for text in (token, token, "x", token, token):
            await replace(billing, client=client).post(text)
    assert {outcome: counted(outcome) - before[outcome] for outcome in before} == {
        "active": 3, "inactive": 1, "refused": 1,
    }  # fmt: skip


async def test_when_a_secret_was_last_used(
    billing: Service, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written beside the requests, once an hour; a database that can't take it now loses nothing."""

    async def last() -> object:
        return (await OAuthClientSecret.get(client_id=billing.client_id)).last_used_at

    await billing.ask("x")
    await uses.write(runtime)
    first = await last()
    assert first is not None
    await billing.ask("x")
    clock.advance(USE_IS_NOTED.total_seconds() / 2)
    await billing.ask("x")
    assert not clients._unwritten
    await uses.write(runtime)
    assert await last() == first
    clock.advance(USE_IS_NOTED.total_seconds() / 2 + 1)
    await billing.ask("x")
    with monkeypatch.context() as broken:
        broken.setattr(OAuthClientSecret, "filter", _unavailable)
        await uses.write(runtime)
    assert await last() == first
    await uses.write(runtime)
    assert await last() != first
    assert not clients._unwritten


def _unavailable(**_: object) -> None:
    raise Unavailable("database")


async def test_a_client_that_is_removed(ada: Person, billing: Service, runtime: Runtime) -> None:
    """Refused at its next call; another of the same name is another."""
    token = (await ada.log_in()).access_token
    assert (await billing.ask(token))["active"] is True
    await managing.remove(runtime, "Billing")
    refused(await billing.post(token), 401, "invalid_client")
    again = await a_service(billing.client, runtime)
    assert again.client_id != billing.client_id
    assert (await again.ask(token))["active"] is True
    refused(await billing.post(token), 401, "invalid_client")


async def test_nothing_is_said_of_why(ada: Person, billing: Service) -> None:
    """RFC 7662 section 2.2: of a token that isn't good, nothing at all."""
    session = await ada.log_in()
    await session.call("POST", "/auth/logout")
    answers = [await billing.post(text) for text in (session.access_token, "x", session.refresh_token)]
    assert {answer.content for answer in answers} == {b'{"active":false}'}
