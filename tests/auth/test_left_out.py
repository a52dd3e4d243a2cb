"""What is left out on purpose, so that nobody adds it by accident."""

from __future__ import annotations

import httpx
import pytest

from models import User
from service.auth.schemas import RegisterRequest
from service.core.clock import Clock
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem, confirmed


async def test_passwords_never_expire(ada: Person, clock: Clock) -> None:
    """R6: no periodic change, no hints, no security questions."""
    clock.advance(3 * 365 * 86_400)
    session = await ada.log_in()
    assert (await session.me()).status_code == 200
    asked = {*RegisterRequest.model_fields, *User._meta.fields}
    assert not [name for name in asked if "hint" in name or "question" in name or "answer" in name]


async def test_no_letter_logs_anybody_in(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R22: links confirm and set, they authenticate nobody: no answer to one has a token or a cookie."""
    await confirmed(ada, yes=False)
    await client.post("/api/auth/email/verify/resend", json={"email": ada.email})
    verify = (await mailbox.letter(ada.email)).token
    await client.post("/api/auth/password/forgot", json={"email": ada.email})
    reset = (await mailbox.letter(ada.email)).token
    answers = [
        await client.post("/api/auth/email/verify", json={"token": verify, "password": ada.password}),
        await client.post("/api/auth/password/reset", json={"token": reset, "password": "a new one altogether"}),
    ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert not any("set-cookie" in answer.headers for answer in answers)


async def test_only_the_server_ends_sessions(ada: Person, clock: Clock) -> None:
    """R37: the idle end is the server's, whatever a client sends along or keeps."""
    session = await ada.log_in()
    clock.advance(7 * 86_400 + 1)
    answer = await session.client.post(
        "/api/auth/refresh",
        json={"refresh_token": session.refresh_token},
        headers={"Date": "Tue, 24 Nov 2020 09:00:00 GMT", "Cookie": "expires_at=4102444800"},
    )
    assert assert_problem(answer, 400, "invalid_grant")["reason"] == "expired"


@pytest.mark.parametrize("path", ["introspect", "token/introspect", "revoke"])
async def test_no_introspection(client: httpx.AsyncClient, runtime: object, path: str) -> None:
    """R49: others verify tokens with the published keys; there is no endpoint that tells about somebody's token."""
    assert_problem(await client.post(f"/api/auth/{path}", json={"token": "x"}), 404, "not_found")
