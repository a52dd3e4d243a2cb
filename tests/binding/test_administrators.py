"""With `DEVICE_BINDING=superusers` no administrator's call can be made on a session that is bound to no key."""

from __future__ import annotations

from typing import Any

import httpx

from service.runtime import Runtime
from tests.http.support import Operation, another, operations
from tests.support.people import Person

ENDINGS = {"POST /api/auth/logout", "POST /api/auth/logout-all", "DELETE /api/users/me", "DELETE /api/sessions"}


async def test_every_call(runtime: Runtime, root: Person, ada: Person, grace: Person) -> None:
    """Whatever is forbidden to others; a new call needs no line here. Reading those of one's own is everybody's."""
    async with (
        another(runtime, DEVICE_BINDING="superusers") as url,
        httpx.AsyncClient(base_url=url, timeout=60) as client,
    ):
        others, unbound = [await headers_of(client, person) for person in (ada, root)]

        async def code_of(operation: Operation, headers: dict[str, str]) -> object:
            options: dict[str, Any] = {"json": operation.example} if "application/json" in operation.media_types else {}
            address = operation.url(user_id=str(grace.id))
            answer = await client.request(operation.method, address, headers=headers, **options)
            return answer.json().get("code") if answer.status_code == 403 else answer.status_code

        asked = [one for one in operations() if one.name not in ENDINGS]
        theirs = [one for one in asked if await code_of(one, others) == "forbidden"]
        assert len(theirs) >= 18
        assert {one.name: await code_of(one, unbound) for one in theirs} == dict.fromkeys(
            [one.name for one in theirs], "device_binding_required"
        )


async def headers_of(client: httpx.AsyncClient, person: Person) -> dict[str, str]:
    body = {"email": person.email, "password": person.password}
    answer = await client.post("/api/auth/login", json=body)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
