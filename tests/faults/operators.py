"""What operators do, on a Redis that has just changed its master."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.faults.traffic import Traffic, body_of
from tests.support.people import Session
from tests.support.process import latchkey_beside
from tests.support.streams import listening


async def said_by(*command: str, **settings: str) -> Any:
    """Return what a command says in JSON; it may have found something to say."""
    done = await latchkey_beside(*command, **settings)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


async def ended_by_a_command(found: Traffic, settings: Mapping[str, str], meanwhile: Callable[[], None]) -> None:
    """End a session by `latchkey sessions revoke`: its stream says so, its tokens are refused, the list is shorter.

    `meanwhile` happens while the stream is open already.
    """
    device = found.devices[0]
    call = await found.call("login", "POST", "/auth/login", data=device.credentials)
    session = Session(found.http, body_of(call)["access_token"], body_of(call)["refresh_token"])
    async with listening(session) as stream:
        await asyncio.to_thread(meanwhile)
        listed = await said_by("sessions", "list", "--email", device.email, "--json", **settings)
        assert str(session.sid) in json.dumps(listed)
        counted = await said_by("sessions", "revoke", "--user-agent", "httpx", "--dry-run", "--json", **settings)
        matched = counted["matched"]  # those of every server: users are spread over them
        assert matched["users"] >= len({each.email for each in found.devices}), matched
        assert matched["sessions"] > matched["users"], matched
        assert (await session.me()).status_code == 200
        await said_by(
            "sessions", "revoke", "--email", device.email, "--session", str(session.sid), "--json", **settings
        )
        assert await stream.ended() == "revoked"
    assert (await session.me()).status_code == 401
    assert (await session.refresh()).status_code == 400
    listed = await said_by("sessions", "list", "--email", device.email, "--json", **settings)
    assert str(session.sid) not in json.dumps(listed)
