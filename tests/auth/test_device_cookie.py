"""The known device's cookie: nobody else hides it, sets it, or makes a stranger of who had one before."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from models import KnownDevice
from service.runtime import Runtime
from tests.auth.test_known_devices import ELSEWHERE, HOME, OFFICE, cookie_of, shut_out
from tests.auth.test_throttle import LIMITS, hold_limited
from tests.http.support import another
from tests.support.cookies import post, set_cookies
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person

NAME, FORMER = "__Host-latchkey_device", "latchkey_device"
ORIGIN = "https://id.example.com"
LISTED = "https://app.example.com"


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A service on https, as far as it knows, behind one proxy, with its limits."""
    changes = LIMITS | {"PUBLIC_URL": ORIGIN, "BACKEND_CORS_ORIGINS": (LISTED,), "PROXIES_COUNT": 1}
    async with another(runtime, **changes) as url, httpx.AsyncClient(base_url=url, timeout=30) as found:
        yield found


async def enter(
    door: httpx.AsyncClient, ada: Person, *cookies: bytes | str, ip: str = HOME, **headers: str
) -> httpx.Response:
    lines = {
        "X-Forwarded-For": ip,
        "User-Agent": "Mine/1.0",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    body = {"email": ada.email, "password": ada.password}
    return await post(str(door.base_url), "/login", *cookies, headers=head, body=body)


async def own_cookie(door: httpx.AsyncClient, ada: Person) -> str:
    answer = await enter(door, ada)
    assert answer.status_code == 200, answer.text
    return set_cookies(answer)[NAME].partition(";")[0]


async def test_it_has_the_prefix(door: httpx.AsyncClient, ada: Person) -> None:
    """R50: no neighbouring host and no plain connection can set or see it."""
    answer = await enter(door, ada)
    assert set(set_cookies(answer)) == {NAME}
    attributes = set_cookies(answer)[NAME].split("; ")[1:]
    assert attributes == ["Path=/", f"Max-Age={400 * 86400}", "HttpOnly", "SameSite=Strict", "Secure"]


async def test_in_cookie_mode_there_are_several(door: httpx.AsyncClient, ada: Person) -> None:
    """R50: one line each; neither takes the other's place."""
    answer = await enter(door, ada, X_Session_Transport="cookie", Origin=ORIGIN)
    assert set(set_cookies(answer)) == {NAME, "__Host-refresh"}
    answer = await enter(door, ada, f"{FORMER}=x", X_Session_Transport="cookie", Origin=ORIGIN)
    assert set(set_cookies(answer)) == {NAME, FORMER, "__Host-refresh"}


async def test_a_planted_one_hides_nothing(door: httpx.AsyncClient, ada: Person, grace: Person) -> None:
    """R12: while strangers guess, the owner's cookie opens the owner's budget, whatever stands before or behind it."""
    own, theirs = await own_cookie(door, ada), await own_cookie(door, grace)
    await shut_out(door)
    hidden = 0
    for planted in (theirs, "x", "A" * 64, "\xe9" * 64, '"', f'"{own}"', own[:-1]):
        for line in (f"{NAME}={planted}; {NAME}={own}", f"{NAME}={own}; {NAME}={planted}"):
            hidden += (await enter(door, ada, line, ip=ELSEWHERE)).status_code != 200
        two = f"{NAME}={planted}", f"{NAME}={own}"
        hidden += (await enter(door, ada, *two, ip=ELSEWHERE)).status_code != 200
        hidden += (await enter(door, ada, f"{FORMER}={planted}; {NAME}={own}", ip=ELSEWHERE)).status_code != 200
    assert hidden == 0


@pytest.mark.parametrize(
    "name",
    [b"\xe2\x80\x80" + NAME.encode(), NAME.encode() + b"\xa0", b"__host-latchkey_device", b"\x85" + FORMER.encode()],
)
async def test_a_look_alike_is_none(door: httpx.AsyncClient, ada: Person, name: bytes) -> None:
    """R50: names are compared as bytes."""
    own = await own_cookie(door, ada)
    await shut_out(door)
    hold_limited(await enter(door, ada, name + b"=" + own.encode(), ip=ELSEWHERE, User_Agent="Other/1.0"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": LISTED},
        {"Sec_Fetch_Site": "cross-site", "Origin": ORIGIN},
        {"Sec_Fetch_Site": "same-site", "Origin": "https://neighbour.example.com"},
        {"Sec_Fetch_Site": "same-site", "Origin": "null"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "sideways"},
        {"Sec_Fetch_Site": "same-origin, cross-site"},
        {"Sec_Fetch_Site": "Cross-Site"},
        {"Sec_Fetch_Site": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://id.example.com"},
        {"Origin": "https://id.example.com.evil.example"},
        {"Origin": "https://id.example.com:8443"},
    ],
)
async def test_none_is_set_from_elsewhere(door: httpx.AsyncClient, ada: Person, headers: dict[str, str]) -> None:
    """R50: a form of another site may log a visitor in; it leaves no mark in that browser, and takes none away."""
    answer = await enter(door, ada, **headers)
    assert answer.status_code == 200
    assert set_cookies(answer) == {}
    answer = await enter(door, ada, f"{NAME}=x; {FORMER}=y", **headers)
    assert set_cookies(answer) == {}


async def test_a_form_of_another_site(door: httpx.AsyncClient, ada: Person) -> None:
    """R50: the form itself, as a browser sends it."""
    answer = await door.post(
        "/api/auth/login",
        data={"username": ada.email, "password": ada.password},
        headers={
            "Origin": "null",
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "X-Forwarded-For": HOME,
        },
    )
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "same-origin", "Origin": ORIGIN},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "http://localhost:3000"},
        {"Sec_Fetch_Site": "same-site", "Origin": LISTED},
        {"Sec_Fetch_Site": "none"},
        {"Origin": ORIGIN},
        {"Origin": LISTED},
    ],
)
async def test_it_is_set_for_ours(door: httpx.AsyncClient, ada: Person, headers: dict[str, str]) -> None:
    """R12: pages of ours, and programs, which say nothing about a site, get it."""
    assert set(set_cookies(await enter(door, ada, **headers))) == {NAME}


async def test_the_former_name_is_still_known(door: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R12: a device from before the prefix is no stranger: its next log-in moves it to the new name, with no letter."""
    own = await own_cookie(door, ada)
    await mailbox.letters()
    await shut_out(door)
    answer = await enter(door, ada, f"{FORMER}={own}", ip=OFFICE, User_Agent="Other/1.0")
    assert answer.status_code == 200
    found = set_cookies(answer)
    assert found[NAME].startswith(f"{own}; Path=/; Max-Age=34560000; ")
    assert found[FORMER] == "; Path=/api; Max-Age=0; HttpOnly; SameSite=Strict; Secure"
    assert await mailbox.letters(ada.email) == []
    assert await KnownDevice.filter(user_id=ada.id).count() == 1
    # And then it is done.
    assert set_cookies(await enter(door, ada, f"{NAME}={own}", ip=OFFICE)) == {}


async def test_a_dead_one_is_replaced(door: httpx.AsyncClient, ada: Person) -> None:
    """R12: cookies that say nothing here are not taken for the device's own."""
    own = await own_cookie(door, ada)
    answer = await enter(door, ada, f"{NAME}=x; {NAME}={'A' * 64}")
    assert set_cookies(answer)[NAME].startswith(f"{own};")


async def test_in_development(client: httpx.AsyncClient, ada: Person) -> None:
    """R50: over plain http there is no prefix, and a cookie with the former path is the same cookie."""

    async def login(**headers: str) -> httpx.Response:
        client.cookies.clear()
        return await client.post("/api/auth/login", data={"username": ada.email, "password": PASSWORD}, headers=headers)

    own = cookie_of(await login())
    assert "set-cookie" not in (await login(Cookie=f"{FORMER}=junk; {FORMER}={own}")).headers
