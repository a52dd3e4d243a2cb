"""A user creates an account."""

from __future__ import annotations

import httpx
import pytest

from models import SecurityEvent, User
from tests.support.passwords import stored
from tests.support.people import PASSWORD, Person, assert_problem, register

URL = "/api/auth/register"


async def test_register_answers_the_user(client: httpx.AsyncClient) -> None:
    """Registration answers 200 with exactly the fields of User, and never a hash (R59)."""
    body = {"email": " Ada@Example.com ", "password": "a password of its own", "full_name": "Ada"}
    response = await client.post(URL, json=body)
    assert response.status_code == 200, response.text
    user = response.json()
    assert set(user) == {
        "id", "email", "full_name", "is_active", "is_superuser", "email_verified", "factors", "created_at",
        "updated_at",
    }  # fmt: skip
    assert (user["email"], user["full_name"], user["is_active"]) == ("Ada@Example.com", "Ada", True)
    assert (user["is_superuser"], user["email_verified"], user["updated_at"]) == (False, False, None)
    assert user["created_at"].endswith("Z")


async def test_password_is_stored_as_argon2id(client: httpx.AsyncClient) -> None:
    """R8: Argon2id, never the password."""
    person = await register(client, "ada@example.com")
    user = await User.get(id=person.id)
    assert (await stored(user.id)).startswith("$argon2id$v=19$m=")
    assert PASSWORD not in await stored(user.id)


async def test_registration_is_recorded(client: httpx.AsyncClient) -> None:
    """R69: the event says who, when, where and with which request."""
    response = await client.post(
        URL, json={"email": "ada@example.com", "password": PASSWORD}, headers={"X-Request-ID": "req-1"}
    )
    event = await SecurityEvent.get(type="user.registered")
    assert str(event.user_id) == response.json()["id"]  # type: ignore[attr-defined]  # Tortoise makes it
    assert (event.ip, event.request_id) == ("127.0.0.1", "req-1")


@pytest.mark.parametrize("again", ["ada@example.com", "ADA@EXAMPLE.COM", "  Ada@example.COM"])
async def test_one_account_per_mailbox(client: httpx.AsyncClient, again: str) -> None:
    """The same mailbox in any spelling has one account."""
    await register(client, "ada@example.com")
    response = await client.post(URL, json={"email": again, "password": PASSWORD})
    assert_problem(response, 400, "email_taken")
    assert await User.all().count() == 1


async def test_domains_are_compared_in_idna_form(client: httpx.AsyncClient) -> None:
    """A domain in another script and its punycode are one mailbox."""
    await register(client, "ada@bücher.example")
    response = await client.post(URL, json={"email": "ada@xn--bcher-kva.example", "password": PASSWORD})
    assert_problem(response, 400, "email_taken")


@pytest.mark.parametrize(
    "email",
    [
        "ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "ada@exa mple.com",
        "Ada <ada@example.com>", "\"Ada\"@example.com", "ada@example.com, eve@example.com",
        "ada\r\nBcc: eve@example.com", "ada\u0000@example.com", "\u0430da@example.com", "ada@[127.0.0.1]",
        "ada\u0131@example.com", "\uff41da@example.com", "a" * 65 + "@example.com", "a@" + "b" * 250 + ".com", 7, None,
    ],
)  # fmt: skip
async def test_only_plain_addresses(client: httpx.AsyncClient, email: object) -> None:
    """Display names, look-alikes in the local part, control characters and lists of addresses are refused."""
    problem = assert_problem(
        await client.post(URL, json={"email": email, "password": PASSWORD}), 422, "validation_error"
    )
    assert problem["errors"][0]["pointer"] == "/email"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("seven77", "at least 8"),
        ("x" * 257, "At most 256"),
        ("with\u0000control", "control characters"),
        ("ada@example.com", "e-mail address"),
        ("ADA@example.com99", "e-mail address"),
        ("!!ada-lovelace-1815", "e-mail address"),
        ("Latchkey2026!", "service's name"),
        ("password123", "common passwords"),
        ("PassWord123", "common passwords"),
        ("24121985", "common passwords"),
    ],
)
async def test_password_that_may_not_be_chosen(client: httpx.AsyncClient, password: str, reason: str) -> None:
    """R1, R2, R5: too short, too long, and context words are refused, and the answer says why."""
    body = {"email": "ada-lovelace@example.com" if "lovelace" in password else "ada@example.com", "password": password}
    problem = assert_problem(await client.post(URL, json=body), 422, "validation_error")
    assert problem["errors"][0]["pointer"] == "/password"
    assert reason in problem["detail"]
    assert password not in problem["detail"]


@pytest.mark.parametrize("password", ["пароль из слов", "  spaces  count  ", "🔑" * 8, "x" * 256, "ccvvbbnn"])
async def test_any_long_enough_password(client: httpx.AsyncClient, password: str) -> None:
    """R2, R3: spaces, Unicode and 256 characters are fine, nothing is trimmed or cut, no composition rules."""
    response = await client.post(URL, json={"email": "ada@example.com", "password": password})
    assert response.status_code == 200, response.text
    person = Person(client, response.json()["id"], "ada@example.com", password)
    await person.log_in()
    wrong = await client.post("/api/auth/login", json={"email": "ada@example.com", "password": password[:-1]})
    assert_problem(wrong, 400, "invalid_grant")


async def test_password_is_compared_in_nfc(client: httpx.AsyncClient) -> None:
    """R4: a letter with a combining accent and the composed letter are one password."""
    await client.post(URL, json={"email": "ada@example.com", "password": "cafe\u0301 au lait"})
    await Person(client, None, "ada@example.com", "caf\u00e9 au lait").log_in()  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["is_superuser", "is_active", "email_verified", "id", "hashed_password", "role"])
async def test_unknown_fields_are_refused(client: httpx.AsyncClient, field: str) -> None:
    """R58: nobody makes themselves a superuser; the pointer names the field."""
    body = {"email": "ada@example.com", "password": PASSWORD, field: True}
    problem = assert_problem(await client.post(URL, json=body), 422, "validation_error")
    assert problem["errors"][0]["pointer"] == f"/{field}"
    assert not await User.all().exists()


@pytest.mark.parametrize("name", ["a\nb", "a\u0000b", "\u2028", "x" * 201])
async def test_names_hold_no_control_characters(client: httpx.AsyncClient, name: str) -> None:
    """R71: a name that could break a log line, a mail or a store is refused."""
    body = {"email": "ada@example.com", "password": PASSWORD, "full_name": name}
    assert_problem(await client.post(URL, json=body), 422, "validation_error")
