"""What `latchkey doctor` says of sessions that are bound to a browser's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from service.feature.findings import Finding, ok, warning
from service.settings import Settings
from service.settings import checks as check

_CHECK: Final = "device binding"
RATIONED_SECONDS: Final = 300
"""Chromium signs six times in nine minutes, for all sessions of a site; a log-in counts, and so does each proof."""


def check_settings(settings: Settings, _: Mapping[str, str]) -> Iterator[Finding]:
    """Look whether browsers can bind sessions to their keys, and go on proving that they have them.

    Challenges are timed by each instance's own clock: that those agree is looked at beside the stores'.
    """
    if settings.DEVICE_BINDING == "off" or not settings.production:
        return
    if not settings.binds_browsers:
        says = "Browsers bind no session to a key where PUBLIC_URL isn't https."
        if settings.DEVICE_BINDING == "superusers":
            says += " Administrators can only come with DPoP."
        yield warning(_CHECK, says, "Set PUBLIC_URL to the https address that browsers use.")
        return
    if settings.DEVICE_PROOF_SECONDS < RATIONED_SECONDS:
        says = f"A proof is good for {settings.DEVICE_PROOF_SECONDS} s: browsers ration them, and then a refresh waits."
        yield warning(_CHECK, says, f"Set DEVICE_PROOF_SECONDS to {RATIONED_SECONDS} or more.")
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    others = [
        page for page in (settings.frontend_url, *settings.BACKEND_CORS_ORIGINS) if urlsplit(page).hostname != host
    ]
    if others:
        says = f"Pages of {check.origin_of(others[0])} are on another origin than PUBLIC_URL: not every browser proves "
        says += "anything for those, and sessions opened there may stay unbound."
        yield warning(_CHECK, says, "Serve the front end on the origin of PUBLIC_URL.")
        return
    yield ok(_CHECK, "Browsers that can bind sessions to a key of theirs.")
