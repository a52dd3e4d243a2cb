"""What `latchkey doctor` says of other providers: what they answer, where they are to send people back to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from service.core.http.networks import host_of
from service.core.outward.client import Outward
from service.feature.doctor import Deployment
from service.feature.findings import Finding, error, ok, warning
from service.providers.given import Given, given, name_of
from service.providers.parties import PartyFailed
from service.providers.registry import AnyKind, kinds, redirect_uri
from service.providers.settings import ProviderSettings
from service.providers.watching import SECONDS
from service.settings import Settings
from service.settings.further import given_names

_CHECK: Final = "providers"


async def check_up(deployment: Deployment) -> Sequence[Finding]:
    """Ask each provider what it says of itself, all at once; and look at the settings."""
    settings = deployment.settings
    outward = Outward(deployment.environment)
    try:
        found = kinds(settings, outward, deployment.clock)
        asked = await asyncio.gather(*(_asked(settings, each) for each in found))
    finally:
        await outward.close()
    return [*asked, *_in_settings(settings, deployment.environment)]


def check_settings(settings: Settings, environment: Mapping[str, str]) -> Sequence[Finding]:
    """Look at the settings alone, and say where each provider is to send people back to."""
    named = settings.of(ProviderSettings).PROVIDERS
    back = [ok(_of(each), f"{_back(settings, given(settings, each))}") for each in named]
    return [*back, *_in_settings(settings, environment)]


async def _asked(settings: Settings, party: AnyKind) -> Finding:
    """Say what a provider answers.

    One that is away is a warning: it is no reason not to release, for everybody else logs in as before.
    """
    name, back = _of(party.id), _back(settings, party.given)
    try:
        async with asyncio.timeout(SECONDS):
            wrong = await party.look()
    except (TimeoutError, PartyFailed) as failure:
        says = f"{party.name} can't be asked: {failure or 'it takes too long'}. {back}"
        return warning(name, says, "Try it from here with curl: networks that let nothing out need HTTPS_PROXY.")
    if wrong:
        fix = "Look with curl whether it is the provider that says so, or something in between."
        if party.given.kind in ("openid", "microsoft"):
            fix = f"Set {name_of(party.id, 'ISSUER')} to what its metadata call `issuer`, or have it mended there."
        return error(name, f"Nobody can log in with {party.name}: {wrong}.", fix)
    return ok(name, f"{party.name} answers. {back}")


def _in_settings(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    yield from _left_over(settings, environment)
    for each in settings.of(ProviderSettings).PROVIDERS:
        found = given(settings, each)
        yield from _about(settings, found)
    yield from _about_letters(settings)


def _left_over(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    _, left = settings.of(ProviderSettings).strays({*environment, *given_names(Settings, {})})
    if left:
        says = f"{'; '.join(left)}: without effect."
        yield warning(_CHECK, says, "Name it in PROVIDERS, or take it away.")


def _about(settings: Settings, found: Given) -> Iterator[Finding]:
    if found.kind == "apple":
        host = urlsplit(settings.PUBLIC_URL)
        if host.scheme != "https" or host.hostname == "localhost" or host_of(host.hostname or ""):
            says = f"Apple sends nobody back to {settings.PUBLIC_URL}: it takes https and a domain, no localhost."
            yield warning(_of(found.id), says, "Set PUBLIC_URL to an https address that leads here.")
    if found.kind == "google" and found.trusts_mfa:
        says = f"{name_of(found.id, 'TRUST_MFA')} has no effect: Google doesn't say how somebody has logged in."
        yield warning(_of(found.id), says, "Take it away.")
    if found.emails_trusted and settings.of(ProviderSettings).PROVIDER_LINKING == "verified":
        says = f"Whoever runs {found.name} can open every account here: its word is enough for any address."
        yield ok(_of(found.id), says)


def _about_letters(settings: Settings) -> Iterator[Finding]:
    named = settings.of(ProviderSettings).PROVIDERS
    if named and settings.production and not settings.SMTP_URL:
        says = (
            "Who comes with an address that the provider doesn't vouch for shows by a letter that it is theirs, and "
            "letters wait until there is a mail server."
        )
        yield warning(_CHECK, says, "Set SMTP_URL.")


def _of(provider: str) -> str:
    return f"provider {provider}"


def _back(settings: Settings, found: Given) -> str:
    return f"Have it send people back to {redirect_uri(settings, found)}"
