"""TLS to a mail server: whom to trust. The system's authorities, given ones, a pinned certificate, or nobody, by name.

As with Redis (service/core/redis/tls.py): a relay of one's own often has a certificate that it signed itself.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificates are good. `authorities` is a file, or PEM text."""

    verify: bool = True
    authorities: str = ""
    fingerprints: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings say."""
        pins = frozenset(filter(None, settings.SMTP_TLS_FINGERPRINT.split(",")))
        return cls(settings.SMTP_TLS_VERIFY == "on", settings.SMTP_TLS_CA, pins)

    @property
    def insists(self) -> bool:
        """Whether there has to be TLS: who says whom to trust doesn't mean whoever takes the offer away."""
        return bool(self.authorities or self.fingerprints)

    def context(self) -> ssl.SSLContext:
        """Return what a connection is opened with. Raises OSError for authorities that can't be read."""
        text = "-----BEGIN" in self.authorities
        given = {"cadata" if text else "cafile": self.authorities} if self.authorities else {}
        context = ssl.create_default_context(**given)  # type: ignore[arg-type]  # one dict, two names
        if (
            self.fingerprints or not self.verify
        ):  # a pinned certificate is checked itself: who signed it says nothing more
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def admits(self, shown: bytes | None) -> bool:
        """Return whether the certificate that a server shows (DER) is one of those that are pinned, if any are."""
        return not self.fingerprints or (shown is not None and sha256(shown).hexdigest() in self.fingerprints)
