"""What became of a session: from its keys, the record and the cut-off. What none of them tells is said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from models import User
from service.audit import events
from service.audit.record import Record
from service.audit.wording import sentence
from service.core.clock import to_ms
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.event_kinds import Language, Words

Verdict = Literal["living", "ended", "expired", "deleted", "unknown"]

_LIVES: Final = Words("The session lives.", "Die Sitzung lebt.")
_CUT_OFF: Final = Words(
    "It was ended by the cut-off in the database, {at} UTC.",
    "Sie wurde durch den Schnitt in der Datenbank beendet, {at} UTC.",
)
_CUT_OFF_OR_BEFORE: Final = Words(
    "It is over since the cut-off in the database, {at} UTC, at the latest: whether that ended it, or its keys were "
    "gone before, can't be known.",
    "Sie ist spätestens seit dem Schnitt in der Datenbank zu Ende, {at} UTC: Ob der sie beendet hat oder ihre "
    "Schlüssel schon vorher weg waren, lässt sich nicht sagen.",
)
_OR_BEFORE: Final = Words(
    "It is over since {at} UTC at the latest: “{told}” Whether that ended it, or something before, can't be known.",
    "Sie ist spätestens seit {at} UTC zu Ende: „{told}“ Ob das sie beendet hat oder etwas davor, lässt sich nicht "
    "sagen.",
)
_LOST: Final = Words(
    "It is over. What ended it can't be known: events of that time are lost.",
    "Sie ist zu Ende. Was sie beendet hat, lässt sich nicht sagen: Ereignisse aus dieser Zeit sind verloren.",
)
_DISABLED: Final = Words(
    "The account is disabled: no session of it is good for anything.",
    "Das Konto ist gesperrt: Keine seiner Sitzungen gilt noch.",
)
_DISABLED_OR_BEFORE: Final = Words(
    "The account is disabled, which ends every session; whether this one was over before can't be known.",
    "Das Konto ist gesperrt, und damit endet jede Sitzung; ob diese schon vorher zu Ende war, lässt sich nicht sagen.",
)
_ACCOUNT_GONE: Final = Words(
    "The account was deleted, and with it every session there was. Whether this one was over before can't be known.",
    "Das Konto wurde gelöscht, und mit ihm jede Sitzung. Ob diese schon vorher zu Ende war, lässt sich nicht sagen.",
)
_NEVER: Final = Words(
    "There is no such session, and no record of its beginning.",
    "Es gibt keine solche Sitzung, und nichts sagt, dass sie begonnen hat.",
)
_DELETED: Final = Words(
    "Its keys were deleted outside the service, or lost with Redis's data: it is not there, nothing ended it, and it "
    "can't have expired.",
    "Ihre Schlüssel wurden außerhalb des Dienstes gelöscht oder gingen mit den Daten von Redis verloren: Sie ist nicht "
    "da, nichts hat sie beendet, und abgelaufen sein kann sie nicht.",
)
_OVER: Final = Words(
    "It is over, and nothing on record ended it: it was not used for too long, or its keys were deleted.",
    "Sie ist zu Ende, und nichts sagt, was sie beendet hat: Sie wurde zu lange nicht benutzt, oder ihre Schlüssel "
    "wurden gelöscht.",
)


@dataclass(frozen=True, slots=True)
class SessionStory:
    """What became of one session; `text` says it in a sentence, `reason` is what its client was told.

    `unknown` where that can't be known for certain; the sentence says what is.
    """

    session_id: UUID
    verdict: Verdict
    text: str
    reason: EndReason | None = None


async def stories_of(
    runtime: Runtime, user_id: UUID, sids: Sequence[UUID], record: Record, language: Language
) -> list[SessionStory]:
    """Return what became of these sessions of a user, of which all is in the `record`. Raises `Unavailable`."""
    user = await User.get_or_none(id=user_id)
    teller = await _teller(runtime, user, record, language)
    return [teller.story(sid) for sid in sids]


async def _teller(runtime: Runtime, user: User | None, record: Record, language: Language) -> _Teller:
    if user is None:
        return _Teller(runtime, None, record, language, frozenset(), frozenset())
    cut_off = to_ms(user.sessions_valid_after) if user.sessions_valid_after else 0
    found = await runtime.sessions.list_living(user.id)
    living = frozenset(session.sid for session in found if session.valid_from >= cut_off)
    return _Teller(runtime, user, record, language, living, frozenset(session.sid for session in found) - living)


@dataclass(frozen=True, slots=True)
class _Teller:
    """All that is known of a user's sessions: those that live, and those with keys that the cut-off has ended."""

    runtime: Runtime
    user: User | None
    record: Record
    language: Language
    living: frozenset[UUID]
    dead: frozenset[UUID]

    def story(self, sid: UUID) -> SessionStory:
        """Say what became of a session."""
        if sid in self.living and self.user is not None and self.user.is_active:
            return self._say(sid, "living", _LIVES)
        if self.record.fate_of(sid) is not None:
            return self._by_an_event(sid)
        if self.user is None:
            return self._say(sid, "unknown", _ACCOUNT_GONE, EndReason.USER_DELETED)
        if sid in self.dead:
            return self._cut_off(sid, self.user)
        if sid in self.living:
            return self._say(sid, "ended", _DISABLED, EndReason.USER_DISABLED)
        return self._by_nothing(sid, self.user)

    def _by_an_event(self, sid: UUID) -> SessionStory:
        """Say what the first event says that ended it, or may have, or told that it was gone."""
        fate, record = self.record.fate_of(sid), self.record
        assert fate is not None  # noqa: S101 - only called where there is one
        row, kind = fate.row, fate.row.type
        if kind == events.SESSION_VANISHED.name and record.lost_of(sid, row.created_at):
            return self._say(sid, "unknown", _LOST, EndReason.REVOKED)
        told, reason = sentence(record.known, row, self.language), record.reason_of(row)
        if not fate.sure:
            return self._say(sid, "unknown", _OR_BEFORE, reason, at=_at(row.created_at), told=told)
        # What found it over says nothing of when; what ended it has found its keys.
        found_over = kind in (events.SESSION_VANISHED.name, events.SESSION_EXPIRED.name, events.SESSION_CUT_OFF.name)
        if self.user is not None and not found_over and record.cut_off_before(sid, self.user, row):
            return self._cut_off(sid, self.user)
        verdicts: dict[str, Verdict] = {events.SESSION_VANISHED.name: "deleted", events.SESSION_EXPIRED.name: "expired"}
        return SessionStory(sid, verdicts.get(kind, "ended"), told, reason)

    def _by_nothing(self, sid: UUID, user: User) -> SessionStory:
        """Say what can be said of a session that is gone, with nothing on record that ended it."""
        opening, gone = self.record.opening_of(sid), self.record.gone_by(sid)
        if opening is None:
            return self._say(sid, "unknown", _NEVER)
        limit = gone.created_at if gone else self.runtime.clock.now()
        if self.record.cut or self.record.lost_of(sid, limit):
            return self._say(sid, "unknown", _LOST, EndReason.REVOKED)
        cut_off = self.record.by_hand(sid, user)
        if cut_off is not None and (gone is None or cut_off < gone.created_at):
            return self._say(sid, "unknown", _CUT_OFF_OR_BEFORE, EndReason.REVOKED, at=_at(cut_off))
        if not user.is_active and gone is None:
            return self._say(sid, "unknown", _DISABLED_OR_BEFORE, EndReason.USER_DISABLED)
        if limit < opening.created_at + timedelta(days=self.runtime.settings.REFRESH_TOKEN_EXPIRE_DAYS):
            return self._say(sid, "deleted", _DELETED, EndReason.REVOKED)
        return self._say(sid, "unknown", _OVER)

    def _cut_off(self, sid: UUID, user: User) -> SessionStory:
        at = _at(user.sessions_valid_after) if user.sessions_valid_after else "?"
        return self._say(sid, "ended", _CUT_OFF, EndReason.REVOKED, at=at)

    def _say(
        self, sid: UUID, verdict: Verdict, words: Words, reason: EndReason | None = None, **values: str
    ) -> SessionStory:
        return SessionStory(sid, verdict, words.of(self.language).format_map(values), reason)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
