"""What those are answered whom another provider has sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from service.errors.base import ServiceError


class ProviderFailed(ServiceError):
    """502: the provider is away, slow, or says what can't be used. The log has the reason."""

    status = 502
    code = "provider_failed"
    title = "Provider failed"
    default_detail = "The provider didn't answer as it should. Please try again, or log in another way."
    shown = {"provider": "google"}  # noqa: RUF012 - a constant, as its declaration says

    def __init__(self, provider: str) -> None:
        """`provider` as the settings call it."""
        self.provider = provider
        super().__init__()

    @property
    def extra(self) -> Mapping[str, object]:
        """Which provider it is."""
        return {"provider": self.provider}


class AccountNotLinked(ServiceError):
    """400: the provider says who is there, and that opens no account yet: one of `methods` has to be shown first.

    Where the provider vouches for the address, there is an account with it, whose owner has to say that it is theirs.
    Where it doesn't, the address has to be proven, and nothing tells whether there is an account (R17).
    """

    status = 400
    code = "account_not_linked"
    title = "Account not linked"
    default_detail = "Please show that this account is yours, to log in with this provider from now on."
    shown = {  # noqa: RUF012 - a constant, as its declaration says
        "provider": "google",
        "challenge": "lkl_AfMkv7Q0VE2pqvJrFbIHEM...",
        "methods": ["password", "mail"],
        "email": "ada@example.com",
        "expires_at": "2026-11-23T09:10:00Z",
    }

    def __init__(
        self, provider: str, challenge: str, methods: Sequence[str], email: str | None, expires_at: datetime
    ) -> None:
        """`challenge` is shown with one of `methods` before `expires_at`; `email`: the address, None to be asked."""
        self.provider = provider
        self.challenge = challenge
        self.methods = tuple(methods)
        self.email = email
        self.expires_at = expires_at
        super().__init__()

    @property
    def extra(self) -> Mapping[str, object]:
        """How the log-in goes on."""
        return {
            "provider": self.provider,
            "challenge": self.challenge,
            "methods": self.methods,
            "email": self.email,
            "expires_at": self.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }


class AlreadyLinked(ServiceError):
    """409: the account at the provider opens another account here."""

    status = 409
    code = "already_linked"
    title = "Already linked"
    default_detail = "This account of the provider opens another account here. Remove it there first."
