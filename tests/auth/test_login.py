"""A user logs in."""

from __future__ import annotations

import httpx
import pytest

from models import SecurityEvent, User
from service.runtime import Runtime
from tests.support.passwords import store, stored
from tests.support.people import PASSWORD, Person, assert_problem

URL = "/api/auth/login"


async def test_login_with_the_form(client: httpx.AsyncClient, ada: Person) -> None:
    """The guide's log-in: an urlencoded form, answered with a bearer pair."""
    response = await client.post(URL, data={"username": "ada@example.com", "password": PASSWORD})
    assert response.status_code == 200
    tokens = response.json()
    assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert tokens["token_type"] == "bearer"
    assert 0.94 * 900 <= tokens["expires_in"] <= 900
    assert tokens["refresh_token"].startswith("lkr_")


@pytest.mark.parametrize("member", ["username", "email"])
async def test_login_with_json(client: httpx.AsyncClient, ada: Person, member: str) -> None:
    """The same as JSON; the address in any spelling."""
    response = await client.post(URL, json={member: "ADA@Example.com", "password": PASSWORD})
    assert response.status_code == 200


async def test_login_tolerates_what_oauth_clients_send(client: httpx.AsyncClient, ada: Person) -> None:
    """Swagger UI's Authorize button sends the whole password grant, and empty Basic credentials."""
    form = {
        "grant_type": "password", "username": ada.email, "password": PASSWORD,
        "scope": "", "client_id": "", "client_secret": "",
    }  # fmt: skip
    response = await client.post(URL, data=form, headers={"Authorization": "Basic Og=="})
    assert response.status_code == 200


async def test_every_login_is_a_session_of_its_own(ada: Person) -> None:
    """R26: ids and tokens are new each time."""
    first, second = await ada.log_in(), await ada.log_in()
    assert first.sid != second.sid
    assert first.refresh_token != second.refresh_token
    assert (await first.me()).status_code == (await second.me()).status_code == 200


async def test_wrong_and_unknown_look_alike(client: httpx.AsyncClient, ada: Person, runtime: Runtime) -> None:
    """R17: wrong password, unknown address, no address at all, and no password set: the same bytes."""
    await store(ada.id, None)
    tries = [(ada.email, PASSWORD), ("nobody@example.com", PASSWORD), ("not an address", PASSWORD), ("x\u0000y", "p")]
    bodies = []
    for username, password in tries:
        response = await client.post(URL, json={"username": username, "password": password})
        problem = assert_problem(response, 400, "invalid_grant")
        assert "reason" not in problem
        bodies.append({name: value for name, value in problem.items() if name != "request_id"})
    assert all(body == bodies[0] for body in bodies)


async def test_unknown_user_costs_a_verification(
    client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R17: an unknown address takes a dummy verification, so that time tells nothing."""
    seen: list[str] = []
    original = runtime.passwords._verify

    def noted(hashed: str, password: str) -> bool:
        seen.append(hashed)
        return original(hashed, password)

    monkeypatch.setattr(runtime.passwords, "_verify", noted)
    await client.post(URL, json={"username": "nobody@example.com", "password": PASSWORD})
    assert [hashed[:9] for hashed in seen] == ["$argon2id"]


async def test_disabled_account(client: httpx.AsyncClient, ada: Person) -> None:
    """Only the right password learns that an account is disabled."""
    await User.filter(id=ada.id).update(is_active=False)
    right = await client.post(URL, json={"username": ada.email, "password": PASSWORD})
    assert_problem(right, 400, "inactive_user")
    wrong = await client.post(URL, json={"username": ada.email, "password": "something else"})
    assert_problem(wrong, 400, "invalid_grant")


async def test_logins_are_recorded(client: httpx.AsyncClient, ada: Person) -> None:
    """R69: success with its session, failure with its reason; R70: no password anywhere."""
    session = await ada.log_in(**{"User-Agent": "Test/1.0"})
    await client.post(URL, json={"username": ada.email, "password": "not the password"})
    succeeded = await SecurityEvent.get(type="login.succeeded")
    failed = await SecurityEvent.get(type="login.failed")
    assert (succeeded.session_id, succeeded.user_agent) == (session.sid, "Test/1.0")
    assert failed.detail == {"reason": "password"}


async def test_outdated_hash_is_renewed(ada: Person, runtime: Runtime) -> None:
    """R9: a hash with other parameters is replaced at log-in, and the password still works."""
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await store(ada.id, old)
    await ada.log_in()
    renewed = await stored(ada.id)
    assert runtime.passwords.outdated(old)
    assert not runtime.passwords.outdated(renewed)
    await ada.log_in()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"username": "a@example.com"}, "/password"),
        ({"password": "x"}, ""),
        ({"username": "a@example.com", "email": "a@example.com", "password": "x"}, ""),
        ({"username": "a@example.com", "password": 7}, "/password"),
        ({"username": "a@example.com", "password": ""}, "/password"),
        ({"username": "a@example.com", "password": "x" * 257}, "/password"),
        ({"username": "a@example.com", "password": "x", "second_password": "y"}, "/second_password"),
        ({"username": "a@example.com", "password": "x", "is_admin": True, "remember": True}, "/is_admin"),
        ({"username": "a@example.com", "password": "x", "remember": {"me": True}}, "/remember"),
        ({"username": "a@example.com", "password": "x", "grant_type": "client_credentials"}, "/grant_type"),
    ],
)
async def test_bodies_that_are_not_acceptable(client: httpx.AsyncClient, body: object, pointer: str) -> None:
    """422 names the place; the input is not repeated."""
    problem = assert_problem(await client.post(URL, json=body), 422, "validation_error")
    assert problem["errors"][0]["pointer"] == pointer


async def test_what_forms_send_along(client: httpx.AsyncClient, ada: Person) -> None:
    """To be remembered, a captcha, a token against forgery: nothing here goes by it, and nobody is refused."""
    right = {"username": ada.email, "password": ada.password}
    for along in ({"remember": True}, {"rememberMe": "on", "csrf_token": "x", "grant_type": "password"}, {"_csrf": ""}):
        assert (await client.post(URL, json={**right, **along})).status_code == 200
        assert (await client.post(URL, data={**right, **along})).status_code == 200
    files = {name: (None, value) for name, value in right.items()}
    problem = assert_problem(await client.post(URL, files=files), 415, "unsupported_media_type")
    assert "application/x-www-form-urlencoded" in problem["detail"]


async def test_doubled_form_field(client: httpx.AsyncClient) -> None:
    """R61: no parameter pollution."""
    response = await client.post(
        URL,
        content="username=a@example.com&password=x&password=y",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert_problem(response, 400, "bad_request")
