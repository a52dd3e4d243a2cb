"""Where letters go, and where their links lead: nothing that a request says changes either."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import httpx
import pytest

from models import OutboxMail, User
from service.runtime import Runtime
from tests.http.support import another, say
from tests.support.letters import Mailbox
from tests.support.links import ask_for_address, post
from tests.support.people import PASSWORD, Person, assert_problem, register

HOSTILE = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example;proto=http",
    "X-Original-URL": "http://evil.example/",
    "Origin": "http://evil.example",
    "Referer": "http://evil.example/",
}


def leads(link: str) -> tuple[str, str, str]:
    parts = urlsplit(link)
    return parts.scheme, parts.netloc, parts.path


async def test_headers_change_no_link(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R23: whatever a request says of where it came from, every link leads to the front end that is configured."""
    await mailbox.letters()
    session = await ada.log_in()
    calls = [
        ("/auth/register", {"email": "new@example.com", "password": PASSWORD}),
        ("/auth/password/forgot", {"email": ada.email}),
        ("/auth/email/verify/resend", {"email": ada.email}),
        ("/users/me/email", {"email": "ada@example.org"}),
    ]
    for path, body in calls:
        answer = await client.post(f"/api{path}", json=body, headers={**session.headers, **HOSTILE})
        assert answer.status_code in (200, 202), answer.text
    letters = await mailbox.letters()
    assert {leads(letter.link) for letter in letters} == {
        ("http", "localhost:8000", "/verify-email"),
        ("http", "localhost:8000", "/reset-password"),
        ("http", "localhost:8000", "/confirm-email"),
    }
    assert "evil" not in "".join(letter.text for letter in letters)


@pytest.mark.parametrize("target", ["http://evil.example/api/auth/password/forgot", "//evil.example/api"])
async def test_absolute_targets_change_no_link(base_url: str, ada: Person, mailbox: Mailbox, target: str) -> None:
    """R23: nor does a request line with an address of its own (RFC 9112 section 3.2.2)."""
    await mailbox.letters()
    body = json.dumps({"email": ada.email})
    answer = await say(
        base_url,
        f"POST {target} HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}",
    )
    assert answer.status_code in (202, 400, 404)
    for letter in await mailbox.letters():
        assert leads(letter.link) == ("http", "localhost:8000", "/reset-password")


async def test_links_lead_to_the_front_end(runtime: Runtime, ada: Person) -> None:
    """R23: FRONTEND_URL where it is set, with the token in the fragment, which browsers send to nobody."""
    from dataclasses import replace

    elsewhere = replace(runtime, settings=runtime.settings.model_copy(update={"FRONTEND_URL": "https://app.example"}))
    mailbox = Mailbox(elsewhere)
    await mailbox.letters()
    async with (
        another(runtime, FRONTEND_URL="https://app.example") as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        await post(client, "password/forgot", email=ada.email)
    link = urlsplit((await mailbox.letter(ada.email)).link)
    assert (link.scheme, link.netloc, link.path, link.query) == ("https", "app.example", "/reset-password", "")
    assert link.fragment.startswith("token=")


LOOK_ALIKES = [
    "ada@ex\u0430mple.com",  # a Cyrillic letter in the domain: another domain
    "ada@examp1e.com",
    "ada@example.com.evil.example",
    "ada@example.co",
    "a.da@example.com",
    "ada+x@example.com",
]
REFUSED = [
    "\u0430da@example.com",  # in the local part: refused, for nobody can tell them apart
    "ad\u0131@example.com",
    "\uff41da@example.com",
    "ada@example.com,eve@evil.example",
    "ada@example.com\r\nBcc: eve@evil.example",
    "eve@evil.example <ada@example.com>",
    '"ada@example.com" <eve@evil.example>',
    "ada@example.com\x00@evil.example",
    "ada@[127.0.0.1]",
]


@pytest.mark.parametrize("path", ["password/forgot", "email/verify/resend"])
async def test_look_alikes_get_nobodys_mail(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, path: str
) -> None:
    """R25: an address that only looks like a user's brings no letter, neither to the one nor to the other."""
    await mailbox.letters()
    for email in LOOK_ALIKES:
        assert (await post(client, path, email=email)).status_code == 202
    for email in REFUSED:
        assert_problem(await post(client, path, email=email), 422, "validation_error")
    assert await mailbox.letters() == []


async def test_a_look_alike_has_an_account_of_its_own(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R25: each gets what is for them, and only that."""
    await mailbox.letters()
    eve = await register(client, LOOK_ALIKES[0], "Eve")
    wires = "ada@xn--exmple-4nf.com"
    assert [letter.to for letter in await mailbox.letters()] == [wires]
    await post(client, "password/forgot", email=LOOK_ALIKES[0])
    letter = await mailbox.letter(wires)
    body = {"token": letter.token, "password": "the look-alike's password"}
    assert (await client.post("/api/auth/password/reset", json=body)).status_code == 204
    await ada.log_in()
    assert (await User.get(id=eve.id)).email == LOOK_ALIKES[0]


@pytest.mark.parametrize("spelling", ["ADA@EXAMPLE.COM", " ada@Example.com", "ada@\uff45xample.com"])
async def test_other_spellings_of_the_mailbox(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, spelling: str
) -> None:
    """R25: another spelling finds the account, and the letter goes to the address that is stored."""
    await mailbox.letters()
    await post(client, "password/forgot", email=spelling)
    assert [letter.to for letter in await mailbox.letters()] == [ada.email]


async def test_addresses_cannot_carry_headers(ada: Person, mailbox: Mailbox) -> None:
    """R34: what can't be an address is refused before anything is written."""
    session = await ada.log_in()
    await mailbox.letters()
    for email in REFUSED:
        answer = await session.call("POST", "/users/me/email", json={"email": email})
        assert_problem(answer, 422, "validation_error")
    assert await OutboxMail.filter(state="pending").count() == 0
    await ask_for_address(session)
    assert [letter.to for letter in await mailbox.letters()] == ["ada@example.org"]
