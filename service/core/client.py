"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Client:
    """Who is calling, as far as the network tells: shown to users in their list of devices.

    `language` is the one of ours that the browser would read (RFC 9110 section 12.5.4). `jkt` is the thumbprint of a
    key that the request has proven to come from (RFC 9449), b"" for none; `proof_number` and `proven_at` are of that
    proof, which counts once. `device_proofs` are cookies by which a
    browser says that it has a session's key: whether they are good is for who knows the session. `skipped` is why it
    says that it proves nothing now: a reason, and what it calls the session.
    """

    ip: str
    user_agent: str
    language: str | None = None
    device_cookies: tuple[str, ...] = field(default=(), repr=False)
    device_proofs: tuple[str, ...] = field(default=(), repr=False)
    jkt: bytes = b""
    proof_number: str = field(default="", repr=False)
    proven_at: float = 0.0
    skipped: tuple[tuple[str, str], ...] = ()
