"""Ways in: what a feature says of how one can log in or get an account by it, for `GET /api/auth/options`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from pydantic import JsonValue

from service.credentials.ways_left import Beside
from service.settings import Settings

WAYS: Final = "ways_in"
"""Where an application keeps what its features have said."""

Registration: TypeAlias = Literal["open", "by_mail", "closed"]
"""Who gets an account without an administrator: whoever asks, who can read an address's mail, nobody."""

_OPENNESS: Final[tuple[Registration, ...]] = ("open", "by_mail", "closed")


@dataclass(frozen=True, slots=True)
class Way:
    """One way in, as clients are told: its kind, and what they have to know of it.

    Clients pass by kinds that they don't know. `registers` says who gets an account by it.
    """

    kind: str
    members: Mapping[str, JsonValue] = field(default_factory=dict)
    registers: Registration = "closed"


Ways: TypeAlias = Callable[[Settings], Sequence[Way]]


class Offering(Protocol):
    """A feature, as far as ways in are concerned."""

    @property
    def name(self) -> str:
        """What it is called: the kinds that features of others bring begin with it."""

    @property
    def ways(self) -> Ways | None:
        """Returns what there is, by the settings."""


def ways_in(settings: Settings, features: Iterable[Offering]) -> tuple[Way, ...]:
    """Return the ways in that features bring, in their order."""
    return tuple(way for feature in features if feature.ways is not None for way in feature.ways(settings))


PROVIDER: Final = "provider"
"""The kind of a way by another provider: there is one for each, with its `id`."""

_SET_UP: Final = frozenset({"password", "passkey", PROVIDER})


def beside(settings: Settings, features: Iterable[Offering]) -> Beside:
    """Return what opens an account beside passwords and passkeys, as far as the settings let it."""
    ways = ways_in(settings, features)
    providers = frozenset(str(way.members.get("id")) for way in ways if way.kind == PROVIDER)
    return Beside(any(way.kind not in _SET_UP for way in ways), providers)


def misnamed(settings: Settings, features: Iterable[Offering]) -> Iterator[str]:
    """Find, among features of others, what clients could take for one of ours, of today or later."""
    for feature in features:
        for way in ways_in(settings, (feature,)):
            if way.kind != feature.name and not way.kind.startswith(f"{feature.name}."):
                yield f"{feature.name} brings a way in {way.kind}: call it {feature.name}.{way.kind.rpartition('.')[2]}"


def registration(ways: Iterable[Way]) -> Registration:
    """Return who gets an account, by whichever way is open to most."""
    return min((way.registers for way in ways), key=_OPENNESS.index, default="closed")
