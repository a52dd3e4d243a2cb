"""What operators see of proofs: how many there were, what came of them, and why some were none."""

from __future__ import annotations

import asyncio

import httpx

from service.core.clock import Clock
from service.sessions.possession_counting import counted
from tests.support.bound import new_key
from tests.support.dpop import Holder
from tests.support.people import Person


async def test_what_is_counted(holder: Holder, ada: Person, client: httpx.AsyncClient, clock: Clock) -> None:
    """Each under its name; all names are there from the start, and nobody can make up another."""
    before = counted()
    assert len(before) == 16

    def since() -> dict[str, float]:
        nonlocal before
        now = counted()
        found = {what: number - before.get(what, 0) for what, number in now.items() if number != before.get(what)}
        before = now
        return found

    await holder.log_in(ada)  # asks for a nonce first
    assert since() == {"offered": 2, "nonce": 1, "used": 1, "bound": 1}
    assert (await holder.me()).status_code == 200
    assert (await holder.refresh()).status_code == 200
    assert since() == {"offered": 2, "used": 2}

    path, token, refreshing = "/api/users/me", holder.access_token, {"refresh_token": holder.refresh_token}

    async def shown(proof: str) -> None:
        await holder.send("GET", path, proof=proof, headers={"Authorization": f"DPoP {token}"})

    for proof in (
        "x.y.z", holder.proof("GET", path, token=token, header={"alg": "none"}),
        holder.proof("GET", path, token=token, header={"jwk": None}),
        holder.proof("GET", path, token=token)[:-8] + "AAAAAAAA", holder.proof("POST", path, token=token),
        holder.proof("GET", path, token=token, iat=int(clock.timestamp()) - 90), holder.proof("GET", path),
    ):  # fmt: skip
        await shown(proof)
    await shown(holder.proof("GET", path, token=token, nonce="x"))
    refused = ("form", "algorithm", "key", "signature", "address", "time", "token")
    assert since() == {"offered": 8, "nonce": 1} | {f"refused_{why}": 1 for why in refused}

    once = holder.proof("GET", path, token=token)
    await asyncio.gather(*(shown(once) for _ in range(50)))
    assert since() == {"offered": 50, "used": 1, "refused_used": 49}

    await client.post("/api/auth/refresh", json=refreshing)
    await client.get(path, headers={"Authorization": f"Bearer {token}"})
    assert since() == {"refused_missing": 1, "refused_bearer": 1}
    await holder.refresh(key=new_key())
    await holder.me(key=new_key())
    assert since() == {"offered": 2, "refused_another": 2}
    assert (await holder.refresh()).status_code == 200
    assert since() == {"offered": 1, "used": 1}
    await holder.me(token=(await ada.log_in()).access_token)
    assert since() == {"offered": 1, "refused_unbound": 1}
