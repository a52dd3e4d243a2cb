"""The providers that the settings name, each made once for a process: what it says of itself is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol, TypeAlias
from urllib.parse import urlsplit

from service.core.clock import Clock
from service.core.http.networks import is_loopback
from service.core.outward.client import Outward
from service.providers.given import Given, given, kind_of
from service.providers.kinds.apple import Apple
from service.providers.kinds.github import GitHub
from service.providers.kinds.google import Google
from service.providers.kinds.microsoft import Microsoft
from service.providers.kinds.openid import OpenId
from service.providers.parties import Party
from service.providers.settings import ProviderSettings
from service.providers.watching import Watched
from service.runtime import Runtime
from service.settings import Settings

AnyKind: TypeAlias = OpenId | GitHub

_OPENID: Final[Mapping[str, type[OpenId]]] = {
    "openid": OpenId, "google": Google, "microsoft": Microsoft, "apple": Apple,
}  # fmt: skip
_MOST: Final = 8  # a process has one client and one set of settings; tests have more

# By the client that asks, which is a runtime's own, and the settings. Both are kept beside: no other gets their id.
_kept: Final[dict[tuple[int, int], tuple[Outward, Settings, Mapping[str, Party]]]] = {}


def parties(runtime: Runtime) -> Mapping[str, Party]:
    """Return the providers in the order of PROVIDERS: the same ones each time, so that keys are asked for once."""
    outward, settings = runtime.outward, runtime.settings
    place = id(outward), id(settings)
    if place not in _kept:
        if len(_kept) >= _MOST:
            _kept.clear()
        found = {each.id: Watched(each) for each in kinds(settings, outward, runtime.clock)}
        _kept[place] = outward, settings, found
    return _kept[place][2]


class _Named(Protocol):
    """What has the name of a provider."""

    @property
    def id(self) -> str:
        """As the settings call it."""


def redirect_uri(settings: Settings, party: _Named) -> str:
    """Return where a provider sends its users back to: a page of its own for each, so that none answers for another.

    Apple's answer is a form, which no page of the front end can read: it comes to the service.
    """
    if kind_of(party.id) == "apple":
        return f"{settings.PUBLIC_URL}/api/auth/providers/{party.id}/callback"
    return f"{settings.frontend_url}/login/callback/{party.id}"


def kinds(settings: Settings, outward: Outward, clock: Clock) -> list[AnyKind]:
    """Return what the settings name, unwatched."""
    named = settings.of(ProviderSettings).PROVIDERS
    return [_made(given(settings, each), outward, clock, production=settings.production) for each in named]


def _made(found: Given, outward: Outward, clock: Clock, *, production: bool) -> AnyKind:
    parts = urlsplit(found.issuer)
    plain = not production and parts.scheme == "http" and is_loopback(parts.hostname or "")
    if found.kind == "github":
        return GitHub(found, outward, plain=plain)
    return _OPENID[found.kind](found, outward, clock, plain=plain)
