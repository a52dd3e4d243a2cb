"""What other services are told of who may what, where an administrator's session has to be bound to a key."""

from __future__ import annotations

import httpx

from service.core.clock import Clock
from service.runtime import Runtime
from tests.http.support import another
from tests.oauth.support import a_service
from tests.support.bound import Bound
from tests.support.dpop import Holder
from tests.support.following import following
from tests.support.people import Person
from tests.support.waiting import eventually


async def test_administrators_whose_session_is_bound(runtime: Runtime, root: Person, clock: Clock) -> None:
    """With `DEVICE_BINDING=superusers` a session that is bound to nothing has no say with other services, either."""
    async with another(runtime, DEVICE_BINDING="superusers") as url, httpx.AsyncClient(base_url=url) as client:
        billing = await a_service(client, runtime)
        body = {"email": root.email, "password": root.password}
        plain = (await client.post("/api/auth/login", json=body)).json()["access_token"]
        told = await billing.ask(plain)
        assert (told["active"], told["scope"]) == (True, "")
        holder = Holder(client, clock)
        await holder.log_in(root)
        assert (await billing.ask(holder.access_token))["scope"] == "superuser"
        browser = Bound(client)
        await browser.log_in(root.email, root.password)
        assert (await billing.ask(browser.access_token))["scope"] == ""
        await browser.bind()
        assert (await billing.ask(browser.access_token))["scope"] == "superuser"


async def test_followers_ask_again(runtime: Runtime, root: Person) -> None:
    """A service that follows has asked in the moment before: it is told that there is something to ask about."""
    async with another(runtime, DEVICE_BINDING="superusers") as url, httpx.AsyncClient(base_url=url) as client:
        billing = await a_service(client, runtime)
        browser = Bound(client)
        await browser.log_in(root.email, root.password)
        async with following(client, (billing.client_id, billing.secret)) as stream:
            await browser.bind()
            await eventually(lambda: stream.ended(sub=root.id))
            assert (await billing.ask(browser.access_token))["scope"] == "superuser"
