"""A proof counts once, now, for one call, over a nonce of ours; and where that can't be looked at, nobody is let in."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.text import base64url
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores import dpop_proofs
from service.stores.dpop_proofs import DpopProofs
from tests.support.bound import new_key
from tests.support.dpop import Holder
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.scripts import away_after
from tests.support.waiting import unless_shed

ME, REFRESH, LOGIN = "/api/users/me", "/api/auth/refresh", "/api/auth/login"
MANY = 50


async def test_the_nonce_is_asked_for(holder: Holder, ada: Person, runtime: Runtime) -> None:
    """RFC 9449 section 8: without one 400, and the header that has it; then it goes through. No session is left."""
    body = {"email": ada.email, "password": PASSWORD}
    asked = await holder.send("POST", LOGIN, json=body)
    problem = assert_problem(asked, 400, "use_dpop_nonce")
    assert problem["error"] == "use_dpop_nonce"
    assert asked.headers.get_list("dpop-nonce") == [holder.nonce]
    assert await runtime.sessions.list_living(ada.id) == []
    assert (await holder.send("POST", LOGIN, json=body)).status_code == 200


async def test_beside_a_token(holder: Holder, ada: Person) -> None:
    """RFC 9449 section 9: 401, with the words in the challenge."""
    await holder.log_in(ada)
    holder.nonce = None
    asked = await holder.me()
    assert_problem(asked, 401, "use_dpop_nonce")
    assert asked.headers["www-authenticate"] == 'DPoP error="use_dpop_nonce", algs="ES256 EdDSA Ed25519 RS256"'
    assert (await holder.me()).status_code == 200


async def test_a_nonce_is_good_for_five_minutes(holder: Holder, ada: Person, clock: Clock) -> None:
    """Then another one is asked for; each answer to a proof brings the next."""
    await holder.log_in(ada)
    first = holder.nonce
    clock.advance(299)
    assert (await holder.me()).status_code == 200
    assert holder.nonce != first
    holder.nonce = first
    clock.advance(1)
    assert_problem(await holder.me(), 401, "use_dpop_nonce")
    assert (await holder.me()).status_code == 200


@pytest.mark.parametrize("nonce", ["", "x", "A" * 30, "é" * 30, "A" * 3000])
async def test_a_nonce_of_somebody_else(holder: Holder, nonce: str) -> None:
    """None of ours: another one is asked for, whatever it is; an empty one is no form of a proof."""
    holder.nonce = nonce
    response = await holder.send("POST", REFRESH, json={})
    assert response.status_code == 400
    assert response.json()["code"] == ("use_dpop_nonce" if 0 < len(nonce) < 3000 else "invalid_dpop_proof")


def test_no_bit_of_a_nonce_can_be_changed(runtime: Runtime, clock: Clock) -> None:
    """Neither its time nor its MAC; one of another service is none; one from a minute ahead is none of ours."""
    proofs = runtime.dpop_proofs
    raw = base64url.decode(proofs.nonce())
    assert raw is not None
    assert proofs.is_ours(base64url.encode(raw))
    for at in range(len(raw)):
        assert not proofs.is_ours(base64url.encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]))
    other = runtime.settings.model_copy(update={"SECRET_KEY": "x" * 48})
    assert not proofs.is_ours(DpopProofs(runtime.redis, other, clock).nonce())


async def test_a_replay(holder: Holder, ada: Person) -> None:
    """The same proof again is refused, also for a call that changes nothing."""
    await holder.log_in(ada)
    proof = holder.proof("GET", ME, token=holder.access_token)
    headers = {"Authorization": f"DPoP {holder.access_token}"}
    assert (await holder.send("GET", ME, proof=proof, headers=headers)).status_code == 200
    assert_problem(await holder.send("GET", ME, proof=proof, headers=headers), 401, "invalid_dpop_proof")


async def test_fifty_replays_at_once(holder: Holder, ada: Person) -> None:
    """One gets through."""
    await holder.log_in(ada)
    token = holder.access_token
    headers = {"Authorization": f"DPoP {token}", "DPoP": holder.proof("GET", ME, token=token)}
    answers = await asyncio.gather(*(unless_shed(lambda: holder.client.get(ME, headers=headers)) for _ in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: MANY - 1}


async def test_fifty_log_ins_by_one_proof(holder: Holder, ada: Person, runtime: Runtime) -> None:
    """One is let in, and there is one session."""
    await holder.meet()
    headers, body = {"DPoP": holder.proof("POST", LOGIN)}, {"email": ada.email, "password": PASSWORD}
    answers = await asyncio.gather(
        *(unless_shed(lambda: holder.client.post(LOGIN, headers=headers, json=body)) for _ in range(MANY))
    )
    codes = Counter(answer.json().get("code", "in") for answer in answers)
    assert codes["in"] == 1
    assert set(codes) <= {"in", "invalid_dpop_proof", "rate_limited"}
    assert len(await runtime.sessions.list_living(ada.id)) == 1


async def test_fifty_refreshes_by_one_proof(holder: Holder, ada: Person) -> None:
    """One moves the session on; and the proof is none for the token that came of it."""
    await holder.log_in(ada)
    body, headers = {"refresh_token": holder.refresh_token}, {"DPoP": holder.proof("POST", REFRESH)}
    answers = await asyncio.gather(
        *(unless_shed(lambda: holder.client.post(REFRESH, headers=headers, json=body)) for _ in range(MANY))
    )
    codes = Counter(answer.json().get("code", "in") for answer in answers)
    assert codes["in"] == 1
    assert set(codes) <= {"in", "invalid_dpop_proof", "rate_limited"}
    for answer in answers:
        holder.take(answer)
    again = await holder.send("POST", REFRESH, proof=headers["DPoP"], json={"refresh_token": holder.refresh_token})
    assert_problem(again, 400, "invalid_dpop_proof")
    assert (await holder.refresh()).status_code == 200


async def test_what_is_refused_anyway_uses_nothing_up(
    holder: Holder, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has neither a password nor a token writes nothing into Redis, however many proofs they make."""
    session = await ada.log_in()
    await holder.meet()
    with monkeypatch.context() as patched:
        away(patched)
        wrong = {"email": ada.email, "password": "wrong"}
        assert_problem(await holder.send("POST", LOGIN, json=wrong), 400, "invalid_grant")
        assert_problem(await holder.send("POST", REFRESH, json={"refresh_token": "lkr_x"}), 400, "invalid_grant")
        assert_problem(await holder.me(token="x.y.z"), 401, "invalid_token")
        assert_problem(await holder.me(token="x" * 4000), 401, "invalid_token")
        assert_problem(await holder.me(token=session.access_token), 401, "invalid_token")
    proof = holder.proof("POST", LOGIN)
    for password, status in (("wrong", 400), (PASSWORD, 200), (PASSWORD, 400)):
        body = {"email": ada.email, "password": password}
        assert (await holder.send("POST", LOGIN, proof=proof, json=body)).status_code == status


async def test_a_number_belongs_to_its_key(holder: Holder, ada: Person) -> None:
    """Nobody can use up another client's numbers, guessed or seen."""
    await holder.log_in(ada)
    other = holder.proof("GET", ME, token=holder.access_token, key=new_key(), jti="one")
    own = holder.proof("GET", ME, token=holder.access_token, jti="one")
    headers = {"Authorization": f"DPoP {holder.access_token}"}
    assert (await holder.send("GET", ME, proof=other, headers=headers)).status_code == 401
    assert (await holder.send("GET", ME, proof=own, headers=headers)).status_code == 200


@pytest.mark.parametrize("off", [-57, 57])
async def test_a_clock_that_is_off(holder: Holder, ada: Person, clock: Clock, off: int) -> None:
    """By a minute it may be, either way. A proof that is ahead is known as used for as long as it would be taken."""
    await holder.log_in(ada)
    now, headers = int(clock.timestamp()), {"Authorization": f"DPoP {holder.access_token}"}
    further = holder.proof("GET", ME, token=holder.access_token, iat=now + off + (5 if off > 0 else -5))
    assert_problem(await holder.send("GET", ME, proof=further, headers=headers), 401, "invalid_dpop_proof")
    good = holder.proof("GET", ME, token=holder.access_token, iat=now + off)
    assert (await holder.send("GET", ME, proof=good, headers=headers)).status_code == 200
    clock.advance(max(0, 2 * off - 2))
    assert_problem(await holder.send("GET", ME, proof=good, headers=headers), 401, "invalid_dpop_proof")


@pytest.mark.parametrize("ahead", [-60, 0, 60])
async def test_how_long_a_use_is_known(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    """Until a minute after the time that the proof says, and a little longer, for clocks differ."""
    lives: list[int] = []

    async def run(_: object, script: object, keys: list[str], life: int, mark: int) -> int:
        assert script is dpop_proofs._CLAIM
        assert "dpop-used:" in keys[0]
        lives.append(life)
        return 1

    monkeypatch.setattr(RedisScripts, "run", run)
    assert await runtime.dpop_proofs.spend(b"key", "number", clock.timestamp() + ahead)
    assert (60 + ahead) * 1000 + 9_000 <= lives[0] <= (60 + ahead) * 1000 + 10_000


def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Redis be away when a proof is to be used up: by itself, or with the refresh that it is for."""
    run = RedisScripts.run

    async def gone(self: Any, script: Any, keys: Any, *arguments: Any) -> Any:
        if any("dpop-used:" in key for key in keys):
            raise Unavailable("redis")
        return await run(self, script, keys, *arguments)

    monkeypatch.setattr(RedisScripts, "run", gone)


async def test_redis_away(holder: Holder, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 wherever a proof comes, nothing is lost, and who has no key sees no difference."""
    await holder.log_in(ada)
    session = await ada.log_in()
    away(monkeypatch)
    answers: list[httpx.Response] = [await holder.me(), await holder.refresh()]
    for answer in answers:
        assert_problem(answer, 503, "unavailable")
    assert (await session.me()).status_code == 200
    monkeypatch.undo()
    assert (await holder.refresh()).status_code == 200
    assert (await holder.me()).status_code == 200


@pytest.mark.parametrize("number", range(3))
async def test_redis_away_at_each_step(
    holder: Holder, ada: Person, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Before the rotation, and after it: the same token again, with a proof of its own, goes on."""
    await holder.log_in(ada)
    before = holder.refresh_token
    with away_after(monkeypatch, number):
        answer = await holder.refresh()
    assert answer.status_code == (503 if number < 1 else 200), answer.text
    holder.refresh_token = before
    assert (await holder.refresh()).status_code == 200
    assert (await holder.me()).status_code == 200
