"""R17: a log-in asks the database the same, whoever it is for; and the password is read with its user."""

from __future__ import annotations

import httpx
import pytest

from tests.support.links import log_in
from tests.support.passwords import store
from tests.support.people import PASSWORD, Person
from tests.support.statements import noted


def kinds(statements: list[str]) -> list[str]:
    """The statements without what differs between two of the same kind."""
    return [" ".join(statement.split()[:1] + statement.split(" FROM ")[1:2]) for statement in statements]


async def test_the_same_for_everybody(
    client: httpx.AsyncClient, ada: Person, grace: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody, an account without a password, and a wrong password: the same statements in the same order."""
    await store(grace.id, None)
    seen = []
    for email in ("nobody@example.com", grace.email, ada.email):
        with noted(monkeypatch) as statements:
            assert (await log_in(client, email, "wrong wrong wrong")).status_code == 400
        seen.append(kinds(statements))
    assert seen[0] == seen[1] == seen[2]
    assert sum("credentials" in statement for statement in statements) == 1


async def test_a_log_in_reads_its_password_with_its_user(
    client: httpx.AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement for the user and the hash; no other looks at credentials."""
    await ada.log_in()
    with noted(monkeypatch) as statements:
        assert (await log_in(client, ada.email, PASSWORD)).status_code == 200
    (read,) = [statement for statement in statements if 'credentials"' in statement]
    assert '"users"' in read
    assert len(statements) <= 6, statements
