"""Names and addresses as people type and paste them: what can't be seen is no part of them."""

from __future__ import annotations

import httpx
import pytest
from pydantic import ValidationError

from models import SecurityEvent
from service.core.text.email_address import parse_email
from service.core.text.printable import seen_name
from service.factors.passkey_schemas import RenameRequest
from service.settings import Settings
from service.stores.letter_kinds import VERIFY_ADDRESS
from tests.mail.test_rendering import message
from tests.support.people import PASSWORD, Person, register

NEW = {"email": "grace@example.com", "password": PASSWORD}
NOTHING = [
    "",
    " ",
    "   ",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u2060",
    "\u00ad",
    "\u3164",
    "\u115f",
    "\u1160",
    "\uffa0",
    "\u2800",
    "\u180e",
    "\u034f",
    "\u200d",
    "\u200e\u200f",
    "\u202e",
    "\u2066\u2069",
    "\u0301",
    "\ufe0f",
    "\U000e0041",
    "\u17b4",
    " \u200b\u3164 ",
]
SEEN = {
    "  Ada  ": "Ada",
    "\u200bAda\ufeff": "Ada",
    "\u00a0Ada\u3000": "Ada",
    "A\u200bda": "Ada",
    "\u202enimda ehT": "nimda ehT",
    "\u2066Ada\u2069 King": "Ada King",
    "A\u0301da": "\u00c1da",
    "Ada  King": "Ada  King",
    "\u3164Ada\u3164": "Ada",
    "Jean\u2011Luc": "Jean\u2011Luc",
    "\u0645\u06cc\u200c\u062e": "\u0645\u06cc\u200c\u062e",
    "\u200f\u05d0\u05d1\u200f": "\u05d0\u05d1",
    "\U0001f468\u200d\U0001f469": "\U0001f468\u200d\U0001f469",
    "\u2764\ufe0f": "\u2764\ufe0f",
    "\u5c71\u7530": "\u5c71\u7530",
    ".": ".",
    "[/]": "[/]",
    "\u0905\u0902": "\u0905\u0902",
}


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_a_name_of_nothing(text: str) -> None:
    """Blanks, fillers, marks without a letter: no name; where one is needed, 422."""
    assert seen_name(text) is None
    with pytest.raises(ValidationError):
        RenameRequest(name=text)


@pytest.mark.parametrize(("text", "name"), SEEN.items(), ids=ascii)
def test_a_name(text: str, name: str) -> None:
    """Trimmed, and without what only turns or parts it; what letters, emoji and scripts need stays."""
    assert seen_name(text) == name
    assert seen_name(name) == name
    assert RenameRequest(name=text).name == name


async def test_wherever_a_name_is_taken(client: httpx.AsyncClient, root: Person) -> None:
    """Registering, one's own profile, an administrator's hand, a device: alike."""
    ada = await register(client, "ada@example.com", "\u200b \u3164")
    session, office = await ada.log_in(), await root.log_in()
    assert (await session.me()).json()["full_name"] is None
    for given, kept in (("\u202e Ada\u200b ", "Ada"), ("\u2800", None), ("Ada", "Ada"), ("", None)):
        for by, path in ((session, "/users/me"), (office, f"/users/{ada.id}")):
            assert (await by.call("PATCH", path, json={"full_name": given})).json()["full_name"] == kept
    made = await office.call("POST", "/users", json={**NEW, "full_name": "\u200b"})
    assert made.json()["full_name"] is None
    for given, kept in (("\u202eMac \u200b", "Mac"), ("\u3164", None)):
        named = await session.call("PATCH", f"/sessions/{session.sid}", json={"name": given})
        assert named.json()["name"] == kept


def test_a_name_that_was_stored_before() -> None:
    """A letter greets nobody whom nobody can see, and turns nothing round."""
    for name, greeting in (("\u200b", "Hello,"), ("\u202enimda", "Hello nimda,"), ("  Ada ", "Hello Ada,")):
        assert greeting in message(VERIFY_ADDRESS, name=name).get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "typed",
    [
        "ada@example.com\u200b",
        "\u00a0ada@example.com",
        "ada@example.com\u3000",
        "\ufeffada@example.com",
        "a\u200bda@example.com",
        "ada@exam\u00adple.com",
        "\u202aada@example.com\u202c",
        "ada\u2060@example.com",
        " ada@example.com\r\n",
        "ada@example.com\u2028",
    ],
    ids=ascii,
)
def test_an_address_that_was_pasted(typed: str) -> None:
    """What can't be seen comes along with what one copies, and is none of the address."""
    assert parse_email(typed) == parse_email("ada@example.com")


async def test_logging_in_with_what_was_pasted(ada: Person, client: httpx.AsyncClient) -> None:
    """The right password is right, and no attempt is counted; registering it is registering the same."""
    for typed in ("ada@example.com\u200b", "\u00a0ada@example.com", "a\ufeffda@example.com"):
        answer = await client.post("/api/auth/login", json={"email": typed, "password": PASSWORD})
        assert answer.status_code == 200, ascii(typed)
        taken = await client.post("/api/auth/register", json={"email": typed, "password": PASSWORD})
        assert taken.json()["code"] == "email_taken"
    assert not await SecurityEvent.filter(type="login.failed").exists()


@pytest.mark.parametrize(
    "address",
    [
        "taro..yamada@docomo.ne.jp",
        "hanako.@ezweb.ne.jp",
        ".lead@docomo.ne.jp",
        "a...b.@t.vodafone.ne.jp",
        "A..B@Docomo.ne.jp",
    ],
)
async def test_addresses_of_carriers(client: httpx.AsyncClient, address: str, settings: Settings) -> None:
    """People in Japan have them: registered, logged in with, and written to in the form that mail servers take."""
    person = await register(client, address)
    assert (await (await person.log_in()).me()).json()["email"] == address
    local, _, domain = address.partition("@")
    assert parse_email(address).on_the_wire == f'"{local}"@{domain.lower()}'
    header = message(VERIFY_ADDRESS, to=address)["to"]
    assert [(to.username, to.domain) for to in header.addresses] == [(local, domain.lower())]


@pytest.mark.parametrize(
    "address",
    [
        "a..b@example.com",
        "a.@gmail.com",
        ".a@example.com",
        "a..b@docomo.ne.jp.evil.example",
        "a..b@evil-docomo.ne.jp",
        "..@docomo.ne.jp",
        "a..b c@docomo.ne.jp",
        'a.."b@docomo.ne.jp',
        "ä..b@docomo.ne.jp",
        f"{'a..' * 30}@docomo.ne.jp",
    ],
)
def test_slips_of_the_finger(address: str) -> None:
    """Anywhere else such dots are a slip, and said."""
    with pytest.raises(ValueError, match=r"\w"):
        parse_email(address)
