"""Security events in words, for people who ask what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models import SecurityEvent
from service.core.http.user_agents import device_name
from service.stores.event_kinds import Event, Language, Words

_FROM: Final = Words(", from {ip} ({device})", ", von {ip} ({device})")
_OPERATOR: Final = Words("an operator", "den Betrieb")
_ADMINISTRATOR: Final = Words("an administrator", "die Administration")
_USER: Final = Words("the user", "den Benutzer")
_WHO: Final[Mapping[Words, Words]] = {  # where a sentence begins with it
    _OPERATOR: Words("An operator", "Der Betrieb"),
    _ADMINISTRATOR: Words("An administrator", "Die Administration"),
    _USER: Words("The user", "Der Benutzer"),
}

_NOTES: Final[Mapping[str, Words]] = {
    "trust_ended": Words(
        " The device had been trusted, until something changed that ends trust.",
        " Dem Gerät war vertraut worden, bis sich etwas geändert hat, was das Vertrauen beendet.",
    ),
}


def sentence(known: Mapping[str, Event], row: SecurityEvent, language: Language = "en") -> str:
    """Return what an event says, in a sentence; its name where it isn't `known`: recorded by
    another version, or by a feature that was taken out.
    """
    event = known.get(row.type)
    if event is None:
        return row.type
    told = {name: str(value) for name, value in row.detail.items() if value is not None}
    who = _who(row)
    values = _Told(told | {"where": _where(row, language), "who": who.of(language), "Who": _WHO[who].of(language)})
    note = _NOTES.get(str(row.detail.get("note")))
    values["noted"] = note.of(language) if note else ""
    return _words(event, row.detail).of(language).format_map(values)


def _words(event: Event, detail: Mapping[str, object]) -> Words:
    ends = event.ends
    if ends is None or (ends.only_if and not detail.get(ends.only_if)):
        return event.told
    return event.told_of.get(ends.reason_of(detail), event.told)


class _Told(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _where(row: SecurityEvent, language: Language) -> str:
    if not row.ip:
        return ""
    return _FROM.of(language).format(ip=row.ip, device=device_name(row.user_agent or "", language))


def _who(row: SecurityEvent) -> Words:
    if row.detail.get("by") == "operator" or (row.ip is None and row.actor_id is None):
        return _OPERATOR
    return _ADMINISTRATOR if row.actor_id else _USER
