"""Whichever way somebody comes in, a proof of possession beside it binds the session (RFC 9449)."""

from __future__ import annotations

import httpx
import pytest

from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.passkey_support import holder_of
from tests.factors.support import STEP, owner_of
from tests.http.support import document
from tests.signin.test_every_way_in import KNOWN, WAYS_IN, by_passkey, calls_that_answer_tokens
from tests.support.dpop import Holder
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem
from tests.support.providers import Fakes
from tests.support.second_factor import House, house

each_way = pytest.mark.parametrize("way", WAYS_IN)


@pytest.fixture(autouse=True)
def behaving(providers: Fakes) -> Fakes:
    """The providers, with the service's clock."""
    return providers


def path_of(way: str) -> str:
    return way.partition(" ")[2].replace("{provider}", "corp")


@each_way
async def test_each_binds(lenient: House, ada: Person, clock: Clock, mailbox: Mailbox, way: str) -> None:
    """Both tokens are bound, and the session says so."""
    holder = Holder(lenient.client, clock)
    await holder.meet()
    answer = holder.take(await WAYS_IN[way](lenient.client, ada, {"DPoP": holder.proof("POST", path_of(way))}, mailbox))
    assert answer.json()["token_type"] == "DPoP", answer.text
    assert (await holder.me()).status_code == 200
    assert (await holder.refresh()).status_code == 200


@each_way
async def test_each_binds_with_the_last_step(
    lenient: House, ada: Person, runtime: Runtime, clock: Clock, mailbox: Mailbox, way: str
) -> None:
    """The key of the call that opens the session counts; a repetition by another key gets nothing."""
    owner = await owner_of(ada, runtime.clock)
    lenient.client.cookies.clear()
    await mailbox.letters()
    owed = assert_problem(await WAYS_IN[way](lenient.client, ada, {}, mailbox), 403, "second_factor_required")
    clock.advance(STEP)
    holder, thief = (Holder(lenient.client, clock) for _ in range(2))
    await holder.meet()
    thief.nonce = holder.nonce
    body = {"challenge": owed["challenge"], "code": owner.app.code()}
    done = await holder.send("POST", "/api/auth/second-factor", json=body)
    assert done.json()["token_type"] == "DPoP", done.text
    again = await holder.send("POST", "/api/auth/second-factor", json=body)
    assert again.json()["refresh_token"] == done.json()["refresh_token"]
    assert (await thief.send("POST", "/api/auth/second-factor", json=body)).status_code == 400
    assert (await lenient.client.post("/api/auth/second-factor", json=body)).status_code == 400
    assert (await holder.me()).status_code == 200


async def test_a_passkey_binds(ada: Person, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the others do."""
    owner = await holder_of(ada)
    async with house(runtime, monkeypatch) as found:
        holder = Holder(found.client, clock)
        await holder.meet()
        proof = {"DPoP": holder.proof("POST", "/api/auth/passkeys")}
        assert holder.take(await by_passkey(found.client, owner, proof)).json()["token_type"] == "DPoP"
        assert (await holder.me()).status_code == 200


@pytest.mark.parametrize("way", sorted(KNOWN))
async def test_none_forgets_to_look(client: httpx.AsyncClient, way: str) -> None:
    """A proof that is none is refused by each before anything else is looked at: a new one needs no line here."""
    refused = await client.post(path_of(way), headers={"DPoP": "x"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_dpop_proof")


def test_each_says_so() -> None:
    """In the document: the header, and what it may be refused with."""
    told = document()
    codes = calls_that_answer_tokens(told)
    for way in KNOWN:
        method, _, path = way.partition(" ")
        names = {parameter["name"] for parameter in told["paths"][path][method.lower()]["parameters"]}
        assert "DPoP" in names, way
        assert {"invalid_dpop_proof", "use_dpop_nonce"} <= codes[way], way
