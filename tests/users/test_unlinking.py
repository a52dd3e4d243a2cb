"""Who runs the service sees which accounts at other providers open somebody's, and takes one away."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from models import Credential, Identity, SecurityEvent, User
from service.audit.catalogue.providers import PROVIDER_REFUSED
from service.audit.timeline import explain
from service.core.client import Client
from service.core.clock import Clock
from service.credentials.proof import Proof
from service.feature import ways
from service.feature.ways import Way
from service.runtime import Runtime
from service.signin import door
from service.users import linked
from tests.cli.test_commands import Shell
from tests.factors.support import set_up
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem
from tests.support.stores import Stores

GONE = "There is no such account at a provider."


async def link(runtime: Runtime, person: Person, provider: str = "google", subject: str = "1150") -> UUID:
    row = await Identity.create(
        id=uuid4(), user_id=person.id, provider=provider, issuer=f"https://{provider}.example", subject=subject,
        email="ada@else.example", created_at=runtime.clock.now(),
    )  # fmt: skip
    return row.id


@pytest.fixture
def one_can(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which providers one can log in by, and nothing else."""
    found = ["google", "corp"]

    def ways_in(*_: object) -> tuple[Way, ...]:
        return tuple(Way("provider", {"id": one, "name": f"{one.title()} Inc.", "brand": "openid"}) for one in found)

    monkeypatch.setattr(linked, "ways_in", ways_in)
    monkeypatch.setattr(ways, "ways_in", ways_in)
    return found


async def test_seen(ada: Person, grace: Person, root: Person, runtime: Runtime, clock: Clock) -> None:
    """By superusers, the oldest first; what names somebody at the provider isn't shown."""
    first = await link(runtime, ada)
    clock.advance(1)
    second = await link(runtime, ada, "corp", "00u1")
    await link(runtime, grace, subject="2")
    roots, hers = await root.log_in(), await ada.log_in()
    found = (await roots.call("GET", f"/users/{ada.id}/identities")).json()
    assert [one["id"] for one in found] == [str(first), str(second)]
    assert [(one["name"], one["brand"]) for one in found] == [("Google", "google"), ("Example Corp", "openid")]
    assert found[0].keys() == {"id", "provider", "name", "brand", "email", "created_at", "last_used_at"}
    assert "1150" not in str(found)
    for target in (ada.id, grace.id, uuid4(), "nonsense"):
        assert_problem(await hers.call("GET", f"/users/{target}/identities"), 403, "forbidden")
        assert_problem(await hers.call("DELETE", f"/users/{target}/identities/{first}"), 403, "forbidden")
    for target in (uuid4(), "nonsense"):
        assert_problem(await roots.call("GET", f"/users/{target}/identities"), 404, "not_found")
        assert_problem(await roots.call("DELETE", f"/users/{target}/identities/{first}"), 404, "not_found")
    assert (await roots.call("GET", f"/users/{root.id}/identities")).json() == []


async def test_as_the_settings_call_them(ada: Person, root: Person, runtime: Runtime, one_can: list[str]) -> None:
    """The name and the brand are the provider's of today; of one that is set no more what is known of it."""
    await link(runtime, ada, "corp")
    session = await root.log_in()
    (one,) = (await session.call("GET", f"/users/{ada.id}/identities")).json()
    assert (one["name"], one["brand"]) == ("Corp Inc.", "openid")
    one_can.clear()
    (one,) = (await session.call("GET", f"/users/{ada.id}/identities")).json()
    assert (one["name"], one["brand"]) == ("Corp", "openid")


async def test_taken_away(ada: Person, grace: Person, root: Person, runtime: Runtime, mailbox: Mailbox) -> None:
    """Every session of the user is over, and a log-in under way; it is on record who did it, and told."""
    identity = await link(runtime, ada)
    hers, roots = await ada.log_in(), await root.log_in()
    await mailbox.letters()
    version = (await User.get(id=ada.id)).credentials_version
    path = f"/users/{ada.id}/identities/{identity}"
    assert_problem(await roots.call("DELETE", f"/users/{grace.id}/identities/{identity}"), 404, "not_found")
    assert_problem(await roots.call("DELETE", f"/users/{ada.id}/identities/nonsense"), 404, "not_found")
    assert (await roots.call("DELETE", path)).status_code == 204
    assert assert_problem(await roots.call("DELETE", path), 404, "not_found")["detail"] == GONE
    assert not await Identity.exists()
    (letter,) = await mailbox.letters(ada.email)
    assert letter.subject == "You can no longer log in with Google"
    assert_problem(await hers.me(), 401, "invalid_token")
    ended = assert_problem(await hers.refresh(), 400, "invalid_grant")
    assert ended["cause"] == "ended_by_administrator"
    assert (await User.get(id=ada.id)).credentials_version > version
    (event,) = await SecurityEvent.filter(type="provider.unlinked")
    assert event.actor_id == root.id
    assert event.detail["provider"] == "google"
    assert event.detail["sessions"] == str(hers.sid)
    told = await explain(runtime, user_id=ada.id)
    said = next(entry.text for entry in told.entries if entry.event == "provider.unlinked")
    assert said.startswith("A Google account was unlinked by an administrator, from")
    assert said.endswith("and every session ended.")
    assert [(story.verdict, story.text) for story in told.stories if story.session_id == hers.sid] == [("ended", said)]
    german = await explain(runtime, user_id=ada.id, language="de")
    assert any(entry.text.startswith("Ein Google-Konto wurde durch die Administration") for entry in german.entries)
    await ada.log_in()


async def test_it_takes_a_fresh_session(ada: Person, root: Person, runtime: Runtime, clock: Clock) -> None:
    """R78: what is for good isn't done by a session that lies about."""
    identity = await link(runtime, ada)
    session = await root.log_in()
    clock.advance(runtime.settings.FRESH_SESSION_MINUTES * 60 + 1)
    path = f"/users/{ada.id}/identities/{identity}"
    assert_problem(await session.call("DELETE", path), 403, "reauthentication_required")
    assert await Identity.exists()
    fresh = await root.log_in()
    own = await link(runtime, root, subject="2")
    assert_problem(await fresh.call("DELETE", f"/users/{root.id}/identities/{own}"), 403, "forbidden")
    assert (await fresh.call("DELETE", path)).status_code == 204


async def test_the_last_way_in(ada: Person, root: Person, runtime: Runtime, one_can: list[str]) -> None:
    """It stays, while nothing else opens the account: a password does, another provider that is set, a letter."""
    identity, session = await link(runtime, ada), await root.log_in()
    path = f"/users/{ada.id}/identities/{identity}"
    await Credential.filter(user_id=ada.id).delete()
    assert_problem(await session.call("DELETE", path), 409, "last_way_in")
    other = await link(runtime, ada, "elsewhere")  # which nobody can log in by
    assert_problem(await session.call("DELETE", path), 409, "last_way_in")
    assert (await session.call("DELETE", f"/users/{ada.id}/identities/{other}")).status_code == 204
    await link(runtime, ada, "corp")
    assert (await session.call("DELETE", path)).status_code == 204


async def test_many_at_once(ada: Person, root: Person, runtime: Runtime, one_can: list[str]) -> None:
    """Fifty that take two ways in away, which are all there is: one stays."""
    both = [await link(runtime, ada, "google"), await link(runtime, ada, "corp")]
    await Credential.filter(user_id=ada.id).delete()
    found = await asyncio.gather(
        *(linked.unlink(runtime, ada.id, both[number % 2], actor=None) for number in range(50)), return_exceptions=True
    )
    assert len([one for one in found if not isinstance(one, BaseException)]) == 1
    assert {type(one).__name__ for one in found if isinstance(one, BaseException)} <= {"LastWayIn", "NotFound"}
    assert await Identity.all().count() == 1
    assert await SecurityEvent.filter(type="provider.unlinked").count() == 1


async def test_the_commands(ada: Person, runtime: Runtime, stores: Stores) -> None:
    """What there is, and one taken away by its provider's name or its id, with the reason on record."""
    shell, email = Shell(stores), ("--email", ada.email)
    assert await shell.ok("users", "identities", *email) == []
    assert "no account at a provider" in (await shell.fails("users", "unlink", "google", *email)).lower()
    first, second = await link(runtime, ada), await link(runtime, ada, subject="2")
    corp = await link(runtime, ada, "corp")
    shown = await shell.ok("users", "identities", *email)
    assert {one["id"] for one in shown} == {str(first), str(second), str(corp)}
    assert {one["offered"] for one in shown} == {False}
    text = await shell.text("users", "identities", *email)
    assert str(first) in text
    assert "1150" not in text
    assert "2 accounts at google" in await shell.fails("users", "unlink", "google", *email)
    session = await ada.log_in()
    done = await shell.ok("users", "unlink", str(first).upper(), *email, "--reason", "lost the account there")
    assert (done["unlinked"], done["provider"]) == (str(first), "google")
    assert_problem(await session.me(), 401, "invalid_token")
    (event,) = await SecurityEvent.filter(type="provider.unlinked")
    assert (event.detail["by"], event.detail["reason"], event.actor_id) == ("operator", "lost the account there", None)
    told = await explain(runtime, user_id=ada.id)
    assert any(
        entry.text == "A Google account was unlinked by an operator, and every session ended." for entry in told.entries
    )
    assert "opens this one no more" in await shell.text("users", "unlink", "corp", *email)
    await Credential.filter(user_id=ada.id).delete()
    assert "no such user" in await shell.fails("users", "unlink", "google", "--email", "nobody@example.com")


async def test_the_last_way_in_at_the_terminal(ada: Person, runtime: Runtime, stores: Stores) -> None:
    """It is said, and what to do; --force takes it all the same."""
    shell, email = Shell(stores), ("--email", ada.email)
    shell.environment["EMAIL_SIGN_IN"] = "off"
    identity = await link(runtime, ada)
    await Credential.filter(user_id=ada.id).delete()
    said = await shell.fails("users", "unlink", "google", *email)
    assert "Nothing else opens this account" in said
    assert "--force" in said
    assert len(said.splitlines()) == 1
    assert await Identity.exists(id=identity)
    assert (await shell.ok("users", "unlink", "google", *email, "--force"))["unlinked"] == str(identity)
    assert not await Identity.exists()


SENTENCES: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "provider.refused",
        {"provider": "google", "why": "unvouched"},
        "A Google account wasn't let in: its address isn't vouched for.",
        "Ein Google-Konto wurde nicht eingelassen: für seine Adresse bürgt niemand.",
    ),
    (
        "provider.refused",
        {"provider": "apple", "why": "taken"},
        "An Apple account wasn't let in: it opens another account here.",
        "Ein Apple-Konto wurde nicht eingelassen: es öffnet hier ein anderes Konto.",
    ),
    (
        "provider.linked",
        {"provider": "corp"},
        "An account at corp was linked by an operator: it opens this one.",
        "Ein Konto bei corp wurde durch den Betrieb verknüpft: Es öffnet dieses.",
    ),
    (
        "provider.unlinked",
        {"provider": "github"},
        "A GitHub account was unlinked by an operator, and every other session ended.",
        "Ein GitHub-Konto wurde durch den Betrieb getrennt, und alle anderen Sitzungen wurden beendet.",
    ),
    ("login.succeeded", {"methods": "fed", "provider": "google"}, "Logged in with a Google account.",
     "Angemeldet mit einem Google-Konto."),
    ("login.succeeded", {"methods": "fed", "provider": "corp"}, "Logged in with an account at corp.",
     "Angemeldet mit einem Konto bei corp."),
    ("login.succeeded", {"methods": "pwd"}, "Logged in.", "Angemeldet."),
    (
        "login.pending",
        {"methods": "fed", "provider": "google", "owed": "totp"},
        "The first step of a log-in with a Google account was right (fed); a second one was asked for.",
        "Der erste Schritt einer Anmeldung mit einem Google-Konto war richtig (fed); ein zweiter wurde verlangt.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "detail", "english", "german"), SENTENCES)
async def test_told(
    event: str, detail: dict[str, Any], english: str, german: str, ada: Person, runtime: Runtime
) -> None:
    """In sentences, in both languages."""
    await SecurityEvent.create(id=uuid4(), type=event, user_id=ada.id, detail=detail, created_at=runtime.clock.now())
    for language, said in (("en", english), ("de", german)):
        told = await explain(runtime, user_id=ada.id, language=language)  # type: ignore[arg-type]
        assert said in [entry.text for entry in told.entries]


async def test_which_provider_it_was_by(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """The door records it, where a log-in is whole and where a second factor is owed."""
    here, user = Client("192.0.2.1", "Mozilla/5.0"), await User.get(id=ada.id)
    proof = Proof(frozenset({"fed"}), 1, clock.now(), provider="corp")
    assert isinstance(await door.begin(runtime, user, proof, here), door.SignedIn)
    await set_up(await ada.log_in(), clock)
    assert isinstance(await door.begin(runtime, await User.get(id=ada.id), proof, here), door.Pending)
    told = [entry.text for entry in (await explain(runtime, user_id=ada.id)).entries]
    assert [text for text in told if text.startswith("Logged in with an account at corp, from 192.0.2.1")]
    assert [text for text in told if text.startswith("The first step of a log-in with an account at corp was right")]


def test_every_why_is_spelt() -> None:
    """A word of ours that nobody has put into words would stand in a sentence as it is."""
    assert set(PROVIDER_REFUSED.spelt["why"]) == {
        "unvouched", "not_linked", "failed", "answer", "registration", "taken",
    }  # fmt: skip
