"""What of second factors is seen beside their own page: on one's account, in lists, and in the numbers."""

from __future__ import annotations

import pytest

from service.core.clock import Clock
from service.core.telemetry import metrics
from tests.factors.passkey_support import add, holder_of, ok
from tests.factors.support import Owner, set_up
from tests.mail_login.support import Desk, code_in
from tests.support.authenticator import Authenticator
from tests.support.letters import Mailbox
from tests.support.people import Person
from tests.support.statements import noted


async def test_on_ones_account(ada: Person, root: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """`/users/me` and the lists of administrators say which there are, and ask the database nothing more for it."""
    session = await ada.log_in()
    with noted(monkeypatch) as before:
        assert (await ok(session.me()))["factors"] == []
    await set_up(session, clock)
    assert (await ok(session.me()))["factors"] == ["totp", "recovery_code"]
    await ok(add(session, Authenticator()), 201)
    with noted(monkeypatch) as after:
        assert (await ok(session.me()))["factors"] == ["totp", "passkey", "recovery_code"]
    assert len(after) == len(before) == 1
    assert (await session.call("DELETE", "/users/me/factors/totp")).status_code == 204
    assert (await ok(session.me()))["factors"] == ["passkey", "recovery_code"]
    hers = await root.log_in()
    listed = {user["email"]: user["factors"] for user in await ok(hers.call("GET", "/users"))}
    assert listed == {ada.email: ["passkey", "recovery_code"], root.email: []}
    exported = await ok(session.call("GET", "/users/me/export"))
    assert exported["user"]["factors"] == ["passkey", "recovery_code"]


async def test_log_ins_by_method(owner: Owner, grace: Person, root: Person, mailbox: Mailbox) -> None:
    """Each log-in counts once, by what it began with; one that fails by its reason."""

    def counted() -> dict[tuple[str, str], float]:
        return {
            (sample.labels["result"], sample.labels["method"]): sample.value
            for metric in metrics.logins.collect()
            for sample in metric.samples
            if sample.name == "latchkey_logins_total"
        }

    holder = await holder_of(grace)
    before = counted()
    assert {("succeeded", method) for method in ("password", "passkey", "mail")} <= set(before)
    await owner.log_in()
    await holder.log_in()
    await mailbox.letters()
    desk = Desk(root.client, mailbox)
    challenge, letter = await desk.asked_and_sent(root.email)
    assert (await desk.by_code(challenge, code_in(letter))).status_code == 200
    await owner.second(await owner.challenge(), owner.app.wrong())
    after = counted()
    moved = {key: number - before.get(key, 0) for key, number in after.items() if number != before.get(key, 0)}
    assert moved == {
        ("succeeded", "password"): 1,
        ("succeeded", "passkey"): 1,
        ("succeeded", "mail"): 1,
        ("code", ""): 1,
    }
