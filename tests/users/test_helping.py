"""What administrators do for somebody who can't get in: see why, and send the e-mail again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from models import User
from service.credentials import passwords
from tests.support.letters import Mailbox
from tests.support.links import reset
from tests.support.people import Person, Session, assert_problem, confirmed


async def explained(session: Session, person: Person, **headers: str) -> dict[str, Any]:
    answer = await session.client.get(f"/api/users/{person.id}/explanation", headers={**session.headers, **headers})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_why_was_she_logged_out(ada: Person, root: Person) -> None:
    """What became of each session, in a sentence and as its client was told; the newest first."""
    admin = await root.log_in()
    first, second = await ada.log_in(), await ada.log_in()
    await second.call("POST", "/auth/logout")
    found = await explained(admin, ada)
    stories = {story["session_id"]: story for story in found["sessions"]}
    assert stories[str(first.sid)]["verdict"] == "living"
    assert (stories[str(second.sid)]["verdict"], stories[str(second.sid)]["reason"]) == ("ended", "logged_out")
    assert [entry["at"] for entry in found["entries"]] == sorted(
        (entry["at"] for entry in found["entries"]), reverse=True
    )
    assert found["entries"][0]["type"] == "session.logged_out"
    await admin.call("PATCH", f"/users/{ada.id}", json={"is_active": False})
    found = await explained(admin, ada)
    stories = {story["session_id"]: story for story in found["sessions"]}
    assert stories[str(first.sid)]["reason"] == "user_disabled"
    german = await explained(admin, ada, **{"Accept-Language": "de"})
    assert "gesperrt" in next(story["text"] for story in german["sessions"] if story["session_id"] == str(first.sid))


async def test_who_may_ask(ada: Person, grace: Person, root: Person) -> None:
    """R60: superusers only; others learn nothing, not even about themselves; an unknown id is told to superusers."""
    hers, admin = await ada.log_in(), await root.log_in()
    for target in (ada.id, grace.id, uuid4(), "nonsense"):
        assert_problem(await hers.call("GET", f"/users/{target}/explanation"), 403, "forbidden")
        assert_problem(await hers.call("POST", f"/users/{target}/letter"), 403, "forbidden")
    for missing in (uuid4(), "nonsense"):
        assert_problem(await admin.call("GET", f"/users/{missing}/explanation"), 404, "not_found")
        assert_problem(await admin.call("POST", f"/users/{missing}/letter"), 404, "not_found")


@pytest.mark.parametrize("state", ["no password", "not confirmed", "neither wanting"])
async def test_the_letter_again(ada: Person, root: Person, mailbox: Mailbox, state: str) -> None:
    """Which one it is depends on what is wanting; its link works; the one before it is over."""
    admin = await root.log_in()
    user = await User.get(id=ada.id)
    if state == "no password":
        await passwords.take_away(user)
    await confirmed(ada, yes=state != "not confirmed")
    expected = {"no password": "set_password", "not confirmed": "verify_address"}.get(state, "reset_password")
    tokens = []
    for _ in range(2):
        answer = await admin.call("POST", f"/users/{ada.id}/letter")
        assert (answer.status_code, answer.json()) == (202, {"letter": expected})
        tokens.append((await mailbox.letter(ada.email)).token)
    if state != "not confirmed":
        assert_problem(await reset(ada.client, tokens[0]), 400, "invalid_token")
        assert (await reset(ada.client, tokens[1])).status_code == 204


async def test_letters_have_limits(ada: Person, root: Person, mailbox: Mailbox) -> None:
    """R80: a mailbox gets no more of them than where its owner asks."""
    admin, most = await root.log_in(), 2
    settings = mailbox.runtime.settings.model_copy(update={"MAIL_REQUESTS_PER_ACCOUNT": most})
    worker = Mailbox(replace(mailbox.runtime, settings=settings))
    came = []
    for _ in range(most + 2):
        assert (await admin.call("POST", f"/users/{ada.id}/letter")).status_code == 202
        came += await worker.letters(ada.email)
    assert len(came) == most


async def test_nobody_who_may_not_log_in(ada: Person, root: Person) -> None:
    """A link gets no one in who is disabled: that is said, and nothing is sent."""
    admin = await root.log_in()
    await admin.call("PATCH", f"/users/{ada.id}", json={"is_active": False})
    assert_problem(await admin.call("POST", f"/users/{ada.id}/letter"), 400, "inactive_user")
