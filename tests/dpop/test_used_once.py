"""A proof counts once, for whoever sent it: also where Redis was asked twice, or late (RFC 9449 section 11.1)."""

from __future__ import annotations

from typing import Any

import pytest

from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.runtime import Runtime
from service.stores import dpop_proofs
from tests.support.dpop import Holder
from tests.support.people import Person, assert_problem

ME = "/api/users/me"


@pytest.fixture
def asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the connection break once a proof was noted, before the answer: the script is sent again on another one."""
    evaluated = RedisScripts._evaluated

    async def run(self: RedisScripts, script: Any, *arguments: Any) -> Any:
        if script is dpop_proofs._CLAIM:
            await evaluated(self, script, *arguments)
        return await evaluated(self, script, *arguments)

    monkeypatch.setattr(RedisScripts, "_evaluated", run)


@pytest.mark.usefixtures("asked_twice")
async def test_an_answer_of_redis_that_got_lost(holder: Holder, ada: Person) -> None:
    """The client's proof is good: it is the same call. Shown again it isn't."""
    await holder.log_in(ada)
    proof = holder.proof("GET", ME, token=holder.access_token)
    headers = {"Authorization": f"DPoP {holder.access_token}"}
    answer = await holder.send("GET", ME, proof=proof, headers=headers)
    assert answer.status_code == 200, answer.text
    assert_problem(await holder.send("GET", ME, proof=proof, headers=headers), 401, "invalid_dpop_proof")
    assert (await holder.refresh()).status_code == 200


async def test_a_proof_that_is_too_old_by_then(runtime: Runtime, clock: Clock) -> None:
    """A call may wait for a while before its proof is used up: no note would last by then, so it doesn't count."""
    made_at = clock.timestamp() - 50
    assert await runtime.dpop_proofs.spend(b"k" * 32, "first", made_at)
    clock.advance(19)
    assert await runtime.dpop_proofs.spend(b"k" * 32, "second", made_at)
    clock.advance(2)
    assert not await runtime.dpop_proofs.spend(b"k" * 32, "third", made_at)
