"""Calls that were let in while their session was good, and come to their deed after its end (R76)."""

from __future__ import annotations

import pytest

from models import Identity
from tests.http.support import operations
from tests.providers.support import PATH, Tab, linked
from tests.support.inflight import Call, held
from tests.support.people import Person
from tests.support.providers import Account

READS = {"GET /api/users/me/identities"}
OURS = {"DELETE /api/users/me/identities/{identity_id}"}


def test_every_call_is_looked_at() -> None:
    """A new one belongs here, or to those that only read; administrators' are looked at where they are."""
    secured = {call.name for call in operations() if call.secured and "/users/me/identities" in call.path}
    assert secured == READS | OURS


async def test_a_thiefs_calls(tab: Tab, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner ends the other sessions; what a stolen one has under way is refused, and has changed nothing."""
    own, thief = await ada.log_in(), await ada.log_in()
    assert (await tab.come("corp", own, intent="link")).status_code == 204
    (row,) = await Identity.filter(user_id=ada.id)
    tab.providers.google.account = Account("666", "mallory@gmail.com")
    begun, back = await tab.away("google", thief, intent="link")
    again, shown = await tab.away("corp", thief, intent="reauthenticate")
    calls: list[Call] = [
        ("POST", "/auth/providers/github/start", {"intent": "link"}),
        ("POST", "/auth/providers/google/finish", {"flow": begun.flow, **back.fields}),
        ("POST", "/auth/providers/corp/finish", {"flow": again.flow, **shown.fields}),
        ("DELETE", f"/users/me/identities/{row.id}", None),
    ]
    assert PATH == "/api/auth/providers"
    async with held(monkeypatch, thief, calls) as answers:
        assert (await own.call("DELETE", "/sessions")).status_code == 204
    found = [(answer.status_code, answer.json()["code"]) for answer in await answers]
    assert found == [(401, "invalid_token")] * len(calls)
    assert await linked(ada.id) == ["corp"]
    assert (await own.me()).status_code == 200
