"""The one catalogue of events: nothing is missing in it, what is made of it is up to date, and `record` holds to it."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from string import Formatter
from typing import Any

import pytest

from models import SecurityEvent
from service.audit import events
from service.audit.catalogue import catalogue_of
from service.audit.catalogue.reasons import REASONS
from service.audit.wording import sentence
from service.core.sql.transactions import after_commit, in_transaction, transaction
from service.core.telemetry import metrics
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.letters.rendering import LANGUAGES as LETTERS
from service.runtime import Runtime
from service.stores.event_kinds import LANGUAGES, Ending, Event, Words
from tests.support.brought import EVENTS
from tests.support.people import Person, assert_problem
from tools import catalogue

PLACES = {"where", "who", "Who", "noted", "account", "Account", "by_account"}


def words_of(event: Event) -> list[Words]:
    return [event.told, *event.told_of.values()]


def test_what_is_made_of_it_is_up_to_date() -> None:
    """The tables in docs, the client's sentences and the application's names."""
    assert not catalogue.outdated()


def test_every_reason_has_words() -> None:
    """None is missing, and no two say the same to a person, in any language."""
    assert list(REASONS) == list(EndReason)
    for language in LANGUAGES:
        assert len({reason.told.of(language) for reason in REASONS.values()}) == len(EndReason)
    assert set(LANGUAGES) <= set(LETTERS)


def test_every_reason_is_of_an_event() -> None:
    """Each reason is one that an event can tell of, so that `explain` can; but a deletion's, which leaves no trace."""
    told = {
        reason
        for event in EVENTS.values()
        if event.ends
        for reason in (event.ends.reason, *event.ends.reasons.values())
    }
    assert told == set(EndReason) - {EndReason.USER_DELETED}


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_sentences_name_what_there_is(event: Event) -> None:
    """A sentence speaks of what its event keeps or of where and who; the same in every language."""
    for words in words_of(event):
        named = {language: _fields(words.of(language)) for language in LANGUAGES}
        for fields in named.values():
            assert fields <= PLACES | set(event.keeps) | set(event.clears)
        assert named["de"] - PLACES == named["en"] - PLACES
    assert set(event.told_of) <= ({event.ends.reason, *event.ends.reasons.values()} if event.ends else set())


def test_told_only_where_it_is_so() -> None:
    """The sentence of an end is for events that ended something: by what it has in its detail, or by its kind."""
    ending = Ending("others", EndReason.PASSWORD_SET, only_if="ended")
    event = Event(
        "x", "X", Words("Changed.", "Anders."), "", with_change=True, ends=ending,
        told_of={EndReason.PASSWORD_SET: Words("Ended.", "Vorbei.")}, keeps=("ended",),
    )  # fmt: skip
    for known, detail, told in (
        (event, {}, "Changed."),
        (event, {"ended": True}, "Ended."),
        (replace(event, ends=replace(ending, only_if="")), {}, "Ended."),
        (replace(event, ends=None), {}, "Changed."),
    ):
        assert sentence({"x": known}, SecurityEvent(type="x", detail=detail)) == told


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_a_sentence_for_every_event(event: Event) -> None:
    """Every event can be told, with nothing in its detail (of an earlier version) and in both languages."""
    for language in LANGUAGES:
        for agent in ("curl/8", None):  # a client needn't say what it is
            row = SecurityEvent(type=event.name, detail={}, ip="192.0.2.1", user_agent=agent)
            told = sentence(EVENTS, row, language)
            assert re.fullmatch(r"[A-ZÄÖÜ].*\.", told)
            assert "{" not in told


def test_only_endings_of_one_are_counted_as_one() -> None:
    """Where all of a user's sessions end, whoever deletes them counts how many there were."""
    for event in EVENTS.values():
        if event.counts == "sessions_revoked":
            assert event.ends is not None
            assert (event.ends.scope, REASONS[event.ends.reason].way != "") == ("own", True)


async def test_nobody_brought_it(ada: Person, runtime: Runtime) -> None:
    """An event that no feature brings, or another of the same name, can't be recorded: nothing could tell of it."""
    own = Event("note.read", "Read", Words("{n}.", "{n}."), "a note was read", with_change=False, keeps=("n",))
    for unknown in (own, replace(events.LOGGED_OUT, counts=None)):
        with pytest.raises(events.UnknownEvent):
            await events.record(runtime, unknown, user_id=ada.id)
        with pytest.raises(events.UnknownEvent):
            await events.record_for(runtime, unknown, {ada.id: []}, name=False)
    brought = replace(runtime, events={**runtime.events, own.name: own})
    await events.record(brought, own, user_id=ada.id, n=1)
    (row,) = await SecurityEvent.filter(type=own.name)
    assert sentence(catalogue_of(brought), row) == "1."
    assert sentence(catalogue_of(runtime), row) == "note.read"  # the feature was taken out


async def test_a_misplaced_event_is_a_mistake(ada: Person, runtime: Runtime) -> None:
    """What tells of a change belongs into its transaction; anything else would take one along when it fails."""
    for event in EVENTS.values():
        misplaced = events.record if event.with_change else transaction()(events.record)
        with pytest.raises(events.MisplacedEvent):
            await misplaced(runtime, event, user_id=ada.id)
    assert not in_transaction()
    assert await SecurityEvent.filter(user_id=ada.id).count() == 1  # of the registration


async def test_what_is_rolled_back_is_not_told(ada: Person, runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    """No row, no log line and no count of a change that did not happen; all three once it is committed."""

    @transaction()
    async def change(*, fails: bool) -> None:
        await events.record(runtime, events.PASSWORD_CHANGED, user_id=ada.id)
        assert "password.changed" not in caplog.messages
        if fails:
            raise ZeroDivisionError

    with caplog.at_level(logging.INFO, "latchkey.events"):
        with pytest.raises(ZeroDivisionError):
            await change(fails=True)
        assert "password.changed" not in caplog.messages
        assert not await SecurityEvent.filter(type="password.changed").exists()
        await change(fails=False)
    assert caplog.messages.count("password.changed") == 1
    assert await SecurityEvent.filter(type="password.changed").count() == 1


async def test_a_commit_that_fails_tells_nothing(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The last moment at which it can go wrong: after the row was written, before it is there."""
    session = await ada.log_in()
    before = _count("administrator"), _count("password")
    with caplog.at_level(logging.INFO, "latchkey.events"), monkeypatch.context() as broken:
        broken.setattr(_transaction_class(), "__aexit__", _failing_exit(_transaction_class()))
        answer = await session.call("PUT", "/users/me", json={"password": "another good password"})
    assert_problem(answer, 503, "unavailable")
    assert "password.changed" not in caplog.messages
    assert not await SecurityEvent.filter(type="password.changed").exists()
    assert (_count("administrator"), _count("password")) == before
    assert (await session.me()).status_code == 200


def _transaction_class() -> Any:
    from service.core.sql import database, postgres, sqlite

    return postgres._BoundedTransaction if database.dialect() == "postgres" else sqlite._SafeTransaction


def _failing_exit(kind: Any) -> Any:
    leave = kind.__aexit__

    async def fail(self: Any, *_: object) -> None:
        error = Unavailable("database")
        await leave(self, Unavailable, error, None)
        raise error

    return fail


def _count(way: str) -> float:
    return float(metrics.sessions_revoked.labels(way)._value.get())


async def test_parts_of_a_transaction(runtime: Runtime) -> None:
    """What waits for the commit waits for that of the whole; outside of a transaction there is nothing to wait for."""
    done: list[str] = []
    after_commit(lambda: done.append("at once"))
    async with transaction():
        async with transaction():
            after_commit(lambda: done.append("inner"))
        assert done == ["at once"]
    assert done == ["at once", "inner"]

    @transaction()
    async def undone() -> None:
        async with transaction():
            after_commit(lambda: done.append("never"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()
    assert done == ["at once", "inner"]
