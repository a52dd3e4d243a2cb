"""How fresh a session is, at which level, and what is asked for where it isn't."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from service.core.clock import Clock
from service.runtime import Runtime
from tests.support.people import PASSWORD, Person, Session, assert_problem
from tests.support.second_factor import CODE, PATH, House, house

METHODS: dict[int, list[str]] = {1: ["password"], 2: []}


async def deed(session: Session, level: int) -> Any:
    """Change something that asks for this level."""
    return await session.client.post(f"{PATH}/deed/{level}", headers=session.headers)


async def sight(session: Session, level: int) -> Any:
    """See something behind a guard that asks for this level."""
    return await session.client.get(f"{PATH}/sight/{level}", headers=session.headers)


async def show(session: Session, code: str) -> Any:
    return await session.client.post(f"{PATH}/reauthenticate", json={"code": code}, headers=session.headers)


async def give_password(session: Session) -> Any:
    return await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})


async def enter(house: House, person: Person) -> Session:
    return house.session(await house.first(person.email))


async def hold_asked(session: Session, level: int) -> None:
    """Both ways of asking say what is asked for."""
    for answer in (await deed(session, level), await sight(session, level)):
        problem = assert_problem(answer, 403, "reauthentication_required")
        assert (problem["methods"], problem["level"]) == (METHODS[level], level)


async def hold_fresh(session: Session, level: int) -> None:
    assert (await deed(session, level)).status_code == 204
    assert (await sight(session, level)).status_code == 204


async def test_a_password_is_level_one(lenient: House, ada: Person, clock: Clock) -> None:
    """It is fresh for ten minutes, and never at the second level."""
    session = await enter(lenient, ada)
    await hold_fresh(session, 1)
    await hold_asked(session, 2)
    clock.advance(540)
    await hold_fresh(session, 1)
    clock.advance(61)
    await hold_asked(session, 1)
    assert (await give_password(session)).status_code == 204
    await hold_fresh(session, 1)
    await hold_asked(session, 2)


async def test_a_second_factor_lifts_the_session(lenient: House, ada: Person, clock: Clock) -> None:
    """Shown beside the password it is level two, in the list and in the next tokens; each level has its own time."""
    session = await enter(lenient, ada)
    assert (await show(session, CODE)).status_code == 204
    await hold_fresh(session, 2)
    (shown,) = (await session.call("GET", "/sessions")).json()
    assert (shown["methods"], shown["level"]) == (["otp", "pwd"], 2)
    await session.advance()
    assert (session.claims["amr"], session.claims["acr"]) == (["otp", "pwd"], "aal2")
    clock.advance(601)
    assert (await give_password(session)).status_code == 204
    await hold_fresh(session, 1)
    await hold_asked(session, 2)
    assert (await show(session, "recovery")).status_code == 204
    await hold_fresh(session, 2)


async def test_a_log_in_of_two_factors_is_fresh_at_both(strict: House, ada: Person, clock: Clock) -> None:
    """For as long as a log-in counts."""
    session = await strict.log_in(ada.email)
    await hold_fresh(session, 2)
    clock.advance(601)
    await hold_asked(session, 1)
    await hold_asked(session, 2)


async def test_a_wrong_code(lenient: House, ada: Person) -> None:
    """It lifts nothing."""
    session = await enter(lenient, ada)
    assert_problem(await show(session, "000000"), 400, "invalid_grant")
    await hold_asked(session, 2)


async def test_asked_every_time(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, ada: Person) -> None:
    """R78: one proof is for one call; a password's never for one that asks for the second level."""
    async with house(runtime, monkeypatch, FRESH_SESSION_MINUTES=0.0) as found:
        session = await enter(found, ada)
        for act in (deed, sight):
            await hold_asked(session, 1)
            await give_password(session)
            assert_problem(await act(session, 2), 403, "reauthentication_required")
            assert (await act(session, 1)).status_code == 204
            await hold_asked(session, 1)
            await show(session, CODE)
            assert (await act(session, 2)).status_code == 204
            await hold_asked(session, 2)
            await show(session, CODE)
            assert (await act(session, 1)).status_code == 204
            await hold_asked(session, 1)


async def test_our_own_calls_say_what_is_asked(ada: Person, clock: Clock) -> None:
    """The members are in every such refusal."""
    session = await ada.log_in()
    clock.advance(601)
    problem = assert_problem(await session.call("GET", "/users/me/export"), 403, "reauthentication_required")
    assert (problem["methods"], problem["level"]) == (["password"], 1)


async def test_access_tokens_of_the_version_before(ada: Person, runtime: Runtime) -> None:
    """They lack `amr` and `acr`, and go on working until they run out."""
    session = await ada.log_in()
    claims = {name: value for name, value in session.claims.items() if name not in ("amr", "acr")}
    pair = await runtime.keyring.signing_pair()
    from tests.support.spelling import canonical

    signed = jwt.encode(claims, pair.private, algorithm="ES256", headers={"typ": "at+jwt", "kid": pair.kid})
    session.access_token = canonical(signed)
    assert (await session.me()).status_code == 200
