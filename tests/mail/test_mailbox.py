"""The mailbox page of development: every letter that would have been sent, and nothing of it in production."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from service.app import create_app
from service.features import read_settings
from service.runtime import Runtime
from service.stores.mailer import LogTransport
from service.work.letters import send_due
from tests.mail.conftest import write
from tests.support.people import assert_problem, register
from tests.support.process import serving
from tests.support.serving import served
from tests.support.stores import PRODUCTION, SECRET
from tests.support.waiting import until

WEB = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def _empty(runtime: Runtime) -> None:
    assert isinstance(runtime.mailer, LogTransport)
    runtime.mailer.mailbox.clear()


async def test_letters_in_a_browser(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """A list, the newest first, and each letter as its reader sees it; scripts don't run there."""
    assert "No letters yet" in (await client.get("/api/dev/mail", headers=WEB)).text
    await write(runtime, "first@example.com")
    runtime.clock.advance(1)
    await write(runtime, "second@example.com", "<script>alert(1)</script>")
    await send_due(runtime)
    page = await client.get("/api/dev/mail", headers=WEB)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert page.text.index("second@example.com") < page.text.index("first@example.com")
    letter = await client.get("/api/dev/mail/1", headers=WEB)
    assert "You were logged out everywhere" in letter.text
    assert "<script" not in letter.text
    assert_problem(await client.get("/api/dev/mail/2"), 404, "not_found")


async def test_letters_for_a_program(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """As JSON, for a front end's tests: to whom, what about, and the text with its link."""
    await register(client, "new@example.com")
    await send_due(runtime)
    answer = await client.get("/api/dev/mail", headers={"Accept": "application/json"})
    (letter,) = answer.json()
    assert (letter["to"], letter["subject"]) == ("new@example.com", "Confirm your e-mail address")
    assert "http://localhost:8000/verify-email#token=" in letter["text"]


async def test_not_in_production(runtime: Runtime) -> None:
    """R67: in production there is no such page, and no document says that there ever was one."""
    settings = read_settings(
        _env_file=None, **PRODUCTION, SECRET_KEY=SECRET, DATABASE_URL="postgres://u:p@db/x",
        REDIS_URL="redis://cache",
    )  # fmt: skip
    app = create_app(settings, runtime)
    assert not [route.path for route in app.router.routes if "dev" in route.path.split("/")]
    async with served(app) as url, httpx.AsyncClient(base_url=url) as client:
        assert_problem(await client.get("/api/dev/mail"), 404, "not_found")
        assert_problem(await client.get("/api/dev/mail/0"), 404, "not_found")


async def test_not_in_the_document(client: httpx.AsyncClient) -> None:
    """A tool of development is no part of the contract."""
    assert "/dev/" not in (await client.get("/api/openapi.json")).text


@pytest.mark.embedded_only
def test_with_no_configuration_at_all(tmp_path: Path) -> None:
    """`make run`: the serving process sends letters itself, to the log and to the page, within a second or two."""
    with serving(tmp_path / "log", DATABASE_URL=f"sqlite://{tmp_path / 'x.sqlite3'}") as service:
        body = {"email": "new@example.com", "password": "correct horse battery"}
        httpx.post(f"{service.url}/api/auth/register", json=body).raise_for_status()
        wanted = {"Accept": "application/json"}
        letters = until(lambda: httpx.get(f"{service.url}/api/dev/mail", headers=wanted).json(), why=service.said)
        service.process.terminate()
        assert service.process.wait(20) == 0
    assert [letter["to"] for letter in letters] == ["new@example.com"]
    (line,) = [line for line in service.said().splitlines() if " mail to=new@example.com" in line]
    assert "/verify-email#token=" in line
