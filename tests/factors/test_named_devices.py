"""What a user calls a device, where logging in takes two steps."""

from __future__ import annotations

from typing import Any

from tests.factors.support import STEP, Owner
from tests.support.people import Session

LAPTOP = {"User-Agent": "Laptop/1.0"}


async def enter(owner: Owner, **more: Any) -> Session:
    owner.app.clock.advance(STEP)
    challenge = (await owner.first(headers=LAPTOP)).json()["challenge"]
    answer = await owner.second(challenge, headers=LAPTOP, **more)
    assert answer.status_code == 200, answer.text
    return Session(owner.client, answer.json()["access_token"], answer.json()["refresh_token"])


async def test_the_second_step_brings_it_back(owner: Owner) -> None:
    """The browser has its name again; and the list of trusted devices has it, too."""
    owner.client.cookies.clear()
    session = await enter(owner)
    named = await session.call("PATCH", f"/sessions/{session.sid}", json={"name": "Laptop"})
    assert named.status_code == 200, named.text
    assert (await session.call("POST", "/auth/logout")).status_code == 204
    again = await enter(owner, trust_device=True)
    listed = {entry["id"]: entry["name"] for entry in (await again.call("GET", "/sessions")).json()}
    assert listed[str(again.sid)] == "Laptop"
    (trusted,) = (await again.call("GET", "/users/me/trusted-devices")).json()
    assert (trusted["name"], trusted["device"]) == ("Laptop", "Unknown browser")
