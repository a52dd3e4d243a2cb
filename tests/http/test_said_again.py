"""Every change, made twice because its first answer got lost: what docs/api.md says the second one hears."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from models import OutboxMail, SecurityEvent, User
from service.core.clock import Clock
from service.core.telemetry import metrics
from service.runtime import Runtime
from service.stores.sessions.scripts.shared import KEPT_MS
from tests.http.support import operations
from tests.support.letters import Mailbox
from tests.support.links import NEW_ADDRESS, NEW_PASSWORD, address_token, reset_token, undo_token, verify_token
from tests.support.people import PASSWORD, Person, Session, assert_problem
from tests.support.process import ROOT

ROW = re.compile(r"^\| `([A-Z]+ /(?:api|oauth)/\S+)` \| (\d{3})(?: `(\w+)`)? \|", re.MULTILINE)
SAID = {
    call: (int(status), code)
    for call, status, code in ROW.findall(
        (ROOT / "docs/api.md").read_text().split("## Said again")[1].split("\n## ")[0]
    )
}
ELSEWHERE = {
    call
    for call in SAID
    if re.search(r"/api/auth/email/(start|look|finish)$|/second-factor|/factors|/recovery-codes|/trusted-devices", call)
    or re.search(r"/auth/passkeys|/reauthenticate/options|/auth/providers|/identities|/auth/device| /oauth/", call)
}
"""Features with stories of their own: tests/mail_login, tests/factors, tests/providers, tests/binding, tests/oauth."""


@dataclass
class Scene:
    """Who makes the calls, and whom they are about."""

    ada: Person
    grace: Person
    session: Session
    other: Session
    root: Session
    mailbox: Mailbox
    client: httpx.AsyncClient

    async def prepare(self, call: str) -> tuple[Session | None, dict[str, Any]]:
        """Do what comes before a call; return who makes it, and the body."""
        match call.rpartition("/api")[2]:
            case "/auth/register":
                return None, {"email": NEW_ADDRESS, "password": PASSWORD}
            case "/auth/login":
                return None, {"username": self.ada.email, "password": PASSWORD}
            case "/auth/refresh":
                return None, {"refresh_token": self.session.refresh_token}
            case "/auth/reauthenticate":
                return self.session, {"password": PASSWORD}
            case "/auth/password/forgot" | "/auth/email/verify/resend":
                return None, {"email": self.ada.email}
            case "/auth/password/reset":
                return None, {"token": await reset_token(self.ada, self.mailbox), "password": NEW_PASSWORD}
            case "/auth/email/verify":
                return None, {"token": await verify_token(self.ada, self.mailbox), "password": PASSWORD}
            case "/auth/email/confirm":
                return None, {"token": await address_token(self.session, self.mailbox)}
            case "/auth/email/undo":
                return None, {"token": await undo_token(self.ada, self.mailbox)}
            case "/users/me" if call[0] == "P":
                return self.session, {"password": NEW_PASSWORD, "current_password": PASSWORD, "full_name": "Ada"}
            case "/users/me/email":
                return self.session, {"email": NEW_ADDRESS}
            case "/sessions/{session_id}" if call[0] == "P":
                return self.session, {"name": "Phone"}
            case "/users":
                return self.root, {"email": NEW_ADDRESS, "password": PASSWORD}
            case "/users/{user_id}" if call[0] == "P":
                return self.root, {"password": NEW_PASSWORD}
            case path if path.startswith("/users/{user_id}"):
                return self.root, {}
            case _:
                return self.session, {}

    async def make(self, call: str, who: Session | None, body: Mapping[str, Any]) -> httpx.Response:
        method, _, path = call.partition(" ")
        path = path.format(session_id=self.other.sid, user_id=self.grace.id)
        headers = who.headers if who else {}
        return await self.client.request(method, path, headers=headers, json=body or None)


@pytest.fixture
async def scene(ada: Person, grace: Person, root: Person, mailbox: Mailbox, client: httpx.AsyncClient) -> Scene:
    await grace.log_in()
    found = Scene(ada, grace, await ada.log_in(), await ada.log_in(), await root.log_in(), mailbox, client)
    await mailbox.letters()
    return found


def test_every_call_is_in_the_table() -> None:
    """A new change says what becomes of it when it is made twice."""
    changing = {operation.name for operation in operations() if operation.method != "GET"}
    assert set(SAID) == changing


@pytest.mark.parametrize("call", [call for call in SAID if call not in ELSEWHERE])
async def test_said_again(call: str, scene: Scene) -> None:
    """The second answer is the documented one, and what ends sessions has told of it once."""
    who, body = await scene.prepare(call)
    first = await scene.make(call, who, body)
    assert first.status_code < 300, first.text
    told = await told_so_far()
    again = await scene.make(call, who, body)
    status, code = SAID[call]
    assert again.status_code == status, again.text
    if code:
        assert_problem(again, status, code)
    if call.partition(" ")[0] == "DELETE" or call.rpartition("/")[2] in ("me", "logout", "logout-all"):
        now = await told_so_far()
        if call not in ("DELETE /api/sessions", "DELETE /api/users/{user_id}/sessions"):  # each is an administration's
            assert now[0] == told[0]
        assert now[1:] == told[1:]


async def told_so_far() -> tuple[int, int, float]:
    """Events, letters and counted ends of sessions."""
    ended = sum(
        sample.value
        for metric in metrics.sessions_revoked.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    )
    return await SecurityEvent.all().count(), await OutboxMail.all().count(), ended


async def test_an_end_that_was_cut_off_is_told_by_the_next(
    scene: Scene, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that died between the end and its event: the repeated call is a success, and tells of it."""
    for session, method, path in (
        (scene.session, "DELETE", f"/sessions/{scene.other.sid}"),
        (scene.session, "POST", "/auth/logout"),
    ):
        with monkeypatch.context() as dying:
            dying.setattr("service.audit.events.record", _die)
            assert (await session.call(method, path)).status_code == 500
        before = await SecurityEvent.all().count()
        for _ in range(2):
            assert (await session.call(method, path)).status_code == 204
        assert await SecurityEvent.all().count() == before + 1


async def _die(*_: object, **__: object) -> None:
    raise RuntimeError("the process ended here")


async def test_only_what_has_just_ended_for_this_very_reason(scene: Scene, clock: Clock, ada: Person) -> None:
    """Whoever is no caller for another reason, or since longer ago, is told so: nothing is done for them."""
    disabled = scene.session
    await scene.root.call("PATCH", f"/users/{ada.id}", json={"is_active": False})
    for method, path in (("POST", "/auth/logout-all"), ("DELETE", "/users/me")):
        assert_problem(await disabled.call(method, path), 401, "invalid_token")
    assert await User.filter(id=ada.id).exists()
    own = await scene.grace.log_in()
    assert (await own.call("POST", "/auth/logout-all")).status_code == 204
    clock.advance(KEPT_MS / 1000)
    assert_problem(await own.call("POST", "/auth/logout-all"), 401, "invalid_token")
    assert_problem(await own.call("DELETE", "/users/me"), 401, "invalid_token")


async def test_a_password_that_was_just_set_is_no_way_to_guess(scene: Scene, ada: Person) -> None:
    """Another password than the one that was set is looked at as ever: by the current one, and for its price."""
    change = {"password": NEW_PASSWORD, "current_password": PASSWORD}
    assert (await scene.session.call("PUT", "/users/me", json=change)).status_code == 200
    guess = {"password": "something else entirely", "current_password": PASSWORD}
    assert_problem(await scene.session.call("PUT", "/users/me", json=guess), 400, "invalid_grant")
    ada.password = NEW_PASSWORD
    elsewhere = await ada.log_in()  # which has set nothing
    assert_problem(await elsewhere.call("PUT", "/users/me", json=change), 400, "invalid_grant")
