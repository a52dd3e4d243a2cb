"""Several services on one host: cookies know no ports, and each has to leave the others' alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final
from uuid import uuid4

import httpx
import pytest

from models import KnownDevice
from service.core.http.cookies import names_for
from service.runtime import Runtime
from service.stores.refresh_tokens import RefreshToken, RefreshTokenCodec
from tests.http.support import another
from tests.support.people import Person

HOST: Final = "http://id.example"
PLACES: Final = ("", ":8443", ":9443", "/one", "/two")


class Host:
    """A browser's cookies on one host, whatever the port or the path."""

    def __init__(self) -> None:
        self.jar: dict[str, str] = {}

    async def send(
        self, service: httpx.AsyncClient, path: str, *, method: str = "POST", form: dict[str, str] | None = None
    ) -> httpx.Response:
        service.cookies.clear()  # this one keeps them itself
        headers = {"X-Session-Transport": "cookie", "Sec-Fetch-Site": "same-origin"}
        if self.jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        answer = await service.request(method, f"/api/auth{path}", headers=headers, data=form)
        for line in answer.headers.get_list("set-cookie"):
            found = re.match(r"([^=]+)=([^;]*);.*Max-Age=(\d+)", line)
            assert found, line
            if int(found[3]):
                self.jar[found[1]] = found[2]
            else:
                self.jar.pop(found[1], None)
        return answer

    async def log_in(self, service: httpx.AsyncClient, who: Person) -> None:
        answer = await self.send(service, "/login", form={"username": who.email, "password": who.password})
        assert answer.status_code == 200, answer.text

    async def whose(self, service: httpx.AsyncClient) -> str | None:
        """Return the address of who is signed in there, after what a page does that opens."""
        answer = await self.send(service, "/refresh?opening=true")
        if answer.status_code == 200:
            return str(answer.json()["user"]["email"])
        assert answer.status_code in {204, 400}, answer.text
        return None


@pytest.fixture
async def services(runtime: Runtime) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Services at several places of one host, each with a secret of its own."""
    async with AsyncExitStack() as stack:
        found = {}
        for place in PLACES:
            own_secret = replace(runtime, refresh_tokens=RefreshTokenCodec((f"{place} is a secret of this place",)))
            url = await stack.enter_async_context(another(own_secret, PUBLIC_URL=f"{HOST}{place}"))
            found[place] = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
        yield found


@pytest.fixture
async def before(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """The service at port 8443, as a version that knows the usual name alone."""
    secret = RefreshTokenCodec((":8443 is a secret of this place",))
    async with (
        another(replace(runtime, refresh_tokens=secret), PUBLIC_URL=HOST) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as found,
    ):
        yield found


async def test_each_has_its_own(services: dict[str, httpx.AsyncClient], ada: Person, grace: Person) -> None:
    """Logged in at two, as two people, in either order; opening one, or logging out there, leaves the other alone."""
    for first in PLACES:
        for second in PLACES:
            if first == second or ("" in (first, second) and {first, second} != {"", ":8443"}):
                continue
            host, one, two = Host(), services[first], services[second]
            await host.log_in(one, ada)
            assert await host.whose(two) is None
            await host.log_in(two, grace)
            if second == "":  # it has its host for itself, as far as it knows, and the usual name
                await host.log_in(one, ada)
            for _ in range(2):
                assert (await host.whose(one), await host.whose(two)) == (ada.email, grace.email)
            assert (await host.send(two, "/logout")).status_code == 204
            assert (await host.whose(one), await host.whose(two)) == (ada.email, None)


def names_in(host: Host) -> set[str]:
    return {name for name in host.jar if name.startswith("refresh")}


async def test_a_strangers_is_left_alone(services: dict[str, httpx.AsyncClient], ada: Person) -> None:
    """Under the usual name is what another service has set: it is neither used, nor cleared, nor replaced."""
    service, host = services[":8443"], Host()
    stranger = RefreshTokenCodec(("another service's secret, which nobody here knows",))
    theirs = stranger.encode(RefreshToken(ada.id, uuid4(), 3, 2_000_000_000_000))
    host.jar["refresh"] = theirs
    assert (await host.send(service, "/refresh?opening=true")).status_code == 204
    assert (await host.send(service, "/cookie", method="GET")).json() == {"kept": False}
    await host.log_in(service, ada)
    assert (await host.send(service, "/cookie", method="GET")).json() == {"kept": True}
    assert host.jar["refresh"] == theirs
    assert await host.whose(service) == ada.email
    assert (await host.send(service, "/logout")).status_code == 204
    assert host.jar["refresh"] == theirs
    assert "refresh-8443" not in host.jar


async def test_one_with_the_same_secret(services: dict[str, httpx.AsyncClient], ada: Person) -> None:
    """While developing all have one secret: a token that is genuine, of a session nobody knows, is left alone too."""
    service, host = services[":8443"], Host()
    codec = RefreshTokenCodec((":8443 is a secret of this place",))
    host.jar["refresh"] = theirs = codec.encode(RefreshToken(uuid4(), uuid4(), 3, 2_000_000_000_000))
    assert await host.whose(service) is None
    await host.log_in(service, ada)
    for _ in range(2):
        assert await host.whose(service) == ada.email
    assert host.jar["refresh"] == theirs
    assert (await host.send(service, "/logout")).status_code == 204
    assert host.jar["refresh"] == theirs


async def test_the_version_before(
    services: dict[str, httpx.AsyncClient], before: httpx.AsyncClient, ada: Person
) -> None:
    """It knows the usual name alone: its sessions go on here, and ours there, in turns, until a log-out."""
    service, host = services[":8443"], Host()
    await host.log_in(before, ada)
    assert names_in(host) == {"refresh"}
    for turn in (service, before, before, service, before):
        assert await host.whose(turn) == ada.email
    await host.log_in(service, ada)
    assert await host.whose(before) == ada.email
    assert (await host.send(service, "/logout")).status_code == 204
    assert names_in(host) == set()
    await host.log_in(before, ada)
    assert (await host.send(service, "/logout")).status_code == 204
    assert names_in(host) == set()


async def test_devices_are_known_at_each(services: dict[str, httpx.AsyncClient], ada: Person, grace: Person) -> None:
    """A log-in at one service makes no stranger of the device at another."""
    host = Host()
    for _ in range(2):
        await host.log_in(services[":8443"], ada)
        host.jar["latchkey_device"] = "A" * 64  # as a service sets it that has the host's usual name
        await host.log_in(services[":9443"], grace)
    assert await KnownDevice.filter(user_id=ada.id).count() == 1
    assert await KnownDevice.filter(user_id=grace.id).count() == 1
    assert host.jar["latchkey_device"] == "A" * 64


def test_names(runtime: Runtime) -> None:
    """One name where a service has its host for itself, which is what browsers have kept until now."""
    names = {
        url: names_for(runtime.settings.model_copy(update={"PUBLIC_URL": url}), "refresh")
        for url in ("http://localhost:8000", "https://a.example", "https://a.example:443", "https://a.example:8443/x/y")
    }
    assert list(names.values()) == [
        ("refresh",),
        ("__Host-refresh",),
        ("__Host-refresh",),
        ("__Host-refresh-8443-x-y", "__Host-refresh"),
    ]


async def test_whether_it_was_kept(client: httpx.AsyncClient, ada: Person) -> None:
    """A page that has logged in asks: cookies may be blocked, or want https. Without the header none is looked at."""
    host = Host()
    await host.log_in(client, ada)
    assert (await host.send(client, "/cookie", method="GET")).json() == {"kept": True}
    cookie = {"Cookie": f"refresh={host.jar['refresh']}"}
    assert (await client.get("/api/auth/cookie", headers=cookie)).json() == {"kept": False}
    host.jar.clear()
    assert (await host.send(client, "/cookie", method="GET")).json() == {"kept": False}
    evil = {"X-Session-Transport": "cookie", "Origin": "https://evil.example", **cookie}
    assert (await client.get("/api/auth/cookie", headers=evil)).status_code == 403
