"""A log-in that still owes something: what is answered, what goes on, what ends it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from models import SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.signin.support import delete_keys, raw
from tests.support import passwords
from tests.support.letters import Mailbox
from tests.support.links import reset, reset_token
from tests.support.people import PASSWORD, Person, assert_problem
from tests.support.second_factor import (
    A_KEY_AS_WELL,
    CODE,
    SECOND_FACTOR,
    House,
    house,
    second_in_cookie,
)

MINUTE = 60


async def recorded(user_id: object) -> list[tuple[str, dict[str, Any]]]:
    """What is on record of a user's log-ins, the oldest first."""
    rows = await SecurityEvent.filter(user_id=user_id, type__startswith="login.").order_by("created_at", "id")
    return [(row.type, row.detail) for row in rows if row.type != "login.new_device"]


async def test_a_password_alone_is_not_enough(strict: House, ada: Person, runtime: Runtime) -> None:
    """403 says what is owed, and how to go on; there is no session, no token, no cookie."""
    response = await strict.first(ada.email)
    problem = assert_problem(response, 403, "second_factor_required")
    assert problem["challenge"].startswith("lkc_")
    assert problem["methods"] == ["totp", "recovery_code"]
    assert problem["expires_at"].endswith("Z")
    assert problem["error"] == "invalid_grant"
    assert "set-cookie" not in response.headers
    assert not {"access_token", "refresh_token"} & set(problem)
    assert await runtime.sessions.list_living(ada.id) == []
    assert await recorded(ada.id) == [("login.pending", {"methods": "pwd", "owed": "totp recovery_code"})]


async def test_the_second_step_opens_the_session(strict: House, ada: Person) -> None:
    """Both together give tokens that work; the session, the claims and the record say how it was proven."""
    session = await strict.log_in(ada.email)
    assert (await session.me()).status_code == 200
    assert (session.claims["amr"], session.claims["acr"]) == (["otp", "pwd"], "aal2")
    (shown,) = (await session.call("GET", "/sessions")).json()
    assert (shown["methods"], shown["level"]) == (["otp", "pwd"], 2)
    await session.advance()
    assert (session.claims["amr"], session.claims["acr"]) == (["otp", "pwd"], "aal2")
    pending, succeeded = await recorded(ada.id)
    assert pending[0] == "login.pending"
    assert succeeded == ("login.succeeded", {"methods": "otp pwd"})


async def test_without_a_second_factor(ada: Person) -> None:
    """A password is one factor, and says so."""
    session = await ada.log_in()
    assert (session.claims["amr"], session.claims["acr"]) == (["pwd"], "aal1")
    (shown,) = (await session.call("GET", "/sessions")).json()
    assert (shown["methods"], shown["level"]) == (["pwd"], 1)
    assert await recorded(ada.id) == [("login.succeeded", {"methods": "pwd"})]


async def test_in_cookie_mode(strict: House, ada: Person) -> None:
    """The first step sets no cookie, and ends no session; the second does both."""
    browser = strict.browser()
    first = await browser.log_in(ada.email, PASSWORD)
    challenge = assert_problem(first, 403, "second_factor_required")["challenge"]
    assert "set-cookie" not in first.headers
    done = await second_in_cookie(browser, challenge)
    assert set(done.json()) == {"access_token", "token_type", "expires_in"}
    assert (await browser.me()).status_code == 200
    before, token = browser.cookie, browser.access_token
    again = await browser.log_in(ada.email, PASSWORD)
    assert browser.cookie == before
    assert (await browser.me()).status_code == 200
    await second_in_cookie(browser, again.json()["challenge"])
    assert (await browser.me()).status_code == 200
    browser.access_token = token
    assert_problem(await browser.me(), 401, "invalid_token")


async def test_a_lost_answer_in_cookie_mode(strict: House, ada: Person) -> None:
    """The browser repeats the last step with the cookie of the lost answer: the session doesn't replace itself."""
    browser = strict.browser()
    challenge = (await browser.log_in(ada.email, PASSWORD)).json()["challenge"]
    await second_in_cookie(browser, challenge)
    cookie = browser.cookie
    assert (await second_in_cookie(browser, challenge)).status_code == 200
    assert browser.cookie == cookie
    assert (await browser.me()).status_code == 200
    assert (await browser.refresh()).status_code == 200


async def test_another_origin_begins_nothing(strict: House, ada: Person, runtime: Runtime) -> None:
    """R52: a page of somebody else can't take the second step either, and leaves no session behind."""
    challenge = await strict.challenge(ada.email)
    browser = strict.browser()
    browser.headers = {
        "X-Session-Transport": "cookie",
        "Origin": "https://evil.example",
        "Sec-Fetch-Site": "cross-site",
    }
    assert_problem(await second_in_cookie(browser, challenge), 403, "forbidden")
    assert await runtime.sessions.list_living(ada.id) == []


async def test_a_lost_answer(strict: House, ada: Person, runtime: Runtime, clock: Clock) -> None:
    """The last step again gives the same session and refresh token, once recorded, and never a second session."""
    challenge = await strict.challenge(ada.email)
    first = strict.session(await strict.second(challenge))
    for _ in range(7):
        clock.advance(8)
        again = strict.session(await strict.second(challenge))
        assert again.refresh_token == first.refresh_token
        assert again.sid == first.sid
    assert len(await runtime.sessions.list_living(ada.id)) == 1
    assert [name for name, _ in await recorded(ada.id)] == ["login.pending", "login.succeeded"]
    clock.advance(5)
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")
    assert (await first.me()).status_code == 200


async def test_a_session_that_has_moved_on(strict: House, ada: Person) -> None:
    """Once its refresh token was spent, the answer wasn't lost: whoever repeats the step has no business here."""
    challenge = await strict.challenge(ada.email)
    session = strict.session(await strict.second(challenge))
    await session.advance()
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")
    assert (await session.me()).status_code == 200


async def test_a_session_that_was_ended(strict: House, ada: Person) -> None:
    """A step that is repeated brings no session back that somebody has ended."""
    challenge = await strict.challenge(ada.email)
    session = strict.session(await strict.second(challenge))
    await session.call("POST", "/auth/logout")
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")


async def test_another_proof_is_no_repetition(strict: House, ada: Person) -> None:
    """A challenge is good for one proof: a second one, though right, opens nothing."""
    challenge = await strict.challenge(ada.email)
    strict.session(await strict.second(challenge))
    assert_problem(await strict.second(challenge, "recovery"), 400, "invalid_challenge")


async def test_it_ends_after_ten_minutes(strict: House, ada: Person, clock: Clock) -> None:
    """R22: a little before, and a little after."""
    early, late = await strict.challenge(ada.email), await strict.challenge(ada.email)
    clock.advance(10 * MINUTE - 2)
    assert (await strict.second(early)).status_code == 200
    clock.advance(4)
    assert_problem(await strict.second(late), 400, "invalid_challenge")


async def test_five_wrong_codes(strict: House, ada: Person) -> None:
    """R12: each is a failure on record; the fifth ends the challenge, and the right code comes too late."""
    challenge = await strict.challenge(ada.email)
    for _ in range(5):
        assert_problem(await strict.second(challenge, "000000"), 400, "invalid_grant")
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")
    assert_problem(await strict.second(challenge, "000000"), 400, "invalid_challenge")
    assert await recorded(ada.id) == [
        ("login.pending", {"methods": "pwd", "owed": "totp recovery_code"}),
        *[("login.failed", {"reason": "code"})] * 5,
    ]


async def test_four_wrong_codes(strict: House, ada: Person) -> None:
    """The fifth may be right."""
    challenge = await strict.challenge(ada.email)
    for _ in range(4):
        await strict.second(challenge, "000000")
    assert (await strict.second(challenge)).status_code == 200


async def test_guesses_at_a_step_that_was_done(strict: House, ada: Person) -> None:
    """Whoever has the challenge, and not the code, has five guesses then, too."""
    challenge = await strict.challenge(ada.email)
    session = strict.session(await strict.second(challenge))
    for _ in range(5):
        assert_problem(await strict.second(challenge, "000000"), 400, "invalid_grant")
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")
    assert (await session.me()).status_code == 200


async def test_tickets_of_others(strict: House, ada: Person) -> None:
    """R26: a text that we didn't write opens nothing, and says nothing."""
    challenge = await strict.challenge(ada.email)
    for text in ("", "lkc_", challenge[:-1], challenge + "A", challenge.swapcase(), "lkc_" + "A" * 87):
        assert_problem(await strict.second(text), 400, "invalid_challenge")
    assert (await strict.second(challenge)).status_code == 200


async def test_keys_that_an_operator_deletes(strict: House, ada: Person, runtime: Runtime) -> None:
    """What is below a user's keys is gone with them: the log-in under way, too."""
    challenge = await strict.challenge(ada.email)
    assert await delete_keys(runtime, f"user:{{{ada.id}}}:*") == 1
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")


@pytest.mark.parametrize("way", ["everywhere", "password", "reset", "disabled", "address", "deleted"])
async def test_what_ends_a_log_in_under_way(
    strict: House, ada: Person, root: Person, mailbox: Mailbox, way: str
) -> None:
    """It obeys the cut-off, as sessions do, and what was proven has to be true still."""
    session = await strict.log_in(ada.email)
    admin = await strict.log_in(root.email)
    challenge = await strict.challenge(ada.email)
    match way:
        case "everywhere":
            answer = await session.call("POST", "/auth/logout-all")
        case "password":
            answer = await session.call("PUT", "/users/me", json={"password": "a new one altogether"})
        case "reset":
            answer = await reset(ada.client, await reset_token(ada, mailbox))
        case "disabled":
            answer = await admin.call("PATCH", f"/users/{ada.id}", json={"is_active": False})
        case "address":
            answer = await admin.call("PATCH", f"/users/{ada.id}", json={"email": "moved@example.com"})
        case _:
            answer = await session.call("DELETE", "/users/me")
    assert answer.is_success, answer.text
    assert_problem(await strict.second(challenge), 400, "invalid_challenge")


async def test_sessions_that_end_before_it_begins(strict: House, ada: Person) -> None:
    """A log-in after the cut-off isn't ended by it."""
    session = await strict.log_in(ada.email)
    assert (await session.call("POST", "/auth/logout-all")).status_code == 204
    assert (await (await strict.log_in(ada.email)).me()).status_code == 200


async def test_refusals_come_before_questions(strict: House, ada: Person) -> None:
    """A closed account is asked for nothing more."""
    await User.filter(id=ada.id).update(is_active=False)
    assert_problem(await strict.first(ada.email), 400, "inactive_user")
    assert await recorded(ada.id) == [("login.failed", {"reason": "inactive"})]


async def test_a_wrong_password_is_not_asked_further(strict: House, ada: Person) -> None:
    """R17: whoever doesn't know the password doesn't learn that there is a second factor."""
    assert_problem(await strict.first(ada.email, "wrong"), 400, "invalid_grant")


async def test_an_account_that_is_closed_meanwhile(strict: House, ada: Person) -> None:
    """R76: without any session's end, too."""
    challenge = await strict.challenge(ada.email)
    await User.filter(id=ada.id).update(is_active=False)
    assert_problem(await strict.second(challenge), 400, "inactive_user")
    await User.filter(id=ada.id).update(is_active=True)
    assert (await strict.second(challenge)).status_code == 200


async def test_three_steps(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, ada: Person, clock: Clock) -> None:
    """Two may be owed, one after the other, with one challenge and no more time; each step may be repeated."""
    async with house(runtime, monkeypatch, SECOND_FACTOR, A_KEY_AS_WELL) as strict:
        first = (await strict.first(ada.email)).json()
        clock.advance(5 * MINUTE)
        for _ in range(2):
            problem = assert_problem(await strict.second(first["challenge"]), 403, "second_factor_required")
            assert problem["methods"] == ["passkey"]
            assert (problem["challenge"], problem["expires_at"]) == (first["challenge"], first["expires_at"])
        clock.advance(4 * MINUTE)
        session = strict.session(await strict.second(first["challenge"], "key"))
        assert (session.claims["amr"], session.claims["acr"]) == (["hwk", "otp", "pwd"], "phr")
        again = strict.session(await strict.second(first["challenge"], "key"))
        assert again.refresh_token == session.refresh_token
        assert_problem(await strict.second(first["challenge"], CODE), 400, "invalid_challenge")


async def test_a_second_step_from_elsewhere(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, ada: Person) -> None:
    """It is let in, for people change networks; but whoever looks at the record sees it."""
    async with house(runtime, monkeypatch, SECOND_FACTOR, PROXIES_COUNT=1) as strict:
        strict.client.headers["X-Forwarded-For"] = "203.0.113.7"
        challenge = await strict.challenge(ada.email)
        answer = await strict.second(challenge, **{"X-Forwarded-For": "198.51.100.4"})
        assert answer.status_code == 200
    assert (await recorded(ada.id))[-1] == ("login.succeeded", {"methods": "otp pwd", "elsewhere": True})


async def test_nothing_secret_is_stored(strict: House, ada: Person, runtime: Runtime) -> None:
    """R36: neither the ticket nor a part of it, nor where it began, nor anything of the password's hash."""
    challenge = await strict.challenge(ada.email)
    (key,) = [key async for key in raw(runtime).scan_iter(f"user:{{{ada.id}}}:pending:*")]
    stored: dict[bytes, bytes] = await raw(runtime).hgetall(key)
    text = b" ".join([key, *stored, *stored.values()]).decode()
    assert challenge[4:] not in text
    assert challenge[-43:] not in text
    assert "127.0.0.1" not in text
    assert await passwords.stored(ada.id) not in text
    assert ada.email not in text
    assert 599_000 < await raw(runtime).pttl(key) <= 600_000
    strict.session(await strict.second(challenge))
    assert 59_000 < await raw(runtime).pttl(key) <= 60_000


async def test_the_owner_hears_of_it(strict: House, ada: Person, mailbox: Mailbox) -> None:
    """A new device is told of when there is a session, and once."""
    await strict.log_in(ada.email)
    strict.client.cookies.clear()
    headers = {"User-Agent": "Another/1.0"}
    body = {"email": ada.email, "password": PASSWORD}
    first: httpx.Response = await strict.client.post("/api/auth/login", json=body, headers=headers)
    assert await mailbox.letters() == []
    for _ in range(2):
        assert (await strict.second(first.json()["challenge"], **headers)).status_code == 200
    assert len(await mailbox.letters()) == 1
