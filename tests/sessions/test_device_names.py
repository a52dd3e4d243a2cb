"""A user calls a device by a name: it stays with the session and with the browser, and never comes to another one."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

import httpx
import pytest

from models import KnownDevice
from service.errors import Unavailable
from service.runtime import Runtime
from tests.support.people import Person, Session, assert_problem

LAPTOP = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)


async def listed(session: Session, path: str = "/sessions") -> dict[str, str | None]:
    """Return what the devices are called, by session."""
    return {entry["id"]: entry["name"] for entry in (await session.call("GET", path)).json()}


async def call(session: Session, named: Session, name: object) -> httpx.Response:
    return await session.call("PATCH", f"/sessions/{named.sid}", json={"name": name})


async def test_it_survives_a_log_out(ada: Person, client: httpx.AsyncClient) -> None:
    """The same browser has its name again at the next log-in, until it is taken away."""
    laptop = await ada.log_in(**{"User-Agent": LAPTOP})
    assert await listed(laptop) == {str(laptop.sid): None}
    answer = await call(laptop, laptop, "  Work laptop ")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["name"], said["device"], said["current"]) == ("Work laptop", "Chrome on macOS", True)
    assert (said["browser"], said["system"]) == ("Chrome", "macOS")
    assert (await laptop.call("POST", "/auth/logout")).status_code == 204
    laptop = await ada.log_in(**{"User-Agent": LAPTOP})
    assert await listed(laptop) == {str(laptop.sid): "Work laptop"}
    for nothing in (None, "", "  "):
        assert (await call(laptop, laptop, "Work laptop")).json()["name"] == "Work laptop"
        assert (await call(laptop, laptop, nothing)).json()["name"] is None
    assert await listed(laptop) == {str(laptop.sid): None}
    laptop = await ada.log_in(**{"User-Agent": LAPTOP})
    assert set((await listed(laptop)).values()) == {None}
    assert client.cookies["latchkey_device"]


async def test_another_device(ada: Person, client: httpx.AsyncClient) -> None:
    """One names the phone while one sits at the laptop; a refresh and a new network change nothing."""
    laptop = await ada.log_in(**{"User-Agent": LAPTOP})
    client.cookies.clear()
    phone = await ada.log_in(**{"User-Agent": PHONE})
    assert (await call(laptop, phone, "Phone")).status_code == 200
    await phone.advance()
    assert await listed(phone) == {str(laptop.sid): None, str(phone.sid): "Phone"}
    again = await ada.log_in(**{"User-Agent": "Another browser, for all the cookie knows/2.0"})
    assert (await listed(again))[str(again.sid)] == "Phone"


async def test_never_the_name_of_another(ada: Person, client: httpx.AsyncClient) -> None:
    """Two laptops that look the same, at one place, have one cookie: each is called by its own name, or by none."""
    mine = await ada.log_in(**{"User-Agent": LAPTOP})
    await call(mine, mine, "Mine")
    client.cookies.clear()
    theirs = await ada.log_in(**{"User-Agent": LAPTOP})
    assert await listed(theirs) == {str(mine.sid): "Mine", str(theirs.sid): None}
    await call(theirs, theirs, "Theirs")
    assert await listed(mine) == {str(mine.sid): "Mine", str(theirs.sid): "Theirs"}
    again = await ada.log_in(**{"User-Agent": LAPTOP})
    assert await listed(again) == {str(mine.sid): "Mine", str(theirs.sid): "Theirs", str(again.sid): None}


@pytest.mark.parametrize("name", ["x" * 65, "a\nb", "a\u2028b", "\x00", 7, ["x"]])
async def test_what_is_no_name(ada: Person, name: Any) -> None:
    """A name is one line of at most 64 characters, which show."""
    session = await ada.log_in()
    assert_problem(await call(session, session, name), 422, "validation_error")
    assert_problem(await session.call("PATCH", f"/sessions/{session.sid}", json={}), 422, "validation_error")
    for long in ("ü" * 64, "\u0958" * 64):  # the second one is twice as long once it is in NFC
        assert (await call(session, session, long)).json()["name"] == normalize("NFC", long)


async def test_nobody_elses(ada: Person, grace: Person, client: httpx.AsyncClient) -> None:
    """R60: a foreign session looks like an unknown one; so does one that is over."""
    session, foreign = await ada.log_in(), await grace.log_in()
    before = await ada.log_in()
    assert_problem(await call(session, foreign, "Mine now"), 404, "not_found")
    assert await listed(foreign) == {str(foreign.sid): None}
    assert (await before.call("POST", "/auth/logout")).status_code == 204
    assert_problem(await call(session, before, "Gone"), 404, "not_found")
    assert not await KnownDevice.exists(name__isnull=False)


async def test_who_else_sees_it(ada: Person, root: Person) -> None:
    """Administrators do, and so does whoever exports their data; a name says nothing to a terminal or a page."""
    session, office = await ada.log_in(), await root.log_in()
    name = "<b>Laptop</b> [red]"
    await call(session, session, name)
    assert await listed(office, f"/users/{ada.id}/sessions") == {str(session.sid): name}
    exported = (await session.call("GET", "/users/me/export")).json()
    assert [entry["name"] for entry in exported["sessions"]] == [name]
    assert name in [entry["name"] for entry in exported["devices"]]


async def test_all_or_nothing(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the session can't be told of its name, the browser isn't either."""
    session = await ada.log_in()

    async def away(*_: object) -> bool:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(runtime.sessions, "name", away)
        assert_problem(await call(session, session, "Laptop"), 503, "unavailable")
    assert not await KnownDevice.exists(name__isnull=False)
    assert await listed(session) == {str(session.sid): None}
