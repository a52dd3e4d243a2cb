"""FRESH_SESSION_MINUTES=0: the password is asked for every time, and each time it is given it does for one call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models import SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.http.support import another
from tests.support.inflight import held
from tests.support.people import PASSWORD, Person, Session, assert_problem

NEW = "a quite different one"

DEEDS: dict[str, tuple[str, str, dict[str, object] | None]] = {
    "export": ("GET", "/users/me/export", None),
    "address": ("POST", "/users/me/email", {"email": "ada@example.org"}),
    "password": ("PUT", "/users/me", {"password": NEW}),
    "deletion": ("DELETE", "/users/me", None),
    "a new user": ("POST", "/users", {"email": "new@example.com", "password": PASSWORD}),
    "a role": ("PATCH", "/users/{other}", {"is_superuser": True}),
    "somebody's password": ("PUT", "/users/{other}", {"password": NEW}),
    "somebody's address": ("PUT", "/users/{other}", {"email": "moved@example.com"}),
    "somebody's deletion": ("DELETE", "/users/{other}", None),
    "one's own address": ("PATCH", "/users/{self}", {"email": "moved@example.com"}),
}
each_deed = pytest.mark.parametrize("deed", DEEDS)


@pytest.fixture
async def strict(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A service that asks every time."""
    async with another(runtime, FRESH_SESSION_MINUTES=0.0) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


@pytest.fixture
async def session(ada: Person, root: Person, strict: httpx.AsyncClient) -> Session:
    """A superuser's session; there is another superuser."""
    await User.filter(id=ada.id).update(is_superuser=True)
    ada.client = strict
    return await ada.log_in()


async def prove(session: Session) -> None:
    answer = await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text


async def do(session: Session, deed: str, ada: Person, grace: Person) -> httpx.Response:
    method, path, body = DEEDS[deed]
    options: dict[str, Any] = {"json": body} if body is not None else {}
    return await session.call(method, path.format(other=grace.id, self=ada.id), **options)


@each_deed
async def test_one_proof_is_for_one_call(session: Session, ada: Person, grace: Person, deed: str) -> None:
    """R78: neither a log-in nor a while will do; one proof does, and is gone with the call that it was for."""
    assert_problem(await do(session, deed, ada, grace), 403, "reauthentication_required")
    await prove(session)
    done = await do(session, deed, ada, grace)
    assert done.status_code in (200, 202, 204), done.text
    if deed != "deletion":
        assert_problem(await session.call("GET", "/users/me/export"), 403, "reauthentication_required")


@each_deed
async def test_two_calls_and_one_proof(session: Session, ada: Person, grace: Person, deed: str) -> None:
    """R78: of many calls at once with one proof, one passes. (The same password said again is set already.)"""
    await prove(session)
    answers = await asyncio.gather(*(do(session, deed, ada, grace) for _ in range(6)))
    passed = [answer.status_code for answer in answers if answer.is_success]
    if deed == "password":
        assert passed
        passed = [200] * await SecurityEvent.filter(type="password.changed", user_id=ada.id).count()
    assert len(passed) == 1, [answer.text for answer in answers]
    assert {answer.status_code for answer in answers if not answer.is_success} <= {401, 403, 404}


async def test_different_calls_and_one_proof(session: Session, ada: Person, grace: Person) -> None:
    """R78: whatever they are."""
    for _ in range(5):
        await prove(session)
        kinds = ("export", "address", "a role", "somebody's address", "somebody's password", "a new user")
        answers = await asyncio.gather(*(do(session, kind, ada, grace) for kind in kinds))
        assert sum(answer.is_success for answer in answers) == 1
        assert {answer.status_code for answer in answers if not answer.is_success} == {403}
        await User.filter(email="new@example.com").delete()


async def test_two_proofs_are_for_two_calls(session: Session) -> None:
    """Two tabs that ask at once both go on."""
    await asyncio.gather(prove(session), prove(session))
    answers = await asyncio.gather(*(session.call("GET", "/users/me/export") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 403, 403, 403]


async def test_a_proof_ends(session: Session, clock: Clock) -> None:
    """Two minutes are enough to repeat a call."""
    await prove(session)
    clock.advance(121)
    assert_problem(await session.call("GET", "/users/me/export"), 403, "reauthentication_required")
    await prove(session)
    clock.advance(119)
    assert (await session.call("GET", "/users/me/export")).status_code == 200


async def test_a_proof_is_the_sessions_own(session: Session, ada: Person) -> None:
    """Another session of the same user has none; a refresh keeps it; it is gone with the session."""
    other = await ada.log_in()
    await prove(session)
    assert_problem(await other.call("GET", "/users/me/export"), 403, "reauthentication_required")
    await session.advance()
    assert (await session.call("GET", "/users/me/export")).status_code == 200
    await prove(session)
    await session.call("POST", "/auth/logout")
    assert_problem(await session.call("GET", "/users/me/export"), 401, "invalid_token")
    assert_problem(await other.call("GET", "/users/me/export"), 403, "reauthentication_required")


@pytest.mark.parametrize(
    ("deed", "body", "status"),
    [
        (("POST", "/users/me/email"), {"email": "nonsense"}, 422),
        (("POST", "/users/me/email"), {"email": "ada@example.com"}, 422),
        (("PUT", "/users/me"), {"password": "short"}, 422),
        (("PUT", "/users/me"), {"password": "ada@example.com1"}, 422),
        (("POST", "/users"), {"email": "root@example.com", "password": PASSWORD}, 400),
        (("PUT", "/users/{other}"), {"email": "root@example.com"}, 400),
        (("PUT", "/users/{other}"), {"password": "grace@example.com"}, 422),
        (("PUT", "/users/me"), {"password": NEW, "current_password": "wrong"}, 400),
        (("PUT", "/users/00000000-0000-4000-8000-000000000000"), {"password": NEW}, 404),
    ],
)
async def test_a_call_that_is_refused_leaves_the_proof(
    session: Session, grace: Person, deed: tuple[str, str], body: dict[str, object], status: int
) -> None:
    """What fails for another reason has used nothing up: the user corrects it and goes on."""
    await prove(session)
    method, path = deed
    answer = await session.call(method, path.format(other=grace.id), json=body)
    assert answer.status_code == status, answer.text
    assert (await session.call("GET", "/users/me/export")).status_code == 200


async def test_the_last_superuser_keeps_the_proof(session: Session, root: Person) -> None:
    """409 uses nothing up either."""
    await User.filter(id=root.id).delete()
    await prove(session)
    assert_problem(await session.call("DELETE", "/users/me"), 409, "last_superuser")
    assert (await session.call("GET", "/users/me/export")).status_code == 200


async def test_what_needs_no_proof_uses_none(session: Session, grace: Person) -> None:
    """A name, an emergency, a password with the old one beside it."""
    await prove(session)
    for method, path, body in (
        ("PATCH", "/users/me", {"full_name": "Countess"}),
        ("PATCH", f"/users/{grace.id}", {"full_name": "Amazing"}),
        ("PATCH", f"/users/{grace.id}", {"is_active": False}),
        ("DELETE", f"/users/{grace.id}/sessions", {}),
        ("PUT", "/users/me", {"password": NEW, "current_password": PASSWORD}),
    ):
        answer = await session.call(method, path, json=body)
        assert answer.is_success, answer.text
    assert (await session.call("GET", "/users/me/export")).status_code == 200


async def test_a_wrong_password_proves_nothing(session: Session) -> None:
    """R14."""
    answer = await session.call("POST", "/auth/reauthenticate", json={"password": "wrong"})
    assert_problem(answer, 400, "invalid_grant")
    assert_problem(await session.call("GET", "/users/me/export"), 403, "reauthentication_required")


async def test_a_proof_does_not_outlive_the_cure(
    session: Session, ada: Person, root: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: with a proof at hand a session that was ended does nothing more."""
    await prove(session)
    roots = await root.log_in()
    async with held(monkeypatch, session, [DEEDS["export"], DEEDS["password"]]) as calls:
        assert (await roots.call("DELETE", f"/users/{ada.id}/sessions")).status_code == 204
    for answer in await calls:
        assert_problem(answer, 401, "invalid_token")


async def test_with_minutes_proofs_are_not_asked_for(ada: Person) -> None:
    """Nothing changes where a while counts: a log-in will do, again and again."""
    session = await ada.log_in()
    for _ in range(3):
        assert (await session.call("GET", "/users/me/export")).status_code == 200
