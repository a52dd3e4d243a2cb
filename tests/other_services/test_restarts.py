"""A service that follows, while Latchkey is restarted: it lets nobody in whom it can't know, and misses no end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.other_services.latchkey import Ground, Latchkey, unlink
from tests.other_services.support import FRAMEWORKS, ready, started
from tests.servers import free_port
from tests.support.process import serving
from tests.support.waiting import eventually

pytestmark = [pytest.mark.real_only, pytest.mark.timeout(240)]


@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_what_ends_while_latchkey_is_away(
    framework: str, ground: Ground, caller: httpx.AsyncClient, tmp_path: Path
) -> None:
    """503 as soon as nothing is heard; then whoever's session ended meanwhile is refused, and the other goes on."""
    env = ground.env | {"PORT": str(free_port()), "ACCESS_TOKEN_EXPIRE_MINUTES": "15"}
    known = {**ground.known, "LATCHKEY_INTERNAL_URL": f"http://127.0.0.1:{env['PORT']}"}
    with started(framework, tmp_path / "notes", caller, LATCHKEY_WAY="following", **known) as notes:
        await ready(notes)
        with serving(tmp_path / "before.log", **env) as service:
            latchkey = Latchkey(service, ground)
            kept, ended = await latchkey.log_in(caller), await latchkey.log_in(caller)

            async def are_let_in() -> bool:
                return [await notes.status(token) for token in (kept, ended)] == [200, 200]

            await eventually(are_let_in, why=notes.said)

            async def are_kept() -> bool:
                before = latchkey.introspections()
                await asyncio.sleep(1.1)
                return await are_let_in() and latchkey.introspections() == before

            await eventually(are_kept, why=notes.said)

        async def nobody_is_let_in() -> bool:
            return [await notes.status(token) for token in (kept, ended)] == [503, 503]

        await eventually(nobody_is_let_in, 2.5, why=notes.said)
        await asyncio.to_thread(unlink, ground.stores, ended)
        with serving(tmp_path / "after.log", **env):

            async def is_known() -> bool:
                statuses = [await notes.status(token) for token in (kept, ended)]
                assert statuses[1] != 200
                return statuses == [200, 401]

            await eventually(is_known, why=notes.said)
