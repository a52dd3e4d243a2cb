"""`GET /api/auth/check`: what a proxy asks before it passes a request on; it sees a status and some headers."""

from __future__ import annotations

import httpx

from models import User
from tests.support.people import Person, assert_problem

PATH = "/api/auth/check"


async def test_whose_it_is(client: httpx.AsyncClient, ada: Person) -> None:
    """204 with the user's id and the session's, for no cache; whatever the proxy was sent says nothing."""
    session = await ada.log_in()
    forged = {"X-Auth-Sub": "somebody", "X-Auth-Sid": "else"}
    response = await client.get(PATH, headers=session.headers | forged)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["x-auth-sub"] == str(ada.id)
    assert response.headers["x-auth-sid"] == str(session.sid)
    assert response.headers["cache-control"] == "no-store"


async def test_whose_it_is_not(client: httpx.AsyncClient, ada: Person) -> None:
    """401 for no token, for one that isn't good, and at once where the session is over or the user disabled."""
    session, other = await ada.log_in(), await ada.log_in()
    nobody = await client.get(PATH)
    assert_problem(nobody, 401, "not_authenticated")
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    assert "x-auth-sub" not in nobody.headers
    assert_problem(
        await client.get(PATH, headers={"Authorization": f"Bearer {session.refresh_token}"}), 401, "invalid_token"
    )

    assert (await client.post("/api/auth/logout", headers=session.headers)).status_code == 204
    over = await client.get(PATH, headers=session.headers)
    assert_problem(over, 401, "invalid_token")
    assert "x-auth-sub" not in over.headers
    assert (await client.get(PATH, headers=other.headers)).status_code == 204
    await User.filter(id=ada.id).update(is_active=False)
    assert_problem(await client.get(PATH, headers=other.headers), 401, "invalid_token")
