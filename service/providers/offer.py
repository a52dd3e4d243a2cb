"""Which providers one can log in with: for the log-in page, and as ways in."""

from __future__ import annotations

from dataclasses import dataclass

from service.feature.ways import PROVIDER, Way
from service.providers.given import given, kind_of
from service.providers.settings import ProviderSettings
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Offered:
    """A provider, as pages show it: `brand` says whose mark belongs on the button, `openid` where it is nobody's."""

    id: str
    name: str
    brand: str


def offered(settings: Settings) -> list[Offered]:
    """Return the providers that the settings name, in their order."""
    return [called(settings, provider) for provider in settings.of(ProviderSettings).PROVIDERS]


def called(settings: Settings, provider: str) -> Offered:
    """Return what pages show of a provider, be it one that the settings don't name any more."""
    return Offered(provider, given(settings, provider).name, kind_of(provider))


def ways(settings: Settings) -> list[Way]:
    """Return each as the way in that it is; `registers`: who has no account gets one by it."""
    registers = settings.of(ProviderSettings).REGISTER_BY_PROVIDER
    return [
        Way(
            PROVIDER,
            {"id": one.id, "name": one.name, "brand": one.brand, "registers": registers},
            registers="open" if registers else "closed",
        )
        for one in offered(settings)
    ]
