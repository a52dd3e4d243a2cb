"""GitHub, by docs.github.com: "Authorizing OAuth apps", "Troubleshooting OAuth app access token request errors", "Get
the authenticated user", "List email addresses for the authenticated user".

Refusals of a code are 200; the API refuses who has no `User-Agent` (403); since 2026 the answer that a browser brings
has `iss=https://github.com/login/oauth` (langfuse/langfuse#13091).
"""

from __future__ import annotations

from typing import Any

from .base import Account, Call, Fake, Said

_HELP = "/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/"


class GitHub(Fake):
    """GitHub, or rather a server of one's own of it: its API is below `/api/v3`. `addresses` are its user's."""

    id = "github"
    client_id = "Iv1.8a61f9b3a7aba766"

    def reset(self) -> None:
        super().reset()
        self.account = Account("1", "octocat@example.com", True, "monalisa octocat")
        self.addresses: Any = None
        self.scopes_taken_off = False
        self.iss: str | None = f"{self.url}/login/oauth"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "PROVIDER_GITHUB_ID": self.client_id,
            "PROVIDER_GITHUB_SECRET": self.client_secret,
            "PROVIDER_GITHUB_ISSUER": self.url,
        }

    def answer(self, call: Call) -> Said:
        match call.path:
            case "/login/oauth/authorize":
                return self.agree(call, {"iss": self.iss} if self.iss else {})
            case "/login/oauth/access_token":
                return self._exchange(call)
            case "/api/v3/":
                return Said(200, {"current_user_url": f"{self.url}/api/v3/user"})
        if not call.headers.get("user-agent"):
            return Said(403, b"Request forbidden by administrative rules.", {"Content-Type": "text/html"})
        owner = self.owner_of(call)
        if owner is None:
            return Said(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})
        account = owner.account
        if call.path == "/api/v3/user":
            return Said(200, {"login": "octocat", "id": int(account.subject), "name": account.name, "email": None,
                              "type": "User", **account.more})  # fmt: skip
        if call.path == "/api/v3/user/emails" and not self.scopes_taken_off:
            main = {"email": account.email, "primary": True, "verified": account.email_verified, "visibility": None}
            return Said(200, [main] if self.addresses is None else self.addresses)
        return Said(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})

    def _exchange(self, call: Call) -> Said:
        form = call.form
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return _error("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
        granted = self.take(call)
        if granted is None:
            return _error("bad_verification_code", "The code passed is incorrect or expired.")
        scope = "read:user" if self.scopes_taken_off else "read:user,user:email"
        return Said(200, {"access_token": f"gho_{self.token_for(granted)}", "token_type": "bearer", "scope": scope})

    def owner_of(self, call: Call) -> Any:
        return self.tokens.get(call.headers.get("authorization", "").removeprefix("Bearer gho_"))


def _error(name: str, says: str) -> Said:
    return Said(200, {"error": name, "error_description": says, "error_uri": f"{_HELP}#{name.replace('_', '-')}"})
