"""What operators see of it: numbers, the check-up, lists, the story of a session."""

from __future__ import annotations

from uuid import UUID

import pytest

from service.audit.timeline import explain
from service.binding.checks import check_settings
from service.core.clock import Clock
from service.core.telemetry import metrics
from service.feature.findings import Level
from service.runtime import Runtime
from service.settings import Settings
from tests.support.bound import Bound, jwt, new_key
from tests.support.people import Person


def counted() -> dict[str, float]:
    """How often each has been counted in this process."""
    return {
        sample.labels["what"]: sample.value
        for family in metrics.device_bindings.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }


async def test_what_is_counted(browser: Bound, clock: Clock) -> None:
    """Each under its name; all names are there from the start, and nobody can make up another."""
    before = counted()
    assert len(before) == 12

    def since() -> dict[str, float]:
        return {what: number - before.get(what, 0) for what, number in counted().items() if number != before.get(what)}

    await browser.register("x")
    await browser.register(jwt(browser.key, browser.offered, brings=True, header={"alg": "none"}))
    await browser.register(jwt(browser.key, browser.offered))
    await browser.register(jwt(browser.key, "x", brings=True))
    await browser.bind()
    await browser.register()  # once more: it counts once
    await browser.register(key=new_key())
    await browser.prove()
    await browser.ask(jwt(new_key(), browser.challenge))
    browser.proof = None
    for reason in ("quota_exceeded", "unreachable", "server_error", "made_up"):
        value = f'{reason};session_identifier="{browser.identifier}"'
        await browser.send("/refresh", headers=browser.headers | {"Secure-Session-Skipped": value})
    await browser.send("/logout")
    await browser.register()
    assert since() == {
        "registered": 1, "proven": 1, "refused_form": 1, "refused_algorithm": 1, "refused_key": 1,
        "refused_challenge": 1, "refused_bound": 1, "refused_signature": 1, "refused_session": 1,
        "skipped_quota_exceeded": 1, "skipped_unreachable": 1, "skipped_server_error": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("language", "words"), [("en", "bound to a key of its browser's"), ("de", "gebunden")])
async def test_its_story(bound: Bound, runtime: Runtime, ada: Person, clock: Clock, language: str, words: str) -> None:
    """`latchkey explain` tells that it was bound, and who came without its key."""
    thief = bound.stolen()
    thief.proof = None
    clock.advance(20)
    await thief.send("/refresh")
    told = await explain(runtime, user_id=ada.id, language="de" if language == "de" else "en")
    texts = {entry.event: entry.text for entry in told.entries}
    assert words in texts["session.bound"]
    assert "{" not in texts["session.bound"] + texts["session.unproven"]
    assert ("there was no proof of it" if language == "en" else "keinen Nachweis") in texts["session.unproven"]


async def test_lists(bound: Bound, root: Person, ada: Person) -> None:
    """An administrator's list says it too."""
    session = await root.log_in()
    listed = (await session.call("GET", f"/users/{ada.id}/sessions")).json()
    assert [one["bound"] for one in listed] == ["dbsc"]
    assert UUID(listed[0]["id"])


HTTPS = {"PUBLIC_URL": "https://id.example.com", "BACKEND_CORS_ORIGINS": ()}


@pytest.mark.parametrize(
    ("given", "level", "says"),
    [
        ({}, Level.OK, "Browsers that can"),
        ({"PUBLIC_URL": "http://id.example.com"}, Level.WARNING, "isn't https"),
        ({"PUBLIC_URL": "http://id.example.com", "DEVICE_BINDING": "superusers"}, Level.WARNING, "only come with DPoP"),
        ({"DEVICE_PROOF_SECONDS": 60}, Level.WARNING, "browsers ration them"),
        ({"FRONTEND_URL": "https://app.example.com"}, Level.WARNING, "another origin"),
        ({"BACKEND_CORS_ORIGINS": ("https://app.example.com",)}, Level.WARNING, "https://app.example.com"),
        ({"DEVICE_BINDING": "off"}, None, ""),
        ({"ENVIRONMENT": "development"}, None, ""),
    ],
    ids=str,
)
def test_the_check_up(given: dict[str, object], level: Level | None, says: str) -> None:
    """What keeps browsers from binding sessions, or from proving that they have the key, is said with its cure."""
    plain = Settings(SECRET_KEY="k" * 40).model_copy(update={"ENVIRONMENT": "production", **HTTPS, **given})
    found = list(check_settings(plain, {}))
    if level is None:
        assert not found
        return
    assert found[0].level is level
    assert says in found[0].says
    assert bool(found[0].fix) == (level is not Level.OK)
