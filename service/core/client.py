"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Client:
    """Who is calling, as far as the network tells: shown to users in their list of devices.

    `language` is the one of ours that the browser would read (RFC 9110 section 12.5.4).
    """

    ip: str
    user_agent: str
    language: str | None = None
    device_cookies: tuple[str, ...] = field(default=(), repr=False)
