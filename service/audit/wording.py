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

# An account at a provider, as a sentence names it: in German also behind "mit".
_AT_PROVIDER: Final = Words("{a} {name} account", "ein {name}-Konto")
_AT_ANOTHER: Final = Words("an account at {name}", "ein Konto bei {name}")
_BY_PROVIDER: Final = Words(" with {account}", " mit {account}")
_SOME: Final = Words("another provider", "einem anderen Anbieter")
_PROVIDERS: Final[Mapping[str, str]] = {
    "google": "Google",
    "github": "GitHub",
    "microsoft": "Microsoft",
    "apple": "Apple",
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
    values |= {name: spelt[told[name]].of(language) for name, spelt in event.spelt.items() if told.get(name) in spelt}
    account = _account(told.get("provider"), language)
    values |= {"account": account, "Account": account[0].upper() + account[1:]}
    values["by_account"] = _by_account(account, language) if "provider" in told else ""
    note = _NOTES.get(str(row.detail.get("note")))
    values["noted"] = note.of(language) if note else ""
    return _words(event, row.detail).of(language).format_map(values)


def _words(event: Event, detail: Mapping[str, object]) -> Words:
    ends = event.ends
    if ends is None or (ends.only_if and not detail.get(ends.only_if)):
        return event.told
    return event.told_of.get(ends.reason_of(detail), event.told)


def _account(provider: str | None, language: Language) -> str:
    """Return what an account at a provider is called, which the settings call so; None: nobody said which."""
    name = _PROVIDERS.get(provider or "")
    if name is None:
        return _AT_ANOTHER.of(language).format(name=provider or _SOME.of(language))
    return _AT_PROVIDER.of(language).format(a="an" if name[0] in "AEIO" else "a", name=name)


def _by_account(account: str, language: Language) -> str:
    dative = account.replace("ein ", "einem ", 1) if language == "de" else account
    return _BY_PROVIDER.of(language).format(account=dative)


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
